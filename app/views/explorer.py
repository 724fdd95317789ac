"""One token at a time: the written tiles, the case of type with its ink, the words about both.

The view knows a `Walk`, not who takes its steps.
"""

from math import log

from pyscript import document

from app.types import Act, JsProxy, TakeToken
from app.views.dom import clear, find, listen, make, on_press
from app.views.tiles import case_html, glyph, percent, spoken
from app.walk import Walk, rank

ORDINALS = {1: "the likeliest", 2: "the second likeliest", 3: "the third likeliest"}
MANY = 60  # tokens, from which on their columns are lower
MOST_SURPRISED = log(200)  # a chance of 1 in 200 gets the full colour


class ExplorerView:
    """The stepper.

    Args:
        handlers: functions by the id of their button: next, back, auto, reset.
        chosen: called with a token that was pressed in the case.
        selected: called with the index of a written tile that was pressed.
    """

    def __init__(self, handlers: dict[str, Act], chosen: TakeToken, selected: TakeToken) -> None:
        self.characters = list(find("probabilities").dataset.alphabet)
        self.tab_stop = 0
        self.walk = Walk()
        self.block_size = 0
        for name, handler in handlers.items():
            on_press(name, handler)
        listen(find("probabilities"), "click", lambda event: self._press(event, chosen))
        listen(find("probabilities"), "keydown", self._keys)
        listen(find("probabilities"), "pointerover", self._point)
        listen(find("probabilities"), "focusin", self._point)
        listen(find("probabilities"), "pointerleave", lambda event: self._words())
        listen(find("probabilities"), "focusout", lambda event: self._words())
        listen(find("generated"), "click", lambda event: self._select(event, selected))
        self._collect()

    def set_characters(self, characters: list[str]) -> None:
        """Lay out a case for another vocabulary."""
        if characters != self.characters:
            self.characters = characters
            find("probabilities").innerHTML = case_html(characters)
            self._collect()

    def show(self, walk: Walk, block_size: int) -> None:
        """Draw the walk."""
        self.walk = walk
        self.block_size = block_size
        self._show_tiles()
        self._show_case()
        self._words()
        find("next").disabled = bool(walk.stop)
        find("back").disabled = not walk.choices

    def show_auto(self, playing: bool) -> None:
        """Whether tokens come by themselves."""
        find("auto").setAttribute("aria-pressed", "true" if playing else "false")

    def _collect(self) -> None:
        """Look up the parts of the case once; they are many and change often."""
        self.items = list(document.querySelectorAll("#probabilities button"))
        self.parts = [
            (item.querySelector(".ink"), item.querySelector(".chance")) for item in self.items
        ]
        self._move_tab_stop(0)
        case = find("probabilities")
        case.style.setProperty("--n", str(len(self.items)))
        case.classList.toggle("many", len(self.items) > MANY)

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
        if token == len(self.characters):
            kind += " end"
        if index is None:
            tile = make("span", glyph(self.characters, token), kind)
            tile.title = "given as the prefix"
        else:
            choice = self.walk.choices[index]
            probability = choice["adjusted"][token]
            tile = make("button", glyph(self.characters, token), kind)
            tile.type = "button"
            words = f"{spoken(self.characters, token)}, {percent(probability)}"
            tile.setAttribute("aria-label", words)
            tile.title = words
            tile.dataset.index = str(index)
            if index == self.walk.selected:
                tile.setAttribute("aria-current", "true")
            surprise = min(1, -log(max(probability, 1e-9)) / MOST_SURPRISED)
            tile.style.setProperty("--surprise", f"{surprise:.2f}")
        item.appendChild(tile)
        return item

    def _show_case(self) -> None:
        shown = self.walk.shown()
        if shown is None:
            return
        model, adjusted, chosen = shown
        tallest = max(adjusted + model)
        likeliest = _likeliest(adjusted)
        for token, (ink, chance) in enumerate(self.parts):
            words = percent(adjusted[token])
            ink.style.setProperty("--model", f"{model[token] / tallest:.4f}")
            ink.style.setProperty("--now", f"{adjusted[token] / tallest:.4f}")
            ink.setAttribute("data-chance", words)
            chance.textContent = words + (", chosen" if token == chosen else "")
            self.items[token].classList.toggle("chosen", token == chosen)
            self.items[token].classList.toggle("likeliest", token == likeliest)

    def _words(self) -> None:
        """What the shown choice was, and why the document ended where it did."""
        walk = self.walk
        shown = walk.shown()
        if shown is None:
            return
        _, adjusted, chosen = shown
        if chosen is None:
            name, chance = self._name(_likeliest(adjusted)), percent(max(adjusted))
            words = f"What comes first? {name} is likeliest with {chance}."
        else:
            name, chance = self._name(chosen), percent(adjusted[chosen])
            place = rank(adjusted, chosen)
            ordinal = ORDINALS.get(place, f"number {place}")
            words = f"{name} was chosen at {chance}, {ordinal} of {len(adjusted)}."
        if walk.selected == len(walk.choices) - 1:
            if walk.stop == "end":
                words += " So the model says that the line ends here."
            elif walk.stop == "context":
                words += f" It stops here because its context of {self.block_size} tokens is full."
        find("stepper-words").textContent = words

    def _point(self, event: JsProxy) -> None:
        button = event.target.closest("button")
        shown = self.walk.shown()
        if button is None or shown is None:
            return
        token = int(button.dataset.token)
        model, adjusted, _ = shown
        place = f"number {rank(adjusted, token)} of {len(adjusted)}"
        find("stepper-words").textContent = (
            f"{self._name(token)}: {percent(adjusted[token])}, {place}. "
            f"The model's own odds, at temperature 1: {percent(model[token])}."
        )

    def _name(self, token: int) -> str:
        name = spoken(self.characters, token)
        if token == len(self.characters):
            return f"The {name}"
        return f"“{name}”"

    def _press(self, event: JsProxy, chosen: TakeToken) -> None:
        button = event.target.closest("button")
        if button is not None and self.walk.shown() is not None:
            chosen(int(button.dataset.token))

    def _select(self, event: JsProxy, selected: TakeToken) -> None:
        button = event.target.closest("button")
        if button is not None:
            index = int(button.dataset.index)
            selected(index)
            # The tiles were drawn anew: keep the focus where it was.
            document.querySelector(f"#generated button[data-index='{index}']").focus()

    def _keys(self, event: JsProxy) -> None:
        """Arrow keys walk through the case, which is one stop of the Tab key."""
        steps = {"ArrowRight": 1, "ArrowLeft": -1, "Home": -10_000, "End": 10_000}
        if event.key in steps:
            event.preventDefault()
            last = len(self.items) - 1
            self._move_tab_stop(max(0, min(last, self.tab_stop + steps[event.key])))
            self.items[self.tab_stop].focus()

    def _move_tab_stop(self, token: int) -> None:
        if self.tab_stop < len(self.items):
            self.items[self.tab_stop].tabIndex = -1
        self.tab_stop = token
        self.items[token].tabIndex = 0


def _likeliest(probabilities: list[float]) -> int:
    best = 0
    for token, probability in enumerate(probabilities):
        if probability > probabilities[best]:
            best = token
    return best
