"""Attention: the weights of all heads, what is read most, and labels by measured scores."""

from __future__ import annotations

from array import array
from types import SimpleNamespace
from typing import Any

import pytest

from app.worker.documents import ModelDocuments
from app.worker.inside.head_scores import (
    MAX_SCORED_LENGTH,
    MAX_SCORED_PLACES,
    held_out_tokens,
)
from microgpt.interpret.heads import PATTERNS
from tests.support.fakes import FakeWorker, Message, paste, run_settings, small_model, training

A, B, C = range(3)
VIEWS: dict[str, Any] = {"attention": {}}


@pytest.fixture
def worker() -> FakeWorker:
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    return worker


def attention(worker: FakeWorker, **fields: Any) -> tuple[Message, list[list[list[float]]]]:
    """What Attention shows, and the weights of all heads, (heads, t, t)."""
    (answer,) = worker.tell("inspect", views=VIEWS, **fields)
    result = answer["views"]["attention"]
    numbers: list[float] = array("f", worker.posted[-1].blob or b"")[
        result["weights_at"] :
    ].tolist()
    places = fields["position"] + 1
    heads = sum(map(len, result["layers"]))
    rows = [numbers[start : start + places] for start in range(0, len(numbers), places)]
    assert len(rows) == heads * places
    return result, [rows[head * places : (head + 1) * places] for head in range(heads)]


def test_every_place_shares_its_attention_out_among_those_up_to_it(worker: FakeWorker) -> None:
    _, heads = attention(worker, tokens=[A, B, C], position=2)
    for rows in heads:
        for place, row in enumerate(rows):
            assert sum(row) == pytest.approx(1, abs=1e-6)
            assert min(row[: place + 1]) > 0
            assert not any(row[place + 1 :])


def test_each_head_says_what_it_reads_most_at_the_moment(worker: FakeWorker) -> None:
    result, heads = attention(worker, tokens=[A, B, C], position=3)
    readings = [head for layer in result["layers"] for head in layer]
    assert [head["part"] for head in readings] == ["layer0.head0", "layer0.head1"]
    for reading, rows in zip(readings, heads, strict=True):
        assert reading["share"] == max(rows[-1])
        assert rows[-1][reading["place"]] == reading["share"]


def test_before_anything_is_written_only_the_beginning_is_read(worker: FakeWorker) -> None:
    result, heads = attention(worker, tokens=[], position=0)
    assert heads == [[[1.0]]] * len(heads)
    assert result["layers"][0][0]["place"] == 0


def test_without_documents_nothing_is_measured(worker: FakeWorker) -> None:
    result, _ = attention(worker, tokens=[A], position=1)
    assert result["state"] == "unknown data"
    assert [head["scores"] for head in result["layers"][0]] == [{}, {}]


def test_scores_are_measured_once_the_data_are_there(worker: FakeWorker) -> None:
    attention(worker, tokens=[A], position=1)
    paste(worker, "\n".join(["abc", "cab", "bca", "aabb"] * 5).encode())
    worker.work()
    told = [event["views"]["attention"] for event in worker.of("inspection")]
    assert [result["state"] for result in told] == ["unknown data", "measuring", "measured"]
    assert told[-1]["documents"] > 0
    for head in told[-1]["layers"][0]:
        assert set(head["scores"]) <= set(PATTERNS)
        assert all(0 <= score <= 1 for score in head["scores"].values())
        assert head["label"] == "" or head["scores"][head["label"]] >= 0.5


def test_scores_are_of_the_newest_weights_in_the_end() -> None:
    worker = training(run_settings(num_steps=20, eval_fraction=0.2))
    worker.tell("inspect", views=VIEWS)
    worker.work()
    result = worker.of("inspection")[-1]["views"]["attention"]
    assert (worker.state(), result["state"]) == ("done", "measured")


def test_long_held_out_documents_are_cut_and_there_are_enough_of_them() -> None:
    documents = ModelDocuments((), ["a" * 200] * 1000, lambda text: [[3, *[0] * len(text), 3]])
    model: Any = SimpleNamespace(
        documents=lambda: documents,
        tokenizer=SimpleNamespace(bos=3),
        engine=SimpleNamespace(config=SimpleNamespace(block_size=512)),
    )
    read = list(held_out_tokens(model))
    assert {len(tokens) for tokens in read} == {MAX_SCORED_LENGTH}
    assert MAX_SCORED_PLACES <= sum(map(len, read)) < MAX_SCORED_PLACES + MAX_SCORED_LENGTH
    assert read[0][:2] == [3, 0]
