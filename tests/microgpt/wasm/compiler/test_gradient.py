"""The compiled gradients are the scalar engine's, weight by weight, for random models.

How far apart they may lie is said at `tests.support.models.strays`.
"""

from __future__ import annotations

import random
import sys

import pytest

from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.wasm.compiler.compile import compile_model
from tests.support.emitted import the_host
from tests.support.models import SMALL, gradients_of, strays, weights_of

Documents = list[list[int]]

CASES = 50
EVERY = 3 if sys.platform == "emscripten" else 1  # a browser takes longer
# (heads, numbers a head): whole registers, parts of them, and neither.
HEADS = [(1, 4), (2, 4), (4, 4), (3, 3), (5, 1), (7, 2), (8, 3), (2, 7), (3, 8), (6, 2), (12, 1)]
HEADS += [(1, 5), (4, 2), (5, 4), (1, 33), (16, 2), (7, 3)]
VOCABULARIES = [2, 3, 5, 8, 11, 17, 33]


def case(number: int) -> tuple[ModelConfig, Documents]:
    """An architecture and documents for one step, random but always the same."""
    rng = random.Random(number)
    n_head, head_dim = HEADS[number % len(HEADS)]
    config = ModelConfig(
        VOCABULARIES[number % len(VOCABULARIES)],
        n_embd=n_head * head_dim,
        n_head=n_head,
        n_layer=rng.choice([1, 1, 1, 1, 2, 2, 3]),
        block_size=rng.randint(1, 9),
    )
    lengths = [rng.randint(2, config.block_size + 3) for _ in range(1 + number % 5)]
    tokens = range(config.vocab_size)
    return config, [rng.choices(tokens, k=length) for length in lengths]


def gradients(
    engine: str, config: ModelConfig, documents: Documents, precision: str = "f64"
) -> dict[str, list[float]]:
    weights = weights_of(config, seed=len(documents), scale=2.0)
    return gradients_of(create_engine(engine, config, weights, precision), documents)


def test_the_cases_are_of_many_kinds() -> None:
    cases = [case(number) for number in range(CASES)]
    configs = [config for config, _ in cases]
    lengths = {len(d) - 1 - config.block_size for config, documents in cases for d in documents}
    assert {config.n_head for config in configs} >= {1, 2, 3, 4, 5, 7, 8}
    assert {config.head_dim % 4 for config in configs} == {0, 1, 2, 3}
    assert {config.n_layer for config in configs} == {1, 2, 3}
    assert min(config.block_size for config in configs) == 1
    assert {len(documents) for _, documents in cases} == {1, 2, 3, 4, 5}
    assert min(len(document) for _, documents in cases for document in documents) == 2
    assert {-1, 0, 1, 2} <= lengths  # shorter than the context, as long, and longer


@pytest.mark.parametrize("number", range(0, CASES, EVERY))
def test_gradients(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With multiply-add in one instruction, where there is such a thing, and in two, by turns."""
    host = the_host()
    here = host.relaxed
    config, documents = case(number)
    expected = gradients("scalar", config, documents)
    for precision, relaxed in (("f32", number % 2 == 0), ("f64", number % 2 == 1)):
        monkeypatch.setattr(host, "relaxed", here and relaxed)
        found = gradients("wasm", config, documents, precision)
        assert strays(found, expected, precision) == {}, precision


@pytest.mark.parametrize("precision", ["f32", "f64"])
@pytest.mark.parametrize("count", [50, 64])
def test_a_batch_that_takes_several_passes(precision: str, count: int) -> None:
    """There are rows for 128 positions at a time."""
    the_host()
    rng = random.Random(count)
    documents = [rng.choices(range(5), k=rng.randint(2, 9)) for _ in range(count)]
    assert sum(min(len(document) - 1, SMALL.block_size) for document in documents) > 128
    expected = gradients("scalar", SMALL, documents)
    assert strays(gradients("wasm", SMALL, documents, precision), expected, precision) == {}


@pytest.mark.usefixtures("recompiling")
@pytest.mark.parametrize("precision", ["f32", "f64"])
@pytest.mark.parametrize("number", [0, 4, 6, 15, 16])
def test_attention_that_is_computed_twice(
    precision: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no room for all attention weights; the same numbers to the last bit."""
    host = the_host()
    config, documents = case(number)
    kept = gradients("wasm", config, documents, precision)
    monkeypatch.setattr("microgpt.wasm.compiler.memory.MAX_KEPT_ATTENTION_BYTES", 0)
    compile_model.cache_clear()
    assert not compile_model(config, precision, host.relaxed).plan.keeps_attention
    assert gradients("wasm", config, documents, precision) == kept
