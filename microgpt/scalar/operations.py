"""The vector operations of `gpt`, spelled out number by number: the definition of each.

The same code serves training, on `Value`s, and inference, on floats: `ValueArithmetic` and
`FloatArithmetic` hold what differs. Sums run from left to right and a quotient is `a * b**-1`, as
in microgpt.py, so that the results are the same to the last bit.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, Self, TypeVar

from microgpt import autograd
from microgpt.autograd import Value
from microgpt.model import Operations, UnknownOperationError

RMSNORM_EPS = 1e-5
GELU_SCALE = 2 * math.sqrt(2 / math.pi)
GELU_CUBE = 0.044715
ROTARY_BASE = 10000.0


class Number(Protocol):
    """What a float and a `Value` have in common."""

    def __add__(self, other: Any, /) -> Self:
        """Sum."""

    def __mul__(self, other: Any, /) -> Self:
        """Product."""

    def __pow__(self, other: float, /) -> Any:
        """Power."""


N = TypeVar("N", bound=Number)


class Arithmetic(Protocol[N]):
    """What a number type needs besides `+`, `*` and `**`."""

    def dot(self, a: Sequence[N], b: Sequence[N], /) -> N:
        """The sum of the products, from left to right."""

    def total(self, values: Sequence[N], /) -> N:
        """The sum, from left to right."""

    def exp(self, x: N, /) -> N:
        """e to the power of x."""

    def log(self, x: N, /) -> N:
        """The natural logarithm."""

    def relu(self, x: N, /) -> N:
        """x where it is positive, else 0."""

    def sigmoid(self, x: N, /) -> N:
        """1 / (1 + e**-x)."""

    def function(
        self, f: Callable[[float], float], derivative: Callable[[float], float], x: N, /
    ) -> N:
        """f(x); `derivative` is the function f'."""

    def data(self, x: N, /) -> float:
        """The number as a float."""


class ValueArithmetic:
    """Numbers that record how they were computed: for training."""

    dot = staticmethod(autograd.dot)
    total = staticmethod(autograd.total)
    exp = staticmethod(Value.exp)
    log = staticmethod(Value.log)
    relu = staticmethod(Value.relu)
    sigmoid = staticmethod(Value.sigmoid)

    @staticmethod
    def function(
        f: Callable[[float], float], derivative: Callable[[float], float], x: Value
    ) -> Value:
        return Value(f(x.data), (x,), (derivative(x.data),))

    @staticmethod
    def data(x: Value) -> float:
        return x.data


class FloatArithmetic:
    """Plain numbers: for inference. Bit for bit the data that `ValueArithmetic` computes."""

    exp = staticmethod(math.exp)
    log = staticmethod(math.log)
    sigmoid = staticmethod(autograd.sigmoid)
    data = staticmethod(float)

    @staticmethod
    def dot(a: Sequence[float], b: Sequence[float]) -> float:
        result = 0.0
        for x, y in zip(a, b, strict=True):
            result += x * y
        return result

    @staticmethod
    def total(values: Sequence[float]) -> float:
        result = 0.0
        for value in values:
            result += value
        return result

    @staticmethod
    def relu(x: float) -> float:
        return max(0.0, x)

    @staticmethod
    def function(
        f: Callable[[float], float], _derivative: Callable[[float], float], x: float
    ) -> float:
        return f(x)


class LayerCache(Generic[N]):
    """The keys and values of the tokens so far, in one attention: each (t, n_embd)."""

    def __init__(self) -> None:
        self.keys: list[list[N]] = []
        self.values: list[list[N]] = []

    def rewind(self, position: int) -> None:
        """Forget every token from `position` on."""
        del self.keys[position:]
        del self.values[position:]


Caches = defaultdict[int, LayerCache[N]]  # by the number that the model gives each


def empty_caches() -> Caches[N]:
    """The caches of an empty document; each is made when the model first uses it."""
    return defaultdict(LayerCache)


class ScalarOperations(Operations[list[list[N]], list[N], int, LayerCache[N]], Generic[N]):
    """`Operations` on lists of numbers, and the loss on top of them."""

    def __init__(self, arithmetic: Arithmetic[N]) -> None:
        self._arithmetic = arithmetic

    def apply(self, name: str, /, *vectors: list[N], **parameters: Any) -> list[N]:
        form = SCALAR_FORMS.get(name)
        if form is None:
            raise UnknownOperationError(name, SCALAR_FORMS)
        return form(self._arithmetic, *vectors, **parameters)

    def embed(self, table: list[list[N]], index: int) -> list[N]:
        return table[index]

    def row(self, table: list[list[N]], number: int) -> list[N]:
        return self.embed(table, number)

    def linear(self, x: list[N], weight: list[list[N]]) -> list[N]:
        dot = self._arithmetic.dot
        return [dot(row, x) for row in weight]

    def attention(
        self,
        q: list[N],
        k: list[N],
        v: list[N],
        n_head: int,
        cache: LayerCache[N],
        *,
        window: int = 0,
        alibi: bool = False,
    ) -> list[N]:
        cache.keys.append(k)
        cache.values.append(v)
        keys, values = cache.keys, cache.values  # each (t, n_embd)
        if window:
            keys, values = keys[-window:], values[-window:]
        dot = self._arithmetic.dot
        head_dim = len(q) // n_head
        result: list[N] = []
        for head, weights in enumerate(self.attention_weights(q, keys, n_head, alibi)):
            start, end = head * head_dim, (head + 1) * head_dim
            columns = zip(*(value[start:end] for value in values), strict=True)
            result.extend(dot(weights, column) for column in columns)
        return result

    def attention_weights(
        self, q: list[N], keys: list[list[N]], n_head: int, alibi: bool
    ) -> Iterator[list[N]]:
        """For each head its attention to the tokens with these keys, (t,): they sum to 1."""
        dot = self._arithmetic.dot
        head_dim = len(q) // n_head
        scale = (head_dim**0.5) ** -1
        for head in range(n_head):
            start, end = head * head_dim, (head + 1) * head_dim
            q_head = q[start:end]  # (head_dim,)
            scores = [dot(q_head, key[start:end]) * scale for key in keys]  # (t,)
            if alibi:
                slope, newest = alibi_slope(head, n_head), len(keys) - 1
                scores = [score + slope * (at - newest) for at, score in enumerate(scores)]
            yield self.softmax(scores)

    def softmax(self, logits: list[N]) -> list[N]:
        """Probabilities, (n,): each logit's exponential over the sum of all."""
        exps = self._exps(logits)
        exp_sum = self._arithmetic.total(exps)
        return [element * exp_sum**-1 for element in exps]

    def cross_entropy(self, logits: list[N], target: int) -> N:
        """The loss of one prediction: minus the log of the target's probability."""
        exps = self._exps(logits)
        probability = exps[target] * self._arithmetic.total(exps) ** -1
        return self._arithmetic.log(probability) * -1

    def mean(self, losses: list[N]) -> N:
        """The mean loss of a document's positions."""
        return self._arithmetic.total(losses) * (1 / len(losses))

    def _exps(self, logits: list[N]) -> list[N]:
        """Exponentials, (n,), of logits less the highest, so that none of them overflows."""
        exp = self._arithmetic.exp
        highest = max(self._arithmetic.data(logit) for logit in logits)
        return [exp(logit + -highest) for logit in logits]


def window_begin(count: int, window: int) -> int:
    """The place of the first of `count` tokens that the newest one attends to; window 0: of all."""
    return max(0, count - window) if window else 0


def alibi_slope(head: int, n_head: int) -> float:
    """What a head takes off a score for each token of distance (Press et al., 2021)."""
    return float(2 ** (-8 * (head + 1) / n_head))


def rotary_angle(pair: int, head_dim: int) -> float:
    """By how much a position turns a pair of a head's numbers, in radians (Su et al., 2021)."""
    return float(ROTARY_BASE ** (-2 * pair / head_dim))


# The operations on vectors alone: `form(arithmetic, *vectors, **parameters)` is a vector. To add
# one, write its form and enter it in `SCALAR_FORMS`.


def _add(_arithmetic: Arithmetic[N], a: list[N], b: list[N]) -> list[N]:
    return [x + y for x, y in zip(a, b, strict=True)]


def _multiply(_arithmetic: Arithmetic[N], a: list[N], b: list[N]) -> list[N]:
    return [x * y for x, y in zip(a, b, strict=True)]


def _rmsnorm(arithmetic: Arithmetic[N], x: list[N]) -> list[N]:
    mean_square = arithmetic.dot(x, x) * len(x) ** -1
    scale = (mean_square + RMSNORM_EPS) ** -0.5
    return [element * scale for element in x]


def _relu(arithmetic: Arithmetic[N], x: list[N]) -> list[N]:
    relu = arithmetic.relu
    return [relu(element) for element in x]


def _silu(arithmetic: Arithmetic[N], x: list[N]) -> list[N]:
    sigmoid = arithmetic.sigmoid
    return [element * sigmoid(element) for element in x]


def _gelu(arithmetic: Arithmetic[N], x: list[N]) -> list[N]:
    sigmoid = arithmetic.sigmoid
    return [
        element * sigmoid((element + element * element * element * GELU_CUBE) * GELU_SCALE)
        for element in x
    ]


def _rotate(_arithmetic: Arithmetic[N], x: list[N], *, position: int, n_head: int) -> list[N]:
    head_dim = len(x) // n_head
    result: list[N] = []
    for place, (a, b) in enumerate(zip(x[::2], x[1::2], strict=True)):
        angle = position * rotary_angle(place % (head_dim // 2), head_dim)
        cos, sin = math.cos(angle), math.sin(angle)
        result += [a * cos + b * -sin, b * cos + a * sin]
    return result


def _repeat(_arithmetic: Arithmetic[N], x: list[N], *, n_head: int, times: int) -> list[N]:
    head_dim = len(x) // n_head
    heads = [x[start : start + head_dim] for start in range(0, len(x), head_dim)]
    return [element for head in heads for _ in range(times) for element in head]


SCALAR_FORMS: dict[str, Callable[..., list[Any]]] = {
    "add": _add,
    "multiply": _multiply,
    "rmsnorm": _rmsnorm,
    "relu": _relu,
    "silu": _silu,
    "gelu": _gelu,
    "rotate": _rotate,
    "repeat": _repeat,
}
