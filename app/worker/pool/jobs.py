"""From a run's settings to its job: what a pool worker must have to train it.

What runs have in common is made once: the tokens of the documents, modules, first weights.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.shared.typed import SettingValues
from app.worker.draws import Draws
from app.worker.pool.stages import PoolStage, stages_of
from app.worker.pool.table import DocumentTable
from app.worker.setups import checked_settings, code_of, model_sizes
from microgpt.config import ModelConfig, TrainConfig
from microgpt.corpus.loading import Corpus
from microgpt.dataset import DataError, Dataset, num_train
from microgpt.engine import can_compile
from microgpt.loss_mask import LossMask
from microgpt.model import init_weights
from microgpt.model_code.definition import ModelCode
from microgpt.optimizer import OPTIMIZERS
from microgpt.recent import Recent
from microgpt.run import MAX_EVAL_DOCUMENTS
from microgpt.run_tokenizer import make_tokenizer
from microgpt.segments import first_segment
from microgpt.settings import SettingError
from microgpt.tokenizer import CharTokenizer, Tokenizer
from microgpt.wasm.runtime.remote import RemoteModel

MAX_REMOTE_MODELS = 16  # modules that are kept
MAX_TABLES = 2  # of documents as tokens
MAX_WEIGHTS = 256  # first weights: each run of another seed, size or spread has its own
SLOW_FLOPS = 1e9  # floating-point operations a second of a slow machine
ONLY_COMPILED = "Several runs at once need the compiled engine: choose Automatic as the engine."


@dataclass(frozen=True, slots=True)
class PoolRun:
    """A run for the pool.

    Args:
        settings: as of `StartCommand`, the seed among them.
        code: the model code; "" for the model of the repository.
        weights: whether its trained weights are wanted.
        max_held_out: how many held-out documents are evaluated at its end, at most; with None it
            is as many as in a run on the page, whose figure it then is to the last bit.
        num_docs, window: what only experiments vary: how many documents are trained on, the first
            ones after the shuffle; how many tokens attention reads. 0 stands for all.
        curve_documents: how many held-out documents are evaluated now and then on the way.
        tested: whether the weights are wanted whenever a run on the page would test its model on a
            task.
        with_gap: whether as many training documents as held-out ones are evaluated at the end.
        corpus: what it trains on, where that is not what its batch does.
    """

    settings: SettingValues
    code: str = ""
    weights: bool = False
    max_held_out: int | None = None
    num_docs: int = 0
    window: int = 0
    curve_documents: int = 0
    tested: bool = False
    with_gap: bool = False
    corpus: Corpus | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What a pool worker must have to train a run.

    Args:
        run: the run.
        model, tokenizer, table: what it is trained in, and on.
        writes: what to write where in the memory of an instance, as (address, bytes).
        order: the sequences that are trained on, by their numbers in the table.
        evaluated: those that are evaluated: held-out ones, then those of training.
        stages: of its training.
        num_steps, batch_size: how many steps there are, and sequences in each.
        longest_step: the seconds that a step takes at most on a slow machine.
    """

    run: PoolRun
    model: RemoteModel
    tokenizer: Tokenizer
    table: DocumentTable
    writes: list[tuple[int, bytes]]
    order: array[int]
    evaluated: array[int]
    stages: list[PoolStage]
    num_steps: int
    batch_size: int
    longest_step: float


class Jobs:
    """Makes jobs.

    Args:
        draws: the orders of the documents.
    """

    def __init__(self, draws: Draws) -> None:
        self._draws = draws
        self._documents: Sequence[str] = ()
        self._models = Recent[RemoteModel](MAX_REMOTE_MODELS)
        self._tables = Recent[DocumentTable](MAX_TABLES)
        self._tokenizers = Recent[Tokenizer](MAX_TABLES)
        self._weights = Recent[bytes](MAX_WEIGHTS)

    def make(self, corpus: Corpus, run: PoolRun) -> Generator[None, None, Job]:
        """The job of a run on these data; yields are yield points.

        Raises `SettingError`, `DataError` or `CodeError` for settings, data or code that make none.
        """
        values, code = checked_settings(run.settings), _model_code(run)
        if values["engine"] == "scalar" or not can_compile():
            raise SettingError(ONLY_COMPILED)
        if corpus.documents is not self._documents:
            self._documents = corpus.documents
            for kept in (self._tables, self._tokenizers, self._weights):
                kept.clear()
        training = TrainConfig.of(values)
        count = num_train(len(corpus.documents), training.eval_fraction)
        order, rng = self._draws.order(corpus.documents, training.seed)
        known = order[: min(count, run.num_docs or count)]
        yield
        tokenizer = yield from self._tokenizer(training, values, known)
        config = ModelConfig(tokenizer.vocab_size, code=code, **model_sizes(values))
        model = self._model(config, values["precision"], training)
        yield
        key = (config, training.init_std, training.seed, values["precision"])
        weights = self._weights.get(key)
        if weights is None:
            drawn = init_weights(config, rng, training.init_std)
            weights = self._weights.keep(key, model.weight_bytes(drawn))
            yield
        mask = LossMask(training.mask, tokenizer, config.block_size)
        table = yield from self._table(corpus, tokenizer, mask, config.block_size)
        segment = first_segment(training)
        first = table.first(known, segment.document(segment.schedule_end))
        if not first:
            raise DataError(mask.nothing_counts)
        most = max(MAX_EVAL_DOCUMENTS, run.curve_documents)
        held_out = table.final(order[count:], most, config.num_params)[: run.max_held_out]
        compared = len(held_out) if run.with_gap else 0
        sample = table.first(known, compared)[:compared]
        counts = len(held_out), len(sample)
        return Job(
            *(run, model, tokenizer, table),
            [(model.addresses()["weights"], weights), *model.segment_writes(segment)],
            first,
            held_out + sample,
            stages_of(run.curve_documents, run.tested, training.num_steps, *counts),
            *(training.num_steps, training.batch_size),
            6 * config.num_params * config.block_size * training.batch_size / SLOW_FLOPS,
        )

    def _tokenizer(
        self, training: TrainConfig, values: dict[str, Any], order: Sequence[int]
    ) -> Generator[None, None, Tokenizer]:
        """The tokenizer of a run; `order`: the documents to train on, from which BPE is learned."""
        name = values["tokenizer"]
        characters = yield from self._draws.characters(self._documents)
        key: object = name
        if name == "bpe":
            key = training.seed, training.eval_fraction, len(order), values["vocab_limit"]
        kept = self._tokenizers.get(key)
        if kept is not None:
            return kept
        if name != "bpe":
            return self._tokenizers.keep(key, CharTokenizer(characters))
        dataset = Dataset(tuple(map(self._documents.__getitem__, order)), (), characters)
        made = yield from make_tokenizer(dataset, name, values["vocab_limit"])
        return self._tokenizers.keep(key, made)

    def _model(self, config: ModelConfig, precision: str, training: TrainConfig) -> RemoteModel:
        key = config, precision, training.optimizer
        kept = self._models.get(key)
        if kept is not None:
            return kept
        optimizer = OPTIMIZERS[training.optimizer]
        return self._models.keep(key, RemoteModel(config, precision, optimizer))

    def _table(
        self, corpus: Corpus, tokenizer: Tokenizer, mask: LossMask, block_size: int
    ) -> Generator[None, None, DocumentTable]:
        windowed = corpus.options.windowed
        # How long the context is matters to windows of a text, and to what counts in it.
        key = tokenizer, mask.mark, block_size if windowed or mask.mark else 0
        kept = self._tables.get(key)
        if kept is not None:
            return kept
        made = yield from DocumentTable.of(corpus.documents, tokenizer, mask, block_size, windowed)
        return self._tables.keep(key, made)


def _model_code(run: PoolRun) -> ModelCode | None:
    """The code of a run's model; None for the repository's."""
    code = code_of(run.code)
    if not run.window:
        return code
    # Imported here, so that the worker's start does not wait for it.
    from microgpt.lab.windowed import windowed_code

    return windowed_code(code, run.window)


def with_seed(run: PoolRun, seed: int) -> PoolRun:
    """The same run with another seed."""
    return replace(run, settings={**run.settings, "seed": seed})
