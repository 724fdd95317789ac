"""Replaces what is in an element, and leaves the focus where it was."""

from app.page.aliases import JsProxy
from app.page.views.dom import write_html


def write_around_focus(element: JsProxy, html: str, key: str) -> None:
    """Replace what is in `element`; what had the focus in it is found again by its `data-`key."""
    focused = element.querySelector(":focus")
    value = "" if focused is None else focused.getAttribute(f"data-{key}")
    write_html(element, html)
    again = element.querySelector(f'[data-{key}="{value}"]') if value else None
    if again is not None:
        again.focus()
