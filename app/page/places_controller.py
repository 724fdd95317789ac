"""The places of the page: which one is shown, and the links in the header that lead there."""

from pyscript import document, window

from app.page.aliases import Action, JsProxy
from app.page.views.dom import find, listen
from app.shared.experiment import Experiment
from app.shared.places import PLAYGROUND
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.later_place import LaterPlace


class PlacesController:
    """The links in the header.

    Args:
        experiment: holds the place.
        changed: called when the user has gone to another, or to something else there.
    """

    def __init__(self, experiment: Experiment, changed: Action) -> None:
        self._experiment, self._changed = experiment, changed
        self._places: dict[str, LaterPlace] = {}  # those that are fetched later, by their names
        listen(find("places"), "click", self._press)

    def add(self, name: str, place: "LaterPlace") -> None:
        """There is this place, too."""
        self._places[name] = place

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
        if place != PLAYGROUND:
            self._places[place].show()

    def go(self) -> None:
        """The user has gone to where the experiment is now."""
        self.show()
        self._changed()

    def _press(self, event: JsProxy) -> None:
        link = event.target.closest("a")
        if link is None or event.ctrlKey or event.metaKey or event.shiftKey:
            return
        event.preventDefault()
        self._experiment.place = str(link.dataset.opensPlace)
        self.go()
