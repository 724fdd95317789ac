"""What the command line prints of a run with JAX: how fast it is, besides what it always prints."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from microgpt.cli.report import JsonReporter, TextReporter, print_json
from microgpt.config import TrainConfig
from microgpt.run import Run
from microgpt.trainer import TrainProgress

if TYPE_CHECKING:
    from microgpt.jax.usage import Usage

SECONDS_PER_LINE = 10.0  # between two lines on the speed


class JaxTextReporter(TextReporter):
    """Plain text, with the speed in tokens and operations."""

    def __init__(self, training: TrainConfig, usage: Usage) -> None:
        super().__init__(training)
        self._usage, self._told = usage, time.monotonic()

    def begin_training(self, run: Run) -> None:
        super().begin_training(run)
        print(f"devices: {self._usage.devices}")

    def report_progress(self, progress: TrainProgress) -> None:
        self._usage.add(len(progress.losses))
        super().report_progress(progress)
        if not self._on_terminal and time.monotonic() - self._told > SECONDS_PER_LINE:
            self._tell()

    def end_training(self) -> None:
        super().end_training()
        self._tell()

    def _speed_text(self, step: int) -> str:
        return " | ".join(filter(None, (self._usage.text, super()._speed_text(step))))

    def _tell(self) -> None:
        self._told = time.monotonic()
        if self._usage.text:
            print(f"speed: {self._usage.text}", flush=True)


class JaxJsonReporter(JsonReporter):
    """JSON lines; after the losses one with the speed."""

    def __init__(self, data: str, values: Mapping[str, int | float | str], usage: Usage) -> None:
        super().__init__(data, values)
        self._usage = usage

    def report_progress(self, progress: TrainProgress) -> None:
        self._usage.add(len(progress.losses))
        super().report_progress(progress)

    def end_training(self) -> None:
        super().end_training()
        print_json(speed=self._usage.fields)


class SilentReporter:
    """Nothing: of several processes one prints."""

    def begin_training(self, run: Run) -> None:
        pass

    def report_progress(self, progress: TrainProgress) -> None:
        pass

    def report_stop(self, reason: str, step: int, /) -> None:
        pass

    def end_training(self) -> None:
        pass

    def begin_samples(self) -> None:
        pass

    def report_sample(self, text: str) -> None:
        pass
