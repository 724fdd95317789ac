"""Small models for the tests: random architectures, engines ready to train, gradients."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st

from microgpt.autograd import Value
from microgpt.config import ModelConfig, TrainConfig
from microgpt.engine import Engine, create_engine
from microgpt.model import Weights, gpt, init_weights
from microgpt.scalar.operations import Caches, ScalarOperations, ValueArithmetic, empty_caches

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
    """Random weights, `scale` times as large as a fresh model's, so that each one matters."""
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
    name: str = "scalar",
    precision: str = "f64",
) -> Engine:
    """An engine that is ready to train; the scalar one, or the compiled one where that can run."""
    engine = create_engine(name, config, weights_of(config, seed, scale), precision)
    training = TrainConfig(num_steps=num_steps, batch_size=batch_size, learning_rate=learning_rate)
    engine.prepare(documents, training)
    return engine


@dataclass(frozen=True)
class Kind:
    """A kind of engine: its name, what numbers it computes with, and whether a step is one call."""

    name: str
    precision: str
    in_parts: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.precision}{' in parts' * self.in_parts}"

    def engine(self, **options: Any) -> Engine:
        """One that is ready to train, as `engine_of` makes it."""
        return engine_of(name=self.name, precision=self.precision, **options)

    def near(self, expected: Any) -> Any:
        """What equals `expected` but for the rounding of some sums."""
        tolerance = {"f32": 1e-5, "f64": 1e-12}[self.precision]
        return pytest.approx(expected, rel=tolerance, abs=tolerance)


COMPILED = (Kind("wasm", "f32"), Kind("wasm", "f64"), Kind("wasm", "f64", in_parts=True))
KINDS = (Kind("scalar", "f64"), *COMPILED)


def gradients_of(engine: Engine, documents: Sequence[Sequence[int]]) -> dict[str, list[float]]:
    """The gradient of the mean loss of `documents`, by matrix, each flat: (rows * columns,).

    It is read off Adam's first moments, which after one step are the gradient times 1 - beta1.
    """
    training = TrainConfig(num_steps=1, batch_size=len(documents))
    engine.prepare(documents, training)
    losses_of(engine.steps(0, 1))
    gradient = iter(moment / (1 - training.beta1) for moment in engine.optimizer_state()[0])
    return {
        name: [next(gradient) for _ in range(rows * columns)]
        for name, (rows, columns) in engine.config.shapes
    }


def strays(
    found: dict[str, list[float]], expected: dict[str, list[float]], precision: str
) -> dict[str, float]:
    """The matrices whose gradients lie too far apart, and how many times too far.

    In 64 bits a weight's gradient must be right to 1 part in 10^10; where its terms cancel out, it
    may be wrong by 1 part in 10^13 of the largest of its matrix. In 32 bits it must be right to 1
    part in 10^4 of the largest of its matrix.
    """
    of_itself, of_largest = {"f32": (0.0, 1e-4), "f64": (1e-10, 1e-13)}[precision]
    result: dict[str, float] = {}
    for name, matrix in expected.items():
        largest = max(map(abs, matrix))
        for one, other in zip(found[name], matrix, strict=True):
            allowed = of_itself * abs(other) + of_largest * largest
            if not abs(one - other) <= allowed:  # also true for NaN
                excess = abs(one - other) / allowed if allowed else math.inf
                result[name] = max(result.get(name, 0.0), excess)
    return result


def losses_of(parts: Iterable[list[float]]) -> list[float]:
    """All losses that an engine's `steps` yield."""
    return [loss for part in parts for loss in part]


def check_engines_agree(
    config: ModelConfig, documents: Sequence[Sequence[int]], batch_size: int
) -> None:
    """Fail unless the compiled engine has the scalar one's gradients, losses and logits."""
    weights = weights_of(config, scale=2.0)
    engines = [create_engine(engine, config, weights, "f64") for engine in ("scalar", "wasm")]
    expected, found = (gradients_of(engine, documents[:batch_size]) for engine in engines)
    assert any(map(any, expected.values()))
    assert strays(found, expected, "f64") == {}
    losses, logits = [], []
    for engine in engines:
        engine.prepare(documents, TrainConfig(num_steps=20, batch_size=batch_size))
        losses.append(losses_of(engine.steps(0, 3)))
        context = engine.context()
        logits.append([number for token in documents[0][:3] for number in context.feed(token)])
    assert losses[1] == pytest.approx(losses[0], rel=1e-9)
    assert logits[1] == pytest.approx(logits[0], rel=1e-8, abs=1e-8)


def graph_of(
    config: ModelConfig, weights: Weights, document: Sequence[int]
) -> tuple[dict[str, list[list[Value]]], list[list[Value]], Value]:
    """The model as a graph: its weights, the logits at each position, and the mean loss."""
    ops = ScalarOperations(ValueArithmetic())
    values = {name: [[Value(w) for w in row] for row in m] for name, m in weights.items()}
    caches: Caches[Value] = empty_caches()
    logits = [
        gpt(ops, config, values, token, position, caches)
        for position, token in enumerate(document[:-1])
    ]
    losses = [ops.cross_entropy(*pair) for pair in zip(logits, document[1:], strict=True)]
    return values, logits, ops.mean(losses)
