"""The lens: the stages of the residual stream, and what the model would say there."""

from __future__ import annotations

import pytest

from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.interpret.lens import lens, stages
from microgpt.interpret.parts import anatomy
from microgpt.sampler import softmax
from tests.support.edited import MODELS, put_in_place
from tests.support.models import BOS, SMALL, Kind, weights_of

CONFIG = ModelConfig(vocab_size=7, n_embd=12, n_head=3, n_layer=2, block_size=5)
IN_TURN = ["embedding", "layer0.attention", "layer0.mlp", "layer1.attention", "layer1.mlp"]
NAMES = {
    "parallel attention and mlp": ["embedding", "layer0", "layer1"],
    "the same layer twice": [
        *("embedding", "layer0.mlp", "layer0.attention"),
        *("layer0.mlp#2", "layer1.attention"),
    ],
    "a value used three times": ["layer1.mlp_fc2.add.add.multiply"],
    "products that nothing depends on": ["embedding", "layer1.attention"],
    "logits of the embedding": ["embedding"],
    "wide heads that share keys": ["embedding", "layer0", "layer0.mlp", "layer1", "layer1.mlp"],
}


def test_the_stages_of_the_model() -> None:
    found = stages(anatomy(ModelConfig(27)))
    assert [(stage.name, stage.source) for stage in found] == [
        ("embedding", "wte.add.rmsnorm"),
        ("layer0.attention", "layer0.attn_wo.add"),
        ("layer0.mlp", "layer0.mlp_fc2.add"),
    ]


def test_the_last_is_the_output(kind: Kind) -> None:
    parts, tokens = anatomy(SMALL), [BOS, 0, 3, 3, 1]
    made = kind.engine().activations(tokens)
    for position in range(len(tokens)):
        found = lens(parts, made, weights_of(SMALL), position)
        assert [name for name, _ in found] == IN_TURN
        assert [sum(probabilities) for _, probabilities in found] == [pytest.approx(1.0)] * 5
        assert found[-1][1] == kind.near(softmax(made.vector("lm_head", position)))
        assert found[0][1] != found[-1][1]


@pytest.mark.usefixtures("recompiling")
@pytest.mark.parametrize("name", MODELS)
def test_the_last_is_the_output_of_an_edited_model(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_place(monkeypatch, MODELS[name])
    parts, weights = anatomy(CONFIG), weights_of(CONFIG)
    made = create_engine("scalar", CONFIG, weights).activations([6, 0, 3])
    found = lens(parts, made, weights, 2)
    assert [stage for stage, _ in found] == NAMES.get(name, IN_TURN)
    assert found[-1][1] == pytest.approx(softmax(made.vector(parts.logits.name, 2)), rel=1e-12)


def test_the_first_knows_nothing_but_the_token_and_its_position() -> None:
    parts, weights = anatomy(SMALL), weights_of(SMALL)
    engine = create_engine("scalar", SMALL, weights)
    one, other = (engine.activations(tokens) for tokens in ([BOS, 0, 3], [BOS, 2, 3]))
    found, others = (lens(parts, made, weights, 2) for made in (one, other))
    assert found[0] == others[0]
    assert found[1] != others[1]
