"""The training loop, as a generator of progress: whoever iterates sets the pace.

It knows steps, losses and evaluations, and engines only by their protocol; nothing of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from microgpt.engine import Engine
from microgpt.generators import Result, map_yields
from microgpt.loss_mask import CountedDocuments
from microgpt.segments import Segment, segment_at

EVAL_EVERY = 100  # steps between two evaluations
NO_DOCUMENTS = CountedDocuments([], [])
MAX_TASK_EVALS = 20  # in a run: writing takes longer than computing a loss


class DivergedError(ArithmeticError):
    """Training diverged: a number overflowed. The weights are those of the last good step."""

    def __init__(self, step: int, learning_rate: float) -> None:
        self.step = step
        super().__init__(
            f"Training diverged at step {step + 1}: the numbers became too large. "
            f"Try a learning rate well below {learning_rate:g}."
        )


@dataclass(frozen=True, slots=True)
class TrainProgress:
    """What training did since the last one; without losses or results a mere yield point."""

    step: int  # the number of steps done
    losses: list[float]  # of the last steps, up to this one
    held_out_loss: float | None = None  # if it was evaluated now
    held_out_count: int = 0  # over how many documents, where those are all of them
    accuracy: float | None = None  # of the task, 0 to 1, if it was evaluated now
    train_accuracy: float | None = None  # the same on lines of the training data, of some tasks
    measuring: bool = False  # whether the time went into an evaluation, not into steps


def train(
    engine: Engine,
    segments: Sequence[Segment],
    held_out: CountedDocuments = NO_DOCUMENTS,
    eval_every: int = EVAL_EVERY,
    start: int = 0,
    stop: int | None = None,
    task_eval: Callable[[], Generator[None, None, float]] | None = None,
    train_task_eval: Callable[[], Generator[None, None, float]] | None = None,
    all_held_out: Callable[[], Generator[None, None, CountedDocuments]] | None = None,
) -> Iterator[TrainProgress]:
    """Run the steps of a prepared engine from `start` to `stop`.

    Args:
        engine: after `prepare`, with all documents that the segments need.
        segments: the segments of the run, in order; each begins when its first step comes. The run
            ends where the schedule of the last one does.
        held_out: documents to evaluate on; without any there is no evaluation.
        eval_every: the number of steps between evaluations; there is one more at the end.
        start: the number of steps done before.
        stop: the step to stop after, by default the last.
        task_eval: evaluates the model on a task and returns its accuracy. Called after some of the
            evaluations, or when they would be due, and at the end of the whole run.
        train_task_eval: the same on lines of the training data; only with `task_eval`.
        all_held_out: encodes more documents than `held_out`, for one more evaluation at the end of
            the whole run; none where there are no more.

    Raises:
        DivergedError: if the numbers overflow.
    """
    num_steps = segments[-1].schedule_end
    tested_every = steps_between_tests(num_steps, eval_every)
    step = start
    last = num_steps if stop is None else min(stop, num_steps)
    while step < last:
        segment = segment_at(segments, step)
        engine.begin_segment(segment)
        stops = [last, *(each.first_step for each in segments if each.first_step > step)]
        count = min(min(stops) - step, eval_every - step % eval_every)
        try:
            for losses in engine.steps(step, count):
                step += len(losses)
                yield TrainProgress(step, losses)
            if held_out.documents and (step % eval_every == 0 or step == num_steps):
                loss = yield from _evaluation(engine.evaluate(*held_out), step)
                yield TrainProgress(step, [], held_out_loss=loss, measuring=True)
            if all_held_out is not None and step == num_steps:
                more = yield from _evaluation(all_held_out(), step)
                count = len(more.documents)
                if count:
                    loss = yield from _evaluation(engine.evaluate(*more), step)
                    yield TrainProgress(
                        step, [], held_out_loss=loss, held_out_count=count, measuring=True
                    )
            if task_eval is not None and (step % tested_every == 0 or step == num_steps):
                accuracy = yield from _evaluation(task_eval(), step)
                known = None
                if train_task_eval is not None:
                    known = yield from _evaluation(train_task_eval(), step)
                yield TrainProgress(
                    step, [], accuracy=accuracy, train_accuracy=known, measuring=True
                )
        except FloatingPointError:
            raise DivergedError(step, segment.training.learning_rate) from None


def steps_between_tests(num_steps: int, eval_every: int = EVAL_EVERY) -> int:
    """How many steps of a run lie between two tests on a task.

    >>> steps_between_tests(800), steps_between_tests(5000)
    (100, 300)
    """
    evaluations = -(-num_steps // eval_every)
    return -(-evaluations // MAX_TASK_EVALS) * eval_every


def _evaluation(
    evaluation: Generator[None, None, Result], step: int
) -> Generator[TrainProgress, None, Result]:
    """The same evaluation, with `TrainProgress` at its yield points."""
    return map_yields(evaluation, lambda _: TrainProgress(step, [], measuring=True))
