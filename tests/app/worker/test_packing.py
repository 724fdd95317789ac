"""Models packed for links, and loaded from them."""

from __future__ import annotations

import base64
import random
from dataclasses import replace

import pytest

from app.shared.brought import MAX_LINK_CHARACTERS
from microgpt.checkpoint import Checkpoint, from_bytes, to_bytes
from microgpt.config import ModelConfig
from microgpt.model import init_weights
from microgpt.model_code.loading import load_code
from microgpt.model_code.source import default_source
from microgpt.packed import pack, unpack
from tests.support.fakes import FakeWorker, run_settings, the_error, training, writing_worker
from tests.support.imports import ROOT

SHIPPED = (ROOT / "datasets" / "models" / "us-names.safetensors").read_bytes()


def bytes_of(letters: str) -> bytes:
    return base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))


@pytest.fixture
def worker() -> FakeWorker:
    return writing_worker()


def with_code() -> tuple[Checkpoint, str]:
    """A model of code of its own, and that code."""
    source = "# mine\n" + default_source()
    config = ModelConfig(*(4, 4, 2, 1, 8), code=load_code(source))
    return Checkpoint(config, ("a", "b", "c"), init_weights(config, random.Random(1))), source


def test_a_packed_model_is_loaded_and_says_where_it_is_from(worker: FakeWorker) -> None:
    (model,) = worker.tell("load_model", blob=pack(from_bytes(SHIPPED)), code="")
    assert model["packed"] == {"num_params": 4192, "data": "us-names", "steps": 5000}
    assert not model["from_run"]
    (answer,) = worker.tell("pack_model", number=7)
    assert bytes_of(answer["letters"]) == pack(from_bytes(SHIPPED))
    assert (answer["number"], answer["code"]) == (7, "")


@pytest.mark.parametrize("steps", ["", "many", "-1", "1" * 1000, "²", "<b>"])
def test_steps_that_are_no_number_are_not_told(worker: FakeWorker, steps: str) -> None:
    liar = replace(from_bytes(SHIPPED), about={"steps": steps})
    (model,) = worker.tell("load_model", blob=pack(liar), code="")
    assert (model["packed"]["steps"], model["packed"]["data"]) == (0, "")


def test_a_file_is_no_model_of_a_link(worker: FakeWorker) -> None:
    (model,) = worker.tell("load_model", blob=SHIPPED)
    assert "packed" not in model
    sentence = the_error(worker.tell("load_model", blob=SHIPPED, code=""), "load_model")
    assert "cut off or changed" in sentence, "it could hold code, which would run unasked"
    the_error(worker.tell("load_model", blob=pack(from_bytes(SHIPPED))), "load_model")


def test_the_model_of_a_run_is_packed_as_it_is_now() -> None:
    worker = training(run_settings())
    worker.work()
    (answer,) = worker.tell("pack_model", number=1)
    assert answer["num_letters"] == len(answer["letters"])
    assert answer["facts"]["steps"] > 0
    again = from_bytes(unpack(bytes_of(answer["letters"])))
    assert again.about["steps"] == str(answer["facts"]["steps"])


def test_code_is_told_beside_the_model_and_must_come_back_with_it(worker: FakeWorker) -> None:
    model, source = with_code()
    worker.tell("load_model", blob=to_bytes(model))
    (answer,) = worker.tell("pack_model", number=1)
    assert answer["code"] == source
    data = bytes_of(answer["letters"])
    sentence = the_error(worker.tell("load_model", blob=data, code=""), "load_model")
    assert "code of its own" in sentence
    (loaded,) = worker.tell("load_model", blob=data, code=source)
    assert loaded["packed"]["num_params"] == model.config.num_params
    evil = source + "\nimport os\n"
    assert "import" in the_error(worker.tell("load_model", blob=data, code=evil), "load_model")


def test_a_model_that_is_too_large_is_only_measured(worker: FakeWorker) -> None:
    config = ModelConfig(vocab_size=27, n_embd=64, n_head=4, n_layer=1, block_size=16)
    characters = tuple("abcdefghijklmnopqrstuvwxyz")
    model = Checkpoint(config, characters, init_weights(config, random.Random(1)))
    worker.tell("load_model", blob=to_bytes(model))
    (answer,) = worker.tell("pack_model", number=1)
    assert answer["letters"] == ""
    assert answer["num_letters"] > MAX_LINK_CHARACTERS
    assert answer["facts"]["num_params"] == config.num_params
