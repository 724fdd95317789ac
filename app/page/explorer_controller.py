"""The text that is being written, and what the model makes of it, token by token."""

from app.page.aliases import Action, TakeFlag, TakeMoment
from app.page.auto_play import AutoPlay
from app.page.branches import BranchToken, Replay
from app.page.distribution import Distribution, known_probabilities
from app.page.document import FIRST_TEXT, Document
from app.page.keeping.kept_document import KeptDocument
from app.page.link import Link
from app.page.text_edit import refused_words
from app.page.views.dom import find, notice
from app.page.views.explorer import ExplorerView
from app.page.views.text_box import TextBox
from app.page.views.tiles import glyph
from app.shared.commands import ExploreCommand
from app.shared.events import ExplorationEvent, ModelEvent, SpreadEvent
from app.shared.experiment import Experiment
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    TakeWriting = Callable[[Document, ExplorationEvent | None], None]

FIRST_BLOCK_SIZE = 16  # until the model is there


class ExplorerController:
    """The text; the page changes it at once, and asks the worker what the model makes of it.

    Each command bears a number, and only the answer to the newest counts. If another model comes
    before the answer, what was asked for is asked of that one.

    Args:
        experiment: holds the settings.
        link: the line to the worker.
        changed: called when the text has changed, with whether the user has typed in it.
        show_moment: called with the tokens that the model reads, and with those that may follow
            and their probabilities; tokens as on their tiles.
        first_document: returns the first document of the data, "" where there is none.
        inspect: called with the text whenever it was asked what the model makes of it, and with the
            answer when that is there.
    """

    def __init__(
        self,
        experiment: Experiment,
        link: Link,
        changed: TakeFlag,
        show_moment: TakeMoment,
        first_document: "Callable[[], str]",
        inspect: "TakeWriting",
    ) -> None:
        self._experiment, self._link = experiment, link
        self._changed, self._show_moment = changed, show_moment
        self._inspect = inspect
        self._first_document = first_document
        alphabet = list(find("probabilities").dataset.alphabet)
        self._text = KeptDocument(alphabet, FIRST_BLOCK_SIZE, FIRST_TEXT)
        self._anchor: int | None = None  # the place that a selection begins in, if there is one
        self._model_number = 0  # of the worker's model, 0 while it has none
        self._number = 0  # of the newest command
        self._answer: ExplorationEvent | None = None  # the newest one of this model
        self._num_wanted = 0  # how many tokens are still to be sampled
        self._sampling = False  # whether the newest command samples one and is not answered yet
        self._replay: Replay | None = None  # while it is written
        self._view = ExplorerView(
            {
                "next": self._press_next,
                "back": lambda: self.change(self._text.back),
                "auto": self._press_auto_play,
                "reset": lambda: self.change(self._text.clear),
                "undo": lambda: self.change(self._text.undo),
                "redo": lambda: self.change(self._text.redo),
            },
            self._press,
            self._place,
        )
        self._auto_play = AutoPlay(experiment, self._play_on, self._view.show_auto_play)
        self._box = TextBox(
            {
                "undo": lambda: self.change(self._text.undo),
                "redo": lambda: self.change(self._text.redo),
                "enter": lambda: self._press(self._text.end),
                "back": lambda: self.change(self._text.back),
                "left": lambda: self.move(self._text.caret - 1),
                "right": lambda: self.move(self._text.caret + 1),
            },
            self._edit,
            self._select,
        )
        self._show_in_box()

    # ---- what others ask -------------------------------------------------------------------------

    @property
    def document(self) -> KeptDocument:
        """The text; it is changed through `change`."""
        return self._text

    def change(self, change: Action) -> None:
        """Have `change()` change the text, in place of what is going on."""
        self._act()
        change()
        self._show_change()

    def begin(self, text: str) -> None:
        """Begin with this text, at once or with the first model that knows its characters."""
        self._act()
        self._text.begin(text)
        self._show_change()

    def open(self, text: str) -> None:
        """Put a whole line in place of the text."""
        self._act()
        self._show_typed(self._text.open(text))

    def move(self, place: int) -> None:
        """Put the caret behind this many tokens of the text."""
        self.change(lambda: self._text.move(place))

    def visit(self, node: BranchToken) -> None:
        """Put a branch in place of the text, and the caret behind this token of it."""
        self._act()
        self._text.visit(node)
        self._show_change()

    def replay(self) -> None:
        """Have the model write again what the dice wrote of the text, with the same numbers."""
        self._act()
        branches = self._text.branches
        run = branches.run(self._text.caret - 1)
        if run is not None:
            self._replay = Replay(branches.text[run[0] : run[1]], run[0])
            self._num_wanted = run[1] - run[0]
            self._text.replay(run[0])
            self._show_change()

    def lose_model(self) -> None:
        """The worker has no model until `on_model`."""
        self._model_number = 0
        self._sampling = False
        self._auto_play.stop()

    # ---- what the worker says --------------------------------------------------------------------

    def on_model(self, message: ModelEvent) -> None:
        """Go on with the same text, if this model knows all its characters."""
        vocabulary, block_size = message["tokens"], message["config"]["block_size"]
        document = self._first_document()
        beginning = document[: min(len(document), block_size) // 2]
        self._model_number, self._answer = message["number"], None
        before = self._text.ids
        self._text.change_model(vocabulary, block_size, beginning)
        if self._text.ids != before:
            self._anchor = None
        self._view.set_tokens(vocabulary)
        self._show_text()
        self.ask()

    def on_exploration(self, message: ExplorationEvent) -> None:
        """Show the answer, unless something newer was asked."""
        if message["number"] != self._number:
            return
        if self._sampling:
            self._sampling = False
            self._num_wanted -= 1
            self._text.take_sampled(message["tokens"])
        elif self._text.take_encoded(message["tokens"], message["caret"]):
            self._show_cut()
        self._answer = message
        self._text.branches.rate(message["tokens"], message["probabilities"])
        if self._text.closed or self._text.full:
            self._auto_play.stop()
            if self._replay is not None:
                self._num_wanted = 0
        if self._replay is not None and not self._num_wanted:
            self._replay.end(self._text.branches, self._text.vocabulary)
            self._replay = None
        self._show_text()
        self._show_answer(message)
        if self._num_wanted:
            self.ask()

    def show_spread(self, spread: SpreadEvent | None) -> None:
        """Show how far several models differ in what comes next; None: there are none."""
        if spread is None or spread["number"] == self._number:
            self._view.show_spread(spread)

    def stop(self) -> None:
        """A command has failed: ask for nothing more."""
        self._sampling, self._num_wanted, self._replay = False, 0, None
        self._auto_play.stop()
        self._view.show_waiting(False)

    # ---- what the user does ----------------------------------------------------------------------

    def _press(self, token: int) -> None:
        self._act()
        self._text.press(token)
        self._show_change()

    def _press_next(self) -> None:
        self._auto_play.stop()
        self._sample()

    def _place(self, place: int, keyboard: bool) -> None:
        """A place in the text was pressed; `keyboard`: whether to type there."""
        self.move(place)
        if keyboard:
            self._box.focus()

    def _edit(self, start: int, end: int, typed: str) -> None:
        self._act()
        self._show_typed(self._text.edit(start, end, typed))
        self._changed(True)

    def _select(self, anchor: int, caret: int) -> None:
        """The text box has another selection, in characters; tokens are selected as a whole."""
        text, place = self._text, self._text.caret
        before = text.offset(place)
        if caret != before:
            place = text.place(caret, forward=caret > before)
        self._act()
        self._anchor = None if anchor == caret else text.place(anchor, forward=anchor > caret)
        if place != text.caret:
            text.move(place)
            self.ask()
        self._show_text()

    def _press_auto_play(self) -> None:
        if self._auto_play.playing:
            self._auto_play.stop()
            return
        self._act()
        if self._text.closed or self._text.full:
            self._text.clear()
            self._show_change()
        self._auto_play.start()

    # ----------------------------------------------------------------------------------------------

    def _act(self) -> None:
        """The user does something else: what was going on ends, and what was said is over."""
        self._auto_play.stop()
        self._num_wanted, self._replay = 0, None
        self._text.branches.said = ""
        notice("writing-notice", "")

    def _show_typed(self, result: "tuple[list[str], bool]") -> None:
        """Show a text with what was typed; `result`: as `Document.edit` returns it."""
        refused, cut = result
        if refused:
            notice("writing-notice", refused_words(refused, self._text.vocabulary))
        elif cut:
            self._show_cut()
        self._show_change()

    def _sample(self) -> None:
        self._num_wanted += 1
        if not self._sampling:
            self.ask()

    def ask(self) -> None:
        """Ask what the model makes of the text as it is now, or for a token where one is wanted."""
        self._view.show_waiting(True)
        if not self._model_number:
            return  # `on_model` asks
        self._number += 1
        self._sampling = self._num_wanted > 0
        if self._sampling:
            self._text.branches.begin_sampling(self._model_number, self._experiment)
        self._link.send(
            ExploreCommand(
                type="explore",
                number=self._number,
                model=self._model_number,
                action="next" if self._sampling else "show",
                tokens=self._text.ids,
                typed=self._text.typed,
                caret=self._text.caret,
                seed=self._text.seed,
            )
        )
        if not self._sampling:
            self._inspect(self._text, None)

    def _play_on(self) -> None:
        if not self._num_wanted:
            self._sample()

    # ---- what is shown ---------------------------------------------------------------------------

    def _show_change(self) -> None:
        """Show the text at once, and ask what the model makes of it."""
        self._anchor = None
        self._show_text()
        self.ask()

    def _show_text(self) -> None:
        anchor = self._text.caret if self._anchor is None else self._anchor
        self._view.show_text(self._text, known_probabilities(self._text.ids, self._answer), anchor)
        self._show_in_box()
        self._changed(False)

    def _show_in_box(self) -> None:
        text = self._text
        anchor = text.caret if self._anchor is None else self._anchor
        at_end = text.closed and text.caret == len(text.ids) - 1
        offsets = text.offset(anchor), text.offset(text.caret)
        self._box.show(text.text, *offsets, at_end, text.at_new_text)

    def _show_answer(self, answer: ExplorationEvent) -> None:
        newest, upcoming, caret = None, None, self._text.caret
        if caret:
            newest = answer["probabilities"][caret - 1], answer["ranks"][caret - 1]
        if answer["upcoming"] is not None:
            following = self._text.ids[caret : caret + 1]
            upcoming = Distribution(answer["upcoming"], following[0] if following else None)
        self._view.show_probabilities(self._text, newest, upcoming)
        self._view.show_waiting(False)
        vocabulary, read, probs = self._text.vocabulary, self._text.ids[:caret], []
        if upcoming is not None:
            probs = [(glyph(vocabulary, t), p) for t, p in zip(upcoming.tokens, upcoming.adjusted)]
        self._show_moment([glyph(vocabulary, token) for token in read], probs)
        self._inspect(self._text, answer)

    def _show_cut(self) -> None:
        words = f"The context holds {self._text.block_size} tokens: what did not fit was cut off."
        notice("writing-notice", words)
