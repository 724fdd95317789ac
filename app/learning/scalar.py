"""An expression and its gradients, number by number, computed by `autograd.py` itself."""

from __future__ import annotations

from collections.abc import Sequence

from app.learning.expression import ExpressionError, ScalarExpression
from app.shared.learning import ScalarCommand, ScalarEvent, ScalarNode
from microgpt.autograd import Value, backward_in_parts
from microgpt.interpret.recording import RecordedValue

FIRST_VALUES = {"a": 2.0, "b": -3.0, "c": 10.0}  # of names that have none yet
OTHER_VALUE = 1.0


def scalar(command: ScalarCommand) -> ScalarEvent:
    """What the page shows of an expression, or what is wrong with it."""
    event = ScalarEvent(
        type="scalar",
        number=command["number"],
        problem="",
        place=0,
        values=dict(command["values"]),
        nodes=[],
        backward=[],
    )
    try:
        expression = ScalarExpression(command["expression"])
        event["values"] = {
            name: command["values"].get(name, FIRST_VALUES.get(name, OTHER_VALUE))
            for name in expression.names
        }
        numbers = expression.compute(event["values"])
    except ExpressionError as error:
        event["problem"], event["place"] = str(error), error.place
        return event
    values = [value for _, value in numbers]
    event["nodes"] = [_node(text, value, values) for text, value in numbers]
    event["backward"] = gradients(values)
    return event


def gradients(values: list[RecordedValue]) -> list[tuple[int, list[float]]]:
    """The way back from the last of `values`, as `ScalarEvent` has it."""
    root = values[-1]
    waiting = {number for number, value in enumerate(values) if value.children}
    parts = backward_in_parts(root, part=1)
    for _ in waiting:
        next(parts)  # it sorts the graph first: a part for each number that has children
    way = []
    for _ in parts:
        # Whoever has passed its gradient on has been taken out of the graph.
        (done,) = (number for number in waiting if not values[number].children)
        waiting.discard(done)
        way.append((done, [value.grad for value in values]))
    return way


def _node(text: str, value: RecordedValue, values: Sequence[Value]) -> ScalarNode:
    return ScalarNode(
        text=text,
        operation=value.operation,
        constant=value.constant,
        inputs=[values.index(child) for child in value.inputs],
        local=list(value.local_grads),
        value=value.data,
    )
