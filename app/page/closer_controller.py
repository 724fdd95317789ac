"""A closer look at the run: axes, zoom, gradients, learning rate, weights.

The rest of it is in `app/page/closer/`, which is no part of the page until it is wanted.
"""

from app.page.part_loader import PartLoader
from app.page.views.dom import find, on_press
from app.page.workplace import Workplace
from app.shared.commands import WatchTrainingCommand
from app.shared.events import DiagnosticsEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.closer.main import CloserPanel


class CloserController:
    """The button, and the panel as far as it is there.

    Args:
        workplace: has the run, its chart, and the line to the worker.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._panel: CloserPanel | None = None
        self._open = False
        self._loader = PartLoader("closer", self._use_part, self._fail)
        on_press("closer-open", self._press)

    def on_diagnostics(self, message: DiagnosticsEvent) -> None:
        """More is seen of the run."""
        run = self._workplace.run.numbered(message["run"])
        if self._panel is not None and run is not None:
            self._panel.on_diagnostics(message, run.base_step)

    def worker_ready(self) -> None:
        """There is a new worker, which knows nothing of what is open."""
        if self._open and self._panel is not None:
            self._tell()

    def _press(self) -> None:
        self._open = not self._open
        find("closer-open").setAttribute("aria-expanded", "true" if self._open else "false")
        find("closer").hidden = not self._open
        if self._panel is not None:
            self._panel.set_open(self._open)
            self._tell()
        elif self._open:
            self._loader.want()

    def _tell(self) -> None:
        command = WatchTrainingCommand(type="watch_training", shown=self._open)
        self._workplace.link.send(command)

    def _use_part(self) -> None:
        from app.page.closer.main import CloserPanel

        find("closer-notice").hidden = True
        self._panel = CloserPanel(self._workplace.run.display.chart)
        self._panel.set_open(self._open)
        if self._open:
            self._tell()

    def _fail(self) -> None:
        find("closer-notice").hidden = False
