"""The model: a small GPT, written once.

`gpt` is a function over a handful of vector operations and does not know what a vector is. The
scalar engine passes lists of `Value`s or floats; a compiling engine can pass symbols and read off
the computation. Whoever changes the function changes the model in every engine.

The architecture is that of microgpt.py by Andrej Karpathy: token and position embedding, RMSNorm
before each part, attention, a ReLU MLP four times as wide, residual connections, no biases, and an
output matrix of its own.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from microgpt.config import ModelConfig

INIT_STD = 0.08  # the spread of the initial weights

Matrix = TypeVar("Matrix", contravariant=True)  # a weight matrix, (rows, columns)
Vector = TypeVar("Vector")  # what stands for a token: n_embd numbers, wider or narrower inside
Index = TypeVar("Index", contravariant=True)  # a token's id or its position
Cache = TypeVar("Cache", contravariant=True)  # one layer's keys and values so far


class Operations(Protocol[Matrix, Vector, Index, Cache]):
    """The vector operations that `gpt` is written in, and some more to write other models in.

    `microgpt.scalar` spells out each one.
    """

    def embed(self, table: Matrix, index: Index, /) -> Vector:
        """Row `index` of `table`."""

    def add(self, a: Vector, b: Vector, /) -> Vector:
        """The sum, element by element."""

    def multiply(self, a: Vector, b: Vector, /) -> Vector:
        """The product, element by element."""

    def rmsnorm(self, x: Vector, /) -> Vector:
        """`x` scaled so that the mean of its squares is 1 (Zhang and Sennrich, 2019)."""

    def linear(self, x: Vector, weight: Matrix, /) -> Vector:
        """The product of `weight`, (n_out, n_in), and `x`, (n_in,)."""

    def relu(self, x: Vector, /) -> Vector:
        """Each element where it is positive, else 0."""

    def silu(self, x: Vector, /) -> Vector:
        """Each element times its sigmoid: x / (1 + e**-x) (Hendrycks and Gimpel, 2016)."""

    def gelu(self, x: Vector, /) -> Vector:
        """x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 * x**3)) of each element x.

        This is the approximation by tanh of Hendrycks and Gimpel (2016), since
        (1 + tanh(y)) / 2 = sigmoid(2 * y).
        """

    def attention(self, q: Vector, k: Vector, v: Vector, n_head: int, cache: Cache, /) -> Vector:
        """Causal multi-head attention of the newest token.

        `k` and `v` join those of the earlier tokens in `cache`; each head compares its share of
        `q` with every key and mixes the values by the softmax of the results.
        """


def gpt(
    ops: Operations[Matrix, Vector, Index, Cache],
    config: ModelConfig,
    weights: Mapping[str, Matrix],
    token: Index,
    position: Index,
    caches: Sequence[Cache],
) -> Vector:
    """One token in, the logits of the next one out.

    Args:
        ops: the operations to compute with.
        config: the architecture.
        weights: the matrices by name, shaped as `config.shapes` says.
        token: the token's id.
        position: its position in the document, 0 for the first.
        caches: a cache a layer, (n_layer,), which hold the tokens before this one.

    Returns:
        A logit for each token of the vocabulary, (vocab_size,).
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


Weights = dict[str, list[list[float]]]  # the matrices by name, each a list of rows


def init_weights(config: ModelConfig, rng: random.Random) -> Weights:
    """Fresh weights, drawn from a normal distribution matrix by matrix and row by row."""
    return {
        name: [[rng.gauss(0, INIT_STD) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in config.shapes
    }
