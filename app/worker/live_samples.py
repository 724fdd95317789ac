"""The lines that a model writes now and then while it is trained."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator

from app.shared import events
from microgpt.config import SampleConfig
from microgpt.run import Run
from microgpt.sampler import generate
from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError
from microgpt.trainer import EVAL_EVERY

MIN_STEPS_PER_SAMPLE = EVAL_EVERY  # between two of them
MAX_LIVE_SAMPLES = 20  # in a run


class LiveSamples:
    """What a run's model writes, and when.

    Args:
        run: the run.
        number: its number.
        sampling: returns the current sampling settings and prefix.
    """

    def __init__(
        self, run: Run, number: int, sampling: Callable[[], tuple[SampleConfig, str]]
    ) -> None:
        self._run, self._number, self._sampling = run, number, sampling
        self.spread(run.training.num_steps)

    def spread(self, num_steps: int) -> None:
        """Write about `MAX_LIVE_SAMPLES` in so many steps."""
        stretch = -(-num_steps // MAX_LIVE_SAMPLES // MIN_STEPS_PER_SAMPLE)
        self._steps_per_sample = stretch * MIN_STEPS_PER_SAMPLE

    def is_due(self, step: int) -> bool:
        """Whether to write one after this step."""
        return step % self._steps_per_sample == 0

    def after(self, step: int) -> int:
        """The next step, behind this one, after which one is due."""
        return (step // self._steps_per_sample + 1) * self._steps_per_sample

    def write(self, step: int) -> Generator[None, None, events.LiveSampleEvent]:
        """Writes one after this step; yields are yield points."""
        config, prefix = self._sampling()
        run = self._run
        rng = random.Random(run.training.seed * 1_000_003 + step)
        try:
            tokens = run.tokenizer.encode_prefix(prefix)
            choices = generate(run.engine, run.tokenizer.bos, config, rng, tokens)
            first = next(choices)
        except (UnknownCharacterError, SettingError):
            # The prefix was meant for another model: sample without one.
            tokens = []
            choices = generate(run.engine, run.tokenizer.bos, config, rng)
            first = next(choices)
        written, stop = [*tokens, first.token], first.stop
        for choice in choices:
            yield
            written.append(choice.token)
            stop = choice.stop
        text = run.tokenizer.decode(written)
        return events.LiveSampleEvent(
            type="live_sample",
            run=self._number,
            step=step,
            text=text,
            stop=stop,
            mark=run.grade(text),
        )
