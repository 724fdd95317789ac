"""The places of the page: which one is shown, and the links in the header that lead there."""

from pyscript import document, window

from app.page.aliases import Action, JsProxy
from app.page.later_contents import LaterContents
from app.page.views.dom import find, listen, mark_current, pressed_link
from app.shared.experiment import Experiment
from app.shared.places import PLAYGROUND
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class PlacesController:
    """The links in the header.

    Args:
        experiment: holds the place.
        changed: called when the user has gone to another, or to something else there.
    """

    def __init__(self, experiment: Experiment, changed: Action) -> None:
        self._experiment, self._changed = experiment, changed
        self._later: dict[str, LaterContents] = {}  # of the other places, by their names
        listen(find("places"), "click", self._press)

    def add(self, name: str, make: "Callable[[], Action]") -> None:
        """There is this place, too; `make`: as of `LaterContents`."""
        self._later[name] = LaterContents(name, make, lambda: self._experiment.place == name)

    def show(self) -> None:
        """Show the place that the experiment says."""
        place = self._experiment.place
        root = document.documentElement
        if root.dataset.sitePlace != place:
            root.dataset.sitePlace = place
            # What measures itself has had no size.
            window.dispatchEvent(window.Event.new("resize"))
        mark_current(find("places"), "data-opens-place", place)
        if place != PLAYGROUND:
            self._later[place].show()

    def go(self) -> None:
        """The user has gone to where the experiment is now."""
        self.show()
        self._changed()

    def _press(self, event: JsProxy) -> None:
        link = pressed_link(event)
        if link is not None:
            self._experiment.place = str(link.dataset.opensPlace)
            self.go()
