"""One token at a time: the written tiles, the case of type below them, the words about both."""

from app.page.aliases import Action, TakePlace, TakeToken
from app.page.distribution import Distribution, moment_words
from app.page.document import Document
from app.page.views.case import CaseView
from app.page.views.dom import find, on_press, write_text
from app.page.views.tile_row import TileRow
from app.shared.events import SpreadEvent


class ExplorerView:
    """The stepper.

    Args:
        handlers: functions by the id of their button: next, back, auto, reset, undo, redo.
        chosen: called with a token that was pressed in the case.
        placed: called with the place in the text that was pressed, and whether by touch.
    """

    def __init__(self, handlers: dict[str, Action], chosen: TakeToken, placed: TakePlace) -> None:
        self._words = find("stepper-words").textContent
        self._case = CaseView(chosen, self._say)
        self._tiles = TileRow(placed)
        for name, handler in handlers.items():
            on_press(name, handler)

    def set_tokens(self, tokens: list[str]) -> None:
        """Take another vocabulary; BOS comes after these tokens."""
        self._case.set_tokens(tokens)

    def show_text(self, text: Document, probabilities: "list[float | None]", anchor: int) -> None:
        """Draw the text, as far as its tokens' probabilities are known.

        anchor: the place in the text that a selection runs from.
        """
        self._tiles.show(text, probabilities, anchor)
        find("next").disabled = text.full
        find("back").disabled = not text.caret
        find("reset").disabled = not text.ids
        find("undo").disabled = not text.can_undo
        find("redo").disabled = not text.can_redo

    def show_probabilities(
        self, text: Document, newest: "tuple[float, int] | None", upcoming: Distribution | None
    ) -> None:
        """Draw what comes next.

        newest, upcoming: as of `moment_words`.
        """
        self._case.show(upcoming)
        self._words = moment_words(text, newest, upcoming)
        self._say("")

    def show_spread(self, spread: SpreadEvent | None) -> None:
        """Draw on each bar how far several models differ; None: there are none."""
        self._case.show_spread(spread)

    def show_waiting(self, waiting: bool) -> None:
        """Show whether the bars are still those of an earlier moment; their whiskers go then."""
        if waiting:
            self._case.show_spread(None)
        classes = find("probabilities").classList
        classes.toggle("waiting", waiting)
        classes.toggle("current", not waiting)

    def show_auto_play(self, playing: bool) -> None:
        """Show whether auto-play is on."""
        find("auto").setAttribute("aria-pressed", "true" if playing else "false")

    def _say(self, words: str) -> None:
        """Show these words, or those on the text where there are none."""
        shown = words or self._words
        write_text("stepper-words", shown)
