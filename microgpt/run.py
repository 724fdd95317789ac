"""Everything that one training run consists of, made from a text and a few settings.

The command line and the page's session both start here, so that the same settings and the same
seed give the same run in both. The order of the random draws is that of microgpt.py: documents,
weights, then samples.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from microgpt.config import ModelConfig, TrainConfig
from microgpt.data import Dataset, make_dataset
from microgpt.engine import Engine, create_engine
from microgpt.model import init_weights
from microgpt.tokenizer import CharTokenizer
from microgpt.trainer import Progress, train

# Held-out documents an evaluation looks at: enough for a curve, few enough not to hold up a run.
EVAL_DOCUMENTS = 50


@dataclass(slots=True)
class Run:
    """A model, its data and its dice."""

    dataset: Dataset
    tokenizer: CharTokenizer
    training: TrainConfig
    engine: Engine
    rng: random.Random
    held_out: list[list[int]]  # the documents to evaluate on, as token ids

    def train(self, start: int = 0, stop: int | None = None) -> Iterator[Progress]:
        """Train from step `start` to `stop` (default: to the end), evaluating now and then."""
        return train(
            self.engine,
            self.training.num_steps,
            self.training.learning_rate,
            self.held_out,
            start=start,
            stop=stop,
        )


def prepare_run(
    documents: Sequence[str],
    training: TrainConfig,
    engine: str = "auto",
    precision: str = "f32",
    **architecture: int,
) -> Run:
    """A run that is ready to train.

    Args:
        documents: the whole data, unshuffled.
        training: how to train; its seed drives all draws.
        engine: an engine's name, as `create_engine` knows it.
        precision: what numbers a compiled engine computes with, `f32` or `f64`.
        architecture: fields of `ModelConfig` but the vocabulary's size.

    Raises:
        DataError, SettingError: for data or settings that cannot be.
    """
    parts = prepare_in_parts(documents, training, engine, precision, **architecture)
    while True:
        try:
            next(parts)
        except StopIteration as finished:
            run: Run = finished.value
            return run


def prepare_in_parts(
    documents: Sequence[str],
    training: TrainConfig,
    engine: str = "auto",
    precision: str = "f32",
    **architecture: int,
) -> Generator[None, None, Run]:
    """The same, but it takes a while with many documents: yields are chances to look up."""
    rng = random.Random(training.seed)
    dataset = make_dataset(documents, training.eval_fraction, rng)
    yield
    tokenizer = CharTokenizer(dataset.characters)
    config = ModelConfig(tokenizer.vocab_size, **architecture)
    weights = init_weights(config, rng)
    yield
    created = create_engine(engine, config, weights, precision)
    yield
    used = dataset.train[: training.num_steps * training.batch_size]
    created.prepare([tokenizer.encode(document) for document in used], training)
    held_out = [tokenizer.encode(document) for document in dataset.held_out[:EVAL_DOCUMENTS]]
    return Run(dataset, tokenizer, training, created, rng, held_out)
