"""Learning rate schedules: how the rate rises and falls over the steps of a run.

Each is one shape, a trapezoid: it rises in a warm-up, stays, and falls in a decay, straight or
along a cosine. The module knows nothing of optimizers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from microgpt.config import TrainConfig


@dataclass(frozen=True, slots=True)
class Schedule:
    """The shape of a schedule, in steps.

    Args:
        begin: the step that it begins with.
        warmup_steps: how long the rate rises.
        decay_begin: the step from which on it falls; infinite if it never does.
        decay_steps: how long it falls, to 0.
        cosine: whether it falls along half a cosine; else in a straight line.
    """

    begin: float
    warmup_steps: float
    decay_begin: float
    decay_steps: float
    cosine: bool

    def factor(self, step: int) -> float:
        """What the learning rate is multiplied by at `step`, 0 to 1.

        The warm-up is nanoGPT's, (k + 1) / (warmup_steps + 1): its first step is not lost. The
        cosine is that of Loshchilov and Hutter, "SGDR" (2017), equation 5, without restarts:
        (1 + cos(pi t)) / 2 = sin(pi (1 - t) / 2) ** 2.
        """
        rise = (step - self.begin + 1) / (self.warmup_steps + 1)
        fall = min(max(1 - (step - self.decay_begin) / self.decay_steps, 0.0), 1.0)
        if self.cosine:
            fall = math.sin(math.pi / 2 * fall) ** 2
        return min(rise, fall)


def make_schedule(training: TrainConfig, begin: int, end: int) -> Schedule:
    """The schedule of `training` over the steps from `begin` to before `end`.

    `linear` is that of microgpt.py; `wsd` (warm-up, stable, decay) is that of Hu et al., "MiniCPM"
    (2024), with a straight decay.

    >>> make_schedule(TrainConfig(), 0, 1000).factor(500)
    0.5
    """
    warms_up = training.schedule in ("cosine", "wsd")
    warmup = training.warmup if warms_up else 0.0
    decay = {"linear": 1.0, "cosine": 1 - warmup, "constant": 0.0, "wsd": training.decay}
    steps = end - begin
    decay_steps = decay[training.schedule] * steps
    cosine = training.schedule == "cosine"
    if decay_steps <= 0:
        return Schedule(begin, warmup * steps, math.inf, 1.0, cosine)
    return Schedule(begin, warmup * steps, end - decay_steps, decay_steps, cosine)
