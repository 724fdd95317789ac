"""The case of type: above each token a column of ink, as high as its probability.

A small vocabulary has a fixed place for each token. Of a large one the likeliest are shown in their
order, and a search finds the others.
"""

import json

from pyscript import document, window

from app.page.aliases import JsProxy, TakeText, TakeToken
from app.page.distribution import Distribution
from app.page.errors import guarded
from app.page.views.dom import find, listen, on_press
from app.page.views.tiles import case_html, glyph, percent, spoken, token_name
from app.shared.events import SpreadEvent

MAX_FIXED_TOKENS = 150  # with more tokens only the likeliest are shown
MIN_COLUMN_PIXELS = 15  # of a token with a fixed place; with more room they stand in one row
MAX_WHISKER = 1.12  # of the height of a column; there is room above it
FIRST_TOKENS = 40  # of them at first

PRESS = "Press one to write it yourself."
FIXED_HELP = "The height of the ink above a character is the chance that it comes next. " + PRESS


class CaseView:
    """The case, and the search over it.

    Args:
        chosen: called with a token that was pressed.
        say: called with words on the token that is pointed at, "" when none is any more.
    """

    def __init__(self, chosen: TakeToken, say: TakeText) -> None:
        self._say = say
        self._chosen = chosen
        self._tokens = list(find("probabilities").dataset.alphabet)
        self._ordered = False  # whether the likeliest come first, instead of each in its place
        self._capacity = 0  # how many tokens are shown at a time
        self._shown: list[int] = []  # the token in each place
        self._tab_stop = 0
        self._pointed: JsProxy = None  # the button that is pointed at, or was pressed last
        self._distribution: Distribution | None = None
        case = find("probabilities")
        listen(case, "click", self._press)
        listen(case, "keydown", self._keys)
        listen(case, "pointerover", self._point)
        listen(case, "focusin", self._point)
        listen(case, "pointerleave", lambda event: self._point_at_nothing())
        listen(case, "focusout", lambda event: self._point_at_nothing())
        listen(find("find-token"), "input", lambda event: self._draw())
        on_press("more-tokens", self._show_more)
        self._capacity = len(self._tokens) + 1
        self._full = False  # whether nothing can follow
        self._spread: SpreadEvent | None = None  # of several models about these probabilities
        self._num_columns = 0
        self._collect()
        observer = window.ResizeObserver.new(guarded(lambda *_: self._set_columns()))
        observer.observe(case)

    def set_tokens(self, tokens: list[str]) -> None:
        """Show another vocabulary; BOS comes after these tokens."""
        if tokens == self._tokens:
            return
        size = len(tokens) + 1
        self._tokens = tokens
        self._distribution = self._spread = None
        self._ordered = size > MAX_FIXED_TOKENS or max([len(text) for text in tokens]) > 1
        self._capacity = min(size, FIRST_TOKENS) if self._ordered else size
        find("find-token").value = ""
        find("case-search").hidden = not self._ordered
        find("case-words").textContent = FIXED_HELP
        self._lay_out()

    def show(self, distribution: Distribution | None) -> None:
        """Draw these probabilities; None where nothing can follow, because the context is full."""
        self._distribution, self._full = distribution, distribution is None
        self._draw()

    def show_spread(self, spread: SpreadEvent | None) -> None:
        """Draw a whisker on each bar, from a lower to an upper end; None: none any more."""
        if spread is not None or self._spread is not None:
            self._spread = spread
            self._draw()

    def _lay_out(self) -> None:
        places = self._capacity if self._ordered else None
        find("probabilities").innerHTML = case_html(self._tokens, places)
        self._collect()

    def _collect(self) -> None:
        """Take over the items that are there."""
        self._items = list(document.querySelectorAll("#probabilities button"))
        self._rows: list[list[object]] = [[] for _ in self._items]
        self._shown = list(range(len(self._items)))
        self._move_tab_stop(0)
        find("probabilities").classList.toggle("ordered", self._ordered)
        self._set_columns()

    def _set_columns(self) -> None:
        """Put fixed places into as few rows as possible, all of one length."""
        case, count = find("probabilities"), len(self._items)
        if self._ordered or not case.clientWidth:
            return
        num_rows = -(-count * MIN_COLUMN_PIXELS // case.clientWidth)
        num_columns = -(-count // num_rows)
        if num_columns != self._num_columns:
            self._num_columns = num_columns
            case.style.setProperty("--columns", str(num_columns))

    def _draw(self) -> None:
        """Draw what is different; all at once, since each touch of an element takes a while."""
        distribution = self._distribution
        if distribution is None and not self._full:
            return  # nothing is known yet
        find("probabilities").classList.toggle("full", self._full)
        find("probabilities").classList.toggle("with-spread", self._spread is not None)
        if self._ordered and distribution is not None:
            self._shown = self._tokens_to_show(distribution)
        tallest, likeliest = 1.0, -1
        if distribution is not None:
            tallest = max(distribution.model + distribution.adjusted)
            likeliest = distribution.likeliest()
        changed = []
        for place in range(len(self._items)):
            row: list[object] = [place]
            if place < len(self._shown):
                row = self._row(place, self._shown[place], distribution, tallest, likeliest)
            if row != self._rows[place]:
                self._rows[place] = row
                changed.append(row)
        if changed:
            window.microgpt.drawCase(find("probabilities"), json.dumps(changed))
        if self._tab_stop >= len(self._shown):
            self._move_tab_stop(0)

    def _row(
        self,
        place: int,
        token: int,
        distribution: Distribution | None,
        tallest: float,
        likeliest: int,
    ) -> "list[object]":
        """What `drawCase` draws in a place."""
        model = adjusted = 0.0
        rank, words, chosen = "", "nothing can follow", False
        if distribution is not None:
            at = distribution.index(token)
            if at >= 0:
                model, adjusted = distribution.model[at], distribution.adjusted[at]
            words, chosen = self._percent(distribution, token), token == distribution.chosen
            if self._ordered:
                rank = str(distribution.rank(token) or "")
        text, said = glyph(self._tokens, token), spoken(self._tokens, token)
        ends = (0.0, 0.0)
        if self._spread is not None:
            ends = self._spread["low"][token], self._spread["high"][token]
        ink = [round(min(part / tallest, MAX_WHISKER), 4) for part in (model, adjusted) + ends]
        is_end = token == len(self._tokens)
        return [place, token, text, said, is_end, ink, words, rank, chosen, token == likeliest]

    def _tokens_to_show(self, distribution: Distribution) -> list[int]:
        """The likeliest tokens, or those that are searched for, likeliest first."""
        wanted = find("find-token").value.replace("␣", " ")
        order = distribution.order()
        find("more-tokens").hidden = bool(wanted) or self._capacity >= len(order)
        if not wanted:
            shown = order[: self._capacity]
            if distribution.chosen is not None and distribution.chosen not in shown:
                shown[-1] = distribution.chosen
            together = sum([distribution.adjusted[distribution.index(token)] for token in shown])
            find("case-words").textContent = (
                f"The {len(shown)} likeliest of {len(self._tokens) + 1:,} tokens, which together "
                f"have {percent(min(1, together))} of the probability. {PRESS}"
            )
            return shown
        end = len(self._tokens)
        found = [token for token, text in enumerate(self._tokens) if wanted in text]
        if wanted in spoken(self._tokens, end):
            found.append(end)
        likely = [token for token in order if token in set(found)]
        found = likely + [token for token in found if distribution.index(token) < 0]
        count = f"{len(found):,} token{'' if len(found) == 1 else 's'} with “{wanted}”"
        more = f", {self._capacity} of them shown" if len(found) > self._capacity else ""
        find("case-words").textContent = f"{count}{more}. {PRESS if found else ''}"
        return found[: self._capacity]

    def _percent(self, distribution: Distribution, token: int) -> str:
        """A probability in words; one that was not sent is below all that were."""
        place = distribution.index(token)
        if place >= 0:
            return percent(distribution.adjusted[place])
        least = percent(min(distribution.adjusted))
        return least if least.startswith(("<", "0%")) else f"<{least}"

    def _show_more(self) -> None:
        if self._distribution is not None:
            self._capacity = len(self._distribution.order())
            self._lay_out()
            self._draw()
            self._items[FIRST_TOKENS - 1].focus()

    def _point(self, event: JsProxy) -> None:
        button = event.target.closest("button")
        distribution = self._distribution
        # What is under a mouse at rest changes with the bars; of a button it is said once.
        if button is None or distribution is None or button == self._pointed:
            return
        self._pointed = button
        token = int(button.dataset.token)
        rank, size = distribution.rank(token), len(self._tokens) + 1
        words = f"{token_name(self._tokens, token)}: {self._percent(distribution, token)}, "
        words += f"number {rank} of {size:,}." if rank else f"far down among {size:,}."
        place = distribution.index(token)
        if place >= 0:
            model = percent(distribution.model[place])
            words += f" The model's own probability, at temperature 1: {model}."
        if self._spread is not None:
            low, high = percent(self._spread["low"][token]), percent(self._spread["high"][token])
            words += f" In {self._spread['of']} runs mostly from {low} to {high}."
        self._say(words)

    def _point_at_nothing(self) -> None:
        self._pointed = None
        self._say("")

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("button")
        if button is not None:
            self._pointed = button
            self._chosen(int(button.dataset.token))

    def _keys(self, event: JsProxy) -> None:
        steps = {"ArrowRight": 1, "ArrowLeft": -1, "Home": -10_000, "End": 10_000}
        if event.key in steps:
            event.preventDefault()
            last = len(self._shown) - 1
            self._move_tab_stop(max(0, min(last, self._tab_stop + steps[event.key])))
            self._items[self._tab_stop].focus()
        elif event.key in self._tokens and not (event.ctrlKey or event.metaKey or event.key == " "):
            self._chosen(self._tokens.index(event.key))

    def _move_tab_stop(self, place: int) -> None:
        if self._tab_stop < len(self._items):
            self._items[self._tab_stop].tabIndex = -1
        self._tab_stop = place
        self._items[place].tabIndex = 0
