"""Models defined by a text: what is wrong with some, and that the rest computes as it says."""

from __future__ import annotations

import random

import pytest

from microgpt.checkpoint import Checkpoint, CheckpointError, from_bytes, to_bytes
from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.generators import drain
from microgpt.model import init_weights
from microgpt.model_code.loading import load_code
from microgpt.model_code.outline import outline
from microgpt.model_code.source import default_source
from microgpt.wasm.compiler.compile import compile_model
from tests.support.emitted import the_host
from tests.support.models import check_engines_agree, weights_of

SOURCE = default_source()
DOCUMENTS = [[6, 0, 3, 2, 2, 6], [6, 1, 6], [6, 5, 4, 3, 2, 1, 0]]


def edited(before: str, after: str, count: int = -1) -> str:
    """The default text with something replaced."""
    assert before in SOURCE
    return SOURCE.replace(before, after, count)


def config_of(source: str, n_layer: int = 2) -> ModelConfig:
    return ModelConfig(
        7, n_embd=12, n_head=3, n_layer=n_layer, block_size=5, code=load_code(source)
    )


# ---- the default text ----------------------------------------------------------------------------


def test_the_default_text_is_the_model_of_the_repository() -> None:
    config, plain = config_of(SOURCE), ModelConfig(7, 12, 3, 2, 5)
    assert config.shapes == plain.shapes
    assert config.num_params == plain.num_params
    assert compile_model(config).bytes == compile_model(plain).bytes
    assert outline(config) == outline(plain)


def test_the_outline_has_the_lines_of_the_text() -> None:
    found = outline(ModelConfig(7, n_layer=2))
    lines = SOURCE.splitlines()
    for node in found.nodes:
        assert f"ops.{node.op}(" in lines[node.line - 1]
        assert all(place < found.nodes.index(node) for place in node.inputs)
    assert found.nodes[-1].name == "lm_head"
    assert [node.heads for node in found.nodes if node.op == "attention"] == [4, 4]
    assert found.num_params == sum(matrix.rows * matrix.columns for matrix in found.matrices)
    for matrix in found.matrices:
        assert found.nodes[matrix.user].weight == matrix.name


def test_the_outline_ends_with_the_logits() -> None:
    last = '    return ops.linear(x, weights["lm_head"])\n'
    source = edited(
        last, last.replace("return", "logits =") + "    ops.relu(x)\n    return logits\n"
    )
    assert outline(config_of(source)).nodes[-1].name == "lm_head"


# ---- edits ---------------------------------------------------------------------------------------

HELPER = (
    "def mlp(ops, x, weights, layer):\n"
    '    hidden = ops.silu(ops.linear(x, weights[f"layer{layer}.mlp_fc1"]))\n'
    '    return ops.linear(hidden, weights[f"layer{layer}.mlp_fc2"])\n\n\n'
)
EDITS = {
    "SiLU": edited("ops.relu", "ops.silu"),
    "a narrower MLP": edited("4 * n_embd", "2 * n_embd"),
    "tied embeddings": edited('        ("lm_head", (config.vocab_size, n_embd)),\n', "").replace(
        '"lm_head"', '"wte"'
    ),
    "no positions": edited(
        'ops.add(ops.embed(weights["wte"], token), ops.embed(weights["wpe"], position))',
        'ops.embed(weights["wte"], token)',
    ),
    "a layer run twice": edited("caches[layer]", "caches[2 * layer + 1]"),
    "a helper": HELPER
    + edited(
        '        x = ops.linear(x, weights[f"layer{layer}.mlp_fc1"])  # (4 * n_embd,)\n'
        "        x = ops.relu(x)\n"
        '        x = ops.linear(x, weights[f"layer{layer}.mlp_fc2"])  # (n_embd,)\n',
        "        x = mlp(ops, x, weights, layer)\n",
    ),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_both_engines_compute_an_edit(name: str, batch_size: int) -> None:
    the_host()
    check_engines_agree(config_of(EDITS[name]), DOCUMENTS, batch_size)


@pytest.mark.parametrize("engine", ["scalar", "wasm"])
def test_an_edit_is_saved_with_its_text_and_comes_back(engine: str) -> None:
    if engine == "wasm":
        the_host()
    config = config_of(EDITS["tied embeddings"])
    weights = init_weights(config, random.Random(1))
    made = create_engine(engine, config, weights, "f64")
    saved = to_bytes(Checkpoint(config, tuple("abcdef"), made.weights()))
    model = from_bytes(saved)
    assert model.config == config
    assert model.config.code is not None
    assert model.config.code.source == EDITS["tied embeddings"]
    again = create_engine(engine, model.config, model.weights, "f64")
    assert drain(again.evaluate(DOCUMENTS)) == drain(made.evaluate(DOCUMENTS))
    assert "lm_head" not in again.weights()


def test_code_in_a_model_file_is_held_to_the_allowlist() -> None:
    source = "import os\n\n\n" + SOURCE
    config = ModelConfig(7, code=load_code(source, trusted=True))
    saved = to_bytes(Checkpoint(config, tuple("abcdef"), weights_of(config)))
    with pytest.raises(
        CheckpointError, match="code in the model file is no model: Line 1: nothing"
    ):
        from_bytes(saved)


def test_a_long_text_can_be_saved() -> None:
    source = SOURCE + "\n" + "X = [[[[[[[[1]]]]]]]]\n" * 500
    config = ModelConfig(7, code=load_code(source))
    model = from_bytes(to_bytes(Checkpoint(config, tuple("abcdef"), weights_of(config))))
    assert model.config == config


def test_two_texts_are_two_models() -> None:
    one, other = config_of(EDITS["SiLU"]), config_of(SOURCE)
    assert one != other
    assert one == config_of(EDITS["SiLU"])
    assert compile_model(one).bytes != compile_model(other).bytes
