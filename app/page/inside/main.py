"""The entry of the inside: the table of views, one request for all of them, one frame to draw."""

from app.page.aliases import Action, JsProxy, TakeBranch, TakeText, TakeToken
from app.page.document import Document
from app.page.inside.arithmetic import ArithmeticView
from app.page.inside.attention import AttentionView
from app.page.inside.branches import BranchesView
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.choice import ChoiceView
from app.page.inside.lens import LensView
from app.page.inside.map import MapView
from app.page.inside.moment import Moment
from app.page.inside.neurons import NeuronsView
from app.page.inside.score import ScoreView
from app.page.inside.switch_off import SwitchOffView
from app.page.inside.votes import VotesView
from app.page.switched_off import SwitchedOff
from app.page.views.dom import OncePerFrame, find, listen
from app.shared.commands import Command, InspectCommand
from app.shared.events import ExplorationEvent, InspectionEvent, ModelEvent, ScoresEvent
from app.shared.typed import TYPE_CHECKING, Any, ViewData

if TYPE_CHECKING:
    from collections.abc import Callable

# The class of each view, by its name. It is made once, with the element to draw in and the
# `ViewCallbacks`. `request(moment)` returns what the worker is to be asked, None for nothing;
# `show(result, moment)` draws the answer, `{}` where nothing was asked; `close()` is called when it
# is closed.
VIEW_CLASSES = {
    "choice": ChoiceView,
    "branches": BranchesView,
    "votes": VotesView,
    "attention": AttentionView,
    "lens": LensView,
    "neurons": NeuronsView,
    "map": MapView,
    "switch-off": SwitchOffView,
    "arithmetic": ArithmeticView,
    "score": ScoreView,
}
OF_THE_TEXT = ("branches",)  # they show something even where nothing can follow
FULL = "The context is full, so nothing can follow: press a token of the text to see its moment."


class Inside:
    """The views that are open.

    Args:
        send: sends a command to the worker.
        move, visit, replay: as of `ViewCallbacks`.
        say: shows a sentence in all regions, "" for none.
        switched_off: the parts of the model that are off.
    """

    def __init__(
        self,
        send: "Callable[[Command], None]",
        move: TakeToken,
        visit: TakeBranch,
        replay: Action,
        say: TakeText,
        switched_off: SwitchedOff,
    ) -> None:
        self._send, self._say = send, say
        self._callbacks = ViewCallbacks(self._ask, send, move, visit, replay, switched_off)
        self._views: dict[str, Any] = {}  # all that have been opened
        self._open: list[str] = []
        self._model: ModelEvent | None = None
        self._moment: Moment | None = None  # the newest
        self._number = 0  # of the newest command
        self._asked: list[str] = []  # the views that it is for
        self._results: dict[str, ViewData] = {}  # of the newest answer, by view
        self._answered = 0  # the number of that answer
        self._draw_soon = OncePerFrame(self._draw)
        listen(find("regions"), "click", self._press)

    def open(self, names: "list[str]") -> None:
        """These views are open now, in this order."""
        for name in self._open:
            if name not in names:
                self._views[name].close()
                self._results.pop(name, None)
        opened = [name for name in names if name not in self._open]
        for name in opened:
            if name not in self._views:
                body = find(f"view-{name}").querySelector(".view-body")
                self._views[name] = VIEW_CLASSES[name](body, self._callbacks)
        if names != self._open:
            self._open = names
            self._ask()

    def use_model(self, model: ModelEvent) -> None:
        """This model writes from now on."""
        self._model = model

    def lose_model(self) -> None:
        """The worker has no model until `use_model`; what is drawn stays until then."""
        self._model = self._moment = None
        self._number += 1  # no answer of the old one counts any more
        self._results, self._asked = {}, []

    def take_text(self, text: Document, answer: ExplorationEvent | None) -> None:
        """This is the text, and what the model makes of it; None if that is not known yet."""
        if self._model is None or not (text.is_encoded or answer):
            return
        moment, before = Moment(self._model, text, answer), self._moment
        if answer is None or before is None or not moment.is_like(before):
            self._moment = moment
            self._ask()
        else:
            before.take(answer)
            self._draw_soon.request()

    def on_inspection(self, message: InspectionEvent) -> None:
        """Draw the answer, unless something newer was asked."""
        if message["number"] != self._number or self._moment is None:
            return
        self._results, self._answered = message["views"], self._number
        self._moment.blob = message.get("blob")
        self._draw()

    def on_scores(self, message: ScoresEvent) -> None:
        """Hand the lines that were scored to the view that has asked for them."""
        if "score" in self._views:
            self._views["score"].take(message)

    def _press(self, event: JsProxy) -> None:
        """A press on a tile of the text, wherever it is, leads to its moment."""
        tile = event.target.closest("button[data-place]")
        if tile is not None:
            self._callbacks.move(int(tile.dataset.place))

    def _ask(self) -> None:
        """Ask the worker for all that the open views show of this moment; for nothing any more."""
        moment, views, before = self._moment, {}, self._asked
        if moment is None:
            return
        find("regions").classList.toggle("full", moment.full)
        for name in [] if moment.full else self._open:
            request = self._views[name].request(moment)
            if request is not None:
                views[name] = request
        self._number += 1
        self._asked = list(views)
        self._say(FULL if moment.full else "")
        if views:
            find("regions").classList.add("waiting")
        else:
            self._draw_soon.request()
        if not views and not before:
            return
        self._send(
            InspectCommand(
                type="inspect",
                number=self._number,
                model=moment.model["number"],
                tokens=moment.tokens,
                position=moment.position,
                views=views,
            )
        )

    def _draw(self) -> None:
        """Draw all open views whose answers are there."""
        moment = self._moment
        if moment is None:
            return
        if self._answered == self._number:
            find("regions").classList.remove("waiting")
        for name in self._open:
            if moment.full and name not in OF_THE_TEXT:
                continue
            if name not in self._asked:
                self._views[name].show({}, moment)
            elif self._answered == self._number and name in self._results:
                self._views[name].show(self._results[name], moment)
