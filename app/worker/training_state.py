"""The states of a run, and what leads from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


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
