"""What was changed in a run, until it goes on with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.shared import events
from app.shared.experiment import STEERED_SETTINGS
from microgpt.segments import Segment, segment_at


class Changes:
    """The settings that are to hold from the next step on."""

    def __init__(self) -> None:
        self._settings: dict[str, Any] | None = None
        self._longer = False

    @property
    def waiting(self) -> bool:
        """Whether a segment is to begin."""
        return self._settings is not None

    def add(self, settings: Mapping[str, Any], longer: bool = False) -> None:
        """Have these hold as well.

        Args:
            settings: by their names; none where the run is only to go on from where it is.
            longer: whether the run is over, so that a schedule of its own begins.
        """
        self._settings = {**(self._settings or {}), **settings}
        self._longer = self._longer or longer

    def clear(self) -> None:
        """Nothing is to be changed any more."""
        self._settings, self._longer = None, False

    def take(self, segments: Sequence[Segment], step: int) -> Segment:
        """The segment that begins after `step` steps of a run with these segments."""
        before = segment_at(segments, step)
        training = replace(before.training, **(self._settings or {}))
        begin = step if self._longer else before.schedule_begin
        end = max(step + 1, begin + training.num_steps)
        self.clear()
        return before.then(step, training, begin, end)


def segment_event(number: int, segment: Segment) -> events.SegmentEvent:
    """What to tell of a segment that begins; `number` is the run's."""
    return events.SegmentEvent(
        type="segment",
        run=number,
        step=segment.first_step,
        num_steps=segment.schedule_end,
        settings={name: getattr(segment.training, name) for name in STEERED_SETTINGS},
    )
