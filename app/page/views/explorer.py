"""One token at a time: the written tiles, the case of type below them, the words about both."""

from pyscript import document

from app.page.aliases import Action, JsProxy, TakeToken
from app.page.exploration import Exploration
from app.page.views.case import CaseView
from app.page.views.dom import clear, find, listen, make, on_press
from app.page.views.tiles import glyph, percent, spoken, surprise

ORDINALS = {1: "the likeliest", 2: "the second likeliest", 3: "the third likeliest"}


class ExplorerView:
    """The stepper.

    Args:
        handlers: functions by the id of their button: next, back, auto, reset.
        chosen: called with a token that was pressed in the case.
        selected: called with the index of a written tile that was pressed.
    """

    def __init__(self, handlers: dict[str, Action], chosen: TakeToken, selected: TakeToken) -> None:
        self._tokens: list[str] = []
        self._exploration = Exploration()
        self._block_size = 0
        self._case = CaseView(chosen, self._say)
        for name, handler in handlers.items():
            on_press(name, handler)
        listen(find("generated"), "click", lambda event: self._select(event, selected))

    def set_tokens(self, tokens: list[str]) -> None:
        """Take another vocabulary; BOS comes after these tokens."""
        self._tokens = tokens
        self._case.set_tokens(tokens)

    def show(self, exploration: Exploration, block_size: int) -> None:
        """Draw the document; `block_size`: the model's context length."""
        self._exploration = exploration
        self._block_size = block_size
        self._show_tiles()
        distribution = exploration.shown()
        if distribution is not None:
            self._case.show(distribution)
        self._say("")
        find("next").disabled = bool(exploration.stop)
        find("back").disabled = not exploration.choices

    def show_auto_play(self, playing: bool) -> None:
        """Show whether auto-play is on."""
        find("auto").setAttribute("aria-pressed", "true" if playing else "false")

    def _show_tiles(self) -> None:
        row = find("generated")
        clear(row)
        for token in self._exploration.prefix:
            row.appendChild(self._tile(token, "tile given", None))
        for index, choice in enumerate(self._exploration.choices):
            row.appendChild(self._tile(choice["token"], "tile written", index))
        if not self._exploration.stop:
            item = make("li")
            item.appendChild(make("span", "", "tile next"))
            item.setAttribute("aria-hidden", "true")
            row.appendChild(item)

    def _tile(self, token: int, kind: str, index: int | None) -> JsProxy:
        item = make("li")
        if token == len(self._tokens):
            kind += " end"
        if index is None:
            tile = make("span", glyph(self._tokens, token), kind)
            tile.title = "given as the prefix"
        else:
            distribution = self._exploration.distribution(index)
            probability = distribution.adjusted[distribution.index(token)]
            tile = make("button", glyph(self._tokens, token), kind)
            tile.type = "button"
            words = f"{spoken(self._tokens, token)}, {percent(probability)}"
            tile.setAttribute("aria-label", words)
            tile.title = words
            tile.dataset.index = str(index)
            if index == self._exploration.selected:
                tile.setAttribute("aria-current", "true")
            tile.style.setProperty("--surprise", f"{surprise(probability):.2f}")
        item.appendChild(tile)
        return item

    def _say(self, words: str) -> None:
        """Show these words, or what the shown choice was and why the document ended there."""
        find("stepper-words").textContent = words or self._words()

    def _words(self) -> str:
        exploration = self._exploration
        distribution = exploration.shown()
        if distribution is None:
            return ""
        case, chosen = self._case, distribution.chosen
        if chosen is None:
            name = case.name(distribution.likeliest())
            words = (
                f"What comes first? {name} is likeliest with {percent(max(distribution.adjusted))}."
            )
        else:
            probability = percent(distribution.adjusted[distribution.index(chosen)])
            place = case.rank_words(distribution, chosen)
            if distribution.rank(chosen) in ORDINALS:
                place = f"{ORDINALS[distribution.rank(chosen)]} of {len(self._tokens) + 1:,}"
            words = f"{case.name(chosen)} was chosen at {probability}, {place}."
        if exploration.selected == len(exploration.choices) - 1:
            if exploration.stop == "end":
                words += " So the model says that the line ends here."
            elif exploration.stop == "context":
                words += f" It stops here because its context of {self._block_size} tokens is full."
        return words

    def _select(self, event: JsProxy, selected: TakeToken) -> None:
        button = event.target.closest("button")
        if button is not None:
            index = int(button.dataset.index)
            selected(index)
            # The tiles were drawn anew: keep the focus where it was.
            document.querySelector(f"#generated button[data-index='{index}']").focus()
