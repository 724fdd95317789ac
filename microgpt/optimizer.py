"""Adam on flat lists of numbers.

After Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1. The module
knows nothing of models: a weight is a place in a list.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


class Adam:
    """The optimizer's state: running means of each gradient and of its square.

    Args:
        size: how many weights there are.
        beta1, beta2: how slowly the two running means forget.
        eps: keeps the division from blowing up where a gradient is nearly 0.
    """

    def __init__(self, size: int, beta1: float, beta2: float, eps: float) -> None:
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.m = [0.0] * size
        self.v = [0.0] * size

    def updates(self, gradients: Sequence[float], learning_rate: float, step: int) -> list[float]:
        """What to subtract from each weight, (size,).

        Args:
            gradients: one a weight, (size,).
            learning_rate: that of this step.
            step: 0 for the first; the means start from 0 and are corrected for it.

        Raises:
            OverflowError: where an update is no finite number; the means are then as they were.
        """
        beta1, beta2, eps = self.beta1, self.beta2, self.eps
        rest1, rest2 = 1 - beta1, 1 - beta2
        correction1, correction2 = 1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)
        m, v, result = [], [], []
        for old_mean, old_square, gradient in zip(self.m, self.v, gradients, strict=True):
            mean = beta1 * old_mean + rest1 * gradient
            square = beta2 * old_square + rest2 * gradient**2
            m.append(mean)
            v.append(square)
            result.append(
                learning_rate * (mean / correction1) / ((square / correction2) ** 0.5 + eps)
            )
        if not all(map(math.isfinite, result)):
            raise OverflowError("a gradient is beyond all bounds")
        self.m, self.v = m, v
        return result


def decayed(learning_rate: float, step: int, num_steps: int) -> float:
    """The learning rate of `step`, which falls in a straight line to 0 at `num_steps`.

    >>> decayed(0.01, 500, 1000)
    0.005
    """
    return learning_rate * (1 - step / num_steps)
