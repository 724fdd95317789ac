"""One training run in slices: paced, paused, stepped, and told to the page as it goes.

It knows a `Run` and the messages about it, nothing of commands or of browsers.
"""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import Callable, Generator, Iterator

from app.shared import events
from app.worker.smoothing import Smoothing
from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.config import SampleConfig
from microgpt.dataset import DataError
from microgpt.run import Run
from microgpt.sampler import generate
from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError
from microgpt.trainer import DivergedError

SAMPLE_EVERY = 100  # steps between two live samples, at least
SAMPLES = 20  # live samples in a run, at most
FRAME = 1 / 60  # seconds between two messages about losses
WATCH_SECONDS = 6.0  # what `watch` spreads a short run over
WATCH_CURVE = 1.5  # above 1: slower at first, when the most is to be seen
CHECKPOINT_SECONDS = 2.0
CHECKPOINT_SHARE = 0.02  # of the time at most, for checkpoints of large models

Post = Callable[..., None]
Clock = Callable[[], float]


class Training:
    """A run under way.

    Args:
        run: ready to train.
        pace: `watch` or `full`.
        post, clock: as in `Session`.
        sampling: asked for the sampling settings and prefix before each live sample.
        number: the run's, for the messages about it.
    """

    def __init__(
        self,
        run: Run,
        pace: str,
        post: Post,
        clock: Clock,
        sampling: Callable[[], tuple[SampleConfig, str]],
        number: int = 0,
    ) -> None:
        self.number = number
        self._post, self._clock, self._sampling = post, clock, sampling
        self.run, self._pace = run, pace
        self.step = 0
        self._num_steps = self.run.training.num_steps
        spread = -(-self._num_steps // SAMPLES // SAMPLE_EVERY) * SAMPLE_EVERY
        self._sample_every = max(SAMPLE_EVERY, spread)
        self._state = "idle"
        self._until = self._num_steps  # where to halt; nearer during a single step
        self._interrupted = False  # paused since the last look: what was planned is void
        self._smoothing = Smoothing()
        self._news: list[float] = []  # losses not yet posted
        self._held_out: list[tuple[int, float]] = []  # the same of evaluations
        self._accuracy: list[tuple[int, float]] = []  # the same of exams: shares that were right
        self._seconds = 0.0  # of training alone
        self._watched = 0.0  # seconds of running, on the clock on the wall
        self._waiting_since: float | None = None  # for the pace
        self._last_post = self._last_checkpoint = clock()
        self._checkpoint_cost = 0.0
        self._work = self._steps()

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same run."""
        tokenizer = self.run.tokenizer
        if (checkpoint.characters, checkpoint.merges) != (tokenizer.characters, tokenizer.merges):
            raise DataError("The checkpoint is of another data set.")
        if checkpoint.config != self.run.engine.config:
            raise DataError("The checkpoint is of another architecture.")
        progress = json.loads(checkpoint.about["progress"])
        self.step, self._seconds = progress["step"], progress["seconds"]
        self._smoothing = Smoothing(progress["smoothed"])
        self._watched = self._watch_time()
        self.run.engine.restore(checkpoint.weights, checkpoint.optimizer_state)

    def set_pace(self, pace: str) -> None:
        """Go on at another pace, from where the run is."""
        self._pace = pace
        self._watched = self._watch_time()

    @property
    def running(self) -> bool:
        """Whether it is neither paused nor over."""
        return self._state == "running"

    @property
    def over(self) -> bool:
        """Whether it has ended, or never began."""
        return self._state in ("idle", "done")

    def begin(self, paused: bool = False) -> None:
        """Announce the run and set it going, or have it wait."""
        dataset, engine = self.run.dataset, self.run.engine
        remarks = self.run.remarks()
        if self.run.task_eval is not None:
            remarks.append(self.run.task_eval.about)
        self._post(
            events.started(
                self.number,
                engine.name,
                engine.precision,
                len(dataset),
                len(dataset.held_out),
                engine.config.num_params,
                engine.config.vocab_size,
                self.run.chars_per_token(),
                remarks,
            )
        )
        if self.step == self._num_steps:
            self._enter("done")
        else:
            self._enter("paused" if paused else "running")

    def pause(self) -> None:
        """Hold still; a step that is half done is done again later, with the same result."""
        if self._state == "running":
            self._flush()
            self._interrupted = True
            self._enter("paused")
            self._checkpoint()

    def resume(self) -> None:
        """Go on after a pause."""
        if self._state == "paused":
            self._until = self._num_steps
            self._enter("running")

    def single_step(self) -> None:
        """Do one step of a paused run, then pause again."""
        if self._state == "paused":
            self._until = self.step + 1
            self._enter("running")

    def close(self) -> None:
        """Let go of a step that is half done."""
        self._work.close()

    def work(self, deadline: float) -> float | None:
        """Train until `deadline`; return seconds to wait, or None if nothing is to be done."""
        if self._state != "running":
            return None
        began = now = self._clock()
        if self._waiting_since is not None:
            self._watched += began - self._waiting_since
            self._waiting_since = None
        waiting = False
        while self._state == "running" and now < deadline and not waiting:
            waiting = self._advance()
            now = self._clock()
        self._watched += now - began
        if now - self._last_post >= FRAME or self._state != "running":
            self._flush()
        if now - self._last_checkpoint >= max(
            CHECKPOINT_SECONDS, self._checkpoint_cost / CHECKPOINT_SHARE
        ):
            self._checkpoint()
        if waiting:
            self._waiting_since = now
            return FRAME
        return 0.0 if self._state == "running" else None

    def _advance(self) -> bool:
        try:
            return next(self._work)
        except DivergedError:
            self._flush()
            self._enter("done")
            raise

    def _steps(self) -> Generator[bool, None, None]:
        """The run, piece by piece; yields whether it must wait for the pace."""
        while self.step < self._num_steps:
            allowed = min(self._until, self._allowance(), self._next_mark())
            if allowed <= self.step:
                yield True
                continue
            for _ in self._train_to(allowed):
                yield False
            if self.step < allowed:
                continue  # a pause came in between
            if self.step % self._sample_every == 0:
                for _ in self._live_sample():
                    yield False
            if self.step == self._num_steps:
                self._finish()
            elif self.step == self._until:
                self._enter("paused")
                self._until = self._num_steps
                yield False
        yield False

    def _train_to(self, step: int) -> Iterator[None]:
        """Train to `step`, or until the run was paused in between."""
        self._interrupted = False
        began = self._clock()
        for progress in self.run.train(self.step, step):
            if not progress.measuring:
                self._seconds += self._clock() - began
            self.step = progress.step
            self._news += progress.losses
            if progress.held_out_loss is not None:
                self._held_out.append((progress.step, progress.held_out_loss))
            if progress.accuracy is not None:
                self._accuracy.append((progress.step, progress.accuracy))
            yield
            if self._interrupted and self.step < step:
                return
            began = self._clock()

    def _allowance(self) -> int:
        """The step that the pace allows by now: at first few steps a second, then more."""
        if self._pace == "full" or self._until < self._num_steps:
            return self._num_steps
        share = min(1.0, self._watched / WATCH_SECONDS)
        steps: int = round(self._num_steps * share**WATCH_CURVE)
        return max(1, steps)

    def _watch_time(self) -> float:
        """The time at which the pace would allow the step that the run is at."""
        share: float = (self.step / self._num_steps) ** (1 / WATCH_CURVE)
        return WATCH_SECONDS * share

    def _next_mark(self) -> int:
        return (self.step // self._sample_every + 1) * self._sample_every

    def _live_sample(self) -> Iterator[None]:
        config, prefix = self._sampling()
        run = self.run
        rng = random.Random(run.training.seed * 1_000_003 + self.step)
        try:
            tokens = run.tokenizer.encode_prefix(prefix)
            choices = generate(run.engine, run.tokenizer.bos, config, rng, tokens)
            first = next(choices)
        except (UnknownCharacterError, SettingError):
            # The prefix was meant for another model: sample freely.
            tokens = []
            choices = generate(run.engine, run.tokenizer.bos, config, rng)
            first = next(choices)
        written, stop = [*tokens, first.token], first.stop
        for choice in choices:
            yield
            written.append(choice.token)
            stop = choice.stop
        text = run.tokenizer.decode(written)
        self._post(events.live_sample(self.number, self.step, text, stop, run.mark(text)))

    def _finish(self) -> None:
        self._flush()
        self._enter("done")
        self._checkpoint()  # last: of a large model it takes a while

    def _enter(self, state: str) -> None:
        self._state = state
        self._waiting_since = None
        self._post(events.state(self.number, state))

    def _flush(self) -> None:
        if self._news or self._held_out or self._accuracy:
            losses = array("d", self._news + self._smoothing.add(self._news))
            self._post(
                events.progress(
                    self.number, self.step, self._held_out, self._accuracy, self._seconds
                ),
                losses.tobytes(),
            )
            self._news, self._held_out, self._accuracy = [], [], []
        self._last_post = self._clock()

    def _checkpoint(self) -> None:
        self._flush()  # whoever goes on from here has all the losses before
        began = self._clock()
        engine = self.run.engine
        progress = {
            "step": self.step,
            "seconds": self._seconds,
            "smoothed": self._smoothing.value,
        }
        about = {"progress": json.dumps(progress)}
        checkpoint = Checkpoint(
            engine.config,
            self.run.tokenizer.characters,
            engine.weights(),
            about,
            engine.optimizer_state(),
            self.run.tokenizer.merges,
        )
        self._post(events.checkpoint(self.number, self.step), to_bytes(checkpoint))
        self._last_checkpoint = self._clock()
        self._checkpoint_cost = self._last_checkpoint - began
