"""Makes the next run while the user is still choosing, so that Train finds it ready.

BPE merges are learned if the settings ask for them, the model is compiled concurrently, the run is
made, and an engine of the same kind does scratch steps until the browser has optimized its module.
The module knows nothing of commands or of browsers.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from app.shared import events
from app.shared.typed import SettingValues
from app.worker.bpe_trainer import BpeTrainer
from app.worker.draws import Draws
from app.worker.setups import CheckedSettings, checked_settings, code_of, model_sizes
from app.worker.types import Clock, Post, Spawn
from microgpt.config import ModelConfig, TrainConfig
from microgpt.corpus.loading import Corpus
from microgpt.dataset import DataError, make_dataset_incrementally
from microgpt.engine import compile_ahead, create_engine
from microgpt.generators import drain, map_yields
from microgpt.model_code.definition import ModelCode
from microgpt.optimizer import OPTIMIZERS
from microgpt.run import Run, assemble_run
from microgpt.settings import SettingError
from microgpt.tokenizer import Tokenizer
from microgpt.wasm.runtime.instance import HostError

QUIET_SECONDS = 0.25  # without a change before it begins
SCRATCH_SECONDS = 0.25  # of scratch steps: by then a browser has optimized a module
MEASURED_SECONDS = 0.05  # of further ones, to say how long a run will take
NUM_SCRATCH_DOCUMENTS = 200
# The scratch weights hardly move, so that no choice of settings can make them diverge.
SCRATCH_TRAINING = TrainConfig(learning_rate=1e-6, num_steps=1_000_000)
MIN_INCREMENTAL_DOCUMENTS = 200_000  # a run on fewer is made in a moment
BPE_SETTINGS = ("tokenizer", "vocab_limit", "seed", "eval_fraction")  # what merges depend on

Prepared = TypeVar("Prepared")


class WarmUp:
    """The run that would start next.

    Args:
        post, clock, spawn: as for `Session`.
        draws: the orders of the documents.
    """

    def __init__(self, post: Post, clock: Clock, spawn: Spawn, draws: Draws) -> None:
        self._post, self._clock, self._spawn, self._draws = post, clock, spawn, draws
        self._bpe_trainer = BpeTrainer(post, clock)
        self._corpus: Corpus | None = None
        self._settings: SettingValues = {}
        self._source = ""  # of the model code; "" for the model of the repository
        self._run: Run | None = None  # of this corpus and these settings, once it is made
        self._warm_kind: object = None  # the kind of engine that did scratch steps last
        self._warm_corpus: Corpus | None = None  # on this corpus
        self._begin_at = 0.0
        self._parts: Iterator[float | None] = iter(())

    def expect_corpus(self, corpus: Corpus | None) -> None:
        """Prepares for a run on this corpus; for none if there is no corpus."""
        self._corpus = corpus
        self._bpe_trainer.forget()
        self._begin_again()
        self._begin_at = self._clock()  # loading has taken a while: nobody is about to change them

    def expect_settings(self, settings: SettingValues, source: str) -> None:
        """Prepares for a run with these settings and this model code, those of `StartCommand`."""
        self._settings, self._source = settings, source
        self._begin_again()

    def work(self) -> float | None:
        """Does a part of the work; returns the seconds to wait before the next, None if none is."""
        if self._corpus is None or not self._settings:
            return None
        wait = self._begin_at - self._clock()
        if wait > 0:
            return wait
        with suppress(SettingError, DataError):  # reported when such a run is started
            return next(self._parts, None)
        return None

    def take_run(
        self,
        corpus: Corpus,
        settings: SettingValues,
        source: str,
        tokenizer: Tokenizer | None = None,
    ) -> Generator[None, None, Run]:
        """The run of these, ready or made now; then another one like it is prepared.

        Yields while BPE merges are learned, and where there are many documents. With a `tokenizer`
        no merges need be learned. Raises `SettingError`, `DataError` or `UnknownCharacterError`
        for invalid settings or data, or a tokenizer of other data.
        """
        run = self._run
        expected = source == self._source and _same_run(settings, self._settings)
        if corpus is not self._corpus or not expected:
            run = None
        self._begin_again()
        if run is not None:
            return run
        values, code = checked_settings(settings), code_of(source)
        if tokenizer is None and values["tokenizer"] == "bpe":
            tokenizer = yield from self._learn_merges(corpus, values)
        if len(corpus.documents) < MIN_INCREMENTAL_DOCUMENTS:
            return drain(self._prepare(corpus, values, code, tokenizer))
        return (yield from self._prepare(corpus, values, code, tokenizer))

    def _begin_again(self) -> None:
        self._run = None
        self._begin_at = self._clock() + QUIET_SECONDS
        corpus = self._corpus
        self._parts = iter(()) if corpus is None else self._warm_up(corpus)

    def _warm_up(self, corpus: Corpus) -> Iterator[float | None]:
        """The work in parts; yields the seconds to wait before the next, None to be woken."""
        values, code, tokenizer = checked_settings(self._settings), code_of(self._source), None
        vocab_size = len(corpus.statistics.vocabulary) + 1
        if values["tokenizer"] == "bpe":
            tokenizer = yield from _without_waiting(self._learn_merges(corpus, values))
            vocab_size = tokenizer.vocab_size
        compiled = asyncio.Event()
        config = ModelConfig(vocab_size, code=code, **model_sizes(values))
        self._spawn(_compile(config, values, compiled))
        while not compiled.is_set():
            yield None
        self._run = yield from _without_waiting(self._prepare(corpus, values, code, tokenizer))
        yield 0.0
        if tokenizer is not None:
            windowed = corpus.options.windowed
            yield from _without_waiting(
                self._bpe_trainer.post_lengths(tokenizer, values["block_size"], windowed)
            )
        yield from _without_waiting(self._run_scratch_steps(self._run))

    def _prepare(
        self,
        corpus: Corpus,
        values: CheckedSettings,
        code: ModelCode | None,
        tokenizer: Tokenizer | None,
    ) -> Generator[None, None, Run]:
        """What `prepare_run` makes of this corpus and these settings; yields are yield points."""
        documents, training = corpus.documents, TrainConfig.of(values)
        if len(documents) < MIN_INCREMENTAL_DOCUMENTS:
            split = training.eval_fraction, training.seed
            dataset, rng = yield from self._draws.dataset(documents, *split)
        else:
            rng = random.Random(training.seed)
            fraction = training.eval_fraction
            dataset = yield from make_dataset_incrementally(documents, fraction, rng)
        # Where nothing compiled can run, the page says so; the run is computed all the same.
        engine = "scalar" if values["engine"] == "scalar" else "auto"
        return (
            yield from assemble_run(
                dataset,
                rng,
                training,
                engine,
                values["precision"],
                tokenizer or "characters",
                windowed=corpus.options.windowed,
                code=code,
                **model_sizes(values),
            )
        )

    def _learn_merges(
        self, corpus: Corpus, values: CheckedSettings
    ) -> Generator[None, None, Tokenizer]:
        def wanted() -> bool:
            # A run that waits for its merges may not be the one that is set up by now.
            now = {**values, **self._settings}
            return corpus is self._corpus and all(now[k] == values[k] for k in BPE_SETTINGS)

        return self._bpe_trainer.tokenizer(
            corpus.documents, TrainConfig.of(values), values["vocab_limit"], wanted
        )

    def _run_scratch_steps(self, run: Run) -> Generator[None, None, None]:
        """Does steps with an engine like that of `run`, which itself is left alone.

        Posts how long one takes once the browser has optimized the module.
        """
        engine, batch_size = run.engine, run.training.batch_size
        optimizer = run.training.optimizer
        kind = (engine.name, engine.config, engine.precision, batch_size, optimizer)
        warm = kind == self._warm_kind
        if engine.name == "scalar" or (warm and self._corpus is self._warm_corpus):
            return
        corpus = self._corpus
        scratch = create_engine(
            *(engine.name, engine.config, engine.weights(), engine.precision),
            optimizer=OPTIMIZERS[optimizer],
        )
        texts = run.dataset.train[:NUM_SCRATCH_DOCUMENTS]
        documents = [run.tokenizer.encode(text) for text in texts]
        scratch.prepare(
            documents, replace(SCRATCH_TRAINING, batch_size=batch_size, optimizer=optimizer)
        )
        yield
        measured, num_steps = 0.0, 0
        began = self._clock()
        measure_at = began if warm else began + SCRATCH_SECONDS
        for losses in scratch.steps(0, SCRATCH_TRAINING.num_steps):
            now = self._clock()
            if began >= measure_at:
                measured, num_steps = measured + now - began, num_steps + len(losses)
            if num_steps and now >= measure_at + MEASURED_SECONDS:
                break
            yield
            began = self._clock()
        self._warm_kind, self._warm_corpus = kind, corpus
        self._post(
            events.StepTimeEvent(
                type="step_time",
                kind=(engine.name, engine.precision, engine.config.num_params, batch_size),
                seconds=measured / num_steps,
            )
        )


async def _compile(config: ModelConfig, values: CheckedSettings, compiled: asyncio.Event) -> None:
    """Compiles for such a run, then sets `compiled`, also if it cannot be compiled."""
    engine, precision, optimizer = (values[k] for k in ("engine", "precision", "optimizer"))
    with suppress(SettingError, HostError):
        await compile_ahead(engine, config, precision, OPTIMIZERS[optimizer])
    compiled.set()


def _without_waiting(work: Generator[None, None, Prepared]) -> Generator[float, None, Prepared]:
    """The same work, whose every yield asks for no wait."""
    return map_yields(work, lambda _: 0.0)


def _same_run(one: SettingValues, other: SettingValues) -> bool:
    """Whether two settings differ in nothing but the pace."""
    return {**one, "pace": ""} == {**other, "pace": ""}
