"""An experiment that is being run: its runs go to the pool, what comes of them to the page."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import NamedTuple

from app.shared.lab import SweepCommand
from app.worker.draws import Draws
from app.worker.lab.conclusions import Conclusions
from app.worker.lab.measurer import NUM_LAB_SAMPLES, Measurer
from app.worker.lab.news import News
from app.worker.lab.plan import Plan, RunKey
from app.worker.lab.records import Record, read_records
from app.worker.lab.time_left import TimeLeft
from app.worker.lab.windows import Windows
from app.worker.pool.batch import Batch
from app.worker.pool.jobs import PoolRun
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
        self._windows = Windows(corpus)
        self._order: list[RunKey] = []  # the runs that the pool makes
        self._batch: Batch | None = None  # of these, once it is known which they are
        self._pool_waits = False  # whether the pool does not know yet that it may go on
        self._unmeasured: deque[Ended] = deque()
        self._unsampled: deque[Ended] = deque()
        self._unsampled_bytes = 0
        self._work: Iterator[None] | None = self._begin(command.get("blob", b""))
        self._news = News(self.plan)
        self._time, self._work_left = TimeLeft(clock), 0.0
        self._told_at = clock() - TELL_SECONDS

    # ---- commands --------------------------------------------------------------------------------

    def pause(self, paused: bool) -> None:
        """Begin no further run; or go on."""
        if not self.over:
            self._paused, self._news.fresh = paused, True
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
        if self.over or (self._news.fresh and wait <= 0):
            self._tell()
        waits = [max(0.0, wait)] if self._news.fresh else []
        if self._work is not None or self._unmeasured or self._unsampled or self._pool_waits:
            waits.append(0.0)
        self._pool_waits = False
        if self._conclusions.wait is not None:
            waits.append(self._conclusions.wait)
        return None if self.over else min(waits, default=None)

    @property
    def _is_done(self) -> bool:
        waiting = self._work is not None or self._unmeasured or self._unsampled
        return not waiting and sum(self._news.done) == self.plan.num_runs

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
                if self._corpus.options.windowed:
                    yield from self._windows.cut(self.plan.values(key))
            if count % READ_PER_YIELD == 0:
                yield
        runs = map(self._pool_run, self._order)
        self._batch = self._pool.submit(self._corpus, runs, self._take, patient=True)
        self._batch.pause()
        self._steer()
        self._news.fresh = True

    def _pool_run(self, key: RunKey) -> PoolRun:
        run = self.plan.pool_run(key)
        return replace(run, corpus=self._windows.of(run.settings))

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
        measured = yield from self._measurer.measure(sweep, varied, result)
        self._end(key, measured, result)

    def _write(self, key: RunKey, result: PoolResult) -> Generator[None, None, None]:
        sweep, record = self.plan.sweeps[key.sweep], self.records[key]
        varied = self.plan.varied(key)
        samples = yield from self._measurer.write(sweep, varied, result)
        self.records[key] = record.with_samples(samples)
        self._news.keep(self.records[key])
        self._news.show(key, samples)

    def _end(self, key: RunKey, result: RunResult, pooled: PoolResult) -> None:
        """This is what came of a run that was made now."""
        record = Record(key, self.plan.sweeps[key.sweep].measured, result)
        self._news.keep(record)
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
        self._conclusions.add(key.sweep, result)
        self._news.add(key, result)
        if self.plan.is_first(key):
            self._news.show(key, list(result.samples[:NUM_LAB_SAMPLES]))

    def _fail(self, key: RunKey, sentence: str) -> None:
        """Nothing has come of a run, or of its samples."""
        over = key not in self.records
        self._news.fail(key, sentence, over)
        if over:
            self._made(key)

    def _made(self, key: RunKey) -> None:
        work = self.plan.work(key)
        self._work_left -= work
        self._time.add(work)

    def _trying(self, work: Iterator[None], key: RunKey) -> Iterator[None]:
        """The same work; if it raises, it comes to nothing, and so does the run."""
        try:
            yield from work
        except (SettingError, DataError, UnknownCharacterError) as error:
            self._fail(key, str(error))
        except Exception as error:
            self._report(traceback.format_exc())
            self._fail(key, f"Python has failed at this run ({type(error).__name__}).")

    def _conclude(self) -> Generator[None, None, None]:
        """Finds out what has come out so far."""
        first_over = self._news.done[0] == self.plan.sweeps[0].num_runs
        found = self._conclusions.conclude(first_over)
        if found is not None:
            finding, law = found
            predicted = yield from self._conclusions.predict(law, self._draws)
            self._news.conclude(finding, predicted)

    def _tell(self) -> None:
        left = 0.0 if self.over else self._time.left(self._work_left)
        self._told_at = self._clock()
        self._post(self._news.event(self.number, self.over, left))
