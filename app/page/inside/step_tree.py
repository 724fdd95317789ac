"""A list of steps, each computed from others, as a tree that opens step by step.

It knows nothing of a model: what a step is called is said by whoever draws with it.
"""

from app.page.aliases import Action, JsProxy
from app.page.inside.kit import attributes, figure, minus, number
from app.page.inside.tree import Tree
from app.page.views.dom import write_html
from app.page.views.tiles import escape
from app.shared.inside import StepFields
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SUMS = ("sum", "sum of products")
GROWTH = 0.01  # of a step, to say what its gradient means
REST = "+"  # behind a path: the inputs of that step that are not told
COLUMNS = ("number", "how", "value", "slope", "line of gpt()")


class StepTree:
    """The picture of the steps; step 0 is the result, and is open at first.

    Args:
        element: the place of it.
        name: returns what a step is called, from it and the step that it is an input of.
        changed: called when another step has been opened or closed.
        columns: the headings.
        ids: how the ids of the steps' elements begin.
    """

    def __init__(
        self,
        element: JsProxy,
        name: "Callable[[StepFields, StepFields | None], str]",
        changed: Action,
        columns: "tuple[str, ...]" = COLUMNS,
        ids: str = "step",
    ) -> None:
        head = "".join([f"<span>{words}</span>" for words in columns])
        write_html(
            element,
            f'<div class="step-head" aria-hidden="true">{head}</div>'
            '<div class="steps" role="tree" tabindex="0" aria-label="How the number is computed: '
            'arrow keys walk through it, and open and close"></div>',
        )
        self._name, self._changed, self._ids = name, changed, ids
        self._tree = Tree(element.lastElementChild, self._go, self._press)
        self.open = ["0"]  # the paths of the steps that are open
        self.whole: list[str] = []  # of those whose inputs are all to be told
        self._order: list[str] = []  # the paths of what is drawn, from top to bottom
        self._steps: dict[str, StepFields] = {}  # by path
        self._root = ""  # what step 0 is called

    def begin(self) -> None:
        """Another number: all but itself is closed."""
        self.open, self.whole, self._tree.active = ["0"], [], "0"

    def choose(self, path: str) -> None:
        """Make a step the active one, whether it is drawn or will be."""
        self._tree.choose(path)

    def show(self, steps: "list[StepFields]") -> None:
        """Draw the steps; the inputs of an open one that are in the list are drawn below it."""
        self._order, self._steps = [], {}
        self._root = self._name(steps[0], None)
        rows: list[str] = []
        self._add(rows, steps, 0, None, 1, "1 1")
        self._tree.show("".join(rows))

    # ----------------------------------------------------------------------------------------------

    def _add(
        self,
        rows: "list[str]",
        steps: "list[StepFields]",
        place: int,
        above: "StepFields | None",
        level: int,
        position: str,
    ) -> None:
        """Add the rows of a step and of all that is open below it."""
        step = steps[place]
        path = step["path"]
        self._order.append(path)
        self._steps[path] = step
        is_open = path in self.open and bool(step["inputs"])
        rows.append(self._row(step, above, level, position, is_open))
        if not is_open:
            return
        told = step["inputs"]
        of = len(told) + (len(told) < step["count"])
        for index, child in enumerate(told):
            self._add(rows, steps, child, step, level + 1, f"{index + 1} {of}")
        if len(told) < step["count"]:
            rows.append(self._rest(step, [steps[child] for child in told], level + 1, of))

    def _row(
        self,
        step: StepFields,
        above: "StepFields | None",
        level: int,
        position: str,
        is_open: bool,
    ) -> str:
        name, how, value = self._name(step, above), formula(step), step["value"]
        exact = f"{name} is not computed yet."
        if value is not None:
            exact = f"{name} = " + minus(f"{value:.6g}: ") + self._slope(step)
        state = ""
        if step["count"]:
            state = f' aria-expanded="{"true" if is_open else "false"}"'
        line = ""
        if step["source"] and (above is None or above["source"] != step["source"]):
            line = step["source"].split(":", 1)[-1]  # without the name of the file
            exact += f" Line {line}"
        bar = ""
        if value is not None and above is not None and above["operation"] in SUMS:
            kind = "step-bar below" if value < 0 else "step-bar"
            share = min(1.0, abs(value) / self._largest(above))
            bar = f'<i class="{kind}" data-style="--share: {share:.3f}"></i>'
        index, of = position.split(" ")
        return (
            f'<div role="treeitem" id="{self._ids}-{step["path"]}" data-at="{step["path"]}"'
            f' class="step" aria-level="{level}" aria-posinset="{index}" aria-setsize="{of}"{state}'
            f'{attributes(exact, {})} data-style="--level: {level - 1}">'
            f'<span class="step-name"><i class="twist"></i>{escape(name)}</span>'
            f'<span class="step-how">{escape(how)}</span>'
            f'<span class="step-value">{bar}{figure(value)}</span>'
            f'<span class="step-slope"><span class="hidden">slope </span>'
            f"{figure(step['gradient'])}</span>"
            f'<span class="step-line">{escape(line)}</span></div>'
        )

    def _rest(self, step: StepFields, told: "list[StepFields]", level: int, of: int) -> str:
        """The row of the inputs that are not told."""
        at, count = step["path"] + REST, step["count"] - len(told)
        self._order.append(at)
        words = f"{count} more"
        if step["operation"] in SUMS:
            rest = (step["value"] or 0) - sum([one["value"] or 0 for one in told])
            words = f"{count} smaller ones, together {minus(number(rest))}"
        return (
            f'<div role="treeitem" id="{self._ids}-{at}" data-at="{at}" class="step"'
            f' aria-level="{level}" aria-posinset="{of}" aria-setsize="{of}"{attributes(words, {})}'
            f' data-style="--level: {level - 1}"><span class="step-name step-rest">{words}</span>'
            "</div>"
        )

    def _largest(self, step: StepFields) -> float:
        """The size of the largest input of a sum, which is the first that is told."""
        first = [one for path, one in self._steps.items() if path.startswith(step["path"] + ".")]
        sizes = [abs(one["value"] or 0) for one in first if depth(one) == depth(step) + 1]
        return max(sizes + [1e-30])

    def _slope(self, step: StepFields) -> str:
        if step["path"] == "0":
            return "the number itself."
        if step["gradient"] is None:
            return "its slope is not known yet."
        change = minus(number(abs(step["gradient"]) * GROWTH))
        if not step["gradient"]:
            return f"{self._root} does not depend on it at this moment."
        verb = "falls" if step["gradient"] < 0 else "grows"
        return f"if this grows by {GROWTH}, {self._root} {verb} by {change}."

    def _go(self, key: str, at: str) -> str:
        """The step that a key leads to; left and right open and close as well."""
        if at not in self._order:
            return "0"
        place = self._order.index(at)
        if key == "Home":
            return "0"
        if key == "End":
            return self._order[-1]
        if key in ("ArrowUp", "ArrowDown"):
            place += 1 if key == "ArrowDown" else -1
            return self._order[max(0, min(place, len(self._order) - 1))]
        closed = at in self._steps and at not in self.open
        if key == "ArrowRight":
            if closed and self._steps[at]["count"]:
                self._press(at)
            elif not closed and place + 1 < len(self._order):
                return self._order[place + 1]
        elif not closed and at in self._steps and self._steps[at]["count"]:
            self._press(at)
        elif "." in at or at.endswith(REST):
            return at[:-1] if at.endswith(REST) else at.rsplit(".", 1)[0]
        return at

    def _press(self, at: str) -> None:
        """Open or close a step, or tell all of its inputs."""
        if at.endswith(REST):
            self.whole.append(at[:-1])
            self._tree.active = at[:-1]
        elif not self._steps[at]["count"]:
            return
        elif at in self.open:
            self.open = [path for path in self.open if path != at]
        else:
            self.open.append(at)
        self._changed()


def depth(step: StepFields) -> int:
    """How many steps lie above this one."""
    return step["path"].count(".")


def formula(step: StepFields) -> str:
    """How a step is computed, in a few signs."""
    operation, count = step["operation"], step["count"]
    constant = step["constant"]
    operand = "b" if constant is None else minus(f"{constant:.4g}")
    if operation == "sum":
        return f"sum of {count} numbers"
    if operation == "sum of products":
        return f"sum of {count} products"
    if operation == "*":
        return f"a × {operand}"
    if operation == "+":
        return f"a + {operand}".replace("+ −", "− ")
    if operation == "power":
        return "1 ÷ a" if constant == -1 else "1 ÷ √a" if constant == -0.5 else f"a ^ {operand}"
    formulas = {
        "exp": "e ^ a",
        "log": "ln a",
        "relu": "a, or 0 if a is negative",
        "sigmoid": "1 ÷ (1 + e ^ −a)",
        "function": "f(a)",
        "weight": "learned",
        "earlier": "known from before",
    }
    return formulas.get(operation, operation)
