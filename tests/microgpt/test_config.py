"""The configurations of a model, of training and of sampling."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.config import MAX_VOCAB_SIZE, ModelConfig, SampleConfig, TrainConfig
from microgpt.settings import OPTIMIZATION, SETTINGS, TRAINING, SettingError, default, setting

RECORDS: dict[str, Any] = {
    **dict.fromkeys(
        ("n_embd", "n_head", "n_layer", "block_size"),
        lambda **field: ModelConfig(vocab_size=27, **field),
    ),
    **dict.fromkeys(
        [row.name for row in TRAINING + OPTIMIZATION if row.low is not None], TrainConfig
    ),
    **dict.fromkeys(("temperature", "top_k", "top_p"), SampleConfig),
}


def test_the_defaults_are_those_of_microgpt() -> None:
    model, training, sampling = ModelConfig(27), TrainConfig(), SampleConfig()
    assert (model.n_embd, model.n_head, model.n_layer, model.block_size) == (16, 4, 1, 16)
    assert (model.num_params, model.head_dim) == (4192, 4)
    assert (training.num_steps, training.learning_rate, training.seed) == (1000, 0.01, 42)
    assert training.batch_size == 1
    assert (training.optimizer, training.schedule, training.clip) == ("adam", "linear", 0.0)
    assert training.init_std == 0.08
    assert (training.beta1, training.beta2, training.eps) == (0.85, 0.99, 1e-8)
    assert (training.eval_fraction, sampling.temperature) == (0.0, 0.5)


@pytest.mark.parametrize("name", RECORDS)
def test_every_field_is_checked(name: str) -> None:
    row = setting(name)
    assert getattr(RECORDS[name](), name) == default(name)
    assert row.low is not None
    assert row.high is not None
    for value in (row.low - 1, row.high + 1, "some", None):
        with pytest.raises(SettingError, match=f"^{row.label} must "):
            RECORDS[name](**{name: value})


def test_every_field_that_is_a_setting_is_checked() -> None:
    free = {"vocab_size", "code", "eps", "optimizer", "schedule", "mask"}
    records = (ModelConfig, TrainConfig, SampleConfig)
    assert {field.name for record in records for field in fields(record)} - free == set(RECORDS)


@pytest.mark.parametrize("name", ["optimizer", "schedule"])
def test_a_choice_is_checked(name: str) -> None:
    with pytest.raises(SettingError, match=f"^{setting(name).label} must be one of .*'best'"):
        TrainConfig(**{name: "best"})  # type: ignore[arg-type]


def test_a_training_is_made_of_settings_by_name() -> None:
    values = {row.name: row.default for row in SETTINGS}
    assert TrainConfig.of(values) == TrainConfig()
    assert TrainConfig.of({"n_embd": 8, "clip": 1}) == TrainConfig(clip=1.0)


def test_a_whole_number_becomes_a_float() -> None:
    assert type(TrainConfig(learning_rate=1).learning_rate) is float


def test_heads_that_do_not_fit() -> None:
    with pytest.raises(SettingError, match="16 cannot be split evenly into 3"):
        ModelConfig(27, n_embd=16, n_head=3)


@pytest.mark.parametrize("vocab_size", [-1, 0, 1, MAX_VOCAB_SIZE + 1])
def test_invalid_vocabulary_sizes(vocab_size: int) -> None:
    with pytest.raises(SettingError, match=f"2 to 10,000 tokens, but has {vocab_size:,}"):
        ModelConfig(vocab_size)


def test_a_configuration_is_frozen() -> None:
    config = ModelConfig(27)
    with pytest.raises(FrozenInstanceError):
        config.n_embd = 32  # type: ignore[misc]


@given(
    vocab_size=st.integers(2, 100),
    n_head=st.integers(1, 8),
    head_dim=st.integers(1, 16),
    n_layer=st.integers(1, 4),
    block_size=st.integers(1, 64),
)
def test_the_number_of_parameters(
    vocab_size: int, n_head: int, head_dim: int, n_layer: int, block_size: int
) -> None:
    n_embd = n_head * head_dim
    config = ModelConfig(vocab_size, n_embd, n_head, n_layer, block_size)
    assert config.head_dim == head_dim
    assert config.num_params == (
        2 * vocab_size * n_embd  # wte, lm_head
        + block_size * n_embd  # wpe
        + n_layer * 12 * n_embd**2  # 4 of attention, 8 of the MLP
    )
