"""The stages of a run in the pool: how far it trains, and what is measured there."""

from __future__ import annotations

from typing import NamedTuple

from microgpt.trainer import EVAL_EVERY, steps_between_tests

ON_THE_WAY, AT_THE_END, OF_TRAINING = "curve", "held_out", "known"  # kinds of evaluations


class PoolStage(NamedTuple):
    """Train to a step, then evaluate; a plain list for the worker."""

    step: int
    first: int  # of the documents that are evaluated, by their places in what the job evaluates
    last: int  # the one after them; the same as `first` where there are none
    keeps: bool  # whether the weights are wanted as they are then
    kind: str  # of the evaluation


def stages_of(
    curve_documents: int, tested: bool, num_steps: int, num_held_out: int, num_known: int
) -> list[PoolStage]:
    """The stages of a run that is measured as `trainer.train` would measure it.

    Args:
        curve_documents, tested: as of `PoolRun`.
        num_steps: of the run.
        num_held_out, num_known: how many held-out documents, and then how many of training, are
            evaluated at its end.

    >>> [(stage.step, stage.last, stage.kind) for stage in stages_of(5, False, 150, 9, 0)]
    [(100, 5, 'curve'), (150, 5, 'curve'), (150, 9, 'held_out')]
    """
    curve, every = min(curve_documents, num_held_out), steps_between_tests(num_steps)
    stages = []
    for step in range(EVAL_EVERY, num_steps, EVAL_EVERY):
        keeps = tested and step % every == 0
        if curve or keeps:
            stages.append(PoolStage(step, 0, curve, keeps, ON_THE_WAY))
    if curve:
        stages.append(PoolStage(num_steps, 0, curve, False, ON_THE_WAY))
    stages.append(PoolStage(num_steps, 0, num_held_out, False, AT_THE_END))
    if num_known:
        last = num_held_out + num_known
        stages.append(PoolStage(num_steps, num_held_out, last, False, OF_TRAINING))
    return stages
