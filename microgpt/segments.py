"""A run as a list of segments: stretches of steps with the same settings.

Whoever changes the learning rate in mid-run, or trains longer, begins a new segment. The list tells
everything that the steps depend on, so a run can be repeated from it exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from microgpt.config import TrainConfig
from microgpt.schedules import Schedule, make_schedule


@dataclass(frozen=True, slots=True)
class Segment:
    """The steps from `first_step` on, to where the next segment begins or the schedule ends.

    Args:
        first_step: its first step, counted from 0 over the whole run.
        first_document: the number of the document that this step begins with; after the last
            document of the data comes the first again.
        schedule_begin, schedule_end: the steps between which the learning rate follows its
            schedule. The run ends where that of its last segment ends.
        training: the settings; of them `num_steps`, `seed`, `eval_fraction`, `init_std` and `mask`
            are those that the run was made with, and change nothing any more.
        optimizer_begin: the step at which the optimizer was fresh: Adam counts its steps from here.
    """

    first_step: int
    first_document: int
    schedule_begin: int
    schedule_end: int
    training: TrainConfig
    optimizer_begin: int = 0

    @property
    def schedule(self) -> Schedule:
        """The shape of the schedule, in steps."""
        return make_schedule(self.training, self.schedule_begin, self.schedule_end)

    def learning_rate(self, step: int) -> float:
        """The learning rate of a step."""
        return self.training.learning_rate * self.schedule.factor(step)

    def document(self, step: int) -> int:
        """The number of the first document that a step trains on."""
        return self.first_document + (step - self.first_step) * self.training.batch_size

    def then(
        self,
        step: int,
        training: TrainConfig,
        schedule_begin: int | None = None,
        schedule_end: int | None = None,
    ) -> Segment:
        """The segment that follows this one from `step` on.

        The documents go on where they are, and so does the optimizer, unless it is another one.

        Args:
            step: its first step.
            training: its settings.
            schedule_begin, schedule_end: its schedule; by default it stays that of this segment.
        """
        same = training.optimizer == self.training.optimizer
        return Segment(
            step,
            self.document(step),
            self.schedule_begin if schedule_begin is None else schedule_begin,
            self.schedule_end if schedule_end is None else schedule_end,
            training,
            self.optimizer_begin if same else step,
        )


def first_segment(training: TrainConfig, first_document: int = 0) -> Segment:
    """The segment that a run with these settings begins with."""
    return Segment(0, first_document, 0, training.num_steps, training)


def segment_at(segments: Sequence[Segment], step: int) -> Segment:
    """The one of a run's segments, in order, that a step belongs to."""
    return next(each for each in reversed(segments) if each.first_step <= step)
