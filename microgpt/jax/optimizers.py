"""Optimizers over arrays: the update of one matrix, element by element.

The record and the scalar form of each are in `microgpt/optimizer.py`. To add one, write its array
form and enter it in `ARRAY_OPTIMIZERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax.numpy as jnp
from jax import Array

from microgpt.optimizer import ADAM, ADAMW, SGD, Optimizer

Constants = Mapping[str, float]  # what is the same for all weights in one step, by name


@dataclass(frozen=True, eq=False, slots=True)
class ArrayOptimizer:
    """The array form of an optimizer.

    Args:
        optimizer: its record.
        begin_step: from the hyperparameters by name, the step's learning rate and its number, from
            0 on, the constants of the step, computed in 64 bits.
        update: from the constants, a matrix of weights, its gradient and its slots, the update,
            which is subtracted from the weights, and the slots' new values.
    """

    optimizer: Optimizer
    begin_step: Callable[[Constants, float, int], Constants]
    update: Callable[
        [Mapping[str, Array], Array, Array, tuple[Array, ...]], tuple[Array, tuple[Array, ...]]
    ]


def _begin_adam_step(settings: Constants, rate: float, step: int) -> Constants:
    beta1, beta2 = settings["beta1"], settings["beta2"]
    return {
        "beta1": beta1,
        "rest1": 1 - beta1,
        "beta2": beta2,
        "rest2": 1 - beta2,
        "rate": rate / (1 - beta1 ** (step + 1)),
        "correction2": 1 / (1 - beta2 ** (step + 1)),
        "eps": settings["eps"],
    }


def _adam_update(
    constants: Mapping[str, Array], _weights: Array, gradient: Array, slots: tuple[Array, ...]
) -> tuple[Array, tuple[Array, ...]]:
    m, v = slots
    mean = constants["beta1"] * m + constants["rest1"] * gradient
    square = constants["beta2"] * v + constants["rest2"] * gradient * gradient
    spread = jnp.sqrt(square * constants["correction2"]) + constants["eps"]
    return constants["rate"] * mean / spread, (mean, square)


def _begin_adamw_step(settings: Constants, rate: float, step: int) -> Constants:
    return {**_begin_adam_step(settings, rate, step), "decay": rate * settings["weight_decay"]}


def _adamw_update(
    constants: Mapping[str, Array], weights: Array, gradient: Array, slots: tuple[Array, ...]
) -> tuple[Array, tuple[Array, ...]]:
    update, new_slots = _adam_update(constants, weights, gradient, slots)
    return update + constants["decay"] * weights, new_slots


def _begin_sgd_step(settings: Constants, rate: float, _step: int) -> Constants:
    return {"momentum": settings["momentum"], "rate": rate}


def _sgd_update(
    constants: Mapping[str, Array], _weights: Array, gradient: Array, slots: tuple[Array, ...]
) -> tuple[Array, tuple[Array, ...]]:
    velocity = constants["momentum"] * slots[0] + gradient
    return constants["rate"] * velocity, (velocity,)


ARRAY_OPTIMIZERS: dict[str, ArrayOptimizer] = {
    form.optimizer.name: form
    for form in (
        ArrayOptimizer(ADAM, _begin_adam_step, _adam_update),
        ArrayOptimizer(ADAMW, _begin_adamw_step, _adamw_update),
        ArrayOptimizer(SGD, _begin_sgd_step, _sgd_update),
    )
}
