"""One token at a time: the written tiles, the case of type below them, the words about both.

The view knows a `Walk`, not who takes its steps.
"""

from math import log

from pyscript import document

from app.page.exploration import Walk
from app.page.types import Act, JsProxy, TakeToken
from app.page.views.case import CaseView
from app.page.views.dom import clear, find, listen, make, on_press
from app.page.views.tiles import glyph, percent, spoken

ORDINALS = {1: "the likeliest", 2: "the second likeliest", 3: "the third likeliest"}
MOST_SURPRISED = log(200)  # a chance of 1 in 200 gets the full colour


class ExplorerView:
    """The stepper.

    Args:
        handlers: functions by the id of their button: next, back, auto, reset.
        chosen: called with a token that was pressed in the case.
        selected: called with the index of a written tile that was pressed.
    """

    def __init__(self, handlers: dict[str, Act], chosen: TakeToken, selected: TakeToken) -> None:
        self.tokens: list[str] = []
        self.walk = Walk()
        self.block_size = 0
        self.case = CaseView(chosen, self._say)
        for name, handler in handlers.items():
            on_press(name, handler)
        listen(find("generated"), "click", lambda event: self._select(event, selected))

    def set_tokens(self, tokens: list[str]) -> None:
        """What follows is of another vocabulary; BOS comes behind these texts."""
        self.tokens = tokens
        self.case.set_tokens(tokens)

    def show(self, walk: Walk, block_size: int) -> None:
        """Draw the walk."""
        self.walk = walk
        self.block_size = block_size
        self._show_tiles()
        odds = walk.shown()
        if odds is not None:
            self.case.show(odds)
        self._say("")
        find("next").disabled = bool(walk.stop)
        find("back").disabled = not walk.choices

    def show_auto(self, playing: bool) -> None:
        """Whether tokens come by themselves."""
        find("auto").setAttribute("aria-pressed", "true" if playing else "false")

    def _show_tiles(self) -> None:
        row = find("generated")
        clear(row)
        for token in self.walk.prefix:
            row.appendChild(self._tile(token, "tile given", None))
        for index, choice in enumerate(self.walk.choices):
            row.appendChild(self._tile(choice["token"], "tile written", index))
        if not self.walk.stop:
            item = make("li")
            item.appendChild(make("span", "", "tile next"))
            item.setAttribute("aria-hidden", "true")
            row.appendChild(item)

    def _tile(self, token: int, kind: str, index: int | None) -> JsProxy:
        item = make("li")
        if token == len(self.tokens):
            kind += " end"
        if index is None:
            tile = make("span", glyph(self.tokens, token), kind)
            tile.title = "given as the prefix"
        else:
            odds = self.walk.odds(index)
            probability = odds.adjusted[odds.place(token)]
            tile = make("button", glyph(self.tokens, token), kind)
            tile.type = "button"
            words = f"{spoken(self.tokens, token)}, {percent(probability)}"
            tile.setAttribute("aria-label", words)
            tile.title = words
            tile.dataset.index = str(index)
            if index == self.walk.selected:
                tile.setAttribute("aria-current", "true")
            surprise = min(1, -log(max(probability, 1e-9)) / MOST_SURPRISED)
            tile.style.setProperty("--surprise", f"{surprise:.2f}")
        item.appendChild(tile)
        return item

    def _say(self, words: str) -> None:
        """Show these words, or what the shown choice was and why the document ended there."""
        find("stepper-words").textContent = words or self._words()

    def _words(self) -> str:
        walk = self.walk
        odds = walk.shown()
        if odds is None:
            return ""
        case, chosen = self.case, odds.chosen
        if chosen is None:
            name = case.name(odds.likeliest())
            words = f"What comes first? {name} is likeliest with {percent(max(odds.adjusted))}."
        else:
            chance = percent(odds.adjusted[odds.place(chosen)])
            place = case.place_words(odds, chosen)
            if odds.rank(chosen) in ORDINALS:
                place = f"{ORDINALS[odds.rank(chosen)]} of {len(self.tokens) + 1:,}"
            words = f"{case.name(chosen)} was chosen at {chance}, {place}."
        if walk.selected == len(walk.choices) - 1:
            if walk.stop == "end":
                words += " So the model says that the line ends here."
            elif walk.stop == "context":
                words += f" It stops here because its context of {self.block_size} tokens is full."
        return words

    def _select(self, event: JsProxy, selected: TakeToken) -> None:
        button = event.target.closest("button")
        if button is not None:
            index = int(button.dataset.index)
            selected(index)
            # The tiles were drawn anew: keep the focus where it was.
            document.querySelector(f"#generated button[data-index='{index}']").focus()
