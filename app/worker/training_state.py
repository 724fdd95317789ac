"""The states of a run, and what leads from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from app.shared import events
from app.worker.types import Post


class TrainingState(StrEnum):
    """The states of a run, as the page is told of them."""

    IDLE = "idle"  # not yet begun, or stopped for good
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"  # trained to its last step, or diverged


Trigger = Literal[
    "begin",
    "begin_paused",
    "pause",
    "resume",
    "single_step",
    "step_done",
    "rewind",
    "longer",
    "end",
    "stop",
]
# Which state leads where; a trigger that is missing for a state changes nothing.
TRANSITIONS: dict[tuple[TrainingState, Trigger], TrainingState] = {
    (TrainingState.IDLE, "begin"): TrainingState.RUNNING,
    (TrainingState.IDLE, "begin_paused"): TrainingState.PAUSED,
    (TrainingState.IDLE, "end"): TrainingState.DONE,  # the checkpoint of a finished run
    (TrainingState.RUNNING, "pause"): TrainingState.PAUSED,
    (TrainingState.RUNNING, "step_done"): TrainingState.PAUSED,
    (TrainingState.RUNNING, "end"): TrainingState.DONE,
    (TrainingState.RUNNING, "stop"): TrainingState.IDLE,
    (TrainingState.PAUSED, "resume"): TrainingState.RUNNING,
    (TrainingState.PAUSED, "single_step"): TrainingState.RUNNING,
    (TrainingState.PAUSED, "rewind"): TrainingState.PAUSED,
    (TrainingState.PAUSED, "end"): TrainingState.DONE,  # it has gone back, and forward again
    (TrainingState.PAUSED, "stop"): TrainingState.IDLE,
    (TrainingState.DONE, "rewind"): TrainingState.PAUSED,
    (TrainingState.DONE, "longer"): TrainingState.RUNNING,
    (TrainingState.DONE, "end"): TrainingState.DONE,
    (TrainingState.DONE, "stop"): TrainingState.IDLE,
}


class RunState:
    """The state that a run is in.

    Args:
        number: the run's.
        post: sends an event to the page.
    """

    def __init__(self, number: int, post: Post) -> None:
        self._number, self._post = number, post
        self._now = TrainingState.IDLE

    @property
    def running(self) -> bool:
        """Whether it is neither paused nor over."""
        return self._now is TrainingState.RUNNING

    @property
    def done(self) -> bool:
        """Whether it was trained to its end."""
        return self._now is TrainingState.DONE

    @property
    def over(self) -> bool:
        """Whether nothing will be trained any more."""
        return self.done or self._now is TrainingState.IDLE

    def enter(self, trigger: Trigger) -> bool:
        """Enters and posts the state that the trigger leads to; returns whether there is one."""
        state = TRANSITIONS.get((self._now, trigger))
        if state is None:
            return False
        if state is not self._now:
            self._now = state
            event = events.RunStateEvent(type="run_state", run=self._number, state=state.value)
            self._post(event)
        return True
