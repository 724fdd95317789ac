"""`gpt()` run on symbols: the same lines of Python that compute the model, read off as a graph.

The module knows the operations that `gpt` is written in, and neither their gradients nor how they
are computed.
"""

from __future__ import annotations

import linecache
import sys
from pathlib import Path

from microgpt.config import ModelConfig
from microgpt.model import gpt
from microgpt.wasm.compiler.graph import Dimension, Graph, GraphError, Made, Value

TOKEN, POSITION = "token", "position"


def trace(config: ModelConfig) -> tuple[Graph, Value]:
    """The forward pass of `gpt` for this architecture, and its logits.

    Raises `GraphError` for a function whose vectors do not fit together.
    """
    graph = Graph(config.shapes)
    weights = {name: name for name in graph.weights}
    caches = [f"layer{layer}" for layer in range(config.n_layer)]
    logits = gpt(SymbolicOperations(graph), config, weights, TOKEN, POSITION, caches)
    if logits.dimension.size != config.vocab_size:
        raise GraphError(
            f"gpt() answers with {logits.dimension.size} numbers, "
            f"but there are {config.vocab_size} tokens"
        )
    graph.check()
    return graph, logits


class SymbolicOperations:
    """`microgpt.model.Operations` that write down what they are asked for.

    A value is called after what made it: the product with `layer0.mlp_fc1` is `layer0.mlp_fc1`,
    its ReLU `layer0.mlp_fc1.relu`.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def embed(self, table: str, index: str) -> Value:
        weight = self._graph.weights[table]
        weight.rows.unify(Dimension(weight.rows.size, 1))  # they are found by their number
        (row,) = self._graph.add(
            "embed", (), [Made(table, weight.columns)], weight=table, index=index, source=_caller()
        )
        return row

    def add(self, a: Value, b: Value) -> Value:
        a.dimension.unify(b.dimension)
        return self._elementwise("add", a, b)

    def multiply(self, a: Value, b: Value) -> Value:
        a.dimension.unify(b.dimension)
        return self._elementwise("multiply", a, b)

    def relu(self, x: Value) -> Value:
        return self._elementwise("relu", x)

    def silu(self, x: Value) -> Value:
        return self._elementwise("silu", x)

    def gelu(self, x: Value) -> Value:
        return self._elementwise("gelu", x)

    def rmsnorm(self, x: Value) -> Value:
        made = [
            Made(f"{x.name}.rmsnorm", x.dimension),
            Made(f"{x.name}.scale", x.dimension, "scalars"),
        ]
        result, _ = self._graph.add("rmsnorm", (x,), made, source=_caller())
        return result

    def linear(self, x: Value, weight: str) -> Value:
        matrix = self._graph.weights[weight]
        x.dimension.unify(matrix.columns)
        (result,) = self._graph.add(
            "linear", (x,), [Made(weight, matrix.rows)], weight=weight, source=_caller()
        )
        return result

    def attention(self, q: Value, k: Value, v: Value, n_head: int, cache: str) -> Value:
        if q.dimension.size % n_head:
            raise GraphError(f"{q.dimension.size} numbers cannot be shared out to {n_head} heads")
        heads = Dimension(q.dimension.size, n_head)
        for value in (q, k, v):
            value.dimension.unify(heads)
        name = f"{cache}.attention"
        made = [Made(name, q.dimension), Made(f"{name}.weights", q.dimension, "weights")]
        result, _ = self._graph.add("attention", (q, k, v), made, source=_caller())
        return result

    def _elementwise(self, op: str, *inputs: Value) -> Value:
        made = [Made(f"{inputs[0].name}.{op}", inputs[0].dimension)]
        (result,) = self._graph.add(op, inputs, made, source=_caller(3))
        return result


def _caller(depth: int = 2) -> str:
    """The line of Python that asks for the operation, as `model.py:96: q = ops.linear(...)`."""
    frame = sys._getframe(depth)  # noqa: SLF001 - the only way to learn the line
    path, number = frame.f_code.co_filename, frame.f_lineno
    line = linecache.getline(path, number).strip()
    return f"{Path(path).name}:{number}: {line}"
