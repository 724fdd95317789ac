"""The case of type: above each token a column of ink, as high as its probability.

A small vocabulary has a fixed place for each token. Of a large one the likeliest are shown in their
order, and a search finds the others.
"""

from pyscript import document

from app.page.aliases import JsProxy, TakeText, TakeToken
from app.page.exploration import Distribution
from app.page.views.dom import find, listen, on_press
from app.page.views.tiles import case_html, glyph, percent, spoken

MAX_TALL_TOKENS = 60  # with more tokens their columns are lower
MAX_FIXED_TOKENS = 150  # with more tokens only the likeliest are shown
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
        self._distribution: Distribution | None = None
        case = find("probabilities")
        listen(case, "click", self._press)
        listen(case, "keydown", self._keys)
        listen(case, "pointerover", self._point)
        listen(case, "focusin", self._point)
        listen(case, "pointerleave", lambda event: say(""))
        listen(case, "focusout", lambda event: say(""))
        listen(find("find-token"), "input", lambda event: self._draw())
        on_press("more-tokens", self._show_more)
        self._capacity = len(self._tokens) + 1
        self._collect()

    def set_tokens(self, tokens: list[str]) -> None:
        """Show another vocabulary; BOS comes after these tokens."""
        if tokens == self._tokens:
            return
        size = len(tokens) + 1
        self._tokens = tokens
        self._distribution = None
        self._ordered = size > MAX_FIXED_TOKENS or max([len(text) for text in tokens]) > 1
        self._capacity = min(size, FIRST_TOKENS) if self._ordered else size
        find("find-token").value = ""
        find("case-search").hidden = not self._ordered
        find("case-words").textContent = FIXED_HELP
        self._lay_out()

    def show(self, distribution: Distribution) -> None:
        """Draw these probabilities."""
        self._distribution = distribution
        self._draw()

    def name(self, token: int) -> str:
        """What to call a token in a sentence."""
        name = spoken(self._tokens, token)
        return f"The {name}" if token == len(self._tokens) else f"“{name}”"

    def rank_words(self, distribution: Distribution, token: int) -> str:
        """A token's rank among the others: number 3 of 27."""
        rank, size = distribution.rank(token), len(self._tokens) + 1
        return f"number {rank} of {size:,}" if rank else f"far down among {size:,}"

    def _lay_out(self) -> None:
        find("probabilities").innerHTML = case_html(self._tokens, self._capacity)
        self._collect()

    def _collect(self) -> None:
        """Look up the elements of the case once: there are many, and they change often."""
        self._items = list(document.querySelectorAll("#probabilities button"))
        self._parts = [
            [
                item.querySelector(part)
                for part in (".ink", ".probability", ".tile", ".hidden > span")
            ]
            for item in self._items
        ]
        self._shown = list(range(len(self._items)))
        self._move_tab_stop(0)
        case = find("probabilities")
        case.style.setProperty("--n", str(len(self._items)))
        case.classList.toggle("many", len(self._items) > MAX_TALL_TOKENS)
        case.classList.toggle("ordered", self._ordered)

    def _draw(self) -> None:
        distribution = self._distribution
        if distribution is None:
            return
        if self._ordered:
            self._put(self._tokens_to_show(distribution))
        tallest = max(distribution.model + distribution.adjusted)
        likeliest = distribution.likeliest()
        for place, token in enumerate(self._shown):
            ink, probability, _, _ = self._parts[place]
            at = distribution.index(token)
            model, adjusted = (
                (distribution.model[at], distribution.adjusted[at]) if at >= 0 else (0, 0)
            )
            words = self._percent(distribution, token)
            ink.style.setProperty("--model", f"{model / tallest:.4f}")
            ink.style.setProperty("--now", f"{adjusted / tallest:.4f}")
            ink.setAttribute("data-probability", words)
            probability.textContent = words + (", chosen" if token == distribution.chosen else "")
            self._items[place].classList.toggle("chosen", token == distribution.chosen)
            self._items[place].classList.toggle("likeliest", token == likeliest)

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

    def _put(self, tokens: list[int]) -> None:
        """Show these tokens in this order; the places behind them stay empty."""
        for place, item in enumerate(self._items):
            item.parentElement.hidden = place >= len(tokens)
        for place, token in enumerate(tokens):
            if place < len(self._shown) and self._shown[place] == token:
                continue
            _, _, tile, name = self._parts[place]
            self._items[place].dataset.token = str(token)
            tile.textContent = glyph(self._tokens, token)
            tile.classList.toggle("end", token == len(self._tokens))
            name.textContent = spoken(self._tokens, token)
        self._shown = tokens
        if self._tab_stop >= len(tokens):
            self._move_tab_stop(0)

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
        if button is None or distribution is None:
            return
        token = int(button.dataset.token)
        words = f"{self.name(token)}: {self._percent(distribution, token)}"
        words += f", {self.rank_words(distribution, token)}."
        place = distribution.index(token)
        if place >= 0:
            model = percent(distribution.model[place])
            words += f" The model's own probability, at temperature 1: {model}."
        self._say(words)

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("button")
        if button is not None and self._distribution is not None:
            self._chosen(int(button.dataset.token))

    def _keys(self, event: JsProxy) -> None:
        steps = {"ArrowRight": 1, "ArrowLeft": -1, "Home": -10_000, "End": 10_000}
        if event.key in steps:
            event.preventDefault()
            last = len(self._shown) - 1
            self._move_tab_stop(max(0, min(last, self._tab_stop + steps[event.key])))
            self._items[self._tab_stop].focus()

    def _move_tab_stop(self, place: int) -> None:
        if self._tab_stop < len(self._items):
            self._items[self._tab_stop].tabIndex = -1
        self._tab_stop = place
        self._items[place].tabIndex = 0
