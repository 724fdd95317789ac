"""Numbers that remember how they were computed, and the operations of `gpt()` on them.

Weights, and the keys and values of earlier tokens, take part as plain numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from microgpt import autograd
from microgpt.autograd import Value
from microgpt.scalar.operations import (
    Caches,
    FloatArithmetic,
    LayerCache,
    ScalarOperations,
    empty_caches,
    window_begin,
)

WEIGHT, EARLIER = "weight", "earlier"  # the operations of numbers that are given
SUM_OF_PRODUCTS = "sum of products"


@dataclass(frozen=True, slots=True)
class Given:
    """A weight, or a number of an earlier token: its place in its matrix."""

    matrix: str
    row: int
    column: int
    operation: str

    @property
    def name(self) -> str:
        return f"{self.matrix}[{self.row}][{self.column}]"


class RecordedValue(Value):
    """A `Value` that remembers the operation it is the result of.

    Args:
        data, children, local_grads: as of `Value`.
        operation: as of `Step`.
        constant: as of `Step`.
        operands: of a sum of products its two vectors, numbers that are given as plain ones.
    """

    __slots__ = ("constant", "inputs", "number", "operands", "operation")

    def __init__(
        self,
        data: float,
        children: Sequence[Value] = (),
        local_grads: Sequence[float] = (),
        operation: str = WEIGHT,
        constant: float | None = None,
        operands: tuple[Sequence[Any], Sequence[Any]] | None = None,
    ) -> None:
        super().__init__(data, children, local_grads)
        self.operation, self.constant, self.operands = operation, constant, operands
        self.inputs = children  # which stay when the graph is taken apart
        self.number: int | None = None  # of the operation on vectors that it belongs to

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
    def dot(
        a: Sequence[RecordedValue | float], b: Sequence[RecordedValue | float]
    ) -> RecordedValue:
        """The sum of the products, where one vector or some of its numbers may be given."""
        x, y = [_data(one) for one in a], [_data(one) for one in b]
        total = FloatArithmetic.dot(x, y)
        children: Sequence[Any] = b
        local_grads: Sequence[float] = x
        if isinstance(b[0], float) and isinstance(b[-1], float):
            children, local_grads = a, y
        elif not (isinstance(a[0], float) and isinstance(a[-1], float)):
            pairs = [*zip(a, y, strict=True), *zip(b, x, strict=True)]
            pairs = [pair for pair in pairs if isinstance(pair[0], Value)]
            children, local_grads = zip(*pairs, strict=True)
        return RecordedValue(total, children, local_grads, SUM_OF_PRODUCTS, operands=(a, b))

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
        super().__init__(cast(Any, RecordedArithmetic()))
        self.results: list[list[RecordedValue]] = []  # of each operation in turn
        # By the number of an attention among the operations: (scores, weights) of each head.
        self.heads: dict[int, list[tuple[list[RecordedValue], list[RecordedValue]]]] = {}
        self.begins: dict[int, int] = {}  # of each attention the first position that it reads
        self._softmaxes: list[tuple[list[RecordedValue], list[RecordedValue]]] = []
        self.caches: Caches[Any] = empty_caches()
        self.cache_names: dict[int, str] = {}  # by the number of an attention: `layer0`

    def apply(
        self, name: str, /, *vectors: list[RecordedValue], **parameters: Any
    ) -> list[RecordedValue]:
        return self._keep(super().apply(name, *vectors, **parameters))

    def embed(self, table: Any, index: int) -> list[RecordedValue]:
        return self._keep([RecordedValue(number) for number in table[index]])

    def linear(self, x: list[RecordedValue], weight: Any) -> list[RecordedValue]:
        result: list[RecordedValue] = super().linear(x, weight)
        for value in result:
            value.number = len(self.results)
        self.results.append(result)
        return result

    def attention(
        self,
        q: list[RecordedValue],
        k: list[RecordedValue],
        v: list[RecordedValue],
        n_head: int,
        cache: LayerCache[RecordedValue],
        *,
        window: int = 0,
        alibi: bool = False,
    ) -> list[RecordedValue]:
        result = super().attention(q, k, v, n_head, cache, window=window, alibi=alibi)
        self.heads[len(self.results)], self._softmaxes = self._softmaxes, []
        self.begins[len(self.results)] = window_begin(len(cache.keys), window)
        layer = next(number for number, known in self.caches.items() if known is cache)
        self.cache_names[len(self.results)] = f"layer{layer}"
        return self._keep(result)

    def softmax(self, logits: list[RecordedValue]) -> list[RecordedValue]:
        result = super().softmax(logits)
        self._softmaxes.append((logits, result))
        return result

    def _keep(self, result: list[RecordedValue]) -> list[RecordedValue]:
        """Keep the result; all that was computed for it bears the operation's number."""
        number, waiting = len(self.results), list[Value](result)
        while waiting:
            value = waiting.pop()
            if isinstance(value, RecordedValue) and value.number is None:
                value.number = number
                waiting.extend(value.children)
        self.results.append(result)
        return result


def product_of(score: RecordedValue) -> RecordedValue:
    """The product of a query and a key that a score of an attention is made from."""
    found: Any = score
    while found.operands is None:
        found = found.inputs[0]
    return cast(RecordedValue, found)


def _data(number: RecordedValue | float) -> float:
    return number if isinstance(number, float) else number.data
