"""Optimizers on flat lists of numbers: what they keep for each weight, and how they update it.

Each optimizer is one record, with its scalar form; its compiled form is in
`wasm/compiler/optimizers.py`. To add one, write both and enter them in the two tables. The
module knows nothing of models: a weight is a position in a list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

OptimizerState = tuple[list[float], ...]  # one list per slot, (num_params,) each


@dataclass(frozen=True, eq=False, slots=True)
class Optimizer:
    """A way to turn gradients into updates of the weights.

    Args:
        name: what checkpoints call it.
        slots: the names of the numbers that it keeps for each weight, all 0 before training.
        hyperparameters: the fields of `TrainConfig` that it reads, besides the learning rate.
        form: its definition. It takes the state, the gradients, (num_params,), the learning rate of
            the step, the step's number, from 0, and the hyperparameters by name; it returns the
            updates, which are subtracted from the weights, (num_params,), and the new state.
    """

    name: str
    slots: tuple[str, ...]
    hyperparameters: tuple[str, ...]
    form: Callable[..., tuple[list[float], OptimizerState]]

    @property
    def tensors(self) -> tuple[str, ...]:
        """What checkpoints call the slots."""
        return tuple(f"{self.name}.{slot}" for slot in self.slots)

    def initial_state(self, size: int) -> OptimizerState:
        """The state before training, for `size` weights."""
        return tuple([0.0] * size for _ in self.slots)

    def step(
        self,
        state: OptimizerState,
        gradients: Sequence[float],
        learning_rate: float,
        step: int,
        **hyperparameters: float,
    ) -> tuple[list[float], OptimizerState]:
        """The updates and the new state; see `form`.

        Raises:
            OverflowError: an update is not a finite number.
        """
        updates, state = self.form(state, gradients, learning_rate, step, **hyperparameters)
        if not all(map(math.isfinite, updates)):
            raise OverflowError("an update is not a finite number")
        return updates, state


def _adam(
    state: OptimizerState,
    gradients: Sequence[float],
    learning_rate: float,
    step: int,
    *,
    beta1: float,
    beta2: float,
    eps: float,
) -> tuple[list[float], OptimizerState]:
    """Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.

    The slots are exponential moving averages: m of the gradient, v of its square.
    """
    rest1, rest2 = 1 - beta1, 1 - beta2
    correction1, correction2 = 1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)
    updates, new_m, new_v = [], [], []
    for old_mean, old_square, gradient in zip(*state, gradients, strict=True):
        mean = beta1 * old_mean + rest1 * gradient
        square = beta2 * old_square + rest2 * gradient**2
        new_m.append(mean)
        new_v.append(square)
        updates.append(learning_rate * (mean / correction1) / ((square / correction2) ** 0.5 + eps))
    return updates, (new_m, new_v)


ADAM = Optimizer("adam", ("m", "v"), ("beta1", "beta2", "eps"), _adam)
OPTIMIZERS: dict[str, Optimizer] = {optimizer.name: optimizer for optimizer in (ADAM,)}
