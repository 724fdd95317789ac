"""The compiled engine at the ends of what the settings allow, and at a size that is of use.

The giants are compiled and never run: they would need gigabytes.
"""

from __future__ import annotations

import math
import random

import pytest

from microgpt.config import ModelConfig, TrainConfig
from microgpt.engine import create_engine
from microgpt.generators import drain
from microgpt.settings import SettingError
from microgpt.wasm.compiler.compile import compile_model
from tests.support.emitted import the_host
from tests.support.models import DOCUMENTS, Kind, gradients_of, losses_of, strays, weights_of

EXTREMES = [  # vocabulary, embedding, heads, layers, context
    (2, 1, 1, 1, 1),
    (2, 4, 1, 1, 1),
    (3, 512, 512, 1, 1),
    (10_000, 4, 4, 1, 512),
    (27, 505, 5, 12, 511),
    (10_000, 510, 3, 12, 512),
    (10_000, 512, 1, 12, 512),
    (10_000, 512, 512, 12, 512),
]
USEFUL = ModelConfig(1000, n_embd=128, n_head=8, n_layer=2, block_size=128)


def config_of(sizes: tuple[int, int, int, int, int]) -> ModelConfig:
    vocab_size, n_embd, n_head, n_layer, block_size = sizes
    return ModelConfig(
        vocab_size, n_embd=n_embd, n_head=n_head, n_layer=n_layer, block_size=block_size
    )


@pytest.mark.parametrize("sizes", EXTREMES, ids=str)
def test_extremes(sizes: tuple[int, int, int, int, int]) -> None:
    host = the_host()
    for precision in ("f32", "f64"):
        model = compile_model(config_of(sizes), precision, host.relaxed)
        assert host.validate(model.bytes)
        assert len(model.bytes) < 100_000
        assert model.plan.end < 4 << 30


def test_without_relaxed_instructions_too() -> None:
    for sizes in EXTREMES[::3]:
        assert the_host().validate(compile_model(config_of(sizes), "f32", relaxed=False).bytes)


@pytest.mark.usefixtures("recompiling")
def test_more_memory_than_there_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    the_host()
    monkeypatch.setattr("microgpt.wasm.compiler.compile.MAX_PAGES", 300)
    config = ModelConfig(1000, n_embd=512, n_layer=2)
    words = r"needs 0\.\d GB of memory.* choose fewer layers or a smaller embedding or context"
    with pytest.raises(SettingError, match=words):
        create_engine("wasm", config, {})


@pytest.mark.usefixtures("recompiling")
@pytest.mark.parametrize("gigabytes", [2, 4])
def test_addresses_beyond(gigabytes: int, compiled: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything lies around the 2nd or below the 4th gigabyte, where addresses look negative."""

    def results() -> list[object]:
        seen: list[object] = []
        for batch_size in (1, 3):
            engine = compiled.engine(batch_size=batch_size)
            seen += [losses_of(engine.steps(0, 10)), drain(engine.evaluate(DOCUMENTS))]
            seen += [engine.context().feed(1), engine.weights(), engine.optimizer_state()]
        return seen

    expected = results()
    monkeypatch.setattr(
        "microgpt.wasm.compiler.memory.CONTROL_ADDRESS", (gigabytes << 30) - 2_000_000
    )
    compile_model.cache_clear()
    assert results() == expected


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_the_gradient_of_a_wider_model(precision: str) -> None:
    the_host()
    config = ModelConfig(27, n_embd=64, n_head=4, n_layer=1, block_size=8)
    documents = [[26, *range(7), 26], [26, 3, 26]]
    weights = weights_of(config, scale=1.0)
    expected, found = (
        gradients_of(create_engine(name, config, weights, precision), documents)
        for name in ("scalar", "wasm")
    )
    assert strays(found, expected, precision) == {}


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_model_of_use(batch_size: int) -> None:
    """A fresh one is about as good as guessing, and learns; 32 bits are as good as 64."""
    the_host()
    dice = random.Random(1)
    document = [999, *(dice.randrange(999) for _ in range(USEFUL.block_size))]
    weights = weights_of(USEFUL, scale=0.25)
    losses = []
    for precision in ("f32", "f64"):
        engine = create_engine("wasm", USEFUL, weights, precision)
        engine.prepare([document], TrainConfig(num_steps=20, batch_size=batch_size))
        losses.append(losses_of(engine.steps(0, 2)))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert losses[1][0] == pytest.approx(math.log(1000), abs=0.1)
    assert losses[1][1] < losses[1][0] - 0.1
