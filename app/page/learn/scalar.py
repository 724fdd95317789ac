"""One scalar: an expression, its numbers, and its gradients step by step."""

import asyncio
import json

from pyscript import window

from app.page.aliases import JsProxy
from app.page.errors import spawn
from app.page.inside.step_tree import StepTree
from app.page.learn.scalar_graph import graph_svg, graph_words
from app.page.learn.scalar_steps import ScalarSteps
from app.page.views.dom import clear, find, listen, make, on_press, set_text, write_html
from app.page.views.tiles import escape, quoted
from app.shared.inside import StepFields
from app.shared.learning import ScalarCommand, ScalarEvent

SCALAR_COLUMNS = ("number", "how", "value", "gradient", "")
RANGE = 10  # of a slider, on both sides of 0
TYPING_SECONDS = 0.3  # after the last key
WALK_SECONDS = 1.4  # for a step


class ScalarView:
    """The page."""

    def __init__(self) -> None:
        self._shown = False
        self._number = 0  # of the newest command
        self._typed = 0  # how often something was typed
        self._values: dict[str, float] = {}  # of all names so far
        self._names: list[str] = []  # of which there are sliders
        self._steps: ScalarSteps | None = None
        self._place = 0  # how many steps have been made
        self._playing = False
        self._tree = StepTree(find("scalar-tree"), name, self._draw, SCALAR_COLUMNS, "scalar")
        listen(find("expression"), "input", lambda event: spawn(self._type()))
        listen(find("scalar"), "click", self._press)
        listen(find("numbers"), "input", self._take_number)
        on_press("scalar-back", lambda: self._go(-1))
        on_press("scalar-next", lambda: self._go(1))
        on_press("scalar-play", self._play)
        self._say_place()

    def show(self, shown: bool) -> None:
        """Whether the page is shown."""
        self._shown = shown
        if shown:
            self._ask()
        else:
            self._stop()

    def on_ready(self) -> None:
        """The worker is up; it may be another one, which has not been asked yet."""
        if self._shown and self._steps is None:
            self._ask()

    def take(self, message: ScalarEvent) -> None:
        """What the worker says of the expression."""
        if message["number"] != self._number:
            return
        self._show_problem(message["problem"], message["place"])
        if message["problem"]:
            return
        before = self._steps
        self._steps = ScalarSteps(message)
        texts = [node["text"] for node in self._steps.nodes]
        if before is None or texts != [node["text"] for node in before.nodes]:
            self._place = 0
            self._tree.begin()
            self._tree.open = [step["path"] for step in self._steps.tree(0)]
            self._values.update(message["values"])
            self._show_numbers([n["text"] for n in self._steps.nodes if not n["inputs"]])
        self._draw()

    # ---- what the user does ----------------------------------------------------------------------

    def _press(self, event: JsProxy) -> None:
        example = event.target.closest("[data-example]")
        if example is not None:
            find("expression").value = example.dataset.example
            self._ask()

    async def _type(self) -> None:
        self._typed += 1
        typed = self._typed
        await asyncio.sleep(TYPING_SECONDS)
        if typed == self._typed:
            self._ask()

    def _take_number(self, event: JsProxy) -> None:
        field = event.target
        if not (field.validity.valid and field.value):
            return
        row = field.closest("[data-name]")
        value = float(field.value)
        self._values[row.dataset.name] = value
        for other in list(row.querySelectorAll("input")):
            if other.type == "range":
                other.style.setProperty("--part", part(value))
            if other.value != field.value and other is not field:
                other.value = field.value
        self._ask()

    def _go(self, by: int) -> None:
        """To the next step, or back."""
        if self._steps is not None:
            self._place = max(0, min(self._place + by, self._steps.count))
            self._choose_active()
            self._draw()

    def _play(self) -> None:
        if self._playing:
            self._stop()
            return
        if self._steps is None:
            return
        if self._place == self._steps.count:
            self._place = 0
        self._set_playing(True)
        spawn(self._go_on())

    async def _go_on(self) -> None:
        while self._playing and self._steps is not None and self._place < self._steps.count:
            self._go(1)
            await asyncio.sleep(WALK_SECONDS)
        self._stop()

    # ----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._number += 1
        window.microgpt.askLearning(
            json.dumps(
                ScalarCommand(
                    type="scalar",
                    number=self._number,
                    expression=find("expression").value,
                    values=self._values,
                )
            )
        )

    def _stop(self) -> None:
        self._set_playing(False)

    def _set_playing(self, playing: bool) -> None:
        self._playing = playing
        button = find("scalar-play")
        button.setAttribute("aria-pressed", "true" if playing else "false")
        set_text(button, "Pause" if playing else "Play")

    def _draw(self) -> None:
        steps, place = self._steps, self._place
        if steps is None:
            return
        active, direction = steps.active(place)
        graph = find("scalar-graph")
        graph.setAttribute("aria-label", graph_words(steps.nodes))
        write_html(
            graph,
            graph_svg(steps.nodes, steps.values(place), steps.gradients(place), active, direction),
        )
        self._tree.show(steps.tree(place))
        self._say_place()

    def _choose_active(self) -> None:
        """Mark in the tree what the newest step is about."""
        if self._steps is not None:
            active, _ = self._steps.active(self._place)
            self._tree.choose(self._steps.paths.get(active, "0"))

    def _say_place(self) -> None:
        steps, place = self._steps, self._place
        find("scalar-back").disabled = steps is None or not place
        find("scalar-next").disabled = find("scalar-play").disabled = steps is None
        if steps is None:
            set_text(find("walk-place"), "")
            set_text(find("walk-words"), "Python is starting; it computes the steps.")
            return
        find("scalar-next").disabled = place == steps.count
        set_text(find("walk-place"), f"Step {place} of {steps.count}")
        set_text(find("walk-words"), steps.words(place))

    def _show_numbers(self, names: "list[str]") -> None:
        """A slider and a field for each name, unless they are there."""
        if names == self._names:
            return
        self._names = names
        rows = []
        for word in names:
            value, said = self._values[word], quoted(word)
            rows.append(
                f'<div class="number-row" data-name="{said}"><span class="number-name">'
                f'{escape(word)}</span><input type="range" aria-label="{said}" min="-{RANGE}" '
                f'max="{RANGE}" step="0.1" value="{value:g}" '
                f'data-style="--part: {part(value)}"><input type="number" step="any" '
                f'aria-label="{said}, exactly" value="{value:g}"></div>'
            )
        write_html(find("numbers"), "".join(rows))

    def _show_problem(self, problem: str, place: int) -> None:
        """Say what is wrong with the expression, and where."""
        field, element = find("expression"), find("expression-problem")
        element.hidden = not problem
        if not problem:
            field.removeAttribute("aria-invalid")
            return
        field.setAttribute("aria-invalid", "true")
        clear(element)
        element.appendChild(make("span", problem))
        text = field.value
        shown = make("code", text[:place], "wrong-place")
        shown.setAttribute("aria-hidden", "true")
        shown.appendChild(make("mark", text[place : place + 1] or " "))
        shown.appendChild(make("span", text[place + 1 :]))
        element.appendChild(shown)


def name(step: StepFields, _above: "StepFields | None") -> str:
    """What a number is called: its part of the expression."""
    return step["name"]


def part(value: float) -> str:
    """How far a slider is from its left end."""
    return f"{100 * (max(-RANGE, min(value, RANGE)) + RANGE) / (2 * RANGE):.1f}%"
