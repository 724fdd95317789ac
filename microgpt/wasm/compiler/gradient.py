"""The gradient of a graph, as further operations: one rule an operation, from last to first.

Reverse-mode differentiation (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3). The
rules know what the derivative of each operation is; how it is computed is in `kernels/`, with each
operation beside its own derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microgpt.wasm.compiler.graph import Dimension, Graph, GraphError, Made, Node, Value

# What each input's gradient is so far (None: nothing yet), in the order of the inputs.
SoFar = Sequence[Value | None]
# The graph, the operation, the gradient of its first output and `SoFar`, to the inputs' gradients.
Rule = Callable[[Graph, Node, Value, SoFar], Sequence[Value]]


def differentiate(graph: Graph, logits: Value) -> None:
    """Append the loss of `logits`, and the gradient of that loss for every weight."""
    logits.dimension.unify(Dimension(logits.dimension.size, 1))  # the loss finds targets in order
    forward = list(graph.nodes)
    (gradient,) = graph.add("cross_entropy", (logits,), [_of(logits)])
    gradients = {logits: gradient}
    for node in reversed(forward):
        dy = gradients.get(node.outputs[0])
        if dy is None:
            continue  # nothing depends on it
        rule = RULES.get(node.op)
        if rule is None:
            raise GraphError(f"{node}: {node.op} has no derivative")
        made = len(graph.nodes)
        so_far = [gradients.get(value) for value in node.inputs]
        gradients.update(zip(node.inputs, rule(graph, node, dy, so_far), strict=True))
        for derived in graph.nodes[made:]:
            derived.source = f"gradient of {node.source}"
    graph.check()


def _of(value: Value) -> Made:
    return Made(f"d {value.name}", value.dimension)


def _sum(graph: Graph, so_far: Value | None, part: Value, of: Value) -> Value:
    if so_far is None:
        return part
    return graph.add("add", (so_far, part), [_of(of)])[0]


def _embed(graph: Graph, node: Node, dy: Value, _so_far: SoFar) -> Sequence[Value]:
    graph.add("embed_gradient", (dy,), weight=node.weight, index=node.index)
    return ()


def _add(graph: Graph, node: Node, dy: Value, so_far: SoFar) -> Sequence[Value]:
    a, b = node.inputs
    of_a = _sum(graph, so_far[0], dy, a)
    if a is b:
        return (total := _sum(graph, of_a, dy, a)), total
    return of_a, _sum(graph, so_far[1], dy, b)


def _multiply(graph: Graph, node: Node, dy: Value, so_far: SoFar) -> Sequence[Value]:
    a, b = node.inputs
    (by_b,) = graph.add("multiply", (dy, b), [_of(a)])
    of_a = _sum(graph, so_far[0], by_b, a)
    if a is b:
        return (total := _sum(graph, of_a, by_b, a)), total
    (by_a,) = graph.add("multiply", (dy, a), [_of(b)])
    return of_a, _sum(graph, so_far[1], by_a, b)


def _activation(graph: Graph, node: Node, dy: Value, so_far: SoFar) -> Sequence[Value]:
    (x,) = node.inputs
    (dx,) = graph.add(f"{node.op}_gradient", (x, dy), [_of(x)])
    return (_sum(graph, so_far[0], dx, x),)


def _rmsnorm(graph: Graph, node: Node, dy: Value, so_far: SoFar) -> Sequence[Value]:
    (x,), (y, scale) = node.inputs, node.outputs
    plus = () if so_far[0] is None else (so_far[0],)
    return graph.add("rmsnorm_gradient", (y, scale, dy, *plus), [_of(x)])


def _linear(graph: Graph, node: Node, dy: Value, so_far: SoFar) -> Sequence[Value]:
    (x,) = node.inputs
    plus = () if so_far[0] is None else (so_far[0],)
    made = graph.add("linear_gradient", (dy, *plus), [_of(x)], weight=node.weight)
    # Afterwards, because it may change the weight.
    graph.add("weight_gradient", (x, dy), weight=node.weight)
    return made


def _attention(graph: Graph, node: Node, dy: Value, so_far: SoFar) -> Sequence[Value]:
    weights = node.outputs[1]
    parts = graph.add(
        "attention_gradient",
        (*node.inputs, weights, dy),
        [_of(value) for value in node.inputs],
    )
    result: dict[Value, Value | None] = dict(zip(node.inputs, so_far, strict=True))
    for value, part in zip(node.inputs, parts, strict=True):
        result[value] = _sum(graph, result[value], part, value)
    return [total for value in node.inputs if (total := result[value]) is not None]


RULES: dict[str, Rule] = {
    "embed": _embed,
    "add": _add,
    "multiply": _multiply,
    "relu": _activation,
    "silu": _activation,
    "gelu": _activation,
    "rmsnorm": _rmsnorm,
    "linear": _linear,
    "attention": _attention,
}
