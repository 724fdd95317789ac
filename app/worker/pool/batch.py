"""Runs that were submitted to the pool together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from app.worker.pool.jobs import Job, PoolRun
from app.worker.pool.result import PoolResult
from microgpt.corpus.loading import Corpus

TakeResult = Callable[[PoolResult], None]


class Batch:
    """Runs that were submitted together.

    Args:
        corpus: what they train on.
        runs: the runs.
        take: called with each result.
        stopped: called when it is given up.
    """

    def __init__(
        self,
        corpus: Corpus,
        runs: Iterable[PoolRun],
        take: TakeResult,
        stopped: Callable[[Batch], None],
    ) -> None:
        self.corpus, self.take = corpus, take
        self._runs: Iterator[tuple[int, PoolRun]] = enumerate(runs)
        self._stopped = stopped
        self.paused = False
        self.open = 0  # runs that are being prepared or trained
        self.all_begun = False

    @property
    def over(self) -> bool:
        """Whether every result has come, or it was stopped."""
        return self.all_begun and not self.open

    def pause(self) -> None:
        """Begin no further run; those that have begun are ended."""
        self.paused = True

    def resume(self) -> None:
        """Go on."""
        self.paused = False

    def stop(self) -> None:
        """Give it up: no further result comes."""
        self.all_begun, self.open = True, 0
        self._stopped(self)

    def next_run(self) -> tuple[int, PoolRun] | None:
        """The number of the next run, from 0 on, and the run; None where all have begun."""
        found = None if self.all_begun else next(self._runs, None)
        self.all_begun = found is None
        self.open += found is not None
        return found


@dataclass(slots=True, eq=False)
class Task:
    """A run on its way through the pool.

    Args:
        key: its number for the workers.
        batch: what it belongs to.
        number: which run of the batch it is.
        job: what a worker needs for it.
        tries: how often it was given to a worker.
    """

    key: int
    batch: Batch
    number: int
    job: Job
    tries: int = 0
