"""Stands in for the page, the clock and the worker's loop: a session runs without a browser.

What a session posts is recorded as the page would see it: after a trip through JSON. It knows the
protocol, and nothing of how a session does its work.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import random
from array import array
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from app.shared import commands, events
from app.shared.experiment import RUN_SETTINGS
from app.worker.session import Session
from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import init_weights
from microgpt.run import Run, prepare_run
from microgpt.settings import MODEL, TRAINING, setting

Message = dict[str, Any]

# Names short enough for a context of 8, and few enough that a run soon takes each one again.
NAMES = ["emma", "olivia", "ava", "mia", "noah", "liam", "mason", "lucas", "logan", "ella"]
TEXT = "\n".join(NAMES).encode()
TINY: dict[str, Any] = {"n_embd": 4, "n_head": 2, "n_layer": 1, "block_size": 8}

# A small model that knows the letters a, b and c. It has learnt nothing, so its walks differ.
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
    """

    def __init__(self, tick: float = 0.001) -> None:
        self.clock = FakeClock(tick)
        self.posted: list[Posted] = []
        self.compilations = 0  # that were begun ahead of a run
        self.session = Session(self._post, self.clock, self._beside)

    def tell(self, message: Message, blob: bytes | None = None) -> list[Message]:
        """Hand the session a command; returns what it answered at once."""
        before = len(self.posted)
        self.session.receive(json.loads(json.dumps(message)), blob)
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
        kinds = ("described", "refused")
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
        return [message["text"] for message in self.of("generated") if message["stop"]]

    def state(self) -> str:
        """What the page believes the run's state to be."""
        states = self.of("state")
        return str(states[-1]["state"]) if states else "idle"

    def newest_checkpoint(self) -> Posted:
        """The checkpoint that the page would keep."""
        return [posted for posted in self.posted if posted.message["type"] == "checkpoint"][-1]

    def _beside(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.compilations += 1
        asyncio.run(coroutine)

    def _post(self, message: Message, blob: bytes | None = None) -> None:
        seen = json.loads(json.dumps(message, allow_nan=False))
        fields = {name: value for name, value in seen.items() if name != "type"}
        assert seen == makers(events)[seen["type"]](**fields), (
            "a message that the protocol does not make"
        )
        assert (blob is not None) == (seen["type"] in ("checkpoint", "progress"))
        self.posted.append(Posted(seen, blob, self.clock.now))


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


def small_model() -> bytes:
    """The file of the model `SMALL`."""
    weights = init_weights(SMALL, random.Random(7))
    return to_bytes(Checkpoint(SMALL, LETTERS, weights, {"data": "made up"}))


def writing_worker() -> FakeWorker:
    """A worker that can write with a small model."""
    worker = FakeWorker()
    worker.tell(commands.load(), small_model())
    return worker


@cache
def makers(side: ModuleType) -> dict[str, Callable[..., Message]]:
    """What the page (`commands`) or the worker (`events`) can say: the functions by name."""
    return dict(inspect.getmembers(side, inspect.isfunction))


def run_settings(**changes: Any) -> Message:
    """What `commands.start` wants: a tiny model, exact figures, full speed, but for changes."""
    values = {name: setting(name).default for name in RUN_SETTINGS}
    return {**values, **TINY, "num_steps": 30, "engine": "scalar", "pace": "full", **changes}


def sample_settings(**changes: Any) -> Message:
    """What `commands.sampling` wants."""
    values = {name: setting(name).default for name in ("temperature", "top_k", "top_p", "prefix")}
    return {**values, **changes}


def bring(
    worker: FakeWorker, text: bytes, name: str = "own", number: int = 1, **options: Any
) -> Message:
    """Have the worker read a text that was pasted; returns what it says of it in the end."""
    worker.tell(commands.data(number, name, [("", len(text))], options), text)
    worker.work(until=lambda: bool(worker.answers(number)))
    return worker.answers(number)[-1]


def ready_to_train(tick: float = 0.001, text: bytes = TEXT) -> FakeWorker:
    """A worker that has its data."""
    worker = FakeWorker(tick)
    bring(worker, text)
    return worker


def training(settings: Message, tick: float = 0.001, paused: bool = False) -> FakeWorker:
    """A worker that has begun a run on `NAMES`."""
    worker = ready_to_train(tick)
    worker.tell(commands.start(settings, paused))
    return worker


def reference_run(settings: Message, documents: Sequence[str] = NAMES) -> Run:
    """The same run, made by the core alone."""
    config = {row.name: settings[row.name] for row in TRAINING}
    shape = {row.name: settings[row.name] for row in MODEL}
    engine = (settings["engine"], settings["precision"])
    return prepare_run(documents, TrainConfig(**config), *engine, **shape)


def reference_losses(settings: Message, documents: Sequence[str] = NAMES) -> list[float]:
    """The losses of the same run, trained by the core alone without a break."""
    return [loss for part in reference_run(settings, documents).train() for loss in part.losses]


@cache
def unbroken(num_steps: int, eval_fraction: float = 0.0) -> list[float]:
    """The losses of a run on `NAMES` that nobody disturbs."""
    return reference_losses(run_settings(num_steps=num_steps, eval_fraction=eval_fraction))
