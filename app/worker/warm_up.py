"""The next run, made while the person is still choosing, so that a press on Train finds it ready.

Byte pairs are learnt if they are wanted, the model is compiled in the background, the run is made,
and an engine of the same kind does steps on scratch until the browser has compiled it well. The
module knows nothing of commands or of browsers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from app.worker.bpe_trainer import Pairs
from microgpt.config import ModelConfig, TrainConfig
from microgpt.dataset import DataError
from microgpt.engine import compile_ahead, create_engine
from microgpt.generators import map_yields
from microgpt.run import Run, prepare_run, prepare_run_incrementally
from microgpt.settings import MODEL, TRAINING, SettingError, setting
from microgpt.tokenizer import Tokenizer
from microgpt.wasm.runtime.instance import HostError

QUIET = 0.25  # seconds without a change before it begins
HEATING = 0.25  # seconds of steps on scratch: by then a browser has compiled a module well
MANY = 200_000  # documents; a run on fewer is made in a moment
OF_PAIRS = ("tokenizer", "vocab_limit", "seed", "eval_fraction")  # what they hang on
DOCUMENTS = 200  # of the data, for these steps
# The scratch weights hardly move, so that no choice of settings can make them blow up.
SCRATCH = TrainConfig(learning_rate=1e-6, num_steps=1_000_000)

Settings = dict[str, Any]
Made = TypeVar("Made")
Beside = Callable[[Coroutine[Any, Any, None]], None]


class Preparing:
    """The run that would begin next.

    Args:
        clock: seconds that only ever grow.
        beside: runs a coroutine beside all else, and has `work` called when it has ended.
        post: called with each message on byte pairs.
    """

    def __init__(
        self, clock: Callable[[], float], beside: Beside, post: Callable[..., None]
    ) -> None:
        self._clock, self._beside = clock, beside
        self._pairs = Pairs(post, clock)
        self._documents: list[str] = []
        self._in_pieces = False  # whether these are pieces of one long text
        self._vocab_size = 0
        self._settings: Settings = {}
        self._run: Run | None = None  # of these documents and settings, once it is made
        self._hot: object = None  # the kind of engine that was heated last
        self._begin_at = 0.0
        self._pieces: Iterator[float | None] = iter(())

    def expect_data(self, documents: list[str], vocab_size: int, windowed: bool) -> None:
        """A run on these documents would be next; without any there would be none.

        vocab_size: of their characters. in_pieces: whether they are pieces of one long text.
        """
        self._documents, self._vocab_size, self._in_pieces = documents, vocab_size, windowed
        self._pairs.forget()
        self._begin_again()

    def expect_settings(self, settings: Settings) -> None:
        """A run with these settings, as in `commands.start`, would be next."""
        self._settings = settings
        self._begin_again()

    def work(self) -> float | None:
        """Do a piece of work; return the seconds to wait before the next, None if there is none."""
        if not (self._documents and self._settings):
            return None
        wait = self._begin_at - self._clock()
        if wait > 0:
            return wait
        with suppress(SettingError, DataError):  # whoever begins such a run is told
            return next(self._pieces, None)
        return None

    def take(
        self, documents: list[str], settings: Settings, tokenizer: Tokenizer | None = None
    ) -> Generator[None, None, Run]:
        """The run of these, ready or made now; then another one like it is prepared.

        Yields chances to look up while byte pairs are learnt, and where documents are many. With a
        `tokenizer` these pairs need not be learnt. Raises `SettingError`, `DataError` or
        `UnknownCharacterError` for settings, data or a tokenizer that cannot be.
        """
        run = self._run
        if documents is not self._documents or not _same_run(settings, self._settings):
            run = None
        self._begin_again()
        if run is not None:
            return run
        values = _checked(settings)
        if tokenizer is None and values["tokenizer"] == "bpe":
            tokenizer = yield from self._learn(documents, values)
        if len(documents) < MANY:
            return self._make(prepare_run, documents, values, tokenizer)
        return (yield from self._make(prepare_run_incrementally, documents, values, tokenizer))

    def _begin_again(self) -> None:
        self._run = None
        self._begin_at = self._clock() + QUIET
        self._pieces = self._prepare()

    def _prepare(self) -> Iterator[float | None]:
        """The work in pieces; yields the seconds to wait before the next, None to be woken."""
        values, tokenizer, vocab_size = _checked(self._settings), None, self._vocab_size
        if values["tokenizer"] == "bpe":
            learning = self._learn(self._documents, values)
            tokenizer = yield from _at_once(learning)
            vocab_size = tokenizer.vocab_size
        compiled = asyncio.Event()
        self._beside(_compile(ModelConfig(vocab_size, **_shape(values)), values, compiled))
        while not compiled.is_set():
            yield None
        making = self._make(prepare_run_incrementally, self._documents, values, tokenizer)
        self._run = yield from _at_once(making)
        yield 0.0
        if tokenizer is not None:
            measuring = self._pairs.measure(tokenizer, values["block_size"], self._in_pieces)
            yield from _at_once(measuring)
        yield from _at_once(self._heat(self._run))

    def _learn(self, documents: list[str], values: Settings) -> Generator[None, None, Tokenizer]:
        def wanted() -> bool:
            # A run that waits for its pairs may be another than the one that is chosen meanwhile.
            now = {**values, **self._settings}
            return documents is self._documents and all(now[k] == values[k] for k in OF_PAIRS)

        return self._pairs.tokenizer(documents, _training(values), values["vocab_limit"], wanted)

    def _make(
        self,
        make: Callable[..., Made],
        documents: list[str],
        values: Settings,
        tokenizer: Tokenizer | None,
    ) -> Made:
        """What `make`, `prepare_run` or its like, makes of these documents and settings."""
        # Where nothing compiled can run, the page says so; the run is computed all the same.
        engine = "scalar" if values["engine"] == "scalar" else "auto"
        return make(
            documents,
            _training(values),
            engine,
            values["precision"],
            tokenizer or "characters",
            windowed=self._in_pieces,
            **_shape(values),
        )

    def _heat(self, run: Run) -> Generator[None, None, None]:
        """Do steps with an engine like that of `run`, which itself is left alone."""
        engine, batch_size = run.engine, run.training.batch_size
        kind = (engine.name, engine.config, engine.precision, batch_size > 1)
        if engine.name == "scalar" or kind == self._hot:
            return
        scratch = create_engine(engine.name, engine.config, engine.weights(), engine.precision)
        documents = [run.tokenizer.encode(text) for text in run.dataset.train[:DOCUMENTS]]
        scratch.prepare(documents, replace(SCRATCH, batch_size=batch_size))
        yield
        stop = self._clock() + HEATING
        for _ in scratch.steps(0, SCRATCH.num_steps):
            if self._clock() >= stop:
                break
            yield
        self._hot = kind


async def _compile(config: ModelConfig, values: Settings, compiled: asyncio.Event) -> None:
    """Compile for such a run, and say when that is done or cannot be."""
    engine, precision, batch_size = (values[k] for k in ("engine", "precision", "batch_size"))
    with suppress(SettingError, HostError):
        await compile_ahead(engine, config, precision, batch_size)
    compiled.set()


def _at_once(work: Generator[None, None, Made]) -> Generator[float, None, Made]:
    """The same work, which wants to go on at once each time that it looks up."""
    return map_yields(work, lambda _: 0.0)


def _training(values: Settings) -> TrainConfig:
    return TrainConfig(**{row.name: values[row.name] for row in TRAINING})


def _checked(settings: Settings) -> Settings:
    return {name: setting(name).check(value) for name, value in settings.items()}


def _shape(values: Settings) -> dict[str, int]:
    return {row.name: values[row.name] for row in MODEL}


def _same_run(one: Settings, other: Settings) -> bool:
    """Whether two settings differ in nothing but the pace."""
    return {**one, "pace": ""} == {**other, "pace": ""}
