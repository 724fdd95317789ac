"""Random models, compiled: their gradients are those of the scalar operations."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights
from microgpt.wasm.compiler import memory
from microgpt.wasm.runtime.engine import WasmEngine
from tests.support.emitted import the_host
from tests.support.models import graph_of, weights_of
from tests.support.programs import Program, in_place_of_gpt, programs

CONFIGS = [
    ModelConfig(vocab_size, n_embd=n_embd, n_head=n_head, n_layer=2, block_size=6)
    for vocab_size, n_embd, n_head in [(5, 4, 2), (3, 6, 3), (7, 5, 1), (4, 8, 4), (9, 10, 5)]
]


def scalar_gradients(
    config: ModelConfig, weights: Weights, documents: list[list[int]]
) -> list[float]:
    """The gradient of the mean loss, flat: (num_params,)."""
    total = [0.0] * config.num_params
    for document in documents:
        values, _, loss = graph_of(config, weights, document[: config.block_size + 1])
        loss.backward()
        flat = (value.grad for matrix in values.values() for row in matrix for value in row)
        total = [a + b / len(documents) for a, b in zip(total, flat, strict=True)]
    return total


def compiled_gradients(
    config: ModelConfig, weights: Weights, documents: list[list[int]]
) -> list[float]:
    """The same, out of Adam's first moment after a first step."""
    engine = WasmEngine(config, weights, the_host(), "f64")
    training = TrainConfig(num_steps=10, batch_size=len(documents))
    engine.prepare(documents, training)
    list(engine.steps(0, 1))
    return [moment / (1 - training.beta1) for moment in engine.optimizer_state()[0]]


@settings(max_examples=30)
@given(
    programs,
    st.sampled_from(CONFIGS),
    st.integers(1, 3),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_gradients_to_1e_12_of_the_largest(
    program: Program, config: ModelConfig, batch_size: int, kept: bool, rng: random.Random
) -> None:
    documents = [
        [rng.randrange(config.vocab_size) for _ in range(rng.randint(2, config.block_size + 2))]
        for _ in range(batch_size)
    ]
    weights = weights_of(config, rng.randrange(1000))
    with in_place_of_gpt(program), pytest.MonkeyPatch.context() as patch:
        if not kept:
            patch.setattr(memory, "MAX_KEPT_ATTENTION_BYTES", 0)
        expected = scalar_gradients(config, weights, documents)
        found = compiled_gradients(config, weights, documents)
    largest = max(map(abs, expected))
    assert found == pytest.approx(expected, rel=0.0, abs=1e-12 * largest)
