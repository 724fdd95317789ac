"""What the models of past runs make of a text, beside that of the current one."""

from __future__ import annotations

from typing import Any

import pytest

from microgpt.checkpoint import from_bytes
from microgpt.config import SampleConfig
from microgpt.engine import create_engine
from microgpt.sampler import Writer, adjust
from tests.support.fakes import FakeWorker, writing_worker
from tests.support.imports import ROOT

SHIPPED = (ROOT / "datasets" / "models" / "us-names.safetensors").read_bytes()


@pytest.fixture
def worker() -> FakeWorker:
    return writing_worker()


def glimpse(worker: FakeWorker, **more: Any) -> dict[str, Any]:
    command = {"number": 3, "key": "a", "text": "mari", "count": 2, "seed": 5, **more}
    (answer,) = worker.tell("glimpse", **command)
    assert (answer["type"], answer["number"], answer["key"]) == ("glimpsed", 3, command["key"])
    return dict(answer)


def test_a_past_model_says_what_may_follow_and_writes(worker: FakeWorker) -> None:
    answer = glimpse(worker, blob=SHIPPED)
    model = from_bytes(SHIPPED)
    tokenizer = model.tokenizer()
    engine = create_engine("scalar", model.config, model.weights)
    logits = Writer(engine, tokenizer.bos, tokenizer.encode_prefix("mari")).logits()
    expected = adjust(logits, SampleConfig())
    texts = [*tokenizer.tokens, ""]
    assert dict(answer["upcoming"]) == dict(zip(texts, expected, strict=True))
    probabilities = [probability for _, probability in answer["upcoming"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert (answer["problem"], len(answer["samples"])) == ("", 2)
    assert glimpse(worker, blob=SHIPPED)["samples"] == answer["samples"], "of the same numbers"


def test_without_a_file_it_is_the_current_model(worker: FakeWorker) -> None:
    worker.tell("load_model", blob=SHIPPED)
    now, past = glimpse(worker, key=""), glimpse(worker, blob=SHIPPED)
    assert now["upcoming"] == past["upcoming"]
    assert now["samples"] == past["samples"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": "Ω"}, "Ω"),
        ({"text": "a" * 16}, "context"),
        ({"blob": b"nothing of the kind"}, "no .safetensors file"),
    ],
)
def test_what_cannot_be_said_is_one_sentence(
    worker: FakeWorker, more: dict[str, Any], said: str
) -> None:
    answer = glimpse(worker, **{"blob": SHIPPED, **more})
    assert said in answer["problem"]
    assert answer["upcoming"] == answer["samples"] == []
