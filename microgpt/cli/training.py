"""What the command train does under every engine: it follows a run to its end."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from microgpt.cli.report import Reporter
from microgpt.cli.until import Until
from microgpt.config import SampleConfig
from microgpt.engine import LanguageModel
from microgpt.run import Run
from microgpt.sampler import generate
from microgpt.tokenizer import Tokenizer
from microgpt.trainer import TrainProgress


class Saver(Protocol):
    """Saves the model of a run, with what training has yielded."""

    def add(self, progress: TrainProgress) -> None:
        """Take over what training has yielded."""

    def go_back(self, step: int) -> None:
        """Forget what came after `step`."""

    def save(self, path: Path) -> None:
        """Write the model to `path`."""


def follow(
    run: Run,
    reporter: Reporter,
    until: Until,
    saver: Saver | None,
    path: Path | None,
    start: int = 0,
    stop: int | None = None,
) -> None:
    """Train a run, report how it goes, and save it at its end, however it ends.

    Args:
        run: prepared.
        reporter: of the run.
        until: what may end it early.
        saver: what saves it, to `path`; None if it is not to be saved.
        path: of the model's file.
        start: the step to begin with.
        stop: the step to stop after; None for the last.
    """
    try:
        for progress in run.train(start, stop):
            if saver is not None:
                saver.add(progress)
            reporter.report_progress(progress)
            if struck := until.add(progress):
                reporter.report_stop(*struck)
                if saver is not None:
                    saver.go_back(struck[1])
                break
    finally:  # an interrupted or diverged run is saved too
        reporter.end_training()
        if saver is not None and path is not None:
            saver.save(path)


def write_samples(
    engine: LanguageModel,
    tokenizer: Tokenizer,
    prefix: list[int],
    sampling: SampleConfig,
    rng: random.Random,
    count: int,
    reporter: Reporter,
    opening: Callable[[random.Random], list[int]] = lambda _: [],
) -> None:
    """Write samples, each of which begins with the prefix, or without one with an `opening`."""
    reporter.begin_samples()
    for _ in range(count):
        begin = prefix or opening(rng)
        choices = generate(engine, tokenizer.bos, sampling, rng, begin)
        text = tokenizer.decode([*begin, *(choice.token for choice in choices)])
        reporter.report_sample(text)
