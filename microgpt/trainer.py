"""A training run as a generator of what happened.

The trainer knows steps, losses and evaluations; nothing of the model, of its engine beyond the
protocol, or of a page. Whoever iterates sets the pace.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from microgpt.engine import Engine
from microgpt.generators import map_yields

EXAMS = 20  # in a run, at most: writing takes longer than measuring a loss


class DivergedError(ArithmeticError):
    """A run's numbers grew beyond all bounds; the weights are those of the last good step."""

    def __init__(self, step: int, learning_rate: float) -> None:
        self.step = step
        super().__init__(
            f"Training broke down at step {step + 1}: the numbers grew beyond all bounds. "
            f"Try a learning rate well below {learning_rate:g}."
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run has done since the last look. Without losses it is only a chance to look up."""

    step: int  # how many steps are done
    losses: list[float]  # of the steps that end here
    held_out_loss: float | None = None  # measured now
    accuracy: float | None = None  # the share of an exam, 0 to 1, that was right now
    measuring: bool = False  # whether it was not training but an evaluation or an exam


def train(
    engine: Engine,
    num_steps: int,
    learning_rate: float,
    held_out: Sequence[Sequence[int]] = (),
    eval_every: int = 100,
    start: int = 0,
    stop: int | None = None,
    task_eval: Callable[[], Generator[None, None, float]] | None = None,
) -> Iterator[Progress]:
    """Run the steps of a prepared engine from `start` to `stop`.

    Args:
        engine: after `prepare`.
        num_steps: how long the whole run is.
        learning_rate: for the message of `DivergedError`.
        held_out: documents to evaluate on, as token ids; none, no evaluation.
        eval_every: evaluate after each so many steps, and at the end of the whole run.
        start: how many steps were done before.
        stop: after how many to stop; the whole run if it is left out.
        exam: returns the share that the model gets right of some task. It is taken after some of
            the evaluations, or when these would be, and at the end of the whole run.

    Raises:
        DivergedError: when the numbers blow up.
    """
    evaluations = -(-num_steps // eval_every)
    exam_every = -(-evaluations // EXAMS) * eval_every
    step = start
    last = num_steps if stop is None else min(stop, num_steps)
    while step < last:
        count = min(last - step, eval_every - step % eval_every)
        try:
            for losses in engine.steps(step, count):
                step += len(losses)
                yield Progress(step, losses)
            if held_out and (step % eval_every == 0 or step == num_steps):
                loss = yield from _measured(engine.evaluate(held_out), step)
                yield Progress(step, [], held_out_loss=loss, measuring=True)
            if task_eval is not None and (step % exam_every == 0 or step == num_steps):
                accuracy = yield from _measured(task_eval(), step)
                yield Progress(step, [], accuracy=accuracy, measuring=True)
        except FloatingPointError:
            raise DivergedError(step, learning_rate) from None


def _measured(
    evaluation: Generator[None, None, float], step: int
) -> Generator[Progress, None, float]:
    """The result of an evaluation, with a yield point wherever it has one."""
    return map_yields(evaluation, lambda _: Progress(step, [], measuring=True))
