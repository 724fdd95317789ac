"""Which views of the inside of the model are open; what shows them is fetched with the first.

The rest of the inside is in `app/page/inside/`, which is no part of the page until then.
"""

from pyscript.ffi import to_js

from app.page.aliases import Action, JsProxy, TakeBranch, TakeToken
from app.page.document import Document
from app.page.link import Link
from app.page.part_loader import PartLoader
from app.page.switched_off import SwitchedOff
from app.page.views.dom import find, listen
from app.shared.events import ErrorEvent, ExplorationEvent, InspectionEvent, ModelEvent, ScoresEvent
from app.shared.experiment import Experiment
from app.shared.typed import TYPE_CHECKING
from app.shared.views import VIEW_NAMES

if TYPE_CHECKING:
    from app.page.inside.main import Inside

VIEW_NOT_FETCHED = "This view could not be loaded: check your connection, then try again."


class InsideController:
    """The row of buttons, the regions that they open, and what these are to show.

    Args:
        experiment: holds the names of the open views.
        link: the line to the worker.
        switched_off: the parts of the model that are off.
        changed: called when the user has opened or closed a view.
        move: called with the place in the text that the caret is to be put in.
        visit: called with the token of a branch that is to take the text's place.
        replay: has the model write again what the dice wrote of the text.
    """

    def __init__(
        self,
        experiment: Experiment,
        link: Link,
        switched_off: SwitchedOff,
        changed: Action,
        move: TakeToken,
        visit: TakeBranch,
        replay: Action,
    ) -> None:
        self._experiment, self._link, self._switched_off = experiment, link, switched_off
        self._changed, self._move = changed, move
        self._visit, self._replay = visit, replay
        self._inside: Inside | None = None
        self._loader = PartLoader(
            "inside", self._use_part, lambda: self._say(VIEW_NOT_FETCHED, True)
        )
        self._model: ModelEvent | None = None  # the worker's, if it has one
        self._text: Document | None = None
        self._answer: ExplorationEvent | None = None  # what the model makes of it, if that is known
        self._shown: list[str] = []
        self._said = ""  # in all regions
        listen(find("views"), "click", self._press)
        listen(find("regions"), "click", self._press_in_region)
        listen(find("regions"), "keydown", self._press_key)

    # ---- what others say -------------------------------------------------------------------------

    def show(self) -> None:
        """Show the views that are open now."""
        views = self._experiment.open
        for name in VIEW_NAMES:
            if (name in views) != (name in self._shown):
                region(name).hidden = name not in views
                button(name).setAttribute("aria-expanded", "true" if name in views else "false")
        self._shown = views
        if self._inside is not None:
            self._inside.open(views)
        elif views:
            self._say("")
            self._loader.want()

    def take_text(self, text: Document, answer: ExplorationEvent | None) -> None:
        """This is the text, and what the model makes of it; None if that is not known yet."""
        self._text, self._answer = text, answer
        if self._inside is not None:
            self._inside.take_text(text, answer)

    def lose_model(self) -> None:
        """The worker has no model until `on_model`."""
        self._model = self._text = self._answer = None
        if self._inside is not None:
            self._inside.lose_model()

    def on_model(self, message: ModelEvent) -> None:
        """Another model writes from now on."""
        self.lose_model()
        self._model = message
        if self._inside is not None:
            self._inside.use_model(message)

    def on_inspection(self, message: InspectionEvent) -> None:
        if self._inside is not None:
            self._inside.on_inspection(message)

    def on_scores(self, message: ScoresEvent) -> None:
        if self._inside is not None:
            self._inside.on_scores(message)

    def on_error(self, message: ErrorEvent) -> None:
        """The worker could not say what the views show."""
        find("regions").classList.remove("waiting")
        self._say(message["message"])

    # ---- what the user does ----------------------------------------------------------------------

    def _press(self, event: JsProxy) -> None:
        pressed = event.target.closest("[data-view]")
        if pressed is None:
            return
        name = pressed.dataset.view
        self._set_open(name, name not in self._experiment.open)
        if name in self._experiment.open:
            region(name).scrollIntoView(to_js({"block": "nearest"}))

    def _press_in_region(self, event: JsProxy) -> None:
        if event.target.closest(".view-close") is not None:
            self._close(event.target.closest("[data-view]").dataset.view)
        elif event.target.closest(".view-retry") is not None:
            self.show()

    def _press_key(self, event: JsProxy) -> None:
        if event.key == "Escape" and find("tip").hidden:
            self._close(event.target.closest("[data-view]").dataset.view)

    def _close(self, name: str) -> None:
        self._set_open(name, False)
        button(name).focus()

    def _set_open(self, name: str, is_open: bool) -> None:
        if self._experiment.arrangement.locks(name):
            return
        views = self._experiment.open
        named = [view for view in VIEW_NAMES if (is_open if view == name else view in views)]
        self._experiment.open = named
        self.show()
        self._changed()

    # ----------------------------------------------------------------------------------------------

    def _use_part(self) -> None:
        """Make what shows the inside, and hand it what is known."""
        from app.page.inside.main import Inside

        self._inside = Inside(
            self._link.send, self._move, self._visit, self._replay, self._say, self._switched_off
        )
        if self._model is not None:
            self._inside.use_model(self._model)
        self._inside.open(self._experiment.open)
        if self._text is not None:
            self._inside.take_text(self._text, self._answer)

    def _say(self, words: str, can_retry: bool = False) -> None:
        """Show a sentence in all regions, or none."""
        if words == self._said:
            return
        self._said = words
        for name in VIEW_NAMES:
            element = region(name).querySelector(".view-notice")
            element.firstElementChild.textContent = words
            element.lastElementChild.hidden = not can_retry
            element.hidden = not words


def region(name: str) -> JsProxy:
    """The place of a view."""
    return find(f"view-{name}")


def button(name: str) -> JsProxy:
    """The button that opens a view."""
    return find("views").querySelector(f"[data-view={name}]")
