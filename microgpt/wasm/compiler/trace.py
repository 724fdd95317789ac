"""`gpt()` run on symbols: the same lines of Python that compute the model, recorded as a graph."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from microgpt.config import ModelConfig
from microgpt.model import Operations, UnknownOperationError, model_function
from microgpt.model_code.definition import CODE_FILE_NAME, running
from microgpt.wasm.compiler.graph import (
    Dimension,
    Graph,
    GraphError,
    Opaque,
    Operation,
    Symbol,
    SymbolSpec,
    check_whole,
)
from microgpt.wasm.compiler.kernels.attention import ATTENTION
from microgpt.wasm.compiler.kernels.elementwise import ELEMENTWISE
from microgpt.wasm.compiler.kernels.embedding import EMBED
from microgpt.wasm.compiler.kernels.linear import LINEAR
from microgpt.wasm.compiler.kernels.repeat import REPEAT
from microgpt.wasm.compiler.kernels.rmsnorm import RMSNORM
from microgpt.wasm.compiler.kernels.rotate import ROTATE
from microgpt.wasm.compiler.kernels.row import ROW

# The operations on vectors alone, as `Operations.apply` finds them.
VECTOR_OPERATIONS: dict[str, Operation] = {
    operation.name: operation for operation in (*ELEMENTWISE, RMSNORM, ROTATE, REPEAT)
}
MAX_NODES = 4_000  # of the forward pass


class MatrixHandle(Opaque):
    """A matrix of weights while a model is traced."""

    def __init__(self, name: str) -> None:
        self.name = name


class IndexHandle(Opaque):
    """The token or its position while a model is traced: `name` says which."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, _: object) -> bool:
        self._refuse()

    __hash__ = None  # type: ignore[assignment]


TOKEN, POSITION = IndexHandle("token"), IndexHandle("position")


class CacheHandle(Opaque):
    """The cache of an attention while a model is traced."""

    def __init__(self, number: int) -> None:
        self.number = number


class CacheHandles(dict[int, CacheHandle]):
    """A cache for each number, made when it is first asked for."""

    def __missing__(self, number: object) -> CacheHandle:
        if type(number) is not int or number < 0:
            raise GraphError(f"the caches have numbers from 0 on, but this is {number!r}")
        self[number] = CacheHandle(number)
        return self[number]


class MatrixHandles(dict[str, MatrixHandle]):
    """The matrices by name."""

    def __missing__(self, name: object) -> MatrixHandle:
        from difflib import get_close_matches  # takes a while, and is for errors alone

        close = get_close_matches(str(name), self, 1)
        like = f"perhaps {close[0]!r} is meant" if close else "parameter_shapes() says which"
        raise GraphError(f"there is no matrix {name!r}; {like}")


def trace(config: ModelConfig) -> tuple[Graph, Symbol]:
    """The forward pass of the model for this architecture, and its logits.

    Raises:
        GraphError: the vectors in the function do not fit together.
        CodeError: model code does something that cannot be done.
    """
    if config.code is None:
        return _trace(config)
    with running(config.code.gpt):
        return _trace(config, config.code.lines)


def _trace(config: ModelConfig, lines: Sequence[str] = ()) -> tuple[Graph, Symbol]:
    graph = Graph(config.shapes)
    weights = MatrixHandles({name: MatrixHandle(name) for name in graph.weights})
    ops = SymbolicOperations(graph, lines)
    logits = model_function(config)(ops, config, weights, TOKEN, POSITION, CacheHandles())
    if not isinstance(logits, Symbol):
        raise GraphError(f"gpt() must return the logits, but returns {type(logits).__name__}")
    if logits.dimension.size != config.vocab_size:
        raise GraphError(
            f"gpt() returns {logits.dimension.size} numbers, "
            f"but there are {config.vocab_size} tokens"
        )
    graph.check()
    return graph, logits


class SymbolicOperations(Operations[MatrixHandle, Symbol, IndexHandle, CacheHandle]):
    """`Operations` that append a node to a graph.

    A symbol is named after what made it: the product with `layer0.mlp_fc1` is `layer0.mlp_fc1`, its
    ReLU `layer0.mlp_fc1.relu`.

    Args:
        graph: the graph.
        lines: of the model's text, if it is model code.
    """

    def __init__(self, graph: Graph, lines: Sequence[str] = ()) -> None:
        self._graph, self._lines = graph, lines
        self._caches: set[int] = set()  # that are taken

    def apply(self, name: str, /, *vectors: Symbol, **parameters: Any) -> Symbol:
        operation = VECTOR_OPERATIONS.get(name)
        if operation is None:
            raise UnknownOperationError(name, VECTOR_OPERATIONS)
        x, *others = (_vector(vector) for vector in vectors)
        for other in others:
            x.dimension.unify(other.dimension)
        parameters = {
            key: value.name if isinstance(value, IndexHandle) else value
            for key, value in parameters.items()
        }
        dimension = x.dimension
        if operation.dimension is not None:
            dimension = operation.dimension(dimension, parameters)
        specs = [SymbolSpec(f"{x.name}.{name}", dimension)]
        specs += [
            SymbolSpec(f"{x.name}.{scalar}", dimension, "scalars") for scalar in operation.scalars
        ]
        return self._add(operation, vectors, specs, parameters=parameters)

    def embed(self, table: MatrixHandle, index: IndexHandle) -> Symbol:
        weight = self._graph.weights[_matrix(table)]
        if not isinstance(index, IndexHandle):
            raise GraphError("embed looks up the token or its position; give it one of them")
        weight.rows.unify(Dimension(weight.rows.size, 1))  # rows are looked up by their number
        specs = [SymbolSpec(weight.name, weight.columns)]
        return self._add(EMBED, (), specs, weight.name, index=index.name)

    def row(self, table: MatrixHandle, number: int) -> Symbol:
        weight = self._graph.weights[_matrix(table)]
        if isinstance(number, IndexHandle):
            raise GraphError("row takes a plain number; ops.embed looks up the token or position")
        if check_whole("the number of a row", number, 0) >= weight.rows.size:
            raise GraphError(
                f"there is no row {number} in {weight.name!r}, which has {weight.rows.size}; the "
                "first is row 0"
            )
        specs = [SymbolSpec(weight.name, weight.columns)]
        return self._add(ROW, (), specs, weight.name, parameters={"number": number})

    def linear(self, x: Symbol, weight: MatrixHandle) -> Symbol:
        matrix = self._graph.weights[_matrix(weight)]
        _vector(x).dimension.unify(matrix.columns)
        return self._add(LINEAR, (x,), [SymbolSpec(matrix.name, matrix.rows)], matrix.name)

    def attention(
        self,
        q: Symbol,
        k: Symbol,
        v: Symbol,
        n_head: int,
        cache: CacheHandle,
        *,
        window: int = 0,
        alibi: bool = False,
    ) -> Symbol:
        if not isinstance(cache, CacheHandle):
            raise GraphError(
                "attention needs one of the caches as its last argument; caches[0], say"
            )
        if cache.number in self._caches:
            raise GraphError(
                f"two attentions use caches[{cache.number}]; give each a number of its own"
            )
        self._caches.add(cache.number)
        heads = Dimension(_vector(q).dimension.size, n_head)
        sizes = [_vector(symbol).dimension.size for symbol in (q, k, v)]
        if len(set(sizes)) > 1:
            raise GraphError(
                "attention needs queries, keys and values of one size, but they have "
                f"{sizes[0]}, {sizes[1]} and {sizes[2]} numbers; ops.repeat makes heads more"
            )
        for symbol in (q, k, v):
            symbol.dimension.unify(heads)
        parameters: dict[str, int] = {}
        if check_whole("a window", window, 0):
            parameters["window"] = window
        if alibi:
            parameters["alibi"] = True
        name = f"layer{cache.number}.attention"
        specs = [
            SymbolSpec(name, q.dimension),
            SymbolSpec(f"{name}.weights", q.dimension, "weights"),
        ]
        return self._add(ATTENTION, (q, k, v), specs, cache=cache.number, parameters=parameters)

    def _add(
        self,
        operation: Operation,
        inputs: tuple[Symbol, ...],
        specs: list[SymbolSpec],
        weight: str = "",
        **fields: Any,
    ) -> Symbol:
        if len(self._graph.nodes) >= MAX_NODES:
            raise GraphError(f"the model has more than {MAX_NODES:,} operations; use fewer")
        number, source = self._caller()
        fields = {**fields, "line": number, "source": source}
        return self._graph.add(operation, inputs, specs, weight, **fields)[0]

    def _caller(self) -> tuple[int, str]:
        """The line of the model that asks for the operation: `model.py:96: q = ops.linear(...)`."""
        frame = sys._getframe()  # noqa: SLF001 - the only way to get the line
        while frame.f_back is not None and frame.f_locals.get("self") is self:
            frame = frame.f_back
        path, number = frame.f_code.co_filename, frame.f_lineno
        line = (
            self._lines[number - 1] if path == CODE_FILE_NAME else linecache.getline(path, number)
        )
        return number, f"{Path(path).name}:{number}: {line.strip()}"


def _vector(argument: Symbol) -> Symbol:
    """The argument, if it is a vector."""
    if not isinstance(argument, Symbol):
        raise GraphError("a vector is needed here; ops.embed and ops.linear make vectors")
    return argument


def _matrix(argument: MatrixHandle) -> str:
    """The name of the argument, if it is a matrix."""
    if not isinstance(argument, MatrixHandle):
        raise GraphError('a matrix is needed here; weights["wte"] is one')
    return argument.name
