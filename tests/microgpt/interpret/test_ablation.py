"""Switching parts off: what is removed, what is put in its place, and what is left."""

from __future__ import annotations

from typing import Any

import pytest

from microgpt.activations import Patches
from microgpt.config import ModelConfig
from microgpt.engine import LanguageModel, create_engine
from microgpt.generators import drain
from microgpt.interpret.ablation import (
    UnknownPartError,
    activation_means,
    patches_of,
    sources_of,
    switchable,
)
from microgpt.interpret.parts import anatomy
from tests.support.edited import Parts, put_in_place
from tests.support.emitted import the_host
from tests.support.models import BOS, DOCUMENTS, SMALL, Kind, weights_of

PARTS = anatomy(SMALL)
TOKENS = [BOS, 0, 3, 3, 1]


def logits_of(model: LanguageModel, name: str = "lm_head") -> list[list[float]]:
    return model.activations(TOKENS).vectors(name)


def without_attention(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.ops.rmsnorm(parts.embedding())
    for layer in range(parts.config.n_layer):
        x = parts.ops.add(parts.mlp(parts.ops.rmsnorm(x), layer), x)
    return parts.logits(x)


def test_what_can_be_switched_off() -> None:
    config = ModelConfig(27, n_head=2, n_layer=2)
    assert list(switchable(anatomy(config))) == [
        *("token", "position", "layer0.head0", "layer0.head1", "layer0.mlp"),
        *("layer1.head0", "layer1.head1", "layer1.mlp", "layer0", "layer1"),
    ]


def test_patches_are_of_the_numbers_of_the_parts() -> None:
    patches = patches_of(PARTS, ["layer1.head1", "layer0.mlp.neuron2"])
    assert {name: patch.keep for name, patch in patches.items()} == {
        "layer1.attention": (1, 1, 0, 0),
        "layer0.mlp_fc1.relu": (1, 1, 0, *[1] * 13),
    }
    assert not any(any(patch.add) for patch in patches.values())
    assert sources_of(PARTS, ["layer1", "layer1.mlp"]) == [
        "layer1.attention",
        "layer1.mlp_fc1.relu",
    ]
    assert patches_of(PARTS, []) == {}


@pytest.mark.parametrize(
    "name", ["layer2.head0", "layer0.head2", "layer0.mlp.neuron16", "layer0.neuron1", "", "wte"]
)
def test_a_part_that_there_is_not(name: str) -> None:
    with pytest.raises(
        UnknownPartError, match=r"has token, position, layer0\.head0, layer0\.head1"
    ):
        patches_of(PARTS, [name])


def test_removing_all_heads_is_a_model_without_attention(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = [f"layer{layer}.head{head}" for layer in range(2) for head in range(2)]
    model = kind.engine().patched(patches_of(PARTS, heads))
    found, loss = logits_of(model), drain(model.evaluate(DOCUMENTS))
    put_in_place(monkeypatch, without_attention)
    other = create_engine("scalar", SMALL, weights_of(SMALL))
    expected = logits_of(other)
    assert found == [kind.near(row) for row in expected]
    assert loss == kind.near(drain(other.evaluate(DOCUMENTS)))


def test_removing_a_layer_is_removing_all_of_its_parts(kind: Kind) -> None:
    engine = kind.engine()
    parts = ["layer0.mlp", "layer0.head1", "layer0.head0"]
    found, expected = (
        logits_of(engine.patched(patches_of(PARTS, names))) for names in (["layer0"], parts)
    )
    assert found == expected != logits_of(engine)


def test_a_mean_takes_the_place_of_what_is_removed(kind: Kind) -> None:
    engine, names = kind.engine(), ["layer0.attention", "wpe"]
    means = drain(activation_means(engine, DOCUMENTS, names))
    rows = [
        row
        for document in DOCUMENTS
        for row in engine.activations(document[:-1][:6]).vectors("layer0.attention")
    ]
    by_hand = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    assert len(rows) == 2 + 4 + 6
    assert means["layer0.attention"] == pytest.approx(by_hand)
    model = engine.patched(patches_of(PARTS, ["layer0.head0", "position"], means))
    for position, row in enumerate(logits_of(model, "layer0.attention")):
        assert row[:2] == kind.near(by_hand[:2])
        assert row[2:] != kind.near(by_hand[2:])
        assert logits_of(model, "wpe")[position] == kind.near(means["wpe"])


@pytest.mark.usefixtures("recompiling")
def test_a_head_that_reaches_no_logit_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    the_host()

    def model(*arguments: Any) -> Any:
        parts = Parts(*arguments)
        x = parts.ops.relu(parts.attention(parts.embedding(), 0))
        return parts.logits(parts.ops.multiply(x, x))

    put_in_place(monkeypatch, model)
    parts = anatomy(SMALL)
    assert [part.name for part in parts.parts] == ["layer0.attn_wo.relu.multiply"]
    assert {"token", "position", "layer0.head0", "layer0.head1"} <= set(switchable(parts))
    patches: Patches = patches_of(parts, ["layer0"])
    for name in ("scalar", "wasm"):
        engine = create_engine(name, SMALL, weights_of(SMALL), "f64")
        assert logits_of(engine.patched(patches)) == [[0.0] * SMALL.vocab_size] * len(TOKENS)
        assert logits_of(engine) != [[0.0] * SMALL.vocab_size] * len(TOKENS)
