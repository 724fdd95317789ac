"""The steps through an expression, forward and back: what is known after each, and in words.

Plain Python that MicroPython understands.
"""

from app.page.inside.kit import UNKNOWN, minus
from app.shared.inside import StepFields
from app.shared.learning import ScalarEvent, ScalarNode
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GIVEN = "name"  # the operation of a number that is given
FORWARD, BACKWARD = "forward", "backward"
RULES = {
    "+": "A sum hands its gradient on as it is",
    "*": "A product hands its gradient on times the other factor",
    "power": "A power hands its gradient on times its own slope, exponent × base ^ (exponent − 1)",
    "exp": "An exponential hands its gradient on times its own value",
    "log": "A logarithm hands its gradient on divided by its number",
    "relu": "ReLU hands its gradient on where its number is above 0, and nothing elsewhere",
}


class ScalarSteps:
    """All steps of one expression; before the first only the names are known.

    Args:
        event: what the worker says of it.
    """

    def __init__(self, event: ScalarEvent) -> None:
        self.nodes, self._backward = event["nodes"], event["backward"]
        self._inner = [
            number for number, node in enumerate(self.nodes) if node["operation"] != GIVEN
        ]
        # The way back begins with the gradient of the result by itself.
        self.count = len(self._inner) + 1 + len(self._backward)
        self.paths: dict[int, str] = {}  # where each number first stands in the tree

    def active(self, place: int) -> "tuple[int, str]":
        """The number that step `place`, from 1 on, is about, and its direction; -1 for none."""
        if not place:
            return -1, FORWARD
        if place <= len(self._inner):
            return self._inner[place - 1], FORWARD
        done = place - len(self._inner) - 1
        return (self._backward[done - 1][0] if done else len(self.nodes) - 1), BACKWARD

    def values(self, place: int) -> "list[float | None]":
        """The numbers that are known after step `place`."""
        later = self._inner[place:]
        return [
            None if number in later else node["value"] for number, node in enumerate(self.nodes)
        ]

    def gradients(self, place: int) -> "list[float | None]":
        """The gradients that have come so far after step `place`."""
        done = place - len(self._inner) - 1
        found: list[float | None] = [None] * len(self.nodes)
        if done < 0:
            return found
        reached = [len(self.nodes) - 1]
        for number, _ in self._backward[:done]:
            reached += self.nodes[number]["inputs"]
        newest = self._gradients_after(done)
        for number in reached:
            found[number] = newest[number]
        return found

    def words(self, place: int) -> str:
        """What step `place` does, in a sentence or two with its numbers."""
        number, direction = self.active(place)
        if not place:
            return "The names have their numbers. Next computes one number from them at a time."
        node = self.nodes[number]
        if direction == FORWARD:
            words = f"{node['text']} = {self._computed(node)} = {plain(node['value'])}."
            return f"Forward: {words}"
        done = place - len(self._inner) - 1
        if not done:
            return (
                f"Backward: if {node['text']} grows by a little, so does the result, which it "
                "is: its gradient is 1."
            )
        before, after = self._gradients_after(done - 1), self._gradients_after(done)
        shares = []
        for child, local in zip(node["inputs"], node["local"]):
            share = plain(local * before[number])
            words = f"{self.nodes[child]['text']} gets {operand(local)} × "
            words += f"{operand(before[number])} = {share}"
            if before[child] or node["inputs"].count(child) > 1:
                words += f" and has {plain(after[child])} in all"
            shares.append(words)
        return f"Backward: {RULES[node['operation']]}: {', '.join(shares)}."

    def tree(self, place: int) -> "list[StepFields]":
        """The same as steps of a tree, the result first; a number used twice is there twice."""
        values, gradients = self.values(place), self.gradients(place)
        steps: list[StepFields] = []

        def add(number: int, path: str) -> int:
            node = self.nodes[number]
            at = len(steps)
            self.paths.setdefault(number, path)
            inputs: list[int] = []
            steps.append(
                StepFields(
                    path=path,
                    name=node["text"],
                    operation="given" if node["operation"] == GIVEN else node["operation"],
                    constant=node["constant"],
                    value=values[number],
                    gradient=gradients[number],
                    source="",
                    count=len(node["inputs"]),
                    inputs=inputs,
                )
            )
            for index, child in enumerate(node["inputs"]):
                inputs.append(add(child, f"{path}.{index}"))  # it needs `steps`
            return at

        add(len(self.nodes) - 1, "0")
        return steps

    def _gradients_after(self, done: int) -> "Sequence[float]":
        """All gradients after this many numbers have handed theirs on."""
        if done:
            return self._backward[done - 1][1]
        return [0.0] * (len(self.nodes) - 1) + [1.0]

    def _computed(self, node: ScalarNode) -> str:
        """How a number is computed, with the numbers."""
        operands = [operand(self.nodes[child]["value"]) for child in node["inputs"]]
        operation, constant = node["operation"], node["constant"]
        first = operands[0]
        if operation == "power":
            return f"1 ÷ {first}" if constant == -1 else f"{first} ^ {operand(constant or 0.0)}"
        if operation in ("+", "*"):
            sign = "+" if operation == "+" else "×"
            second = operands[1] if len(operands) > 1 else operand(constant or 0.0)
            return f"{first} {sign} {second}"
        return {"exp": f"e ^ {first}", "log": f"ln {first}"}.get(
            operation, f"the larger of 0 and {first}"
        )


def plain(value: "float | None") -> str:
    """A number with four significant digits at most, as 0.1667; a dot where it is not known."""
    if value is None:
        return UNKNOWN
    return minus(f"{value:.4g}") if value else "0"  # which may have a sign


def operand(value: float) -> str:
    """A number inside a formula: one below 0 in parentheses."""
    return f"({plain(value)})" if value < 0 else plain(value)
