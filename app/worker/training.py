"""One training run, done in slices: paced, paused, stepped, changed, and reported to the page.

It knows a `Run` and the events about it, nothing of commands or of browsers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

from app.shared import events
from app.worker.changes import Changes, segment_event
from app.worker.diagnosing import Diagnosing
from app.worker.live_samples import LiveSamples
from app.worker.loss_buffer import LossBuffer
from app.worker.newest_checkpoint import NewestCheckpoint, restore_run
from app.worker.pacing import Pacer
from app.worker.run_history import RunHistory
from app.worker.run_started import started_event
from app.worker.step_documents import StepDocuments
from app.worker.stops import Stops
from app.worker.training_state import RunState, Trigger
from app.worker.types import Clock, Post
from microgpt.checkpoint import Checkpoint
from microgpt.config import SampleConfig
from microgpt.run import Run
from microgpt.segments import segment_at
from microgpt.trainer import EVAL_EVERY, DivergedError, TrainProgress

FRAME_SECONDS = 1 / 60  # between two `progress` events, at least


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
        self.number, self.live = number, False  # the latter: whether another may follow soon
        self._post, self._clock = post, clock
        self.run = run
        self.step = 0
        self._num_steps = run.training.num_steps
        self.pacer = Pacer(pace, self._num_steps)
        self._live = LiveSamples(run, number, sampling)
        self.history = RunHistory(run, number, post)
        self.stops = Stops()
        self.diagnosing: Diagnosing | None = None  # while it is looked at
        self.state = RunState(number, post)
        self._until: int | None = None  # where to halt; the next step during a single step
        self._interrupted = False  # since the last yield, so that what was planned is void
        self._changes = Changes()
        self._losses = LossBuffer()
        self._seconds = 0.0  # of computing
        self._waiting_since: float | None = None  # for the pace
        self._last_progress = clock()
        self._checkpoint = NewestCheckpoint(run, number, post, clock)
        self._work = self._steps()

    @property
    def learning(self) -> bool:
        """Whether steps are being done: behind the last one only evaluations follow."""
        return self.state.running and self.step < self._num_steps

    def restore(self, checkpoint: Checkpoint, continued: bool) -> Generator[None, None, None]:
        """Goes on from a checkpoint, as `restore_run` does; yields are yield points."""
        progress = yield from restore_run(self.run, checkpoint, continued)
        self._losses = LossBuffer.after(checkpoint.about)
        self.step, self._seconds = progress.step, progress.seconds
        segment = self.run.segments[-1]
        self._num_steps = segment.schedule_end
        self._spread(segment.schedule_begin)

    def begin_run(self, paused: bool = False) -> None:
        """Announces the run and starts it, or has it wait."""
        self._post(started_event(self.run, self.number))
        if self.step == 0:
            self.history.keep_if_due(0, 0.0, None)
        begin: Trigger = "begin_paused" if paused else "begin"
        self._change_state("end" if self.step == self._num_steps else begin)

    def pause(self) -> None:
        """Pauses; a step that is half done is repeated later, with the same result."""
        if self.state.running:
            self._post_progress()
            self._interrupted = True
            self._change_state("pause")
            self._post_checkpoint()

    def resume(self) -> None:
        """Continues after a pause."""
        if self._change_state("resume"):
            self._go_on(None)

    def single_step(self) -> None:
        """Does one step of a paused run, then pauses again."""
        if self._change_state("single_step"):
            self._go_on(self.step + 1)

    def change(self, settings: dict[str, Any]) -> None:
        """Goes on with these settings; a run that is over is trained longer.

        They hold from the next step on. Raises `SettingError` for an invalid value.
        """
        replace(segment_at(self.run.segments, self.step).training, **settings)  # checks them
        if self.state.running and self.step == self._num_steps:
            return  # its last evaluations are on: it is as good as over
        longer = self.state.done
        self._changes.add(settings, longer)
        self._interrupted = True
        if longer:
            self._begin_work()
            self._change_state("longer")

    def rewind(self, step: int) -> None:
        """Goes back to a kept checkpoint, or forward to a later one, and waits there.

        Raises `SettingError` if there is none after this step.
        """
        kept = self.history.checkpoint(step)
        if self.state.running:
            self.pause()
        self._begin_work()
        self._changes.clear()
        self.history.leave(self.step, self._seconds, self._losses.smoothed)
        self.history.go_to(kept)
        self.step, self._seconds, self._losses = kept.step, kept.seconds, LossBuffer(kept.smoothed)
        self._change_state("end" if step == self._num_steps else "rewind")
        self._post(events.RewoundEvent(type="rewound", run=self.number, step=step))

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
        if not self.state.running:
            return None
        began = now = self._clock()
        if self._waiting_since is not None:
            self.pacer.pass_time(began - self._waiting_since)
            self._waiting_since = None
        learning, waiting = self.learning, False
        # A slice ends with the last step: what is shown of the model goes before evaluating it.
        while self.state.running and now < deadline and not waiting and self.learning == learning:
            waiting = self._advance()
            now = self._clock()
        self.pacer.pass_time(now - began)
        if now - self._last_progress >= FRAME_SECONDS or not self.state.running:
            self._post_progress()
        if waiting:
            self._waiting_since = now
            return FRAME_SECONDS
        return 0.0 if self.state.running else None

    def _advance(self) -> bool:
        try:
            return next(self._work)
        except DivergedError:
            self._post_progress()
            self._change_state("end")
            raise

    def _begin_work(self) -> None:
        """Plan the steps from here on anew."""
        self._work.close()
        self._until = None  # a run may have ended with a single step
        self._work = self._steps()

    def _go_on(self, until: int | None) -> None:
        self._until = until
        if self.history.forget_later(self.step):
            self.stops.go_back(self.step)
            self.pacer.continue_from(self.step)
            self._changes.add({})  # a segment of its own, which cuts off what was later

    def _steps(self) -> Generator[bool, None, None]:
        """The run, piece by piece; yields whether it must wait for the pace."""
        while self.step < self._num_steps or self._changes.waiting:
            if self._changes.waiting:
                for _ in self._begin_segment():
                    yield False
            self._post_checkpoint_if_due()
            allowed = self._next_halt()
            if allowed <= self.step:
                yield True
                continue
            for _ in self._alone_to(allowed) if self._until else self._train_to(allowed):
                yield False
            if self.step < allowed:
                continue  # it was paused in between, or is to be changed
            for _ in self._look_back():
                yield False
            if self.step == self._num_steps and not self._changes.waiting:
                self._finish()
            elif self.step == self._until:
                self._change_state("step_done")
                self._post_checkpoint()
                self._until = None
                yield False
        yield False

    def _next_halt(self) -> int:
        """The step to train to; a single step is never kept waiting for the pace."""
        limit = self._until if self._until is not None else self.pacer.allowed_step()
        watching = self._live, self.history, self.diagnosing
        due = [each.after(self.step) for each in watching if each is not None]
        return min(limit, self._num_steps, *due)

    def _look_back(self) -> Iterator[None]:
        """What is due now and then between two steps; yields are yield points."""
        if self._live.is_due(self.step):
            self._post((yield from self._live.write(self.step)))
        self.history.keep_if_due(self.step, self._seconds, self._losses.smoothed)
        if self.diagnosing is not None and self.diagnosing.is_due(self.step):
            yield from self.diagnosing.look(self.step)

    def _alone_to(self, step: int) -> Iterator[None]:
        """Does a single step, and tells what it has learned from."""
        documents = StepDocuments(self.run, self.step)
        yield
        yield from self._train_to(step)
        if self.step == step:
            self._post(documents.event(self.number, step))

    def _begin_segment(self) -> Iterator[None]:
        """Has what was changed hold from here on; yields are yield points."""
        segment = self._changes.take(self.run.segments, self.step)
        yield from self.run.add_segment(segment)
        # Whoever has an older checkpoint goes on without the change, or from what was cut off.
        self._checkpoint.hurry()
        if segment.schedule_end != self._num_steps:
            self._num_steps = segment.schedule_end
            self._spread(segment.schedule_begin)
        self._post(segment_event(self.number, segment))

    def _spread(self, begin: int) -> None:
        """Spread over the whole run what happens now and then; its schedule begins at a step."""
        self.pacer.spread(begin, self._num_steps, self.step)
        self._live.spread(self._num_steps)
        self.history.extend(self._num_steps)

    def _train_to(self, step: int) -> Iterator[None]:
        """Trains to `step`, or until the run is paused or changed."""
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
            self._heed_stops(progress)
            yield
            if self._interrupted and self.step < step:
                return
            began = self._clock()

    def _heed_stops(self, progress: TrainProgress) -> None:
        """Pauses where a rule says so, unless the run is over anyway."""
        stopped = self.stops.add(progress, self.number)
        if self.stops.is_best(progress):
            self.history.keep_best(self.step, self._seconds, self._losses.smoothed)
        if stopped is not None and self.step < self._num_steps:
            self.pause()
            self._post(stopped)

    def _finish(self) -> None:
        self._post_progress()
        self.history.keep_end(self.step, self._seconds, self._losses.smoothed)
        self._change_state("end")
        self._post_checkpoint()  # last, since that of a large model takes a while

    def _change_state(self, trigger: Trigger) -> bool:
        """Enters the state that the trigger leads to; returns whether there is one."""
        self._waiting_since = None
        return self.state.enter(trigger)

    def _post_progress(self) -> None:
        event = self._losses.flush(self.number, self.step, self._seconds)
        if event is not None:
            self._post(event)
        self._last_progress = self._clock()

    def _post_checkpoint_if_due(self) -> None:
        if self.step < self._num_steps and self._checkpoint.is_due(self.step):
            self._post_checkpoint()

    def _post_checkpoint(self) -> None:
        self._post_progress()  # whoever continues from here has all the losses before
        self._checkpoint.post(self.step, self._seconds, self._losses.smoothed)
        self.history.post_new()
