"""The engine with JAX computes what the others compute: losses, gradients, logits."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import pytest
from hypothesis import given, settings

from microgpt.config import ModelConfig, TrainConfig
from microgpt.generators import drain
from microgpt.jax.layout import chosen_layout
from microgpt.jax.operations import ARRAY_FORMS
from microgpt.jax.optimizers import ARRAY_OPTIMIZERS
from microgpt.jax.run import EncodedDocuments
from microgpt.model_code.gallery import GALLERY, Edit
from microgpt.model_code.loading import load_code
from microgpt.optimizer import OPTIMIZERS
from microgpt.scalar.operations import SCALAR_FORMS
from microgpt.segments import first_segment
from microgpt.settings import SettingError
from microgpt.trainer import DivergedError, train
from tests.jax.models import compiled_engine, documents_of, jax_engine
from tests.support.models import (
    DOCUMENTS,
    architectures,
    gradients_of,
    losses_of,
    strays,
    weights_of,
)

NEAR = pytest.approx
CODE_SIZES: dict[str, Any] = {"n_embd": 8, "n_head": 4, "n_layer": 1, "block_size": 6}


def check_gradients(config: ModelConfig) -> None:
    documents = documents_of(config)
    weights = weights_of(config, scale=2.0)
    expected = gradients_of(compiled_engine(config, weights), documents)
    assert any(map(any, expected.values()))
    assert strays(gradients_of(jax_engine(config, weights), documents), expected, "f32") == {}


def test_there_is_an_array_form_of_everything() -> None:
    assert ARRAY_FORMS.keys() == SCALAR_FORMS.keys()
    assert ARRAY_OPTIMIZERS.keys() == OPTIMIZERS.keys()


def test_losses_are_those_of_the_compiled_engine_over_100_steps() -> None:
    config = ModelConfig(vocab_size=27)
    documents = documents_of(config, [[0, *range(n, n + 5 + n % 9), 0] for n in range(40)])
    training = TrainConfig(num_steps=100)
    losses = []
    for engine in (compiled_engine(config), jax_engine(config)):
        engine.prepare(documents, training)
        losses.append(losses_of(engine.steps(0, 100)))
    assert losses[1] == NEAR(losses[0], abs=1e-4)
    assert losses[0][-1] < losses[0][0] / 2


@settings(max_examples=20)
@given(architectures())
def test_gradients_are_those_of_the_compiled_engine(config: ModelConfig) -> None:
    check_gradients(config)


@pytest.mark.parametrize("edit", GALLERY, ids=lambda edit: edit.name)
def test_gradients_of_edited_models_are_too(edit: Edit) -> None:
    check_gradients(ModelConfig(vocab_size=7, **CODE_SIZES, code=load_code(edit.source)))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_so_is_training_with_each_optimizer_a_schedule_clipping_and_a_mask(optimizer: str) -> None:
    training = TrainConfig(
        num_steps=30, batch_size=2, learning_rate=0.05, optimizer=optimizer, schedule="cosine",
        warmup=0.1, clip=0.5, weight_decay=0.3,
    )  # fmt: skip
    losses = []
    for engine in (compiled_engine(), jax_engine()):
        engine.prepare(DOCUMENTS, training, counted_from=[0, 2, 3])
        losses.append(losses_of(engine.steps(0, 30)))
    assert losses[1] == NEAR(losses[0], abs=1e-4)


def test_any_number_of_devices_comes_to_the_same(num_devices: int) -> None:
    config = ModelConfig(vocab_size=9, n_embd=16, n_head=2, n_layer=1, block_size=6)
    documents, training = documents_of(config), TrainConfig(num_steps=20, batch_size=3)
    expected = compiled_engine(config)
    engine = jax_engine(config, devices=num_devices)
    for each in (expected, engine):
        each.prepare(documents, training)
    assert losses_of(engine.steps(0, 20)) == NEAR(losses_of(expected.steps(0, 20)), abs=1e-4)
    matrix = engine.state.weights["layer0.mlp_fc1"]
    assert matrix.addressable_shards[0].data.shape == (64 // num_devices, 16)
    slot = engine.state.slots[0]["layer0.mlp_fc1"]
    assert slot.sharding == matrix.sharding


def test_a_model_that_is_asked_answers_as_the_compiled_one() -> None:
    expected, engine = compiled_engine(), jax_engine(devices=2)
    loss, found = (drain(each.evaluate(DOCUMENTS, [0, 1, 2])) for each in (expected, engine))
    assert found == NEAR(loss, abs=1e-5)
    contexts = [document[:length] for document in DOCUMENTS for length in (1, 3)]
    for one, other in zip(
        expected.logits_after(contexts), engine.logits_after(contexts), strict=True
    ):
        assert other == NEAR(one, abs=1e-4)
    context = engine.context()
    written = [context.feed(token) for token in DOCUMENTS[1][:3]]
    assert written[-1] == NEAR(next(iter(expected.logits_after([DOCUMENTS[1][:3]]))), abs=1e-4)
    context.rewind(1)
    assert len(context) == 1
    assert context.feed(DOCUMENTS[1][1]) == written[1]


def test_a_run_that_diverges_keeps_the_weights_of_its_last_good_step() -> None:
    training = TrainConfig(num_steps=40, learning_rate=10.0, optimizer="sgd", momentum=0.99)
    engine = jax_engine()
    engine.prepare(DOCUMENTS, training)
    steps: list[int] = []
    with pytest.raises(DivergedError) as caught:
        steps.extend(progress.step for progress in train(engine, [first_segment(training)]))
    step = caught.value.step
    assert step == steps[-1]
    weights = engine.weights()
    assert all(math.isfinite(w) for matrix in weights.values() for row in matrix for w in row)
    again = jax_engine()
    again.prepare(DOCUMENTS, training)
    losses_of(again.steps(0, step))
    assert again.weights() == weights


def test_16_bits_train_nearly_as_well() -> None:
    training = TrainConfig(num_steps=30, batch_size=3)
    losses = []
    for precision in ("f32", "bf16"):
        engine = jax_engine(precision=precision)
        engine.prepare(DOCUMENTS, training)
        losses.append(losses_of(engine.steps(0, 30))[-1])
        assert engine.state.weights["wte"].dtype == jnp.float32
    assert losses[1] != losses[0]
    assert losses[1] == NEAR(losses[0], abs=0.1)


def test_a_state_is_saved_and_loaded() -> None:
    engine = jax_engine(devices=2)
    engine.prepare(DOCUMENTS, TrainConfig(num_steps=9))
    losses_of(engine.steps(0, 4))
    state = engine.saved_state()
    expected = losses_of(engine.steps(4, 5))
    engine.load_state(state)
    assert losses_of(engine.steps(4, 5)) == expected
    assert engine.state_format.startswith("jax f32")


def test_documents_are_encoded_when_they_are_asked_for() -> None:
    asked = []

    def encode(document: str) -> list[list[int]]:
        asked.append(document)
        return [[0, len(document), 0]]

    documents = EncodedDocuments(["a", "bb", "ccc"], encode)
    assert len(documents) == 3
    assert documents[1] == [0, 2, 0]
    assert asked == ["bb"]
    assert documents[:2] == [[0, 1, 0], [0, 2, 0]]


def test_what_it_cannot_do_is_said_in_a_sentence() -> None:
    with pytest.raises(SettingError, match="f32 or bf16, not f64"):
        jax_engine(precision="f64")
    with pytest.raises(SettingError, match="--devices is 99, but there are only"):
        chosen_layout(99)
    engine = jax_engine()
    assert engine.patched({}) is engine
    with pytest.raises(SettingError, match="save the model and open it"):
        engine.activations([0])
