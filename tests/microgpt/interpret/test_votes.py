"""Votes: what the parts add to the logits, exactly, in the model and in edited ones."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.interpret.ablation import patches_of
from microgpt.interpret.parts import Anatomy, anatomy
from microgpt.interpret.votes import direct_votes, head_positions, mlp_neurons, votes
from microgpt.model import Weights
from tests.support.edited import MODELS, put_in_place
from tests.support.emitted import the_host
from tests.support.models import BOS, SMALL, Kind, architectures, weights_of

CONFIG = ModelConfig(vocab_size=7, n_embd=12, n_head=3, n_layer=2, block_size=5)
TOKENS = [6, 0, 3, 3]
# The parts of each edited model: what is to be seen of it in the names.
EMBEDDINGS = ["token", "position"]
HEADS = [[f"layer{layer}.head{head}" for head in range(3)] for layer in range(2)]
USUAL = [*EMBEDDINGS, *HEADS[0], "layer0.mlp", *HEADS[1], "layer1.mlp"]
NAMES = {
    "ReLU squared": USUAL,
    "SiLU": USUAL,
    "GELU": USUAL,
    "no activation": [*EMBEDDINGS, *HEADS[0], *HEADS[1]],
    "no norm after the embedding": USUAL,
    "no positions": USUAL[:1] + USUAL[2:],
    "parallel attention and mlp": USUAL,
    "tied embeddings": USUAL,
    "norm on queries and keys": USUAL,
    "another number of heads in each layer": [
        *EMBEDDINGS,
        *(f"layer0.head{head}" for head in range(4)),
        "layer0.mlp",
        *(f"layer1.head{head}" for head in range(6)),
        "layer1.mlp",
    ],
    "gated mlp": USUAL,
    "attention without projections": USUAL,
    "the same layer twice": [
        *EMBEDDINGS,
        "layer0.mlp",
        *HEADS[0],
        "layer0.mlp#2",
        *HEADS[1],
    ],
    "products that nothing depends on": [*EMBEDDINGS, *HEADS[1]],
    "logits of the embedding": EMBEDDINGS,
    "learned gains and biases": [*EMBEDDINGS, "lm_head", *USUAL[2:], "lm_head#4"],
    "wide heads that share keys": [
        *EMBEDDINGS,
        *(f"layer0.head{head}" for head in range(12)),
        "layer0.mlp",
        *(f"layer1.head{head}" for head in range(12)),
        "layer1.mlp",
    ],
    "attention to what is near": USUAL,
}


def check_votes(
    parts: Anatomy,
    weights: Weights,
    tokens: list[int],
    precision: str = "f64",
    engine: str = "scalar",
    config: ModelConfig = CONFIG,
) -> None:
    """Fail unless the votes add up to the logits at each position."""
    tolerance = {"f64": 1e-9, "f32": 1e-4}[precision]
    model = create_engine(engine, config, weights, precision)
    made = model.activations(tokens)
    for position in range(len(tokens)):
        found = votes(parts, made, weights, position)
        total = [sum(column) for column in zip(*(vote for _, vote in found), strict=True)]
        logits = made.vector(parts.logits.name, position)
        assert total == pytest.approx(logits, rel=tolerance, abs=tolerance)
        direct = direct_votes(parts, made, weights, position, {0: 1.0, 1: -1.0})
        assert [name for name, _ in direct] == [name for name, _ in found]
        expected = [vote[0] - vote[1] for _, vote in found]
        assert [vote for _, vote in direct] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=30)
@given(architectures())
def test_they_add_up_to_the_logits(config: ModelConfig) -> None:
    tokens = [random.Random(1).randrange(config.vocab_size) for _ in range(config.block_size)]
    check_votes(anatomy(config), weights_of(config), tokens, config=config)


def test_they_add_up_in_each_engine(kind: Kind) -> None:
    tokens = [BOS, 0, 3, 3, 1]
    check_votes(anatomy(SMALL), weights_of(SMALL), tokens, kind.precision, kind.name, SMALL)


@pytest.mark.usefixtures("recompiling")
@pytest.mark.parametrize("name", MODELS)
def test_they_add_up_in_edited_models(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, MODELS[name])
    parts = anatomy(CONFIG)
    check_votes(parts, weights_of(CONFIG), TOKENS)
    if name in NAMES:
        assert [part.name for part in parts.parts] == NAMES[name]
    else:
        assert [part.source for part in parts.parts] == [part.name for part in parts.parts]


@pytest.mark.usefixtures("recompiling")
@pytest.mark.parametrize("name", ["parallel attention and mlp", "gated mlp", "tied embeddings"])
def test_they_add_up_in_the_compiled_engine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    the_host()
    put_in_place(monkeypatch, MODELS[name])
    for precision in ("f32", "f64"):
        check_votes(anatomy(CONFIG), weights_of(CONFIG), TOKENS, precision, "wasm")


def test_the_parts_of_the_model() -> None:
    config = ModelConfig(27)
    parts = anatomy(config)
    heads = [f"layer0.head{head}" for head in range(4)]
    assert [part.name for part in parts.parts] == ["token", "position", *heads, "layer0.mlp"]
    assert parts.frozen == ["wte.add.rmsnorm"]
    head = parts.parts[4]
    assert (head.source, head.begin, head.end, head.head) == ("layer0.attention", 8, 12, 2)
    assert (head.weights, head.values) == ("layer0.attention.weights", "layer0.attn_wv")
    assert parts.carriers["layer0.mlp_fc1.relu"] == "layer0.mlp_fc2"


def test_positions_add_up_to_their_head_and_neurons_to_their_mlp(kind: Kind) -> None:
    parts, weights, tokens = anatomy(SMALL), weights_of(SMALL), [BOS, 0, 3, 3, 1]
    made = kind.engine().activations(tokens)
    tolerance = {"f64": 1e-9, "f32": 1e-4}[kind.precision]
    direction = {2: 1.0, 3: -1.0}
    for position in (0, 4):
        direct = dict(direct_votes(parts, made, weights, position, direction))
        for part in parts.parts:
            if part.weights:
                terms = head_positions(parts, made, weights, position, part, direction)
                assert len(terms) == position + 1
            elif part.name.endswith("mlp"):
                terms = mlp_neurons(parts, made, weights, position, part, direction)
                assert len(terms) == 4 * SMALL.n_embd
            else:
                continue
            assert sum(terms) == pytest.approx(direct[part.name], rel=tolerance, abs=tolerance)


def test_what_is_switched_off_does_not_vote(kind: Kind) -> None:
    parts, weights, tokens = anatomy(SMALL), weights_of(SMALL), [BOS, 0, 3, 3, 1]
    off = ["layer0.head1", "layer1.mlp", "position"]
    made = kind.engine().patched(patches_of(parts, off)).activations(tokens)
    found = dict(votes(parts, made, weights, 3))
    assert [name for name, vote in found.items() if not any(vote)] == ["position", *off[:2]]
    total = [sum(column) for column in zip(*found.values(), strict=True)]
    tolerance = {"f64": 1e-9, "f32": 1e-4}[kind.precision]
    assert total == pytest.approx(made.vector("lm_head", 3), rel=tolerance, abs=tolerance)
