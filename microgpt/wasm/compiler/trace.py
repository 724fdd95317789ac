"""`gpt()` run on symbols: the same lines of Python that compute the model, recorded as a graph."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path

from microgpt.config import ModelConfig
from microgpt.model import Operations, UnknownOperationError, gpt
from microgpt.wasm.compiler.graph import Dimension, Graph, GraphError, Operation, Symbol, SymbolSpec
from microgpt.wasm.compiler.kernels.attention import ATTENTION
from microgpt.wasm.compiler.kernels.elementwise import ELEMENTWISE
from microgpt.wasm.compiler.kernels.embedding import EMBED
from microgpt.wasm.compiler.kernels.linear import LINEAR
from microgpt.wasm.compiler.kernels.rmsnorm import RMSNORM

# The operations on vectors alone, as `Operations.apply` finds them.
VECTOR_OPERATIONS: dict[str, Operation] = {
    operation.name: operation for operation in (*ELEMENTWISE, RMSNORM)
}
TOKEN, POSITION = "token", "position"


def trace(config: ModelConfig) -> tuple[Graph, Symbol]:
    """The forward pass of `gpt` for this architecture, and its logits.

    Raises `GraphError` if the vectors in the function do not fit together.
    """
    graph = Graph(config.shapes)
    weights = {name: name for name in graph.weights}
    caches = [f"layer{layer}" for layer in range(config.n_layer)]
    logits = gpt(SymbolicOperations(graph), config, weights, TOKEN, POSITION, caches)
    if logits.dimension.size != config.vocab_size:
        raise GraphError(
            f"gpt() returns {logits.dimension.size} numbers, "
            f"but there are {config.vocab_size} tokens"
        )
    graph.check()
    return graph, logits


class SymbolicOperations(Operations[str, Symbol, str, str]):
    """`Operations` that append a node to a graph; weights and caches are given by name.

    A symbol is named after what made it: the product with `layer0.mlp_fc1` is `layer0.mlp_fc1`, its
    ReLU `layer0.mlp_fc1.relu`.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def apply(self, name: str, /, *vectors: Symbol) -> Symbol:
        operation = VECTOR_OPERATIONS.get(name)
        if operation is None:
            raise UnknownOperationError(name, VECTOR_OPERATIONS)
        x, *others = vectors
        for other in others:
            x.dimension.unify(other.dimension)
        specs = [SymbolSpec(f"{x.name}.{name}", x.dimension)]
        specs += [
            SymbolSpec(f"{x.name}.{scalar}", x.dimension, "scalars") for scalar in operation.scalars
        ]
        return self._add(operation, vectors, specs)

    def embed(self, table: str, index: str) -> Symbol:
        weight = self._graph.weights[table]
        weight.rows.unify(Dimension(weight.rows.size, 1))  # rows are looked up by their number
        return self._add(EMBED, (), [SymbolSpec(table, weight.columns)], table, index)

    def linear(self, x: Symbol, weight: str) -> Symbol:
        matrix = self._graph.weights[weight]
        x.dimension.unify(matrix.columns)
        return self._add(LINEAR, (x,), [SymbolSpec(weight, matrix.rows)], weight)

    def attention(self, q: Symbol, k: Symbol, v: Symbol, n_head: int, cache: str) -> Symbol:
        if q.dimension.size % n_head:
            raise GraphError(f"{q.dimension.size} numbers cannot be divided among {n_head} heads")
        heads = Dimension(q.dimension.size, n_head)
        for symbol in (q, k, v):
            symbol.dimension.unify(heads)
        name = f"{cache}.attention"
        specs = [
            SymbolSpec(name, q.dimension),
            SymbolSpec(f"{name}.weights", q.dimension, "weights"),
        ]
        return self._add(ATTENTION, (q, k, v), specs)

    def _add(
        self,
        operation: Operation,
        inputs: tuple[Symbol, ...],
        specs: list[SymbolSpec],
        weight: str = "",
        index: str = "",
    ) -> Symbol:
        source = self._caller()
        return self._graph.add(operation, inputs, specs, weight, index, source)[0]

    def _caller(self) -> str:
        """The line of the model that asks for the operation: `model.py:96: q = ops.linear(...)`."""
        frame = sys._getframe()  # noqa: SLF001 - the only way to get the line
        while frame.f_back is not None and frame.f_locals.get("self") is self:
            frame = frame.f_back
        path, number = frame.f_code.co_filename, frame.f_lineno
        line = linecache.getline(path, number).strip()
        return f"{Path(path).name}:{number}: {line}"
