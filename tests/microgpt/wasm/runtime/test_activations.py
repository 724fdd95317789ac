"""What a forward pass has made, by name: what the scalar operations make at the same place."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from microgpt.activations import Activations
from microgpt.config import ModelConfig, TrainConfig
from microgpt.engine import create_engine
from microgpt.generators import drain
from microgpt.model import Weights, gpt
from microgpt.scalar.operations import (
    Caches,
    FloatArithmetic,
    LayerCache,
    ScalarOperations,
    empty_caches,
)
from microgpt.wasm.runtime.engine import WasmEngine
from tests.support.emitted import the_host
from tests.support.models import BOS, DOCUMENTS, SMALL, losses_of, weights_of

CONFIGS = [
    SMALL,
    ModelConfig(vocab_size=7, n_embd=15, n_head=3, n_layer=1, block_size=5),
    ModelConfig(vocab_size=5, n_embd=24, n_head=8, n_layer=2, block_size=9),
    ModelConfig(vocab_size=33, n_embd=7, n_head=7, n_layer=1, block_size=4),
]
Activation = list[float] | list[list[float]]  # a vector, or attention's weights (n_head, t)
TOLERANCES = {"f32": 1e-4, "f64": 1e-12}


class Recorder:
    """Scalar operations whose every result is written down, attention's weights too."""

    def __init__(self) -> None:
        self._ops = ScalarOperations(FloatArithmetic())
        self.results: list[Activation] = []

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._ops, name)

        def record(*arguments: Any) -> Any:
            result = operation(*arguments)
            self.results.append(result)
            if name == "attention":
                self.results.append(self._attention_weights(*arguments))
            return result

        return record

    def _attention_weights(
        self, q: list[float], _k: object, _v: object, n_head: int, cache: LayerCache[float]
    ) -> Activation:
        size = len(q) // n_head
        return [
            self._ops.softmax(
                [
                    sum(q[i] * key[i] for i in range(start, start + size)) / size**0.5
                    for key in cache.keys
                ]
            )
            for start in range(0, len(q), size)
        ]


def by_scalars(config: ModelConfig, weights: Weights, tokens: list[int]) -> list[list[Activation]]:
    """What each operation makes at each position, (positions, operations)."""
    caches: Caches[float] = empty_caches()
    made = []
    for position, token in enumerate(tokens):
        recorder: Any = Recorder()
        gpt(recorder, config, weights, token, position, caches)
        made.append(recorder.results)
    return made


def near(precision: str, expected: Activation) -> Any:
    tolerance = TOLERANCES[precision]
    if isinstance(expected[0], list):
        return [pytest.approx(row, rel=tolerance, abs=tolerance) for row in expected]
    return pytest.approx(expected, rel=tolerance, abs=tolerance)


def read(made: Activations, name: str, position: int) -> Activation:
    weights = name.endswith(".weights")
    return made.attention(name, position) if weights else made.vector(name, position)


def padded(attention: list[list[list[float]]]) -> list[float]:
    """(t, n_head, position + 1) as float32, (n_head, t, t), flat."""
    t = len(attention)
    rows = [
        [*of_position[head], *[0.0] * (t - 1 - position)]
        for head in range(len(attention[0]))
        for position, of_position in enumerate(attention)
    ]
    return array("f", [number for row in rows for number in row]).tolist()


@pytest.mark.parametrize("batch_size", [1, 2])
@pytest.mark.parametrize("precision", ["f32", "f64"])
@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.n_head} heads")
def test_every_activation(config: ModelConfig, precision: str, batch_size: int) -> None:
    weights = weights_of(config, scale=2.0)
    engine = WasmEngine(config, weights, the_host(), precision)
    engine.prepare([[0, 1, 0]], TrainConfig(batch_size=batch_size))
    tokens = [(3 * position + 1) % config.vocab_size for position in range(config.block_size)]
    context = engine.context()
    logits = [context.feed(token) for token in tokens]
    made = engine.activations(tokens)
    for position, results in enumerate(by_scalars(config, weights, tokens)):
        for name, result in zip(made.names, results, strict=True):
            assert read(made, name, position) == near(precision, result), (name, position)
        assert made.vector("lm_head", position) == logits[position]
    for name in made.names:
        if name.endswith(".weights"):
            heat = array("f", made.attention_bytes(name)).tolist()
            assert heat == padded([made.attention(name, p) for p in range(len(tokens))])
        else:
            assert made.vectors(name) == [made.vector(name, p) for p in range(len(tokens))]


def test_the_names() -> None:
    engine = WasmEngine(SMALL, weights_of(SMALL), the_host())
    names = engine.activations([BOS]).names
    assert len(set(names)) == len(names)
    assert names[:4] == ["wte", "wpe", "wte.add", "wte.add.rmsnorm"]
    parts = ["attn_wq", "attn_wk", "attn_wv", "attention", "attention.weights", "attn_wo"]
    parts += ["mlp_fc1", "mlp_fc1.relu", "mlp_fc2", "mlp_fc2.add"]
    assert {f"layer{layer}.{part}" for layer in range(2) for part in parts} <= set(names)
    assert names[-1] == "lm_head"


@pytest.mark.usefixtures("recompiling")
@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.n_head} heads")
def test_attention_weights_that_are_not_kept(
    config: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microgpt.wasm.compiler.memory.MAX_KEPT_ATTENTION_BYTES", 0)
    weights, tokens = weights_of(config), [0, 1, 0, 1]
    made = WasmEngine(config, weights, the_host(), "f64").activations(tokens)
    for position, results in enumerate(by_scalars(config, weights, tokens)):
        for name, result in zip(made.names, results, strict=True):
            assert read(made, name, position) == near("f64", result), (name, position)
    name = "layer0.attention.weights"
    heat = array("f", made.attention_bytes(name)).tolist()
    assert heat == padded([made.attention(name, position) for position in range(4)])


def test_activations_are_those_of_the_moment() -> None:
    engine = WasmEngine(SMALL, weights_of(SMALL), the_host(), "f64")
    engine.prepare(DOCUMENTS, TrainConfig(num_steps=20))
    made, name = engine.activations([BOS, 1, 2]), "layer1.attention.weights"
    before = [made.attention(name, position) for position in range(3)]
    other = engine.activations([BOS, 1, 3, 2])
    shared = [other.attention(name, position) for position in range(2)]
    assert shared == before[:2] == [made.attention(name, position) for position in range(2)]
    drain(engine.evaluate(DOCUMENTS))
    assert made.attention(name, 2) == before[2]
    losses_of(engine.steps(0, 3))
    expected = by_scalars(SMALL, engine.weights(), [BOS, 1, 2])[2]
    for name, result in zip(made.names, expected, strict=True):
        assert read(made, name, 2) == near("f64", result), name


@pytest.mark.parametrize("engine", ["scalar", "wasm"])
def test_what_there_is_not(engine: str) -> None:
    if engine == "wasm":
        the_host()
    made = create_engine(engine, SMALL, weights_of(SMALL)).activations([BOS])
    for name in ("layer2.attention", "d lm_head", "wte.add.scale", ""):
        with pytest.raises(KeyError):
            made.vector(name, 0)
    for name in ("layer2.attention.weights", "layer0.attention"):
        with pytest.raises(KeyError):
            made.attention(name, 0)
    for position in (1, -1, SMALL.block_size):
        with pytest.raises(IndexError, match=f"there are 1 tokens, so there is none at {position}"):
            made.vector("lm_head", position)
        with pytest.raises(IndexError):
            made.attention("layer0.attention.weights", position)
