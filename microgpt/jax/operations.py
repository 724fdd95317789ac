"""The operations of `gpt` over arrays (batch, position, n): all tokens of all documents at once.

What each one computes is defined in `microgpt/scalar/operations.py`. A vector that is the same for
all documents, such as a position's embedding or a row of gains, has fewer dimensions and is
broadcast. To add an operation on vectors alone, write its form and enter it in `ARRAY_FORMS`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from microgpt.config import ModelConfig
from microgpt.model import Operations, UnknownOperationError, model_function
from microgpt.scalar.operations import (
    GELU_CUBE,
    GELU_SCALE,
    RMSNORM_EPS,
    alibi_slope,
    rotary_angle,
)

EXACT = jax.lax.Precision.HIGHEST  # else GPUs and TPUs round 32-bit factors to fewer


def forward(config: ModelConfig, weights: Mapping[str, Array], tokens: Array) -> Array:
    """The logits of the next token at each position.

    Args:
        config: the architecture.
        weights: the matrices by name; their type is that of the vectors.
        tokens: the token ids, (batch, position), in at most `block_size` positions.

    Returns:
        The logits, (batch, position, vocab_size), in 32 bits.
    """
    caches: Mapping[int, None] = defaultdict(lambda: None)  # all positions are there at once
    positions = jnp.arange(tokens.shape[1])
    model = model_function(config)
    logits = model(ArrayOperations(), config, weights, tokens, positions, caches)
    return jnp.broadcast_to(logits.astype(jnp.float32), (*tokens.shape, config.vocab_size))


class ArrayOperations(Operations[Array, Array, Array, None]):
    """`Operations` on arrays (batch, position, n)."""

    def apply(self, name: str, /, *vectors: Array, **parameters: Any) -> Array:
        form = ARRAY_FORMS.get(name)
        if form is None:
            raise UnknownOperationError(name, ARRAY_FORMS)
        return form(*vectors, **parameters)

    def embed(self, table: Array, index: Array) -> Array:
        return table[index]

    def row(self, table: Array, number: int) -> Array:
        return table[number]

    def linear(self, x: Array, weight: Array) -> Array:
        return jnp.matmul(x, weight.T, precision=EXACT)

    def attention(
        self,
        q: Array,
        k: Array,
        v: Array,
        n_head: int,
        cache: None,  # noqa: ARG002 - the earlier tokens are in the arrays
        *,
        window: int = 0,
        alibi: bool = False,
    ) -> Array:
        arrays = jnp.broadcast_arrays(*map(jnp.atleast_2d, (q, k, v)))
        q, k, v = (x.reshape(*x.shape[:-1], n_head, -1) for x in arrays)  # (..., t, head, d)
        scores = jnp.einsum("...qhd,...khd->...hqk", q, k, precision=EXACT).astype(jnp.float32)
        scores *= q.shape[-1] ** -0.5
        positions = jnp.arange(q.shape[-3])
        distance = positions[:, None] - positions  # of a key from a query, (t, t)
        if alibi:
            slopes = jnp.array([alibi_slope(head, n_head) for head in range(n_head)])
            scores -= slopes[:, None, None] * distance
        seen = (distance >= 0) & ((distance < window) if window else True)
        shares = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf)).astype(v.dtype)
        mixed = jnp.einsum("...hqk,...khd->...qhd", shares, v, precision=EXACT)
        return mixed.reshape(arrays[0].shape)


def _rmsnorm(x: Array) -> Array:
    exact = x.astype(jnp.float32)
    mean_square = jnp.mean(exact * exact, axis=-1, keepdims=True)
    return (exact * jax.lax.rsqrt(mean_square + RMSNORM_EPS)).astype(x.dtype)


def _gelu(x: Array) -> Array:
    return x * jax.nn.sigmoid((x + x * x * x * GELU_CUBE) * GELU_SCALE)


def _rotate(x: Array, *, position: Array, n_head: int) -> Array:
    head_dim = x.shape[-1] // n_head
    angles = jnp.array([rotary_angle(pair, head_dim) for pair in range(head_dim // 2)] * n_head)
    turned = position[..., None] * angles  # (position, n / 2)
    cos, sin = jnp.cos(turned).astype(x.dtype), jnp.sin(turned).astype(x.dtype)
    a, b = x[..., ::2], x[..., 1::2]
    pairs = jnp.stack((a * cos - b * sin, b * cos + a * sin), axis=-1)
    return pairs.reshape(*pairs.shape[:-2], -1)


def _repeat(x: Array, *, n_head: int, times: int) -> Array:
    heads = x.reshape(*x.shape[:-1], n_head, -1)
    return jnp.repeat(heads, times, axis=-2).reshape(*x.shape[:-1], -1)


ARRAY_FORMS: dict[str, Callable[..., Array]] = {
    "add": jnp.add,
    "multiply": jnp.multiply,
    "rmsnorm": _rmsnorm,
    "relu": jax.nn.relu,
    "silu": jax.nn.silu,
    "gelu": _gelu,
    "rotate": _rotate,
    "repeat": _repeat,
}
