"""Trains many runs at once, in plain workers that hold nothing but compiled modules.

    >>> pool = Pool(start, num_workers=1, clock=time.monotonic, report=print, draws=Draws())
    >>> runs = [with_seed(run, seed) for seed in range(8)]
    >>> batch = pool.submit(corpus, runs, lambda result: print(result.number, result.loss))
    >>> batch.pause(), batch.resume(), batch.stop()

`submit` takes any iterable of `PoolRun`: settings, seed among them, as the page sends them. As each
run ends, in whatever order, `take` is called with its `PoolResult`: the losses of its steps, its
held-out loss, the seconds that it took, and, where the run wants them, its weights, which
`PoolResult.state` makes an engine of. Of several batches the newest goes first, and those that are
patient go last. `work` is to be
called as often as it says; it prepares runs, and gives them to workers, which are started with the
first run and ended when there has been nothing to do for a while. A run in the pool is the page's
run with the same settings and seed, to the last bit. A worker that fails or falls silent is
replaced, and its runs are given to another; a run that fails twice ends with a sentence.

A worker (`static/pool_worker.mjs`) does its runs one after the other, and takes these messages:
`model` (a module, with the addresses in its memory), `table` (documents as tokens), `run` (a
`Job`), `drop` (give up a run) and `forget` (a model or a table). It posts `working` now and then,
`ended` and `failed`.
"""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterable
from itertools import count

from app.worker.draws import Draws
from app.worker.pool.batch import Batch, TakeResult, Task
from app.worker.pool.jobs import Job, Jobs, PoolRun
from app.worker.pool.member import Member, StartPoolWorker
from app.worker.pool.result import PoolResult
from app.worker.types import Clock, Report
from microgpt.corpus.loading import Corpus
from microgpt.dataset import DataError
from microgpt.settings import SettingError

MAX_TASKS = 2  # that a worker has at a time: one to do, and one that it goes on with at once
MAX_TRIES = 2  # of a run
SILENT_WORKER_SECONDS = (
    6.0  # of a worker at work, after which it is replaced; it speaks between steps
)
CHECK_SECONDS = 1.0  # between two looks at whether they speak
IDLE_SECONDS = 60.0  # after which the workers are ended
RUN_LEFT_OUT = (
    "The worker that trained this run stopped, and so did a second one: the run was left out."
)


class Pool:
    """The workers, and what they are to do.

    Args:
        start: starts a worker.
        num_workers: how many there are at most.
        clock, report: as for `Session`.
        draws: the orders of the documents.
    """

    def __init__(
        self,
        start: StartPoolWorker,
        num_workers: int,
        clock: Clock,
        report: Report,
        draws: Draws,
    ) -> None:
        self._start, self._num_workers = start, num_workers
        self._clock, self._report = clock, report
        self._jobs = Jobs(draws)
        self._numbers = count(1)  # of tasks, models and tables
        self._members: list[Member] = []
        self._batches: list[Batch] = []  # the newest last
        self._making: tuple[Batch, int, PoolRun, Generator[None, None, Job]] | None = None
        self._again: list[Task] = []  # whose worker was lost
        self._idle_since = clock()

    def submit(
        self, corpus: Corpus, runs: Iterable[PoolRun], take: TakeResult, patient: bool = False
    ) -> Batch:
        """Train these runs, before those that were submitted earlier.

        `patient`: these go after all others.
        """
        batch = Batch(corpus, runs, take, self._give_up)
        self._batches.insert(0 if patient else len(self._batches), batch)
        return batch

    def work(self, deadline: float) -> float | None:
        """Prepares runs and gives them to workers until `deadline`.

        Returns the seconds until it should be called again, None if it need not be.
        """
        self._replace_silent()
        while self._has_room() and (task := self._next_task()) is not None:
            self._give(task)
            if self._clock() >= deadline:
                return 0.0
        if self._making is not None and self._has_room():
            return 0.0
        return self._wait()

    def close(self) -> None:
        """End every worker."""
        for member in self._members:
            member.end()
        self._members = []

    # ---- runs ------------------------------------------------------------------------------------

    def _next_task(self) -> Task | None:
        """The next run with all that a worker needs; None where there is none, or not yet."""
        if self._again:
            return self._again.pop()
        while self._making is not None or self._begin_next():
            assert self._making is not None
            batch, number, run, making = self._making
            try:
                next(making)
            except StopIteration as finished:
                self._making = None
                return Task(next(self._numbers), batch, number, finished.value)
            except (SettingError, DataError) as error:
                self._making = None
                self._tell(batch, PoolResult.failed(number, run, str(error)))
            except Exception as error:
                self._making = None
                self._report(traceback.format_exc())
                sentence = f"Python has failed at this run ({type(error).__name__})."
                self._tell(batch, PoolResult.failed(number, run, sentence))
            else:
                return None  # a yield point
        return None

    def _begin_next(self) -> bool:
        """Begin to prepare the next run of the newest batch; returns whether there is one."""
        self._batches = [batch for batch in self._batches if not batch.over]
        for batch in reversed(self._batches):
            found = None if batch.paused else batch.next_run()
            if found is not None:
                corpus = found[1].corpus or batch.corpus
                self._making = (batch, *found, self._jobs.make(corpus, found[1]))
                return True
        return False

    def _tell(self, batch: Batch, result: PoolResult) -> None:
        if batch.open:
            batch.open -= 1
            batch.take(result)

    def _give_up(self, batch: Batch) -> None:
        """The batch was stopped."""
        if self._making is not None and self._making[0] is batch:
            self._making = None
        self._again = [task for task in self._again if task.batch is not batch]
        for member in self._members:
            member.drop(batch)

    # ---- workers ---------------------------------------------------------------------------------

    def _has_room(self) -> bool:
        """Whether a worker could take another run."""
        if len(self._members) < self._num_workers:
            return bool(self._again or self._making or self._begin_next())
        return any(len(member.tasks) < MAX_TASKS for member in self._members)

    def _give(self, task: Task) -> None:
        free = [member for member in self._members if not member.tasks]
        if not free and len(self._members) < self._num_workers:
            self._members.append(self._new_member())
            free = self._members[-1:]
        member = free[0] if free else min(self._members, key=lambda each: len(each.tasks))
        task.tries += 1
        member.give(task, self._clock())

    def _new_member(self) -> Member:
        member = Member(self._numbers)
        member.connect(self._start(lambda message: self._receive(member, message)))
        return member

    def _receive(self, member: Member, message: dict[str, object]) -> None:
        """A worker says something."""
        if member not in self._members:
            return
        member.heard = self._idle_since = self._clock()
        if message["type"] == "lost":
            self._lose(member)
            return
        task = member.find(message["run"])
        if message["type"] == "working" or task is None:
            return
        member.tasks.remove(task)
        if message["type"] == "failed":
            self._report(str(message["reason"]))
            self._try_again([task])
            return
        self._tell(task.batch, PoolResult.of(task.number, task.job, message))

    def _replace_silent(self) -> None:
        now = self._clock()
        for member in [each for each in self._members if each.tasks]:
            if now - member.heard > SILENT_WORKER_SECONDS + member.tasks[0].job.longest_step:
                self._lose(member)

    def _lose(self, member: Member) -> None:
        """A worker is of no use any more."""
        self._members.remove(member)
        member.end()
        self._try_again(member.tasks)

    def _try_again(self, tasks: list[Task]) -> None:
        # What only waited behind the run that was lost has not been tried.
        for waiting in tasks[1:]:
            waiting.tries -= 1
        for task in tasks:
            if task.tries < MAX_TRIES:
                self._again.append(task)
            else:
                self._tell(task.batch, PoolResult.failed(task.number, task.job.run, RUN_LEFT_OUT))

    def _wait(self) -> float | None:
        if any(member.tasks for member in self._members):
            return CHECK_SECONDS
        if not self._members:
            return None
        left = self._idle_since + IDLE_SECONDS - self._clock()
        if left > 0:
            return left
        self.close()
        return None
