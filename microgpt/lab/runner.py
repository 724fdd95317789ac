"""Runs that are made one after the other of the same documents, cheaper than each by itself.

What runs have in common is done once: the shuffle of a seed and its initial weights, the ids of a
document's tokens, the compiled module of a shape. Each run equals the one that `prepare_run` makes,
to the last bit.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from microgpt.config import ModelConfig, TrainConfig
from microgpt.dataset import Dataset, make_dataset_incrementally
from microgpt.engine import Engine, create_engine
from microgpt.lab.measuring import FURTHER_MEASURES, FinishedRun, TrainingCurves
from microgpt.lab.results import RunResult, Value
from microgpt.lab.windowed import windowed_code
from microgpt.model import Weights, init_weights
from microgpt.model_code.definition import ModelCode
from microgpt.optimizer import OPTIMIZERS
from microgpt.recent import Recent
from microgpt.run import MAX_EVAL_DOCUMENTS, Run
from microgpt.run_tokenizer import make_tokenizer
from microgpt.settings import MODEL
from microgpt.tokenizer import Tokenizer
from microgpt.trainer import DivergedError, TrainProgress

# Of a run whose lowest held-out loss is measured: of a few documents it would be the luckiest.
LOWEST_EVAL_DOCUMENTS = 400
MAX_KEPT_DATASETS = 8
MAX_KEPT_TOKENIZERS = 8
MAX_KEPT_WEIGHTS = 8
MAX_KEPT_ENGINES = 40
MAX_KEPT_TOKENS = 4_000_000  # of encoded documents


class SweepRunner:
    """Makes runs of the same documents.

    Args:
        documents: all of them, unshuffled.
        data: the name of the data set, which says whether it is a task.
        windowed: whether the documents are windows of one long text.
        code: another model than the repository's.
        output: the text that `output_loss` is measured of.
    """

    def __init__(
        self,
        documents: Sequence[str],
        data: str,
        windowed: bool = False,
        code: ModelCode | None = None,
        output: str = "",
    ) -> None:
        self._documents, self._data = documents, data
        self._windowed, self._code, self._output = windowed, code, output
        self._datasets = Recent[tuple[Dataset, Any]](MAX_KEPT_DATASETS)
        self._tokenizers = Recent[Tokenizer](MAX_KEPT_TOKENIZERS)
        self._weights = Recent[tuple[Weights, Any]](MAX_KEPT_WEIGHTS)
        self._engines = Recent[Engine](MAX_KEPT_ENGINES)

    def prepare(
        self, values: Mapping[str, Any], eval_documents: int = MAX_EVAL_DOCUMENTS
    ) -> Generator[None, None, Run]:
        """The run with these settings, ready to train; yields are yield points.

        It must be done with before the next one is prepared: they share an engine.

        Args:
            values: all settings by name, as of `Sweep.values`.
            eval_documents: the number of held-out documents per evaluation during training.

        Raises:
            DataError, SettingError: for invalid data or settings.
        """
        training = TrainConfig.of(values)
        dataset, state = yield from self._dataset(training, int(values["num_docs"]))
        tokenizer = yield from self._tokenizer(dataset, training, values)
        architecture = {row.name: int(values[row.name]) for row in MODEL}
        code = windowed_code(self._code, int(values["window"]))
        config = ModelConfig(tokenizer.vocab_size, code=code, **architecture)
        rng = random.Random()
        weights = self._initial_weights(config, training, state, rng)
        yield
        optimizer = OPTIMIZERS[training.optimizer]
        name, precision = str(values["engine"]), str(values["precision"])
        key = (config, name, precision, optimizer.name)
        engine = self._engines.get(key)
        if engine is None:
            engine = create_engine(name, config, weights, precision, optimizer)
            self._engines.keep(key, engine)
        else:
            engine.restore(weights, None)
        yield
        parts = dataset, tokenizer, training, engine, rng, self._windowed
        run = yield from Run.of(*parts, eval_documents)
        run.add_task_eval(self._data)
        return run

    def run(
        self,
        varied: Mapping[str, Value],
        values: Mapping[str, Any],
        measured: str = "loss",
        train: Callable[[Run], Iterator[TrainProgress]] = Run.train,
    ) -> Generator[None, None, RunResult]:
        """Make one run to its end; yields are yield points.

        Args:
            varied: what varies from run to run; it goes into the result.
            values: all settings by name.
            measured: the name of a measure; what takes time is measured only if it is this one.
            train: trains a run; whoever ends it earlier has another one than `Run.train`.

        Raises:
            DataError, SettingError: for invalid data or settings.
            UnknownCharacterError: the text of `output_loss` has a character that the data have not.
        """
        lowest = measured == "lowest_held_out_loss"
        documents = LOWEST_EVAL_DOCUMENTS if lowest else MAX_EVAL_DOCUMENTS
        run = yield from self.prepare(values, documents)
        num_params = run.engine.config.num_params
        record, began = TrainingCurves(), time.perf_counter()
        try:
            for progress in train(run):
                record.add(progress)
                yield
        except DivergedError as error:
            seconds = {"seconds": time.perf_counter() - began}
            return RunResult(varied, seconds, num_params=num_params, diverged=error.step + 1)
        measures = {**record.measures(), "seconds": time.perf_counter() - began}
        samples: list[str] = []
        if measured in FURTHER_MEASURES:
            finished = FinishedRun(run, values, measures, self._output)
            further = yield from FURTHER_MEASURES[measured](finished)
            measures |= {} if further is None else {measured: further}
            samples = finished.samples
        return RunResult(varied, measures, record.curves(), num_params, samples)

    def _dataset(
        self, training: TrainConfig, num_docs: int
    ) -> Generator[None, None, tuple[Dataset, Any]]:
        """The documents of a run, and the state of its random generator behind their shuffle."""
        key = (training.seed, training.eval_fraction)
        found = self._datasets.get(key)
        if found is None:
            rng, fraction = random.Random(training.seed), training.eval_fraction
            made = yield from make_dataset_incrementally(self._documents, fraction, rng)
            found = made, rng.getstate()
            self._datasets.keep(key, found)
        dataset, state = found
        if not num_docs or num_docs >= len(dataset.train):
            return dataset, state
        return Dataset(dataset.train[:num_docs], dataset.held_out, dataset.characters), state

    def _initial_weights(
        self, config: ModelConfig, training: TrainConfig, state: Any, rng: random.Random
    ) -> Weights:
        """The weights that training begins with. `rng` is left as it is behind their draws.

        Args:
            config, training: of the run.
            state: of the random generator behind the shuffle.
            rng: any.
        """
        key = (config, training.init_std, training.seed, training.eval_fraction)
        found = self._weights.get(key)
        if found is None:
            rng.setstate(state)
            weights = init_weights(config, rng, training.init_std)
            found = weights, rng.getstate()
            self._weights.keep(key, found)
        rng.setstate(found[1])
        return found[0]

    def _tokenizer(
        self, dataset: Dataset, training: TrainConfig, values: Mapping[str, Any]
    ) -> Generator[None, None, Tokenizer]:
        """The tokenizer of a run, with what it has encoded so far."""
        name, limit = str(values["tokenizer"]), int(values["vocab_limit"])
        learned = (training.seed, training.eval_fraction, len(dataset.train), limit)
        key = (name, *(learned if name != "characters" else ()))
        found = self._tokenizers.get(key)
        if found is None:
            found = RememberingTokenizer((yield from make_tokenizer(dataset, name, limit)))
            self._tokenizers.keep(key, found)
        return found


class RememberingTokenizer:
    """A tokenizer that remembers the ids of the documents that it has encoded.

    Args:
        tokenizer: does the work.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.characters, self.merges = tokenizer.characters, tokenizer.merges
        self.tokens, self.vocab_size = tokenizer.tokens, tokenizer.vocab_size
        self.bos = tokenizer.bos
        self.encode_prefix, self.decode = tokenizer.encode_prefix, tokenizer.decode
        self._known: dict[str, list[int]] = {}
        self._num_tokens = 0

    def encode(self, document: str) -> list[int]:
        """The ids of a whole document, as of the tokenizer; not to be modified."""
        found = self._known.get(document)
        if found is None:
            found = self._tokenizer.encode(document)
            if self._num_tokens < MAX_KEPT_TOKENS:
                self._known[document] = found
                self._num_tokens += len(found)
        return found
