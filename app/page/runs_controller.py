"""Past runs side by side: a button, and a panel whose contents are fetched when it is first opened.

The rest of it is in `app/page/runs/`, which is no part of the page until then.
"""

from pyscript import window

from app.page.part_loader import PartLoader
from app.page.views.dom import find, on_press, write_text
from app.page.workplace import Workplace
from app.shared.events import GlimpsedEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.runs.main import RunsPanel


class RunsController:
    """The button, and the panel as far as it is there.

    Args:
        workplace: what runs are shown again in.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace, self._past = workplace, workplace.run.past
        self._panel: RunsPanel | None = None
        self._is_open = False
        self._loader = PartLoader("runs", self._use_part, lambda: self._show_fetching(False, True))
        self._past.listen(self._show_button)
        self._past.listen(self.run_changed)
        on_press("open-runs", lambda: self._open(not self._is_open))
        on_press("runs-close", self._close)
        on_press("runs-retry", lambda: self._open(True))

    async def recall(self) -> None:
        """Take over the past runs of earlier visits."""
        await self._past.recall()

    def run_changed(self) -> None:
        """The current run or the past ones are others, or something else is to be said of them."""
        if self._is_open and self._panel is not None:
            self._panel.refresh()

    def text_changed(self) -> None:
        """The text that is being written may be another."""
        if self._is_open and self._panel is not None:
            self._panel.text_changed()

    def on_glimpsed(self, message: GlimpsedEvent) -> None:
        """The worker says what a past run's model makes of the text."""
        if self._panel is not None:
            self._panel.on_glimpsed(message)

    # ----------------------------------------------------------------------------------------------

    def _show_button(self) -> None:
        num_past = len(self._past.others())
        count = num_past + 1 if self._past.has_current else num_past
        write_text("open-runs", f"Compare {count} runs" if count > 1 else "1 past run")
        find("open-runs").hidden = not num_past
        if not count and self._is_open:
            self._open(False)

    def _open(self, is_open: bool) -> None:
        self._is_open = is_open
        find("runs").hidden = not is_open
        find("open-runs").setAttribute("aria-expanded", "true" if is_open else "false")
        if not is_open:
            self._past.emphasise([])
        elif self._panel is not None:
            self._panel.show()
        else:
            self._show_fetching(True, False)
            self._loader.want()

    def _close(self) -> None:
        self._open(False)
        find("open-runs").focus()

    def _use_part(self) -> None:
        self._show_fetching(False, False)
        from app.page.runs.main import RunsPanel

        self._panel = RunsPanel(self._workplace)
        if self._is_open:
            self._panel.show()

    def _show_fetching(self, on_its_way: bool, failed: bool) -> None:
        """Say that the contents are being fetched, or that they could not be."""
        if failed and not self._is_open:
            window.microgpt.fail("The table of runs could not be loaded")
        find("runs-fetching").hidden = not on_its_way
        find("runs-notice").hidden = not failed
