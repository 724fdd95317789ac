"""The model: a small GPT, written once.

`gpt` is a function over a handful of vector operations and does not know what a vector is. The
scalar engine passes lists of `Value`s or floats; the compiler passes symbols and records the
computation. Whoever edits the function changes the model in every engine.

The architecture is that of microgpt.py by Andrej Karpathy: token and position embeddings, RMSNorm
before each block, attention, a ReLU MLP four times as wide, residual connections, no biases, and
separate input and output embeddings.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from microgpt.config import ModelConfig
from microgpt.settings import default

Matrix = TypeVar("Matrix", contravariant=True)  # a weight matrix, (rows, columns)
Vector = TypeVar("Vector")  # a token's vector: n_embd numbers, wider or narrower inside a block
Index = TypeVar("Index", contravariant=True)  # a token's id or its position
Cache = TypeVar("Cache", contravariant=True)  # the keys and values of an attention so far


class UnknownOperationError(LookupError):
    """The model uses an operation that its engine does not have.

    Args:
        name: the operation that was requested.
        known: the operations that there are.
    """

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no operation {name!r}; use one of {', '.join(sorted(known))}.")


class Operations(Protocol[Matrix, Vector, Index, Cache]):
    """The vector operations that `gpt` is written in, and some more to write other models in.

    An engine implements `embed`, `row`, `linear`, `attention` and `apply`;
    `microgpt.scalar.operations` defines what each operation computes.
    """

    def embed(self, table: Matrix, index: Index, /) -> Vector:
        """Row `index` of `table`."""

    def row(self, table: Matrix, number: int, /) -> Vector:
        """Row `number` of `table`, the same for every token: a learned vector, as gains and biases.

        `number` is a plain number from 0 on.
        """

    def linear(self, x: Vector, weight: Matrix, /) -> Vector:
        """The product of `weight`, (n_out, n_in), and `x`, (n_in,)."""

    def attention(
        self,
        q: Vector,
        k: Vector,
        v: Vector,
        n_head: int,
        cache: Cache,
        /,
        *,
        window: int = 0,
        alibi: bool = False,
    ) -> Vector:
        """Causal multi-head attention of the newest token; `q`, `k` and `v` have one size.

        `k` and `v` are appended to those of the earlier tokens in `cache`; each head takes the
        products of its slice of `q` with every key, over the root of the slice's size, and sums the
        values weighted by their softmax (Vaswani et al., 2017).

        With a `window` of w, a token attends to itself and to the w - 1 tokens before it (Child et
        al., 2019); 0: to all. With `alibi`, head h of n (from 0) takes 2**(-8 * (h + 1) / n) times
        the distance off each score, so that a model needs no positions (Press et al., 2021).
        """

    def apply(self, name: str, /, *vectors: Vector, **parameters: Any) -> Vector:
        """The operation `name` of the engine's table on vectors of one size.

        `parameters` are its other arguments.

        Raises:
            UnknownOperationError: the engine's table has no operation of this name.
        """

    def add(self, a: Vector, b: Vector, /) -> Vector:
        """The sum, element by element."""
        return self.apply("add", a, b)

    def multiply(self, a: Vector, b: Vector, /) -> Vector:
        """The product, element by element."""
        return self.apply("multiply", a, b)

    def rmsnorm(self, x: Vector, /) -> Vector:
        """`x` scaled so that the mean of its squares is 1 (Zhang and Sennrich, 2019)."""
        return self.apply("rmsnorm", x)

    def relu(self, x: Vector, /) -> Vector:
        """max(0, x) of each element x."""
        return self.apply("relu", x)

    def silu(self, x: Vector, /) -> Vector:
        """x * sigmoid(x) of each element x (Hendrycks and Gimpel, 2016)."""
        return self.apply("silu", x)

    def gelu(self, x: Vector, /) -> Vector:
        """x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 * x**3)) of each element x.

        This is the tanh approximation of Hendrycks and Gimpel (2016), since
        (1 + tanh(y)) / 2 = sigmoid(2 * y).
        """
        return self.apply("gelu", x)

    def rotate(self, x: Vector, /, position: Index, n_head: int) -> Vector:
        """Queries or keys turned by their position (RoPE; Su et al., 2021).

        Numbers 2i and 2i + 1 of each of the `n_head` heads, of d numbers, are a point in the plane;
        it is turned by the angle position * 10000**(-2 * i / d). The product of a query and a key
        then depends on how far apart they are. d must be even.
        """
        return self.apply("rotate", x, position=position, n_head=n_head)

    def repeat(self, x: Vector, /, n_head: int, times: int) -> Vector:
        """The numbers of each of `n_head` heads `times` times: heads a, b become a, a, b, b.

        It lets several heads of queries share keys and values (Ainslie et al., 2023).
        """
        return self.apply("repeat", x, n_head=n_head, times=times)


def gpt(
    ops: Operations[Matrix, Vector, Index, Cache],
    config: ModelConfig,
    weights: Mapping[str, Matrix],
    token: Index,
    position: Index,
    caches: Mapping[int, Cache],
) -> Vector:
    """One token in, the logits of the next token out.

    Args:
        ops: the operations to compute with.
        config: the architecture.
        weights: the matrices by name, in the shapes of `config.shapes`.
        token: the token's id.
        position: its position in the document, from 0.
        caches: with the keys and values of the earlier tokens, one for each attention.

    Returns:
        One logit per token of the vocabulary, (vocab_size,).
    """
    x = ops.add(ops.embed(weights["wte"], token), ops.embed(weights["wpe"], position))
    x = ops.rmsnorm(x)
    for layer in range(config.n_layer):
        residual = x
        x = ops.rmsnorm(x)
        q = ops.linear(x, weights[f"layer{layer}.attn_wq"])
        k = ops.linear(x, weights[f"layer{layer}.attn_wk"])
        v = ops.linear(x, weights[f"layer{layer}.attn_wv"])
        x = ops.attention(q, k, v, config.n_head, caches[layer])
        x = ops.linear(x, weights[f"layer{layer}.attn_wo"])
        x = ops.add(x, residual)

        residual = x
        x = ops.rmsnorm(x)
        x = ops.linear(x, weights[f"layer{layer}.mlp_fc1"])  # (4 * n_embd,)
        x = ops.relu(x)
        x = ops.linear(x, weights[f"layer{layer}.mlp_fc2"])  # (n_embd,)
        x = ops.add(x, residual)
    return ops.linear(x, weights["lm_head"])


def model_function(config: ModelConfig) -> Callable[..., Any]:
    """The function that computes the model of `config`: `gpt`, or that of its model code."""
    return config.code.gpt if config.code else gpt


Weights = dict[str, list[list[float]]]  # the matrices by name, each a list of rows


def init_weights(
    config: ModelConfig, rng: random.Random, init_std: float = float(default("init_std"))
) -> Weights:
    """Initial weights from a normal distribution, drawn matrix by matrix and row by row.

    `init_std` is its standard deviation.
    """
    return {
        name: [[rng.gauss(0, init_std) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in config.shapes
    }
