"""The arithmetic of one number of the model: how it was computed, down to the weights.

The scalar engine's operations run on values that remember what they are the result of; then every
number that the chosen one depends on is listed, with its gradient by `autograd.py`. Earlier tokens
take part through their keys and values, which are given: they do not depend on the newest token.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from microgpt import autograd
from microgpt.autograd import Value, backward_in_parts, take_apart
from microgpt.config import ModelConfig
from microgpt.model import Weights, gpt
from microgpt.scalar.operations import FloatArithmetic, LayerCache, ScalarOperations
from microgpt.wasm.compiler.graph import Graph

WEIGHT, EARLIER = "weight", "earlier"  # the operations of numbers that are given
STEPS_PER_YIELD = 20_000


@dataclass(frozen=True, slots=True)
class Quantity:
    """Which number of the model.

    kind: `logit`, `probability` or `loss` of `token` as the next one; or the `score` (before the
        softmax) or `attention` (after it) with which `head` of the attention called `name` reads
        `position`.
    """

    kind: str
    token: int = 0
    name: str = ""
    head: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One number, and how it was computed.

    Args:
        name: `layer0.attn_wq[3]` for element 3 of that activation, `wte[5][3]` for a weight; ""
            for a number in the middle of an operation on vectors.
        operation: `+`, `*`, `power`, `exp`, `log`, `relu`, `sigmoid`, `function`, `sum`, `sum of
            products` (of its inputs two by two), or that of a number that is given: `weight`, or
            `earlier` for one that was computed at an earlier token.
        constant: the plain number that `+`, `*` and `power` have as their second operand, if any.
        value: the number.
        gradient: the derivative of the chosen number by this one.
        source: the line of `gpt()` that it comes from; "" for what comes after the logits.
        inputs: what it was computed from, as indices of the list of steps.
    """

    name: str
    operation: str
    constant: float | None
    value: float
    gradient: float
    source: str
    inputs: tuple[int, ...]


class RecordedValue(Value):
    """A `Value` that remembers the operation it is the result of, and its constant operand."""

    __slots__ = ("constant", "operation")

    def __init__(
        self,
        data: float,
        children: Sequence[Value] = (),
        local_grads: Sequence[float] = (),
        operation: str = WEIGHT,
        constant: float | None = None,
    ) -> None:
        super().__init__(data, children, local_grads)
        self.operation, self.constant = operation, constant

    def __add__(self, other: Value | float) -> RecordedValue:
        return record(super().__add__(other), "+", other)

    def __mul__(self, other: Value | float) -> RecordedValue:
        return record(super().__mul__(other), "*", other)

    def __pow__(self, exponent: float) -> RecordedValue:
        return record(super().__pow__(exponent), "power", exponent)


def record(value: Value, operation: str, operand: Value | float | None = None) -> RecordedValue:
    """`value` with the operation that it is the result of."""
    constant = None if isinstance(operand, Value) else operand
    return RecordedValue(value.data, value.children, value.local_grads, operation, constant)


class RecordedArithmetic:
    """`Arithmetic` on numbers that remember their operations."""

    @staticmethod
    def dot(a: Sequence[RecordedValue], b: Sequence[RecordedValue]) -> RecordedValue:
        return record(autograd.dot(a, b), "sum of products")

    @staticmethod
    def total(values: Sequence[RecordedValue]) -> RecordedValue:
        return record(autograd.total(values), "sum")

    @staticmethod
    def exp(x: RecordedValue) -> RecordedValue:
        return record(Value.exp(x), "exp")

    @staticmethod
    def log(x: RecordedValue) -> RecordedValue:
        return record(Value.log(x), "log")

    @staticmethod
    def relu(x: RecordedValue) -> RecordedValue:
        return record(Value.relu(x), "relu")

    @staticmethod
    def sigmoid(x: RecordedValue) -> RecordedValue:
        return record(Value.sigmoid(x), "sigmoid")

    @staticmethod
    def function(
        f: Callable[[float], float], derivative: Callable[[float], float], x: RecordedValue
    ) -> RecordedValue:
        return record(Value(f(x.data), (x,), (derivative(x.data),)), "function")

    @staticmethod
    def data(x: RecordedValue) -> float:
        return x.data


class RecordingOperations(ScalarOperations[RecordedValue]):
    """`ScalarOperations` that keep the result of each operation, and the inside of attention."""

    def __init__(self) -> None:
        super().__init__(RecordedArithmetic())
        self.results: list[list[RecordedValue]] = []  # of each operation in turn
        # By the number of an attention among the operations: (scores, weights) of each head.
        self.heads: dict[int, list[tuple[list[RecordedValue], list[RecordedValue]]]] = {}
        self._softmaxes: list[tuple[list[RecordedValue], list[RecordedValue]]] = []

    def apply(self, name: str, /, *vectors: list[RecordedValue]) -> list[RecordedValue]:
        return self._keep(super().apply(name, *vectors))

    def embed(self, table: list[list[RecordedValue]], index: int) -> list[RecordedValue]:
        return self._keep(super().embed(table, index))

    def linear(
        self, x: list[RecordedValue], weight: list[list[RecordedValue]]
    ) -> list[RecordedValue]:
        return self._keep(super().linear(x, weight))

    def attention(
        self,
        q: list[RecordedValue],
        k: list[RecordedValue],
        v: list[RecordedValue],
        n_head: int,
        cache: LayerCache[RecordedValue],
    ) -> list[RecordedValue]:
        self._softmaxes = []
        result = super().attention(q, k, v, n_head, cache)
        self.heads[len(self.results)] = self._softmaxes
        return self._keep(result)

    def softmax(self, logits: list[RecordedValue]) -> list[RecordedValue]:
        result = super().softmax(logits)
        self._softmaxes.append((logits, result))
        return result

    def _keep(self, result: list[RecordedValue]) -> list[RecordedValue]:
        self.results.append(result)
        return result


class Recording:
    """The computation of the newest token's logits, number by number.

    Args:
        config: the architecture.
        weights: the model's weights.
        tokens: the document so far, BOS first, at most `block_size` tokens.
        graph: the trace of `gpt()`, which has a name and a line of Python for each operation.
    """

    def __init__(
        self, config: ModelConfig, weights: Weights, tokens: Sequence[int], graph: Graph
    ) -> None:
        self._nodes = graph.nodes
        self._names: dict[Value, str] = {}
        matrices = {name: self._leaves(matrix, name, WEIGHT) for name, matrix in weights.items()}
        caches = self._earlier(config, weights, tokens[:-1])
        self._ops = RecordingOperations()
        position = len(tokens) - 1
        self._logits = gpt(self._ops, config, matrices, tokens[-1], position, caches)

    def steps(self, quantity: Quantity) -> Generator[None, None, list[Step]]:
        """Everything that a number was computed from: the list begins with the number itself.

        The recording is taken apart by it, so it can be called once. Each yield is a yield point.

        Raises:
            KeyError: the model has no attention of that name.
            IndexError: there is no such token, head or position.
        """
        root = self._find(quantity)
        self._name_results()
        sources = self._sources()
        places: dict[Value, int] = {root: 0}
        order: list[Value] = [root]
        inputs: list[tuple[int, ...]] = []
        for value in order:  # which grows meanwhile
            for child in value.children:
                if child not in places:
                    places[child] = len(order)
                    order.append(child)
            inputs.append(tuple(places[child] for child in value.children))
            if len(inputs) % STEPS_PER_YIELD == 0:
                yield
        yield from backward_in_parts(root)
        take_apart(self._logits)
        return [
            Step(
                self._names.get(value, ""),
                value.operation,
                value.constant,
                value.data,
                value.grad,
                sources.get(value, ""),
                children,
            )
            for value, children in zip(order, inputs, strict=True)
            if isinstance(value, RecordedValue)
        ]

    def _find(self, quantity: Quantity) -> RecordedValue:
        kind, token = quantity.kind, quantity.token
        if kind in ("score", "attention"):
            places = {node.outputs[0].name: number for number, node in enumerate(self._nodes)}
            scores, weights = self._ops.heads[places[quantity.name]][quantity.head]
            return (scores if kind == "score" else weights)[quantity.position]
        if kind == "logit":
            return self._logits[token]
        if kind == "probability":
            return self._ops.softmax(self._logits)[token]
        if kind == "loss":
            return self._ops.cross_entropy(self._logits, token)
        raise KeyError(f"there is no quantity called {kind!r}")

    def _leaves(
        self, matrix: Sequence[Sequence[float]], name: str, operation: str
    ) -> list[list[RecordedValue]]:
        """A matrix of given numbers, with their names."""
        rows = [[RecordedValue(x, operation=operation) for x in row] for row in matrix]
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                self._names[value] = f"{name}[{number}][{column}]"
        return rows

    def _earlier(
        self, config: ModelConfig, weights: Weights, tokens: Sequence[int]
    ) -> list[LayerCache[RecordedValue]]:
        """The keys and values of the earlier tokens."""
        known: list[LayerCache[float]] = [LayerCache() for _ in range(config.n_layer)]
        ops = ScalarOperations(FloatArithmetic())
        for position, token in enumerate(tokens):
            gpt(ops, config, weights, token, position, known)
        caches: list[LayerCache[RecordedValue]] = []
        for layer, of_floats in enumerate(known):
            cache: LayerCache[RecordedValue] = LayerCache()
            cache.keys = self._leaves(of_floats.keys, f"layer{layer}.keys", EARLIER)
            cache.values = self._leaves(of_floats.values, f"layer{layer}.values", EARLIER)
            caches.append(cache)
        return caches

    def _name_results(self) -> None:
        """Name the elements of activations, attention's scores and weights; a weight keeps its."""
        for number, result in enumerate(self._ops.results):
            name = self._nodes[number].outputs[0].name
            for index, value in enumerate(result):
                self._names.setdefault(value, f"{name}[{index}]")
            for head, (scores, weights) in enumerate(self._ops.heads.get(number, ())):
                for position, (score, weight) in enumerate(zip(scores, weights, strict=True)):
                    self._names[score] = f"{name}.head{head}.score[{position}]"
                    self._names[weight] = f"{name}.head{head}.weight[{position}]"

    def _sources(self) -> dict[Value, str]:
        """The line of `gpt()` that each number comes from."""
        sources: dict[Value, str] = {}
        for number, result in enumerate(self._ops.results):
            source, waiting = self._nodes[number].source, list[Value](result)
            while waiting:
                value = waiting.pop()
                if value not in sources and value.children:
                    sources[value] = source
                    waiting.extend(value.children)
        return sources
