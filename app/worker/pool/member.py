"""One worker of the pool: what it knows, and what it has to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from app.worker.pool.batch import Batch, Task
from app.worker.pool.table import DocumentTable
from microgpt.wasm.runtime.remote import RemoteModel

MAX_KNOWN = 2  # models, and tables, that a worker holds: each has a memory of its own


class PoolWorker(Protocol):
    """The line to a worker."""

    def post(self, message: Mapping[str, Any], blob: bytes) -> None:
        """Send a message of plain data, with bytes beside it."""

    def end(self) -> None:
        """End the worker, whatever it is doing."""


# Starts a worker; the argument is called with each of its messages, which have bytes as `blob`.
StartPoolWorker = Callable[[Callable[[dict[str, Any]], None]], PoolWorker]


class Member:
    """A worker as the pool sees it.

    Args:
        numbers: the next of them is the name of a model or a table.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._worker: PoolWorker | None = None
        self._known: dict[type, dict[object, int]] = {RemoteModel: {}, DocumentTable: {}}
        self.tasks: list[Task] = []  # the first one is under way
        self.heard = 0.0  # when it spoke last

    def connect(self, worker: PoolWorker) -> None:
        """This is the worker."""
        self._worker = worker

    def give(self, task: Task, now: float) -> None:
        """Have it do a run, behind those that it has."""
        if not self.tasks:
            self.heard = now
        self.tasks.append(task)
        job = task.job
        message = {
            "type": "run",
            "run": task.key,
            "model": self._name(job.model),
            "table": self._name(job.table),
            "writes": [(address, len(data)) for address, data in job.writes],
            "order": len(job.order),
            "evaluated": len(job.evaluated),
            "steps": job.num_steps,
            "stages": job.stages,
            "batch": job.batch_size,
            "weights": job.run.weights,
        }
        # The numbers first: they must lie at a multiple of their size.
        numbers = job.order.tobytes() + job.evaluated.tobytes()
        self._post(message, numbers + b"".join(data for _, data in job.writes))

    def find(self, key: object) -> Task | None:
        """The task with this key, if it still has it."""
        return next((task for task in self.tasks if task.key == key), None)

    def drop(self, batch: Batch) -> None:
        """Have it give up the runs of a batch."""
        dropped = [task for task in self.tasks if task.batch is batch]
        self.tasks = [task for task in self.tasks if task.batch is not batch]
        for task in dropped:
            self._post({"type": "drop", "run": task.key})

    def end(self) -> None:
        """End it."""
        if self._worker is not None:
            self._worker.end()

    def _name(self, needed: RemoteModel | DocumentTable) -> int:
        """The name by which it knows a model or a table, of which it is told first."""
        known = self._known[type(needed)]
        name = known.pop(needed, None)
        if name is None:
            name = next(self._numbers)
            if len(known) == MAX_KNOWN:
                self._post({"type": "forget", "name": known.pop(next(iter(known)))})
            self._tell(name, needed)
        known[needed] = name  # the newest
        return name

    def _tell(self, name: int, needed: RemoteModel | DocumentTable) -> None:
        if isinstance(needed, RemoteModel):
            message = {"type": "model", "name": name, "at": needed.addresses()}
            self._post(message, needed.module)
        else:
            size = len(needed.counted_from)
            self._post({"type": "table", "name": name, "sequences": size}, needed.content())

    def _post(self, message: Mapping[str, Any], blob: bytes = b"") -> None:
        assert self._worker is not None
        self._worker.post(message, blob)
