"""A run that is saved: what its model's file tells of it, collected while it trains."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import chain
from pathlib import Path

from microgpt.checkpoint import Checkpoint
from microgpt.cli import files
from microgpt.cli.options import DATA_NAMES
from microgpt.optimizer import OPTIMIZERS
from microgpt.run import Run
from microgpt.segments import segment_at
from microgpt.settings import RUN_SETTINGS
from microgpt.trainer import TrainProgress
from microgpt.training_record import (
    DataDescription,
    Point,
    Progress,
    TrainingRecord,
    Values,
    progress_to_about,
    record_to_about,
)


class RunSaver:
    """Takes what training yields, and saves the model with it.

    Args:
        run: while it trains.
        data: the names of its files or data sets.
        values: all settings by name, those of the data among them.
    """

    def __init__(self, run: Run, data: list[str], values: Values) -> None:
        self._run, self._data, self._values = run, data, values
        self._step = 0
        self._losses: list[float] = []
        self._held_out: list[Point] = []
        self._accuracy: list[Point] = []
        self._train_accuracy: list[Point] = []
        self._all_held_out: tuple[float, int] | None = None
        self._began = time.monotonic()
        self._measuring_seconds = 0.0
        self._time = self._began

    def add(self, progress: TrainProgress) -> None:
        """Take over what training has yielded."""
        before, self._time = self._time, time.monotonic()
        if progress.measuring:
            self._measuring_seconds += self._time - before
        self._step = progress.step
        self._losses += progress.losses
        if progress.held_out_loss is not None and progress.held_out_count:
            self._all_held_out = progress.held_out_loss, progress.held_out_count
        elif progress.held_out_loss is not None:
            self._held_out.append((progress.step, progress.held_out_loss))
        if progress.accuracy is not None:
            self._accuracy.append((progress.step, progress.accuracy))
        if progress.train_accuracy is not None:
            self._train_accuracy.append((progress.step, progress.train_accuracy))

    def go_back(self, step: int) -> None:
        """Forget what came after `step`: the model is that of this step again."""
        if step < self._step:
            self._all_held_out = None
        self._step = step
        del self._losses[step:]
        for points in (self._held_out, self._accuracy, self._train_accuracy):
            points[:] = [point for point in points if point[0] <= step]

    def go_on(self, record: TrainingRecord) -> None:
        """Begin where the run that this tells of has been saved."""
        self._step, self._losses = record.step, list(record.losses)
        self._held_out, self._accuracy = list(record.held_out), list(record.accuracy)
        self._train_accuracy = list(record.train_accuracy)
        self._began -= record.seconds

    def save(self, path: Path) -> None:
        """Write the model to `path`, if any step was done."""
        if self._step:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write the model to `path`."""
        files.write_model(path, self.checkpoint())

    def checkpoint(self) -> Checkpoint:
        """The model as it is now, with all that its file tells of it."""
        engine = self._run.engine
        state = engine.optimizer_state()
        resumable = all(map(math.isfinite, chain.from_iterable(state)))
        return replace(
            self.described(),
            weights=engine.weights(),
            optimizer_state=state if resumable else None,
        )

    def described(self) -> Checkpoint:
        """What is saved, without numbers."""
        tokenizer = self._run.tokenizer
        seconds = self._time - self._began - self._measuring_seconds
        segment = segment_at(self._run.segments, self._step)
        progress = Progress(self._step, seconds, None, segment.document(self._step))
        return Checkpoint(
            self._run.engine.config,
            tokenizer.characters,
            {},
            record_to_about(self._record(seconds)) | progress_to_about(progress),
            None,
            tokenizer.merges,
            OPTIMIZERS[segment.training.optimizer],
        )

    def _record(self, seconds: float) -> TrainingRecord:
        run, values = self._run, self._values
        data = DataDescription(
            " ".join(self._data),
            len(run.dataset),
            files.file_sizes(self._data),
            {name: values[name] for name in DATA_NAMES},
        )
        return TrainingRecord(
            self._step,
            run.training.num_steps,
            seconds,
            chars_per_token=run.chars_per_token(),
            settings={name: values[name] for name in RUN_SETTINGS if name in values},
            data=data,
            losses=self._losses,
            held_out=self._held_out,
            accuracy=self._accuracy,
            train_accuracy=self._train_accuracy,
            all_held_out=self._all_held_out,
            segments=run.segments,
        )
