"""Copying a text that is shown in a field."""

from pyscript import window

from app.page.share.link_html import COPIED, NOT_COPIED
from app.page.views.dom import find, write_text


async def copy(field: str, state: str) -> None:
    """Copy what is in the field with this id, and say in the element `state` whether it worked."""
    try:
        await window.navigator.clipboard.writeText(find(field).value)
    except Exception:  # the browser forbids it, or has no clipboard
        find(field).select()
        write_text(state, NOT_COPIED)
        return
    write_text(state, COPIED)
