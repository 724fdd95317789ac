"""What is compiled: a step of training, the losses of documents, logits, and initial weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from microgpt.config import ModelConfig
from microgpt.jax.operations import forward
from microgpt.jax.optimizers import ArrayOptimizer
from microgpt.optimizer import CLIP_EPS

Matrices = dict[str, Array]  # by name
# A batch is one array of whole numbers, (rows, 2 + block_size + 1). In each row: the position of
# the first prediction that counts, that behind the last one, and the document's tokens. In a row
# that only fills up the batch both positions are 0.
BATCH_HEAD = 2


class TrainState(NamedTuple):
    """All that a step changes."""

    weights: Matrices
    slots: tuple[Matrices, ...]  # of the optimizer
    finite: Array  # whether all numbers were; from the first that was not, no step does anything


class StepConstants(NamedTuple):
    """What a step is told, in numbers."""

    share: Any  # of a document in the batch's loss
    clip: Any  # the largest norm of the gradient; 0 for any
    optimizer: Mapping[str, Any]  # the constants of the optimizer


def document_losses(
    config: ModelConfig, weights: Mapping[str, Array], batch: Array, dtype: Any
) -> Array:
    """The mean loss of each document over its predictions that count, (rows,).

    Args:
        config: the architecture.
        weights: the matrices by name.
        batch: see `BATCH_HEAD`.
        dtype: the numbers to compute the vectors with. Norms, softmax and losses have 32 bits.
    """
    first, end, tokens = batch[:, 0], batch[:, 1], batch[:, BATCH_HEAD:]
    cast = {name: matrix.astype(dtype) for name, matrix in weights.items()}
    logits = forward(config, cast, tokens[:, :-1])  # (rows, t, vocab_size)
    targets = jnp.take_along_axis(logits, tokens[:, 1:, None], axis=-1)[..., 0]
    losses = jax.nn.logsumexp(logits, axis=-1) - targets  # (rows, t)
    positions = jnp.arange(losses.shape[1])
    counts = (positions >= first[:, None]) & (positions < end[:, None])
    total = jnp.sum(jnp.where(counts, losses, 0.0), axis=1)
    return total / jnp.maximum(end - first, 1)


def train_step(
    config: ModelConfig,
    optimizer: ArrayOptimizer,
    dtype: Any,
    state: TrainState,
    batch: Array,
    constants: StepConstants,
) -> tuple[TrainState, Array, Array]:
    """The state after a step; its loss, nan if a number was not finite; and how many tokens it had.

    The weights are then those before, and stay so.
    """

    def loss_of(weights: Matrices) -> Array:
        return jnp.sum(document_losses(config, weights, batch, dtype)) * constants.share

    loss, gradients = jax.value_and_grad(loss_of)(state.weights)
    squares = (jnp.sum(gradient * gradient) for gradient in gradients.values())
    norm = jnp.sqrt(sum(squares, start=jnp.float32(0.0)))
    scale = jnp.where(constants.clip > 0, jnp.minimum(1.0, constants.clip / (norm + CLIP_EPS)), 1.0)
    finite = state.finite & jnp.isfinite(loss) & jnp.isfinite(norm)
    weights: Matrices = {}
    slots: tuple[Matrices, ...] = tuple({} for _ in state.slots)
    for name, before in state.weights.items():
        old_slots = tuple(slot[name] for slot in state.slots)
        gradient = gradients[name] * scale
        update, new_slots = optimizer.update(constants.optimizer, before, gradient, old_slots)
        weights[name] = jnp.where(finite, before - update, before)
        for slot, new, old in zip(slots, new_slots, old_slots, strict=True):
            slot[name] = jnp.where(finite, new, old)
    return (
        TrainState(weights, slots, finite),
        jnp.where(finite, loss, jnp.nan),
        jnp.sum(batch[:, 1]),
    )


def loss_sum(config: ModelConfig, dtype: Any, weights: Matrices, batch: Array) -> Array:
    """The sum of the losses of all predictions of a batch that count."""
    losses = document_losses(config, weights, batch, dtype)
    return jnp.sum(losses * (batch[:, 1] - batch[:, 0]))


def last_logits(config: ModelConfig, dtype: Any, weights: Matrices, batch: Array) -> Array:
    """The logits after the last token of each document, (rows, vocab_size).

    It is at the position of the last prediction that counts.
    """
    cast = {name: matrix.astype(dtype) for name, matrix in weights.items()}
    logits = forward(config, cast, batch[:, BATCH_HEAD:-1])
    last = jnp.maximum(batch[:, 1] - 1, 0)
    return jnp.take_along_axis(logits, last[:, None, None], axis=1)[:, 0]


def random_weights(config: ModelConfig, init_std: float, key: Array) -> Matrices:
    """Weights from a normal distribution, drawn by `jax.random`: the same on any devices."""
    keys = jax.random.split(key, len(config.shapes))
    return {
        name: init_std * jax.random.normal(each, shape)
        for each, (name, shape) in zip(keys, config.shapes, strict=True)
    }
