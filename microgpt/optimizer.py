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

CLIP_EPS = 1e-6  # added to the norm of a gradient that is clipped


@dataclass(frozen=True, eq=False, slots=True)
class Optimizer:
    """A way to turn gradients into updates of the weights.

    Args:
        name: what checkpoints call it.
        slots: the names of the numbers that it keeps for each weight, all 0 before training.
        hyperparameters: the fields of `TrainConfig` that it reads, besides the learning rate.
        form: its definition. It takes the state, the weights and the gradients, (num_params,) each,
            the learning rate of the step, the step's number, from 0, and the hyperparameters by
            name; it returns the updates, which are subtracted from the weights, (num_params,), and
            the new state.
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
        weights: Sequence[float],
        gradients: Sequence[float],
        learning_rate: float,
        step: int,
        **hyperparameters: float,
    ) -> tuple[list[float], OptimizerState]:
        """The updates and the new state; see `form`.

        Raises:
            OverflowError: an update is not a finite number.
        """
        updates, state = self.form(
            state, weights, gradients, learning_rate, step, **hyperparameters
        )
        if not all(map(math.isfinite, updates)):
            raise OverflowError("an update is not a finite number")
        return updates, state


def _adam(
    state: OptimizerState,
    _weights: Sequence[float],
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


def _adamw(
    state: OptimizerState,
    weights: Sequence[float],
    gradients: Sequence[float],
    learning_rate: float,
    step: int,
    *,
    weight_decay: float,
    **hyperparameters: float,
) -> tuple[list[float], OptimizerState]:
    """Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.

    As in PyTorch, the learning rate scales the decay too, and all weights decay.
    """
    updates, state = _adam(state, weights, gradients, learning_rate, step, **hyperparameters)
    share = learning_rate * weight_decay
    return [u + share * w for u, w in zip(updates, weights, strict=True)], state


def _sgd(
    state: OptimizerState,
    _weights: Sequence[float],
    gradients: Sequence[float],
    learning_rate: float,
    _step: int,
    *,
    momentum: float,
) -> tuple[list[float], OptimizerState]:
    """Stochastic gradient descent with momentum (Polyak, 1964), in PyTorch's form.

    The slot is momentum * slot + gradient: with a momentum of 0.9 a gradient that stays the same
    moves the weights ten times as far as without.
    """
    (old,) = state
    new = [momentum * velocity + g for velocity, g in zip(old, gradients, strict=True)]
    return [learning_rate * velocity for velocity in new], (new,)


ADAM = Optimizer("adam", ("m", "v"), ("beta1", "beta2", "eps"), _adam)
ADAMW = Optimizer("adamw", ("m", "v"), ("beta1", "beta2", "eps", "weight_decay"), _adamw)
SGD = Optimizer("sgd", ("velocity",), ("momentum",), _sgd)
OPTIMIZERS: dict[str, Optimizer] = {optimizer.name: optimizer for optimizer in (ADAM, ADAMW, SGD)}


def clipped(gradients: Sequence[float], clip: float) -> Sequence[float]:
    """Gradients, (num_params,), scaled so that their norm is at most `clip`, unless that is 0.

    Pascanu et al., "On the difficulty of training recurrent neural networks" (2013), algorithm 1,
    with the eps of PyTorch's `clip_grad_norm_`.

    >>> clipped([3.0, 4.0], 10.0)
    [3.0, 4.0]

    Raises:
        OverflowError: the norm is not a finite number.
    """
    if not clip:
        return gradients
    norm = math.sqrt(sum(gradient**2 for gradient in gradients))
    if not math.isfinite(norm):
        raise OverflowError("the gradient's norm is not a finite number")
    scale = min(1.0, clip / (norm + CLIP_EPS))
    return [scale * gradient for gradient in gradients]
