"""The case of type: a column of ink over each token that can come next.

A small vocabulary lies in its case once and for all. Of a large one the likeliest lie there, in
their order, and a search brings up the others. The view knows odds, not where they come from.
"""

from pyscript import document

from app.page.exploration import Odds
from app.page.types import JsProxy, TakeToken, Tell
from app.page.views.dom import find, listen, on_press
from app.page.views.tiles import case_html, glyph, percent, spoken

MANY = 60  # tokens, from which on their columns are lower
LARGE = 150  # tokens, from which on only the likeliest are shown
LIKELIEST = 40  # of them at first

PRESS = "Press one to write it yourself."
SMALL_WORDS = "The height of the ink above a character is the chance that it comes next. " + PRESS


class CaseView:
    """The case, and the search over it.

    Args:
        chosen: called with a token that was pressed.
        say: called with words on the token that is pointed at, "" when none is any more.
    """

    def __init__(self, chosen: TakeToken, say: Tell) -> None:
        self._say = say
        self._chosen = chosen
        self._tokens = list(find("probabilities").dataset.alphabet)
        self._ordered = False  # whether the likeliest come first, instead of each in its place
        self._room = 0  # for how many tokens at a time
        self._shown: list[int] = []  # the token in each place
        self._tab_stop = 0
        self._odds: Odds | None = None
        case = find("probabilities")
        listen(case, "click", self._press)
        listen(case, "keydown", self._keys)
        listen(case, "pointerover", self._point)
        listen(case, "focusin", self._point)
        listen(case, "pointerleave", lambda event: say(""))
        listen(case, "focusout", lambda event: say(""))
        listen(find("find-token"), "input", lambda event: self._draw())
        on_press("more-tokens", self._show_more)
        self._room = len(self._tokens) + 1
        self._collect()

    def set_tokens(self, tokens: list[str]) -> None:
        """Lay out a case for another vocabulary; BOS comes behind these texts."""
        if tokens == self._tokens:
            return
        size = len(tokens) + 1
        self._tokens = tokens
        self._odds = None
        self._ordered = size > LARGE or max([len(text) for text in tokens]) > 1
        self._room = min(size, LIKELIEST) if self._ordered else size
        find("find-token").value = ""
        find("case-search").hidden = not self._ordered
        find("case-words").textContent = SMALL_WORDS
        self._lay_out()

    def show(self, odds: Odds) -> None:
        """Draw these chances."""
        self._odds = odds
        self._draw()

    def name(self, token: int) -> str:
        """What to call a token in a sentence."""
        name = spoken(self._tokens, token)
        return f"The {name}" if token == len(self._tokens) else f"“{name}”"

    def place_words(self, odds: Odds, token: int) -> str:
        """How likely a token is among the others: number 3 of 27."""
        rank, size = odds.rank(token), len(self._tokens) + 1
        return f"number {rank} of {size:,}" if rank else f"far down among {size:,}"

    def _lay_out(self) -> None:
        find("probabilities").innerHTML = case_html(self._tokens, self._room)
        self._collect()

    def _collect(self) -> None:
        """Look up the parts of the case once; they are many and change often."""
        self._items = list(document.querySelectorAll("#probabilities button"))
        self._parts = [
            [item.querySelector(part) for part in (".ink", ".chance", ".tile", ".hidden > span")]
            for item in self._items
        ]
        self._shown = list(range(len(self._items)))
        self._move_tab_stop(0)
        case = find("probabilities")
        case.style.setProperty("--n", str(len(self._items)))
        case.classList.toggle("many", len(self._items) > MANY)
        case.classList.toggle("ordered", self._ordered)

    def _draw(self) -> None:
        odds = self._odds
        if odds is None:
            return
        if self._ordered:
            self._put(self._choice(odds))
        tallest = max(odds.model + odds.adjusted)
        likeliest = odds.likeliest()
        for place, token in enumerate(self._shown):
            ink, chance, _, _ = self._parts[place]
            at = odds.place(token)
            model, adjusted = (odds.model[at], odds.adjusted[at]) if at >= 0 else (0, 0)
            words = self._chance(odds, token)
            ink.style.setProperty("--model", f"{model / tallest:.4f}")
            ink.style.setProperty("--now", f"{adjusted / tallest:.4f}")
            ink.setAttribute("data-chance", words)
            chance.textContent = words + (", chosen" if token == odds.chosen else "")
            self._items[place].classList.toggle("chosen", token == odds.chosen)
            self._items[place].classList.toggle("likeliest", token == likeliest)

    def _choice(self, odds: Odds) -> list[int]:
        """The tokens to show: the likeliest, or those that are searched for, likeliest first."""
        wanted = find("find-token").value.replace("␣", " ")
        order = odds.order()
        find("more-tokens").hidden = bool(wanted) or self._room >= len(order)
        if not wanted:
            shown = order[: self._room]
            if odds.chosen is not None and odds.chosen not in shown:
                shown[-1] = odds.chosen
            together = sum([odds.adjusted[odds.place(token)] for token in shown])
            find("case-words").textContent = (
                f"The {len(shown)} likeliest of {len(self._tokens) + 1:,} tokens, which together "
                f"have {percent(min(1, together))} of the odds. {PRESS}"
            )
            return shown
        end = len(self._tokens)
        found = [token for token, text in enumerate(self._tokens) if wanted in text]
        if wanted in spoken(self._tokens, end):
            found.append(end)
        likely = [token for token in order if token in set(found)]
        found = likely + [token for token in found if odds.place(token) < 0]
        count = f"{len(found):,} token{'' if len(found) == 1 else 's'} with “{wanted}”"
        more = f", {self._room} of them shown" if len(found) > self._room else ""
        find("case-words").textContent = f"{count}{more}. {PRESS if found else ''}"
        return found[: self._room]

    def _put(self, tokens: list[int]) -> None:
        """Have these tokens lie in the case, in this order; the places behind them stay empty."""
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

    def _chance(self, odds: Odds, token: int) -> str:
        """A probability in words; of what is not told it is below that of all that are."""
        place = odds.place(token)
        if place >= 0:
            return percent(odds.adjusted[place])
        least = percent(min(odds.adjusted))
        return least if least.startswith(("<", "0%")) else f"<{least}"

    def _show_more(self) -> None:
        if self._odds is not None:
            self._room = len(self._odds.order())
            self._lay_out()
            self._draw()
            self._items[LIKELIEST - 1].focus()

    def _point(self, event: JsProxy) -> None:
        button = event.target.closest("button")
        odds = self._odds
        if button is None or odds is None:
            return
        token = int(button.dataset.token)
        words = f"{self.name(token)}: {self._chance(odds, token)}"
        words += f", {self.place_words(odds, token)}."
        place = odds.place(token)
        if place >= 0:
            words += f" The model's own odds, at temperature 1: {percent(odds.model[place])}."
        self._say(words)

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("button")
        if button is not None and self._odds is not None:
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
