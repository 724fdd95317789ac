"""The losses and evaluations of a run, collected between two `progress` events."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from app.shared import events
from app.shared.smoothing import Smoothing
from microgpt.trainer import TrainProgress
from microgpt.training_record import progress_from_about, record_from_about


class LossBuffer:
    """What a run has produced since its last `progress` event.

    Args:
        smoothed: the smoothed loss so far, None before the first loss.
    """

    def __init__(self, smoothed: float | None = None) -> None:
        self._smoothing = Smoothing(smoothed)
        self._losses: list[float] = []
        self._smoothed: list[float] = []
        self._held_out: list[tuple[int, float]] = []
        self._accuracy: list[tuple[int, float]] = []
        self._train_accuracy: list[tuple[int, float]] = []
        self._all_held_out: tuple[float, int] | None = None

    @classmethod
    def after(cls, about: Mapping[str, str]) -> LossBuffer:
        """The buffer of a run that goes on from a checkpoint; `about`: what that one tells."""
        smoothing = Smoothing(progress_from_about(about).smoothed)
        if smoothing.value is None:  # the command line smooths nothing
            smoothing.add(record_from_about(about).losses)
        return cls(smoothing.value)

    @property
    def smoothed(self) -> float | None:
        """The smoothed loss so far, None before the first loss."""
        return self._smoothing.value

    def add(self, progress: TrainProgress) -> None:
        """Adds what the trainer has yielded."""
        self._losses += progress.losses
        self._smoothed += self._smoothing.add(progress.losses)
        if progress.held_out_loss is not None and progress.held_out_count:
            self._all_held_out = progress.held_out_loss, progress.held_out_count
        elif progress.held_out_loss is not None:
            self._held_out.append((progress.step, progress.held_out_loss))
        if progress.accuracy is not None:
            self._accuracy.append((progress.step, progress.accuracy))
        if progress.train_accuracy is not None:
            self._train_accuracy.append((progress.step, progress.train_accuracy))

    def flush(self, run: int, step: int, seconds: float) -> events.ProgressEvent | None:
        """The event with all that is new, after which the buffer is empty; None if nothing is."""
        if not (self._losses or self._held_out or self._accuracy or self._all_held_out):
            return None
        losses = array("d", self._losses + self._smoothed)
        event = events.ProgressEvent(
            type="progress",
            run=run,
            step=step,
            held_out=self._held_out,
            accuracy=self._accuracy,
            seconds=seconds,
            blob=losses.tobytes(),
        )
        if self._all_held_out is not None:
            event["all_held_out"] = self._all_held_out
        if self._train_accuracy:
            event["train_accuracy"] = self._train_accuracy
        self._losses, self._smoothed = [], []
        self._held_out, self._all_held_out = [], None
        self._accuracy, self._train_accuracy = [], []
        return event
