"""The worker's session: messages and models, and its answers to those that make no sense."""

from __future__ import annotations

import pytest

from tests.support.fakes import (
    LETTERS,
    PONG,
    TEXT,
    FakeWorker,
    Message,
    ready_to_train,
    small_model,
    the_error,
    writing_worker,
)
from tests.support.imports import ROOT

SHIPPED = ROOT / "datasets" / "models" / "us-names.safetensors"


@pytest.fixture
def writer() -> FakeWorker:
    """A worker with a small model to generate with."""
    return writing_worker()


# ---- messages ------------------------------------------------------------------------------------


def test_a_ping_is_answered_at_once() -> None:
    assert FakeWorker().tell("ping") == [PONG]


@pytest.mark.parametrize("kind", ["fly", "", None, "_on_ping", "work"])
def test_an_unknown_message_is_answered_with_an_error(kind: object) -> None:
    worker = FakeWorker()
    the_error(worker.hand({"type": kind}), str(kind))
    assert worker.tell("ping") == [PONG]


def test_a_message_without_a_type_is_answered_with_an_error() -> None:
    the_error(FakeWorker().hand({}), "None")


@pytest.mark.parametrize(
    "message", [{"type": "set_pace"}, {"type": "ping", "loudly": True}, {"type": "load_model"}]
)
def test_a_message_with_wrong_fields_is_answered_with_an_error(message: Message) -> None:
    the_error(FakeWorker().hand(message), message["type"])


def test_a_session_with_nothing_to_do_says_so() -> None:
    assert FakeWorker().session.work() is None
    assert ready_to_train().session.work() is None


# ---- a model to generate with --------------------------------------------------------------------


def test_a_model_file_is_loaded() -> None:
    (model, *_) = FakeWorker().tell("load_model", blob=small_model())
    assert model["type"] == "model"
    assert model["tokens"] == list(LETTERS)
    assert model["config"]["vocab_size"] == 4
    assert model["config"]["block_size"] == 6
    assert not model["from_run"]


def test_the_shipped_model_generates_names() -> None:
    worker = FakeWorker()
    (model, *_) = worker.tell("load_model", blob=SHIPPED.read_bytes())
    assert model["tokens"] == [chr(code) for code in range(ord("a"), ord("z") + 1)]
    worker.tell("generate", count=5, seed=1)
    worker.work()
    names = worker.written()
    assert len(names) == 5
    assert all(name.isalpha() and len(name) <= 16 for name in names)
    assert sum(len(name) for name in names) > 10


@pytest.mark.parametrize("damage", ["nothing", "cut", "garbled", "not a number", "text"])
def test_a_damaged_model_file_is_refused(damage: str) -> None:
    whole = small_model()
    blob = {
        "nothing": b"",
        "cut": whole[:-20],
        "garbled": whole[:8] + b"}" + whole[9:],
        "not a number": whole[:-8] + b"\xff" * 8,
        "text": TEXT,
    }[damage]
    worker = FakeWorker()
    the_error(worker.tell("load_model", blob=blob), "load_model")
    assert "no model" in the_error(worker.tell("generate", count=1, seed=1), "generate")


def test_a_refused_model_file_leaves_the_current_model(writer: FakeWorker) -> None:
    the_error(writer.tell("load_model", blob=b"no model"), "load_model")
    writer.tell("generate", count=1, seed=1)
    writer.work()
    assert len(writer.written()) == 1
