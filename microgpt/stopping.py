"""When a run ends before its last step: rules that watch its losses.

A rule is told what training yields, and answers in one sentence once it strikes. Losses are judged
as means of blocks of `EVAL_EVERY` steps, so a run stops at the same step however it is divided. The
module knows steps and losses, and nothing of engines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
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

    def go_back(self, step: int) -> None:
        """Forget what came after this step: the run goes on from there."""


class _BlockMeans:
    """The mean losses of whole blocks of `EVAL_EVERY` steps."""

    def __init__(self) -> None:
        self.means: list[float] = []
        self._ends: list[int] = []  # the step that each ends with
        self._losses: list[float] = []

    def add(self, progress: TrainProgress) -> bool:
        """Take over new losses, which end with a block or within it; whether a block has ended."""
        self._losses += progress.losses
        if not progress.losses or progress.step % EVAL_EVERY:
            return False
        losses, self._losses = self._losses, []
        if len(losses) < EVAL_EVERY:
            return False  # the run was not watched from its beginning
        self.means.append(sum(losses) / len(losses))
        self._ends.append(progress.step)
        return True

    def go_back(self, step: int) -> None:
        """Forget what came after this step."""
        del self._ends[bisect_right(self._ends, step) :]
        del self.means[len(self._ends) :]
        self._losses = []


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

    def go_back(self, step: int) -> None:
        self._blocks.go_back(step)


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

    def go_back(self, step: int) -> None:
        self._blocks.go_back(step)


class Rising:
    """Strikes when the held-out loss has risen for a while, since the model learns by heart.

    That is: it was lowest `RISING_EVALUATIONS` evaluations ago or earlier, and lies clearly above
    that now; see Prechelt, "Early stopping - but when?" (1998). What counts then are the weights of
    `best_step`.
    """

    def __init__(self) -> None:
        self._steps: list[int] = []  # at which the loss was evaluated
        self._lowest: list[tuple[int, float]] = []  # by step, each lower than those before

    @property
    def best_step(self) -> int:
        """Where the loss was lowest; 0 before the first evaluation."""
        return self._lowest[-1][0] if self._lowest else 0

    def add(self, progress: TrainProgress) -> str:
        loss = progress.held_out_loss
        if loss is None or progress.held_out_count:  # that of all of them compares with no other
            return ""
        self._steps.append(progress.step)
        if not self._lowest or loss < self._lowest[-1][1]:
            self._lowest.append((progress.step, loss))
            return ""
        step, best = self._lowest[-1]
        since = len(self._steps) - bisect_right(self._steps, step)
        if since < RISING_EVALUATIONS or loss < (1 + RISING_SHARE) * best:
            return ""
        return (
            f"Stopped at step {progress.step:,}: the held-out loss was lowest at step {step:,} "
            f"({best:.4f}), and is {loss:.4f} now."
        )

    def go_back(self, step: int) -> None:
        del self._steps[bisect_right(self._steps, step) :]
        self._lowest = [each for each in self._lowest if each[0] <= step]


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


def parse_stop_rules(texts: Sequence[str]) -> list[StopRule]:
    """Rules that are to watch the same run, each as of `parse_stop_rule`.

    Raises `SettingError` for what is none, and for one that is given twice.
    """
    rules = [parse_stop_rule(text) for text in texts]
    names = [text.partition("=")[0] for text in texts]
    for name in names:
        if names.count(name) > 1:
            raise SettingError(f"A run can be stopped by {name} only once: leave the others out.")
    return rules


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number
