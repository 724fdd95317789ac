"""Small models for the tests: architectures by chance, engines ready to train, gradients.

Knows the core's scalar engine; nothing of a single test.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

from microgpt.autograd import Value
from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights, gpt, init_weights
from microgpt.scalar.engine import ScalarEngine
from microgpt.scalar.operations import LayerCache, ScalarOperations, ValueArithmetic

T = TypeVar("T")

SMALL = ModelConfig(vocab_size=5, n_embd=4, n_head=2, n_layer=2, block_size=6)
BOS = SMALL.vocab_size - 1
# For SMALL: of one token, ordinary, and longer than the context.
DOCUMENTS = ([BOS, 0, BOS], [BOS, 1, 2, 3, BOS], [BOS, 3, 3, 1, 0, 2, 2, 1, BOS])


def architectures(block_size: int = 6) -> st.SearchStrategy[ModelConfig]:
    """Architectures that take no time, with sizes that are odd as well."""
    n_embd_and_head = [(4, 1), (4, 2), (5, 5), (6, 3), (7, 1), (8, 4)]
    return st.builds(
        lambda sizes, vocab_size, n_layer: ModelConfig(
            vocab_size, n_embd=sizes[0], n_head=sizes[1], n_layer=n_layer, block_size=block_size
        ),
        st.sampled_from(n_embd_and_head),
        st.integers(2, 9),
        st.integers(1, 2),
    )


def weights_of(config: ModelConfig, seed: int = 1, scale: float = 4.0) -> Weights:
    """Weights by chance; `scale` times as large as a fresh model's, so that each one matters."""
    weights = init_weights(config, random.Random(seed))
    return {
        name: [[scale * weight for weight in row] for row in matrix]
        for name, matrix in weights.items()
    }


def engine_of(
    config: ModelConfig = SMALL,
    documents: Sequence[Sequence[int]] = DOCUMENTS,
    seed: int = 1,
    scale: float = 4.0,
    num_steps: int = 20,
    learning_rate: float = 0.02,
    batch_size: int = 1,
) -> ScalarEngine:
    """A scalar engine that is ready to train."""
    engine = ScalarEngine(config, weights_of(config, seed, scale))
    training = TrainConfig(num_steps=num_steps, batch_size=batch_size, learning_rate=learning_rate)
    engine.prepare(documents, training)
    return engine


def losses_of(parts: Iterable[list[float]]) -> list[float]:
    """All losses that an engine's `steps` yield."""
    return [loss for part in parts for loss in part]


def result_of(generator: Generator[None, None, T]) -> T:
    """What a generator returns in the end."""
    while True:
        try:
            next(generator)
        except StopIteration as finished:
            result: T = finished.value
            return result


def graph_of(
    config: ModelConfig, weights: Weights, document: Sequence[int]
) -> tuple[dict[str, list[list[Value]]], list[list[Value]], Value]:
    """The model as a graph: its weights, the logits at each position, and the mean loss."""
    ops = ScalarOperations(ValueArithmetic())
    values = {name: [[Value(w) for w in row] for row in m] for name, m in weights.items()}
    caches: list[LayerCache[Value]] = [LayerCache() for _ in range(config.n_layer)]
    logits = [
        gpt(ops, config, values, token, position, caches)
        for position, token in enumerate(document[:-1])
    ]
    losses = [ops.cross_entropy(*pair) for pair in zip(logits, document[1:], strict=True)]
    return values, logits, ops.mean(losses)
