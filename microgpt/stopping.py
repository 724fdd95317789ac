"""When a run ends before its last step: rules that watch its losses.

A rule is told what training yields, and answers in one sentence once it strikes. Losses are judged
as means of blocks of `EVAL_EVERY` steps, so a run stops at the same step however it is divided. The
module knows steps and losses, and nothing of engines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from microgpt.settings import SettingError
from microgpt.trainer import EVAL_EVERY, TrainProgress

PLATEAU_BLOCKS = 10  # that are compared with as many before them: single documents scatter
PLATEAU_FALL = 0.005  # the share by which the loss has to fall meanwhile
RISING_EVALUATIONS = 5  # without a lower held-out loss than the best
RISING_SHARE = 0.05  # by which the last of them is above it: noise alone makes 3%


class StopRule(Protocol):
    """Says when a run is to end."""

    def add(self, progress: TrainProgress) -> str:
        """Take over what training has done; one sentence if the run is to end now, else ""."""


class _BlockMeans:
    """The mean losses of blocks of `EVAL_EVERY` steps."""

    def __init__(self) -> None:
        self.means: list[float] = []
        self._losses: list[float] = []

    def add(self, progress: TrainProgress) -> bool:
        """Take over new losses, which end with a block or within it; whether a block has ended."""
        self._losses += progress.losses
        if not progress.losses or progress.step % EVAL_EVERY:
            return False
        self.means.append(sum(self._losses) / len(self._losses))
        self._losses = []
        return True


class TargetLoss:
    """Strikes when the training loss has come down to a target.

    Args:
        target: the mean loss of a block at which the run ends.
    """

    def __init__(self, target: float) -> None:
        self._target = target
        self._blocks = _BlockMeans()

    def add(self, progress: TrainProgress) -> str:
        if not self._blocks.add(progress) or self._blocks.means[-1] > self._target:
            return ""
        return (
            f"Stopped at step {progress.step:,}: the loss has reached {self._target:g} (its mean "
            f"over {EVAL_EVERY} steps is {self._blocks.means[-1]:.4f})."
        )


class Plateau:
    """Strikes when the training loss falls no more.

    The mean of the last `PLATEAU_BLOCKS` blocks is compared with that of as many before them.
    """

    def __init__(self) -> None:
        self._blocks = _BlockMeans()

    def add(self, progress: TrainProgress) -> str:
        means = self._blocks.means
        if not self._blocks.add(progress) or len(means) < 2 * PLATEAU_BLOCKS:
            return ""
        last = sum(means[-PLATEAU_BLOCKS:])
        before = sum(means[-2 * PLATEAU_BLOCKS : -PLATEAU_BLOCKS])
        if last <= (1 - PLATEAU_FALL) * before:
            return ""
        return (
            f"Stopped at step {progress.step:,}: over {PLATEAU_BLOCKS * EVAL_EVERY:,} steps the "
            f"loss has not fallen by {PLATEAU_FALL:.1%}."
        )


class Rising:
    """Strikes when the held-out loss has risen for a while, since the model learns by heart.

    That is: it was lowest `RISING_EVALUATIONS` evaluations ago or earlier, and lies clearly above
    that now; see Prechelt, "Early stopping - but when?" (1998). What counts then are the weights of
    `best_step`.
    """

    def __init__(self) -> None:
        self.best_step = 0  # 0 before the first evaluation
        self._best = 0.0
        self._since = 0  # evaluations since the best

    def add(self, progress: TrainProgress) -> str:
        loss = progress.held_out_loss
        if loss is None or progress.held_out_count:  # that of all of them compares with no other
            return ""
        if not self.best_step or loss < self._best:
            self.best_step, self._best, self._since = progress.step, loss, 0
            return ""
        self._since += 1
        if self._since < RISING_EVALUATIONS or loss < (1 + RISING_SHARE) * self._best:
            return ""
        return (
            f"Stopped at step {progress.step:,}: the held-out loss was lowest at step "
            f"{self.best_step:,} ({self._best:.4f}), and is {loss:.4f} now."
        )


STOP_RULES: dict[str, Callable[[], StopRule]] = {"plateau": Plateau, "rising": Rising}


def parse_stop_rule(text: str) -> StopRule:
    """The rule that is written as `loss=1.9`, `plateau` or `rising`.

    Raises `SettingError` for anything else.
    """
    name, _, target = text.partition("=")
    try:
        if name == "loss":
            return TargetLoss(_positive(target))
        if text in STOP_RULES:
            return STOP_RULES[text]()
    except ValueError:
        pass
    choices = ", ".join(["loss=X", *STOP_RULES])
    raise SettingError(f"A run can be stopped by {choices} (X above 0), not by '{text}'.")


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number
