"""Models that JAX writes and reads: the same files as everywhere, and a run that goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from microgpt.checkpoint import Checkpoint, CheckpointError, from_bytes, to_bytes
from microgpt.config import ModelConfig, TrainConfig
from microgpt.jax.engine import JaxEngine
from microgpt.jax.layout import make_layout
from microgpt.jax.model_files import load_into, open_model, save
from microgpt.segments import first_segment
from tests.jax.models import jax_engine
from tests.support.models import DOCUMENTS, SMALL, losses_of, weights_of

CHARACTERS = ("a", "b", "c", "d")
DESCRIBED = Checkpoint(SMALL, CHARACTERS, {}, {"steps": "3"})
TRAINING = TrainConfig(num_steps=6, batch_size=2)


def trained(devices: int) -> JaxEngine:
    """An engine after the first three steps."""
    engine = jax_engine(devices=devices)
    engine.prepare(DOCUMENTS, TRAINING)
    losses_of(engine.steps(0, 3))
    return engine


def test_a_run_goes_on_with_another_number_of_devices(tmp_path: Path) -> None:
    path, engine = tmp_path / "m.safetensors", trained(devices=8)
    save(path, engine, DESCRIBED)
    expected = losses_of(engine.steps(3, 3))
    other = jax_engine(devices=2, weights=weights_of(SMALL, seed=9))
    other.set_documents(DOCUMENTS)
    other.begin_segment(first_segment(TRAINING))
    load_into(other, open_model(path), slots=True)
    assert losses_of(other.steps(3, 3)) == pytest.approx(expected, abs=1e-4)


def test_its_files_are_those_of_the_other_engines(tmp_path: Path) -> None:
    path, engine = tmp_path / "m.safetensors", trained(devices=2)
    save(path, engine, DESCRIBED)
    model = from_bytes(path.read_bytes())
    assert model.weights == engine.weights()
    assert model.optimizer_state == engine.optimizer_state()
    assert model.about == {"steps": "3"}
    assert path.read_bytes() == to_bytes(model, "F32")


@pytest.mark.parametrize("dtype", ["F32", "F64"])
def test_it_opens_the_files_of_the_others(tmp_path: Path, dtype: str) -> None:
    path, weights = tmp_path / "m.safetensors", weights_of(SMALL)
    path.write_bytes(to_bytes(replace(DESCRIBED, weights=weights), dtype))
    stored = open_model(path)
    assert stored.slots is None
    engine = jax_engine(devices=2, weights=weights_of(SMALL, seed=9))
    load_into(engine, stored, slots=True)
    for name, matrix in engine.weights().items():
        assert np.array(matrix) == pytest.approx(np.array(weights[name]), rel=1e-7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"", "damaged"),
        (lambda data: data[:-4], "cut off"),
        (lambda data: data.replace(b'"shape": [5, 4]', b'"shape": [4, 5]', 1), "architecture"),
        (lambda data: data[:-4] + np.float32(np.nan).tobytes(), "not finite"),
    ],
)
def test_a_damaged_file_is_told_of(tmp_path: Path, change: object, message: str) -> None:
    path = tmp_path / "m.safetensors"
    data = to_bytes(replace(DESCRIBED, weights=weights_of(SMALL)), "F32")
    path.write_bytes(change(data))  # type: ignore[operator]
    with pytest.raises(CheckpointError, match=message):
        load_into(jax_engine(), open_model(path), slots=False)


def test_large_models_begin_with_the_same_random_weights_on_any_devices() -> None:
    config = ModelConfig(vocab_size=50, n_embd=32, n_head=2)
    engines = [JaxEngine(config, make_layout(jax_devices(count), 1), (7, 0.02)) for count in (1, 2)]
    one, other = (np.concatenate([np.ravel(m) for m in e.weights().values()]) for e in engines)
    assert np.array_equal(one, other)
    assert float(one.std()) == pytest.approx(0.02, rel=0.05)
    assert abs(float(one.mean())) < 0.001


def jax_devices(count: int) -> list[object]:
    """The first few devices."""
    import jax

    return list(jax.devices()[:count])
