"""Stands in for the page, the clock and the worker's loop: a session runs without a browser.

What a session posts is recorded as the page would see it: after a trip through JSON. It knows the
messages, and nothing of how a session does its work.
"""

from __future__ import annotations

import asyncio
import random
from array import array
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from typing import Any, NamedTuple

from app.shared.experiment import RUN_SETTINGS
from app.worker.session import Session
from app.worker.types import Install
from app.worker.validation import check_message
from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import init_weights
from microgpt.run import Run, prepare_run
from microgpt.settings import MODEL, setting
from tests.support.messages import COMMANDS, EVENTS, fits, without_blob
from tests.support.messages import Message as Message
from tests.support.pool import FakePool

PONG = {"type": "pong"}
# What a test need not say of a command.
DEFAULT_FIELDS: dict[str, Message] = {
    "load_data": {"number": 1, "name": "own", "options": {}},
    "warm_up": {"code": ""},
    "describe": {"number": 1, "code": ""},
    "start": {
        "code": "",
        "paused": False,
        "run": 0,
        "data": "",
        "continued": False,
        "stops": [],
    },
    "explore": {
        "number": 1,
        "model": 1,
        "action": "show",
        "tokens": [],
        "typed": [],
        "caret": 0,
        "seed": 1,
    },
    "switch_off": {"model": 1, "parts": [], "by": "zero"},
    "score": {"number": 1, "model": 1, "lines": [], "num_own": 0},
    "inspect": {"number": 1, "model": 1, "tokens": [], "position": 0, "views": {}},
}

# Names short enough for a context of 8, and few enough that a run soon takes each one again.
NAMES = ["emma", "olivia", "ava", "mia", "noah", "liam", "mason", "lucas", "logan", "ella"]
TEXT = "\n".join(NAMES).encode()
TINY: dict[str, Any] = {"n_embd": 4, "n_head": 2, "n_layer": 1, "block_size": 8}

# A small model that knows the letters a, b and c. It is untrained, so its samples differ.
SMALL = ModelConfig(vocab_size=4, n_embd=4, n_head=2, n_layer=1, block_size=6)
LETTERS = ("a", "b", "c")

ONE_PIECE = 0.0075  # the tick with which a slice holds exactly one piece of work
MOST_SLICES = 100_000


class Posted(NamedTuple):
    """One message of a session, and when it came."""

    message: Message
    blob: bytes | None
    at: float


class FakeClock:
    """Seconds that pass by `tick` at every look, and else only when somebody adds to `now`."""

    def __init__(self, tick: float) -> None:
        self.now = 1000.0
        self.tick = tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


class FakeWorker:
    """A session with a page that records and a clock that a test drives.

    Args:
        tick: seconds that pass between two looks at the clock. A slice has room for about
            fourteen pieces of work with 0.001, and for one with `ONE_PIECE`.
        may_fail: whether unexpected exceptions are for `reports`, else for the test.
        install: stands in for what installs packages.
    """

    def __init__(
        self, tick: float = 0.001, may_fail: bool = False, install: Install | None = None
    ) -> None:
        self.clock = FakeClock(tick)
        self.posted: list[Posted] = []
        self.compilations = 0  # that were begun ahead of a run
        self.reports: list[str] = []  # the tracebacks in the console
        self._may_fail = may_fail
        # What runs concurrently in a browser ends at once here, unless a test holds it back.
        self.run_spawned: Callable[[Coroutine[Any, Any, None]], None] = asyncio.run
        self.pool = FakePool()
        self.session = Session(
            *(self._post, self.clock, self._spawn, self._report, install or _no_packages),
            *(self.pool.start, 2),
        )

    def tell(self, kind: str, /, **fields: Any) -> list[Message]:
        """Hand the session a command; returns what it answered at once.

        A field is left out, or has its default, where it is None.
        """
        given = {name: value for name, value in fields.items() if value is not None}
        message = {"type": kind, **DEFAULT_FIELDS.get(kind, {}), **given}
        check_message(message, COMMANDS)
        return self.hand(message)

    def hand(self, message: Message) -> list[Message]:
        """Hand the session any message; returns what it answered at once."""
        before = len(self.posted)
        blob = {"blob": message["blob"]} if "blob" in message else {}
        command: Any = {**without_blob(message), **blob}
        self.session.receive(command)
        return [posted.message for posted in self.posted[before:]]

    def work(self, until: Callable[[], bool] | None = None) -> None:
        """Give the session slices until it has nothing to do, or until the condition holds."""
        for _ in range(MOST_SLICES):
            if until is not None and until():
                return
            wait = self.session.work()
            if wait is None:
                assert until is None or until(), "the session stopped short of the condition"
                return
            self.clock.now += wait
        raise AssertionError("the session goes on for ever")

    def slices(self, count: int) -> None:
        """Give the session this many slices."""
        for _ in range(count):
            self.clock.now += self.session.work() or 0.0

    def seconds(self, count: float) -> None:
        """Give the session slices for so long, on its clock."""
        end = self.clock.now + count
        while self.clock.now < end:
            wait = self.session.work()
            self.clock.now += 0.01 if wait is None else wait

    def of(self, kind: str) -> list[Message]:
        """Every message of one type so far."""
        return [posted.message for posted in self.posted if posted.message["type"] == kind]

    def answers(self, number: int) -> list[Message]:
        """What came of reading the files or options with this number."""
        kinds = ("data_loaded", "data_refused")
        return [m for kind in kinds for m in self.of(kind) if m["number"] == number]

    def kinds(self) -> list[str]:
        """The types of all messages, in order."""
        return [posted.message["type"] for posted in self.posted]

    def losses(self) -> list[float]:
        """The losses of the newest run, whose batches must follow each other without a gap."""
        losses: list[float] = []
        start = len(self.posted) - 1 - self.kinds()[::-1].index("started")
        first = None
        for posted in self.posted[start:]:
            if posted.message["type"] == "progress":
                new, _ = losses_of(posted)
                if first is None:
                    first = posted.message["step"] - len(new)
                losses += new
                assert posted.message["step"] == first + len(losses)
        return losses

    def smoothed(self) -> list[float]:
        """All smoothed losses."""
        batches = [losses_of(p)[1] for p in self.posted if p.message["type"] == "progress"]
        return [value for batch in batches for value in batch]

    def held_out(self) -> list[list[float]]:
        """All (step, loss) pairs of evaluations."""
        return [pair for message in self.of("progress") for pair in message["held_out"]]

    def written(self) -> list[str]:
        """The samples that are finished, in order."""
        return [row["text"] for row in self.sample_rows()]

    def sample_rows(self) -> list[Message]:
        """All that is said of these."""
        return [row for message in self.of("samples") for row in message["rows"]]

    def state(self) -> str:
        """What the page believes the run's state to be."""
        states = self.of("run_state")
        return str(states[-1]["state"]) if states else "idle"

    def newest_checkpoint(self) -> Posted:
        """The checkpoint that the page would keep."""
        return [posted for posted in self.posted if posted.message["type"] == "checkpoint"][-1]

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.compilations += 1
        self.run_spawned(coroutine)

    def _report(self, text: str) -> None:
        assert self._may_fail, text
        self.reports.append(text)

    def _post(self, event: Any) -> None:
        seen, blob = without_blob(event), event.get("blob")
        assert isinstance(blob, bytes | None)
        assert fits({**event, **seen}, EVENTS[event["type"]]), seen
        self.posted.append(Posted(seen, blob, self.clock.now))


async def _no_packages(package: str) -> None:
    raise AssertionError(f"{package} is not needed")


def losses_of(posted: Posted) -> tuple[list[float], list[float]]:
    """The losses that a message about progress brings, and the smoothed ones."""
    numbers = array("d", posted.blob or b"").tolist()
    count = len(numbers) // 2
    return numbers[:count], numbers[count:]


def the_error(answers: list[Message], about: str) -> str:
    """The sentence of the one answer, which must be an error about the command `about`."""
    (answer,) = answers
    assert (answer["type"], answer["about"]) == ("error", about)
    sentence: str = answer["message"]
    assert sentence[0].isupper()
    assert len(sentence.split()) >= 4
    return sentence


def small_model(config: ModelConfig = SMALL) -> bytes:
    """The file of a model that knows `LETTERS`."""
    weights = init_weights(config, random.Random(7))
    return to_bytes(Checkpoint(config, LETTERS, weights, {"data": "made up"}))


def writing_worker() -> FakeWorker:
    """A worker with a small model to generate with."""
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    return worker


def run_settings(**changes: Any) -> Message:
    """The settings of `start`: a tiny model, exact figures, full speed, but for changes."""
    values = {name: setting(name).default for name in RUN_SETTINGS}
    return {**values, **TINY, "num_steps": 30, "engine": "scalar", "pace": "full", **changes}


def sample_settings(**changes: Any) -> Message:
    """The settings of `set_sampling`."""
    values = {name: setting(name).default for name in ("temperature", "top_k", "top_p", "prefix")}
    return {**values, **changes}


def paste(worker: FakeWorker, text: bytes, number: int = 1, **options: Any) -> Message:
    """Have the worker load a text that was pasted; returns what it says of it in the end."""
    worker.tell("load_data", number=number, files=[("", len(text))], options=options, blob=text)
    worker.work(until=lambda: bool(worker.answers(number)))
    return worker.answers(number)[-1]


def ready_to_train(tick: float = 0.001, text: bytes = TEXT) -> FakeWorker:
    """A worker that has its data."""
    worker = FakeWorker(tick)
    paste(worker, text)
    return worker


def training(settings: Message, tick: float = 0.001, paused: bool = False) -> FakeWorker:
    """A worker that has begun a run on `NAMES`."""
    worker = ready_to_train(tick)
    worker.tell("start", settings=settings, paused=paused)
    return worker


def reference_run(settings: Message, documents: Sequence[str] = NAMES) -> Run:
    """The same run, made by the core alone."""
    shape = {row.name: settings[row.name] for row in MODEL}
    engine = (settings["engine"], settings["precision"])
    return prepare_run(documents, TrainConfig.of(settings), *engine, **shape)


def reference_losses(settings: Message, documents: Sequence[str] = NAMES) -> list[float]:
    """The losses of the same run, trained by the core alone without a break."""
    return [loss for part in reference_run(settings, documents).train() for loss in part.losses]


@cache
def unbroken(num_steps: int, eval_fraction: float = 0.0) -> list[float]:
    """The losses of a run on `NAMES` that nobody disturbs."""
    return reference_losses(run_settings(num_steps=num_steps, eval_fraction=eval_fraction))
