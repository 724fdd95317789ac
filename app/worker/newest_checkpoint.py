"""The checkpoint that the page keeps to go on from where a worker dies, and going on from it."""

from __future__ import annotations

from collections.abc import Generator

from app.shared import events
from app.worker.types import Clock, Post
from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.dataset import DataError
from microgpt.optimizer import OPTIMIZERS
from microgpt.run import Run
from microgpt.segments import first_segment, segment_at
from microgpt.training_record import (
    Progress,
    progress_from_about,
    progress_to_about,
    segments_from_about,
    segments_to_about,
)

CHECKPOINT_SECONDS = 0.5  # between two checkpoints, and so what a dead worker loses at most
MAX_CHECKPOINT_SHARE = 0.02  # of the time, for the checkpoints of large models


class NewestCheckpoint:
    """Posts them, neither too often nor too seldom.

    Args:
        run: the run.
        number: its number.
        post, clock: as for `Session`.
    """

    def __init__(self, run: Run, number: int, post: Post, clock: Clock) -> None:
        self._run, self._number, self._post, self._clock = run, number, post, clock
        self._last = clock()
        self._step = 0  # of the last one
        self._cost = 0.0  # seconds that it took

    def is_due(self, step: int) -> bool:
        """Whether to post one after this step."""
        least = max(CHECKPOINT_SECONDS, self._cost / MAX_CHECKPOINT_SHARE)
        return self._clock() - self._last >= least and step > self._step

    def hurry(self) -> None:
        """The run is not what the last one says: the next is due at once."""
        self._step, self._last = -1, 0.0

    def post(self, step: int, seconds: float, smoothed: float | None) -> None:
        """Post one.

        Args:
            step: steps done.
            seconds: of computing.
            smoothed: the smoothed loss.
        """
        began = self._clock()
        run, engine = self._run, self._run.engine
        # That of the last step, whose optimizer the engine has.
        segment = segment_at(run.segments, max(0, step - 1))
        progress = Progress(step, seconds, smoothed, segment.document(step))
        checkpoint = Checkpoint(
            engine.config,
            run.tokenizer.characters,
            engine.weights(),
            progress_to_about(progress) | segments_to_about(run.segments),
            engine.optimizer_state(),
            run.tokenizer.merges,
            OPTIMIZERS[segment.training.optimizer],
        )
        self._post(
            events.CheckpointEvent(
                type="checkpoint", run=self._number, step=step, blob=to_bytes(checkpoint)
            )
        )
        self._last, self._step = self._clock(), step
        self._cost = self._last - began


def restore_run(
    run: Run, checkpoint: Checkpoint, continued: bool
) -> Generator[None, None, Progress]:
    """Has a run go on from a checkpoint; yields are yield points.

    Args:
        run: prepared, and without a step done.
        checkpoint: of this run, or of one with the same data, tokens and architecture.
        continued: whether it is of another run. Its model is trained from step 0 on, with a fresh
            optimizer, on the documents that follow.

    Returns:
        How far the run is.

    Raises:
        DataError: the checkpoint has other tokens, another architecture, or lacks something.
    """
    tokenizer = run.tokenizer
    if (checkpoint.characters, checkpoint.merges) != (tokenizer.characters, tokenizer.merges):
        raise DataError("The checkpoint is of another data set.")
    if checkpoint.config != run.engine.config:
        raise DataError("The checkpoint is of another architecture.")
    progress = progress_from_about(checkpoint.about)
    if continued:
        yield from run.add_segment(first_segment(run.training, progress.next_document))
        run.engine.restore(checkpoint.weights, None)
        return Progress()
    for segment in segments_from_about(checkpoint.about):
        yield from run.add_segment(segment)
    if checkpoint.optimizer_state is None or progress.step > run.segments[-1].schedule_end:
        raise DataError("The checkpoint does not hold what this run could go on with.")
    run.restore(max(0, progress.step - 1), checkpoint)
    return progress
