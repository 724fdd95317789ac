"""The gradient of a graph, as further nodes: one rule per operation, applied from last to first.

Reverse-mode differentiation (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3). Each
operation's rule is in its record, beside its kernels in `kernels/`.
"""

from __future__ import annotations

from microgpt.wasm.compiler.graph import Dimension, Graph, GraphError, Symbol
from microgpt.wasm.compiler.kernels.cross_entropy import CROSS_ENTROPY
from microgpt.wasm.compiler.kernels.elementwise import gradient_of


def append_loss(graph: Graph, logits: Symbol) -> Symbol:
    """Append the loss of `logits`; returns its gradient by them, which comes with it."""
    # The loss looks its targets up by their number.
    logits.dimension.unify(Dimension(logits.dimension.size, 1))
    return graph.add(CROSS_ENTROPY, (logits,), [gradient_of(logits)])[0]


def differentiate(graph: Graph, logits: Symbol) -> None:
    """Append the loss of `logits`, and the gradient of that loss for every weight.

    Raises `GraphError` for an operation that has no derivative.
    """
    forward = list(graph.nodes)
    gradients = {logits: append_loss(graph, logits)}
    for node in reversed(forward):
        dy = gradients.get(node.outputs[0])
        if dy is None:
            continue  # the loss does not depend on it
        rule = node.operation.gradient
        if rule is None:
            raise GraphError(f"{node}: {node.op} has no derivative")
        count = len(graph.nodes)
        so_far = [gradients.get(symbol) for symbol in node.inputs]
        gradients.update(zip(node.inputs, rule(graph, node, dy, so_far), strict=True))
        for added in graph.nodes[count:]:
            added.source = f"gradient of {node.source}"
    graph.check()
