"""An experiment that is being run: its runs go to the pool, what comes of them to the page."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Generator, Iterator
from typing import NamedTuple

from app.shared.lab import SweepCommand, SweptEvent, SweptFinding
from app.worker.draws import Draws
from app.worker.lab.conclusions import Conclusions, Predicted
from app.worker.lab.measurer import NUM_LAB_SAMPLES, Measurer
from app.worker.lab.plan import Plan, RunKey
from app.worker.lab.points import PointResults
from app.worker.lab.records import Record, read_records
from app.worker.lab.time_left import TimeLeft
from app.worker.pool.batch import Batch
from app.worker.pool.pool import Pool
from app.worker.pool.result import PoolResult
from app.worker.types import Clock, Post, Report
from microgpt.corpus.loading import Corpus
from microgpt.dataset import DataError
from microgpt.generators import drain
from microgpt.lab.results import RunResult
from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError

TELL_SECONDS = 0.2  # between two `swept` events, at least
READ_PER_YIELD = 20  # lines of what is kept
MAX_UNMEASURED = 8  # runs that wait for being measured, before no further ones are begun
MAX_UNSAMPLED_BYTES = 32e6  # of the weights of models that wait for writing samples


class Ended(NamedTuple):
    """A run that the pool has done."""

    key: RunKey
    result: PoolResult


class RunningExperiment:
    """An experiment.

    Args:
        command: what to do.
        corpus: the data.
        post, clock, report: as for `Session`.
        pool: trains the runs.
        draws: the orders of the documents.
        measurer: measures what the pool does not.

    Raises:
        SettingError: a sweep cannot be run.
    """

    def __init__(
        self,
        command: SweepCommand,
        corpus: Corpus,
        post: Post,
        clock: Clock,
        report: Report,
        pool: Pool,
        draws: Draws,
        measurer: Measurer,
    ) -> None:
        self.number = command["number"]
        self.plan = Plan(command["texts"])
        self.records: dict[RunKey, Record] = {}
        self.over = False
        self._corpus, self._post, self._clock, self._report = corpus, post, clock, report
        self._pool, self._draws, self._measurer = pool, draws, measurer
        self._paused = command["paused"]
        self._conclusions = Conclusions(command["ready"], self.plan, corpus.documents, clock)
        self._points: dict[tuple[int, int], PointResults] = {}
        self._order: list[RunKey] = []  # the runs that the pool makes
        self._batch: Batch | None = None  # of these, once it is known which they are
        self._pool_waits = False  # whether the pool does not know yet that it may go on
        self._unmeasured: deque[Ended] = deque()
        self._unsampled: deque[Ended] = deque()
        self._unsampled_bytes = 0
        self._work: Iterator[None] | None = self._begin(command.get("blob", b""))
        self._done, self._seconds = 0, 0.0
        self._first_left = self.plan.sweeps[0].num_runs  # runs of the first sweep
        self._time, self._work_left = TimeLeft(clock), 0.0
        self._told_at = clock() - TELL_SECONDS
        # What the next event tells.
        self._news = False
        self._changed: dict[tuple[int, int], PointResults] = {}
        self._lines: dict[RunKey, bytes] = {}  # of what came of runs
        self._finding: SweptFinding | None = None
        self._predicted: Predicted = []
        self._failure = ""

    # ---- commands --------------------------------------------------------------------------------

    def pause(self, paused: bool) -> None:
        """Begin no further run; or go on."""
        if not self.over:
            self._paused, self._news = paused, True
            self._steer()

    def stop(self) -> None:
        """Give up what is not done, and say what there is."""
        if not self.over:
            self.abandon()
            drain(self._conclude())
            self._tell()

    def abandon(self) -> None:
        """Give up what is not done, without a word."""
        self.over, self._work = True, None
        self._unmeasured.clear()
        self._unsampled.clear()
        if self._batch is not None:
            self._batch.stop()

    # ---- work ------------------------------------------------------------------------------------

    def work(self, deadline: float) -> float | None:
        """Works until `deadline`, a little at least.

        Returns the seconds until there may be more to do, None where there is no more for now.
        """
        if self.over:
            return None
        while self._advance():
            if self._clock() >= deadline:
                break
        if self._is_done:
            drain(self._conclude())
            self.over = True
        wait = self._told_at + TELL_SECONDS - self._clock()
        if self.over or (self._news and wait <= 0):
            self._tell()
        waits = [max(0.0, wait)] if self._news else []
        if self._work is not None or self._unmeasured or self._unsampled or self._pool_waits:
            waits.append(0.0)
        self._pool_waits = False
        if self._conclusions.wait is not None:
            waits.append(self._conclusions.wait)
        return None if self.over else min(waits, default=None)

    @property
    def _is_done(self) -> bool:
        waiting = self._work is not None or self._unmeasured or self._unsampled
        return not waiting and self._done == self.plan.num_runs

    def _advance(self) -> bool:
        """Does a piece of work; returns whether there may be more."""
        if self._work is None:
            self._work = self._next_work()
        if self._work is None:
            return False
        if next(self._work, self) is self:
            self._work = None
        return True

    def _next_work(self) -> Iterator[None] | None:
        if self._unmeasured:
            ended = self._unmeasured.popleft()
            self._steer()
            return self._trying(self._measure(*ended), ended.key)
        if self._conclusions.wait == 0.0:
            return self._conclude()
        if self._unsampled:
            ended = self._unsampled.popleft()
            self._unsampled_bytes -= len(ended.result.weights)
            return self._trying(self._write(*ended), ended.key)
        return None

    def _begin(self, blob: bytes) -> Iterator[None]:
        """Takes up what is kept, and has the pool make the other runs."""
        kept: dict[RunKey, Record] = {}
        for count, record in enumerate(read_records(blob, self.plan)):
            if record is not None:
                kept[record.key] = record
            if count % READ_PER_YIELD == 0:
                yield
        for count, key in enumerate(self.plan.order()):
            known = kept.get(key)
            if known is not None and known.answers(self.plan.sweeps[key.sweep].measured):
                self._add(known)
            else:
                self._order.append(key)
                self._work_left += self.plan.work(key)
            if count % READ_PER_YIELD == 0:
                yield
        runs = map(self.plan.pool_run, self._order)
        self._batch = self._pool.submit(self._corpus, runs, self._take, patient=True)
        self._batch.pause()
        self._steer()
        self._news = True

    def _steer(self) -> None:
        """Has the pool begin further runs, or not."""
        if self._batch is None:
            return
        paused = self._paused or len(self._unmeasured) > MAX_UNMEASURED
        self._pool_waits = self._batch.paused and not paused
        self._batch.paused = paused
        if self._paused:
            self._time.rest()
        else:
            self._time.go_on()

    # ---- what comes of runs ----------------------------------------------------------------------

    def _take(self, result: PoolResult) -> None:
        """The pool has done a run."""
        key = self._order[result.number]
        if result.failure:
            self._fail(key, result.failure)
        elif self._measurer.needs_model(self.plan.sweeps[key.sweep], result):
            self._unmeasured.append(Ended(key, result))
            self._steer()
        else:
            self._end(key, self._measurer.quick(self.plan.varied(key), result), result)

    def _measure(self, key: RunKey, result: PoolResult) -> Generator[None, None, None]:
        sweep, varied = self.plan.sweeps[key.sweep], self.plan.varied(key)
        measured = yield from self._measurer.measure(self._corpus, sweep, varied, result)
        self._end(key, measured, result)

    def _write(self, key: RunKey, result: PoolResult) -> Generator[None, None, None]:
        sweep, record = self.plan.sweeps[key.sweep], self.records[key]
        varied = self.plan.varied(key)
        samples = yield from self._measurer.write(self._corpus, sweep, varied, result)
        self.records[key] = record.with_samples(samples)
        self._lines[key] = self.records[key].line()
        self._point(key).show(samples)

    def _end(self, key: RunKey, result: RunResult, pooled: PoolResult) -> None:
        """This is what came of a run that was made now."""
        record = Record(key, self.plan.sweeps[key.sweep].measured, result)
        self._lines[key] = record.line()
        self._add(record)
        self._made(key)
        size = len(pooled.weights)
        writes = self.plan.is_first(key) and not result.samples and not result.diverged
        if writes and self._unsampled_bytes + size <= MAX_UNSAMPLED_BYTES:
            self._unsampled.append(Ended(key, pooled))
            self._unsampled_bytes += size

    def _add(self, record: Record) -> None:
        """A run has come to this, now or earlier."""
        key, result = record.key, record.result
        self.records[key] = record
        self._seconds += result.measures.get("seconds", 0.0)
        self._conclusions.add(key.sweep, result)
        point = self._point(key)
        point.add(result)
        if self.plan.is_first(key):
            point.show(list(result.samples[:NUM_LAB_SAMPLES]))
        self._count(key)

    def _fail(self, key: RunKey, sentence: str) -> None:
        """Nothing has come of a run, or of its samples."""
        self._failure = sentence
        if key in self.records:
            return
        self._point(key).done += 1
        self._made(key)
        self._count(key)

    def _trying(self, work: Iterator[None], key: RunKey) -> Iterator[None]:
        """The same work; if it raises, it comes to nothing, and so does the run."""
        try:
            yield from work
        except (SettingError, DataError, UnknownCharacterError) as error:
            self._fail(key, str(error))
        except Exception as error:
            self._report(traceback.format_exc())
            self._fail(key, f"Python has failed at this run ({type(error).__name__}).")

    def _count(self, key: RunKey) -> None:
        self._done += 1
        self._first_left -= key.sweep == 0

    def _made(self, key: RunKey) -> None:
        work = self.plan.work(key)
        self._work_left -= work
        self._time.add(work)

    def _point(self, key: RunKey) -> PointResults:
        """The point of a run, of which there is more to tell."""
        at = key.sweep, self.plan.place(key)
        if at not in self._points:
            sweep = self.plan.sweeps[key.sweep]
            self._points[at] = PointResults(*at, sweep.measured, not sweep.axes)
        self._changed[at] = self._points[at]
        self._news = True
        return self._points[at]

    def _conclude(self) -> Generator[None, None, None]:
        """Finds out what has come out so far."""
        found = self._conclusions.conclude(self._first_left == 0)
        if found is None:
            return
        self._finding, law = found
        if law is not None:
            self._predicted += yield from self._conclusions.predict(law, self._draws)
        self._news = True

    # ---- telling ---------------------------------------------------------------------------------

    def _tell(self) -> None:
        points = list(self._changed.values())
        event = SweptEvent(
            type="swept",
            number=self.number,
            done=self._done,
            of=self.plan.num_runs,
            seconds_left=0.0 if self.over else self._time.left(self._work_left),
            seconds=self._seconds,
            over=self.over,
            points=[point.told() for point in points],
            curves=[curve for point in points for curve in point.told_curves()],
            predicted=self._predicted,
            finding=self._finding,
            failure=self._failure,
        )
        if self._lines:
            event["blob"] = b"".join(self._lines.values())
        self._changed, self._lines, self._finding, self._predicted = {}, {}, None, []
        self._told_at, self._news = self._clock(), False
        self._post(event)
