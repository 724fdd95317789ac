"""The dialog's page "Link": an address that opens the experiment anywhere."""

from pyscript import window

from app.page.errors import spawn
from app.page.share.link_html import COPIED, NOT_COPIED, left_out, link_html
from app.page.views.dom import find, on_press, write_text
from app.shared.experiment import Experiment


class LinkPage:
    """Makes the link, shows it, and copies it.

    Args:
        experiment: what is shared.
    """

    name, title = "link", "Link"

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self.html = link_html()

    def begin(self) -> None:
        """Listen to its buttons."""
        on_press("copy-link", lambda: spawn(self._copy()))

    def show(self) -> None:
        """Show the link of the experiment as it is now."""
        base = str(window.location.href).split("#")[0]
        fragment = self._experiment.address()
        find("link").value = f"{base}#{fragment}" if fragment else base
        write_text("link-lacks", left_out(self._experiment))
        write_text("link-state", "")
        find("copy-link").focus()

    async def _copy(self) -> None:
        field = find("link")
        try:
            await window.navigator.clipboard.writeText(field.value)
        except Exception:  # the browser forbids it, or has no clipboard
            field.select()
            write_text("link-state", NOT_COPIED)
            return
        write_text("link-state", COPIED)
