"""One training run, done in slices: paced, paused, stepped, and reported to the page.

It knows a `Run` and the events about it, nothing of commands or of browsers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator

from app.shared import events
from app.worker.loss_buffer import LossBuffer
from app.worker.pacing import Pacer
from app.worker.training_state import TRANSITIONS, TrainingState, Trigger
from app.worker.types import Clock, Post
from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.config import SampleConfig
from microgpt.dataset import DataError
from microgpt.run import Run
from microgpt.sampler import generate
from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError
from microgpt.trainer import EVAL_EVERY, DivergedError
from microgpt.training_record import Progress, progress_from_about, progress_to_about

MIN_STEPS_PER_SAMPLE = EVAL_EVERY  # between two live samples
MAX_LIVE_SAMPLES = 20  # in a run
FRAME_SECONDS = 1 / 60  # between two `progress` events, at least
CHECKPOINT_SECONDS = 0.5  # between two checkpoints, and so what a dead worker loses at most
MAX_CHECKPOINT_SHARE = 0.02  # of the time, for the checkpoints of large models


class Training:
    """A run and its state.

    Args:
        run: ready to train.
        pace: `watch` or `full`.
        post, clock: as for `Session`.
        sampling: returns the current sampling settings and prefix, for live samples.
        number: the run's number, which its events bear.
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
        self.run = run
        self.step = 0
        self._first_document = 0  # more where the run continues another
        self._num_steps = self.run.training.num_steps
        self._pacer = Pacer(pace, self._num_steps)
        stretch = -(-self._num_steps // MAX_LIVE_SAMPLES // MIN_STEPS_PER_SAMPLE)
        self._steps_per_sample = stretch * MIN_STEPS_PER_SAMPLE
        self._state = TrainingState.IDLE
        self._until = self._num_steps  # where to halt; the next step during a single step
        self._interrupted = False  # paused since the last yield, so that what was planned is void
        self._losses = LossBuffer()
        self._seconds = 0.0  # of computing
        self._waiting_since: float | None = None  # for the pace
        self._last_progress = self._last_checkpoint = clock()
        self._checkpoint_step = 0  # of the last one
        self._checkpoint_cost = 0.0  # seconds that it took
        self._work = self._steps()

    def restore(self, checkpoint: Checkpoint, continued: bool) -> Generator[None, None, None]:
        """Goes on from a checkpoint; yields are yield points.

        Args:
            checkpoint: of this run, or of one with the same data, tokens and architecture.
            continued: whether it is of another run. Its model is trained from step 0 on, with a
                fresh optimizer, on the documents that follow.

        Raises:
            DataError: the checkpoint has other tokens, another architecture, or lacks something.
        """
        tokenizer, engine = self.run.tokenizer, self.run.engine
        if (checkpoint.characters, checkpoint.merges) != (tokenizer.characters, tokenizer.merges):
            raise DataError("The checkpoint is of another data set.")
        if checkpoint.config != engine.config:
            raise DataError("The checkpoint is of another architecture.")
        progress = progress_from_about(checkpoint.about)
        self._losses = LossBuffer.after(checkpoint.about)
        self._first_document = progress.next_document
        if not continued:
            if checkpoint.optimizer_state is None or progress.step > self._num_steps:
                raise DataError("The checkpoint does not hold what this run could go on with.")
            self.step, self._seconds = progress.step, progress.seconds
            self._first_document -= self.step * self.run.training.batch_size
            self._pacer.continue_from(self.step)
        if self._first_document:
            yield from self.run.prepare(self._first_document)
        engine.restore(checkpoint.weights, None if continued else checkpoint.optimizer_state)

    def set_pace(self, pace: str) -> None:
        """Continues at another pace from the current step."""
        self._pacer.set_pace(pace, self.step)

    @property
    def running(self) -> bool:
        """Whether it is neither paused nor over."""
        return self._state is TrainingState.RUNNING

    @property
    def over(self) -> bool:
        """Whether nothing will be trained any more."""
        return self._state in (TrainingState.IDLE, TrainingState.DONE)

    def begin_run(self, paused: bool = False) -> None:
        """Announces the run and starts it, or has it wait."""
        dataset, engine = self.run.dataset, self.run.engine
        remarks = self.run.remarks()
        if self.run.task_eval is not None:
            remarks.append(self.run.task_eval.description)
        self._post(
            events.StartedEvent(
                type="started",
                run=self.number,
                engine=engine.name,
                precision=engine.precision,
                num_docs=len(dataset),
                num_held_out=len(dataset.held_out),
                num_params=engine.config.num_params,
                vocab_size=engine.config.vocab_size,
                chars_per_token=self.run.chars_per_token(),
                remarks=remarks,
            )
        )
        if self.step == self._num_steps:
            self._change_state("end")
        else:
            self._change_state("begin_paused" if paused else "begin")

    def pause(self) -> None:
        """Pauses; a step that is half done is repeated later, with the same result."""
        if (self._state, "pause") in TRANSITIONS:
            self._post_progress()
            self._interrupted = True
            self._change_state("pause")
            self._post_checkpoint()

    def resume(self) -> None:
        """Continues after a pause."""
        if self._change_state("resume"):
            self._until = self._num_steps

    def single_step(self) -> None:
        """Does one step of a paused run, then pauses again."""
        if self._change_state("single_step"):
            self._until = self.step + 1

    def stop(self) -> None:
        """Ends the run for good."""
        self.close()
        self._change_state("stop")

    def close(self) -> None:
        """Discards a step that is half done; says nothing to the page."""
        self._work.close()

    def work(self, deadline: float) -> float | None:
        """Trains until `deadline`; returns the seconds to wait, None if there is nothing to do.

        Raises `DivergedError`; the run is then done.
        """
        if not self.running:
            return None
        began = now = self._clock()
        if self._waiting_since is not None:
            self._pacer.pass_time(began - self._waiting_since)
            self._waiting_since = None
        waiting = False
        while self.running and now < deadline and not waiting:
            waiting = self._advance()
            now = self._clock()
        self._pacer.pass_time(now - began)
        if now - self._last_progress >= FRAME_SECONDS or not self.running:
            self._post_progress()
        if waiting:
            self._waiting_since = now
            return FRAME_SECONDS
        return 0.0 if self.running else None

    def _advance(self) -> bool:
        try:
            return next(self._work)
        except DivergedError:
            self._post_progress()
            self._change_state("end")
            raise

    def _steps(self) -> Generator[bool, None, None]:
        """The run, piece by piece; yields whether it must wait for the pace."""
        while self.step < self._num_steps:
            self._post_checkpoint_if_due()
            allowed = min(self._until, self._allowed_step(), self._next_sample_step())
            if allowed <= self.step:
                yield True
                continue
            for _ in self._train_to(allowed):
                yield False
            if self.step < allowed:
                continue  # it was paused in between
            if self.step % self._steps_per_sample == 0:
                for _ in self._write_live_sample():
                    yield False
            if self.step == self._num_steps:
                self._finish()
            elif self.step == self._until:
                self._change_state("step_done")
                self._post_checkpoint()
                self._until = self._num_steps
                yield False
        yield False

    def _train_to(self, step: int) -> Iterator[None]:
        """Trains to `step`, or until the run is paused."""
        self._interrupted = False
        began = self._clock()
        for progress in self.run.train(self.step, step):
            if not progress.measuring:
                self._seconds += self._clock() - began
            self.step = progress.step
            self._losses.add(progress)
            if progress.losses and self.step == self._num_steps:
                self._post_progress()  # before the last evaluations, which take longer than steps
            # Between two steps, so that no step is done twice. One that is evaluated, or followed
            # by a sample, is over only then: whoever continued from it would do neither.
            if progress.losses and self.step % EVAL_EVERY:
                self._post_checkpoint_if_due()
            yield
            if self._interrupted and self.step < step:
                return
            began = self._clock()

    def _allowed_step(self) -> int:
        """The step that the pace allows by now; a single step is never kept waiting."""
        single = self._until < self._num_steps
        return self._num_steps if single else self._pacer.allowed_step()

    def _next_sample_step(self) -> int:
        return (self.step // self._steps_per_sample + 1) * self._steps_per_sample

    def _write_live_sample(self) -> Iterator[None]:
        config, prefix = self._sampling()
        run = self.run
        rng = random.Random(run.training.seed * 1_000_003 + self.step)
        try:
            tokens = run.tokenizer.encode_prefix(prefix) or run.opening(rng)
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
        self._post(
            events.LiveSampleEvent(
                type="live_sample",
                run=self.number,
                step=self.step,
                text=text,
                stop=stop,
                mark=run.grade(text),
            )
        )

    def _finish(self) -> None:
        self._post_progress()
        self._change_state("end")
        self._post_checkpoint()  # last, since that of a large model takes a while

    def _change_state(self, trigger: Trigger) -> bool:
        """Enters and posts the state that the trigger leads to; returns whether there is one."""
        state = TRANSITIONS.get((self._state, trigger))
        if state is None:
            return False
        self._state = state
        self._waiting_since = None
        self._post(events.RunStateEvent(type="run_state", run=self.number, state=state.value))
        return True

    def _post_progress(self) -> None:
        event = self._losses.flush(self.number, self.step, self._seconds)
        if event is not None:
            self._post(event)
        self._last_progress = self._clock()

    def _post_checkpoint_if_due(self) -> None:
        least = max(CHECKPOINT_SECONDS, self._checkpoint_cost / MAX_CHECKPOINT_SHARE)
        passed = self._clock() - self._last_checkpoint
        if passed >= least and self._checkpoint_step < self.step < self._num_steps:
            self._post_checkpoint()

    def _post_checkpoint(self) -> None:
        self._post_progress()  # whoever continues from here has all the losses before
        began = self._clock()
        engine = self.run.engine
        next_document = self._first_document + self.step * self.run.training.batch_size
        progress = Progress(self.step, self._seconds, self._losses.smoothed, next_document)
        checkpoint = Checkpoint(
            engine.config,
            self.run.tokenizer.characters,
            engine.weights(),
            progress_to_about(progress),
            engine.optimizer_state(),
            self.run.tokenizer.merges,
        )
        self._post(
            events.CheckpointEvent(
                type="checkpoint", run=self.number, step=self.step, blob=to_bytes(checkpoint)
            )
        )
        self._last_checkpoint, self._checkpoint_step = self._clock(), self.step
        self._checkpoint_cost = self._last_checkpoint - began
