"""The places of the page: the playground, and Learn, which is fetched when it is first opened.

The rest of Learn is in `app/page/learn/`, which is no part of the page until then.
"""

from pyscript import document, window

from app.page.aliases import Action, JsProxy
from app.page.data_source import DataSource
from app.page.part_loader import PartLoader
from app.page.views.dom import find, listen, on_press
from app.shared.experiment import Experiment
from app.shared.places import LEARN
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.page.learn.main import Learn


class LearnController:
    """The links in the header, and Learn as it is to be shown.

    Args:
        experiment: holds the place, and the program of Learn.
        changed: called when the user has gone to another of these.
        source: returns the data of the playground, None before there are any.
    """

    def __init__(
        self,
        experiment: Experiment,
        changed: Action,
        source: "Callable[[], DataSource | None]",
    ) -> None:
        self._experiment, self._changed, self._source = experiment, changed, source
        self._learn: Learn | None = None
        self._loader = PartLoader("learn", self._use_part, lambda: self._show_fetching(False, True))
        listen(find("places"), "click", self._press)
        on_press("learn-retry", self.show)

    def show(self) -> None:
        """Show the place that the experiment says."""
        place = self._experiment.place
        root = document.documentElement
        if root.dataset.sitePlace != place:
            root.dataset.sitePlace = place
            # What measures itself has had no size.
            window.dispatchEvent(window.Event.new("resize"))
        for link in list(find("places").children):
            if link.dataset.opensPlace == place:
                link.setAttribute("aria-current", "page")
            else:
                link.removeAttribute("aria-current")
        if place != LEARN:
            return
        if self._learn is not None:
            self._learn.show(self._experiment.program)
        else:
            self._show_fetching(True, False)
            self._loader.want()

    def _press(self, event: JsProxy) -> None:
        link = event.target.closest("a")
        if link is None or event.ctrlKey or event.metaKey or event.shiftKey:
            return
        event.preventDefault()
        self._experiment.place = link.dataset.opensPlace
        self._go()

    def _open(self, program: str) -> None:
        """The user has chosen another program."""
        self._experiment.program = program
        self._go()

    def _go(self) -> None:
        self.show()
        self._changed()

    def _use_part(self) -> None:
        """Make Learn, and show it."""
        self._show_fetching(False, False)
        from app.page.learn.main import Learn

        self._learn = Learn(self._open, self._source)
        self._learn.show(self._experiment.program)

    def _show_fetching(self, on_its_way: bool, failed: bool) -> None:
        """Say that Learn is being fetched, or that it could not be."""
        find("learn-fetching").hidden = not on_its_way
        find("learn-notice").hidden = not failed
