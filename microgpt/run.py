"""Everything that one training run consists of, made from a text and a few settings.

The command line and the page's session both start here, so that the same settings and the same
seed give the same run in both. The order of the random draws is that of microgpt.py: documents,
weights, then samples.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from microgpt.bpe import BpeTokenizer, Merge, learn
from microgpt.config import ModelConfig, TrainConfig
from microgpt.dataset import Dataset, make_dataset_incrementally
from microgpt.engine import Engine, create_engine
from microgpt.generators import drain
from microgpt.model import init_weights
from microgpt.sequences import encode_document
from microgpt.settings import TOKENIZER
from microgpt.task_eval import TaskEval, make_task_eval
from microgpt.tokenizer import CharTokenizer, Tokenizer, UnknownCharacterError
from microgpt.trainer import Progress, train

# Held-out documents an evaluation looks at: enough for a curve, few enough not to hold up a run.
EVAL_DOCUMENTS = 50
MEASURED = 1000  # documents that tell how long tokens are
PIECE = 1000  # documents that are encoded between two chances to look up


@dataclass(slots=True)
class Run:
    """A model, its data and its dice."""

    dataset: Dataset
    tokenizer: Tokenizer
    training: TrainConfig
    engine: Engine
    rng: random.Random
    held_out: list[list[int]]  # the documents to evaluate on, as token ids
    in_pieces: bool = False  # whether the documents are pieces of one long text
    task_eval: TaskEval | None = None

    def train(self, start: int = 0, stop: int | None = None) -> Iterator[Progress]:
        """Train from step `start` to `stop` (default: to the end), evaluating now and then."""
        return train(
            self.engine,
            self.training.num_steps,
            self.training.learning_rate,
            self.held_out,
            start=start,
            stop=stop,
            task_eval=partial(self.task_eval.take, self.engine) if self.task_eval else None,
        )

    def examine(self, name: str) -> None:
        """Have the model examined while it trains, if the data set called `name` is a task."""
        self.task_eval = make_task_eval(
            name, self.dataset, self.tokenizer, self.engine.config.block_size
        )

    def mark(self, line: str) -> str:
        """`right` or `wrong` for a line that the model wrote, "" where the data are no task."""
        if self.task_eval is None:
            return ""
        return "right" if self.task_eval.is_right(line) else "wrong"

    def chars_per_token(self) -> float:
        """How many characters a token has on average, each end of a document counted as one.

        A loss of a token divided by it is one of a character, which can be compared between
        tokenizers.
        """
        documents, end = self.dataset.train[:MEASURED], 0 if self.in_pieces else 1
        tokens = sum(len(self.tokenizer.encode_prefix(document)) + end for document in documents)
        return sum(len(document) + end for document in documents) / tokens

    def remarks(self) -> list[str]:
        """Sentences on what a beginner would want to know of this data before training."""
        return self.dataset.remarks(
            None if self.in_pieces else self.engine.config.block_size,
            lambda document: len(self.tokenizer.encode_prefix(document)),
        )


def prepare_run(
    documents: Sequence[str],
    training: TrainConfig,
    engine: str = "auto",
    precision: str = "f32",
    tokenizer: str | Tokenizer = "characters",
    vocab_limit: int = 256,
    in_pieces: bool = False,
    **architecture: int,
) -> Run:
    """A run that is ready to train.

    Args:
        documents: the whole data, unshuffled.
        training: how to train; its seed drives all draws.
        engine: an engine's name, as `create_engine` knows it.
        precision: what numbers a compiled engine computes with, `f32` or `f64`.
        tokenizer: `characters`, `pairs` as `learn_merges` finds them, or one that is ready.
        vocab_limit: how many tokens `pairs` make at most.
        in_pieces: whether the documents are pieces of one long text, which end nowhere.
        architecture: fields of `ModelConfig` but the vocabulary's size.

    Raises:
        DataError, SettingError: for data or settings that cannot be.
        UnknownCharacterError: where the data has a character that a ready tokenizer has not.
    """
    parts = prepare_in_parts(
        documents,
        training,
        engine,
        precision,
        tokenizer,
        vocab_limit,
        in_pieces,
        **architecture,
    )
    return drain(parts)


def prepare_in_parts(
    documents: Sequence[str],
    training: TrainConfig,
    engine: str = "auto",
    precision: str = "f32",
    tokenizer: str | Tokenizer = "characters",
    vocab_limit: int = 256,
    in_pieces: bool = False,
    **architecture: int,
) -> Generator[None, None, Run]:
    """The same, but it takes a while with many documents: yields are chances to look up."""
    rng = random.Random(training.seed)
    dataset = yield from make_dataset_incrementally(documents, training.eval_fraction, rng)
    yield
    if isinstance(tokenizer, str):
        tokenizer = yield from make_tokenizer(dataset, tokenizer, vocab_limit)
    else:
        _check_knows(tokenizer, dataset)
    config = ModelConfig(tokenizer.vocab_size, **architecture)
    weights = init_weights(config, rng)
    yield
    created = create_engine(engine, config, weights, precision)
    yield
    used = dataset.train[: training.num_steps * training.batch_size]
    encoded: list[list[int]] = []
    for start in range(0, len(used), PIECE):
        for document in used[start : start + PIECE]:
            encoded += encode_document(document, tokenizer, config.block_size, in_pieces)
        yield
    created.prepare(encoded, training)
    held_out: list[list[int]] = []
    for document in dataset.held_out[:EVAL_DOCUMENTS]:
        held_out += encode_document(document, tokenizer, config.block_size, in_pieces)
    del held_out[EVAL_DOCUMENTS:]
    return Run(dataset, tokenizer, training, created, rng, held_out, in_pieces)


def learn_merges(
    documents: Sequence[str], training: TrainConfig, vocab_limit: int
) -> Iterator[Merge | None]:
    """The merges of a run's byte pairs one by one, as `bpe.learn` yields them.

    They are learnt from the documents for training alone, so that the held-out loss is measured on
    texts that nothing was fitted to. The characters are those of all documents, so that none is
    unknown. No dice are thrown beyond those that shuffle the documents.

    Args as of `prepare_run`, which comes to the same merges.
    """
    rng = random.Random(training.seed)
    dataset = yield from make_dataset_incrementally(documents, training.eval_fraction, rng)
    yield from learn(dataset.train, vocab_limit, dataset.characters)


def make_tokenizer(
    dataset: Dataset, name: str, vocab_limit: int
) -> Generator[None, None, Tokenizer]:
    """The tokenizer of a run on a data set, by its name; yields are chances to look up.

    Raises `SettingError` for another name, or where the vocabulary has no room.
    """
    choice, limit = TOKENIZER
    choice.check(name)
    limit.check(vocab_limit)
    if name == "characters":
        return CharTokenizer(dataset.characters)
    pairs = []
    for merge in learn(dataset.train, vocab_limit, dataset.characters):
        if merge is not None:
            pairs.append(merge.pair)
        yield
    return BpeTokenizer(dataset.characters, pairs)


def _check_knows(tokenizer: Tokenizer, dataset: Dataset) -> None:
    unknown = set(dataset.characters).difference(tokenizer.characters)
    if unknown:
        raise UnknownCharacterError(min(unknown), tokenizer.characters)
