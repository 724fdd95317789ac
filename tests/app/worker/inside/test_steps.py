"""Arithmetic: the steps of a number that are open, and what cannot be asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from microgpt.model_code.loading import load_code
from microgpt.model_code.source import default_source
from tests.support.fakes import SMALL, FakeWorker, Message, small_model, the_error

REQUEST = {
    "kind": "probability",
    "token": -1,
    "attention": "",
    "head": 0,
    "place": -1,
    "open": ["0"],
    "whole": [],
}


@pytest.fixture
def worker() -> FakeWorker:
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    return worker


def ask(worker: FakeWorker, tokens: tuple[int, ...] = (0, 1), **fields: Any) -> list[Message]:
    return worker.tell(
        "inspect",
        tokens=list(tokens),
        position=len(tokens),
        views={"arithmetic": {**REQUEST, **fields}},
    )


def result(worker: FakeWorker, **fields: Any) -> Message:
    (answer,) = ask(worker, **fields)
    found: Message = answer["views"]["arithmetic"]
    return found


def test_the_likeliest_token_is_taken_where_none_is_chosen(worker: FakeWorker) -> None:
    (answer,) = worker.tell("explore", tokens=[0, 1], typed=[False] * 2, caret=2)
    probs = answer["upcoming"]["model"]
    found = result(worker)
    assert found["token"] == probs.index(max(probs))
    assert found["steps"][0]["value"] == pytest.approx(max(probs), rel=1e-5)


def test_only_what_is_open_is_told(worker: FakeWorker) -> None:
    closed = result(worker, open=[])["steps"]
    assert [step["path"] for step in closed] == ["0"]
    assert (closed[0]["count"], closed[0]["inputs"]) == (2, [])
    told = result(worker, open=["0", "0.0", "0.9"])["steps"]
    assert [step["path"] for step in told] == ["0", "0.0", "0.0.0", "0.1"]
    assert told[0]["inputs"] == [1, 3]


def test_a_sum_tells_its_largest_inputs_first_and_all_on_demand(
    worker: FakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.inside.arithmetic.NUM_LARGEST", 2)
    few = result(worker, kind="logit", token=1)["steps"]
    whole = result(worker, kind="logit", token=1, whole=["0"])["steps"]
    assert few[0]["count"] > len(few[0]["inputs"])
    assert len(whole) == 1 + whole[0]["count"]
    sizes = [abs(step["value"]) for step in whole[1:]]
    assert sizes == sorted(sizes, reverse=True)
    assert few[1:] == whole[1 : len(few)]
    assert sum(step["value"] for step in whole[1:]) == pytest.approx(whole[0]["value"])
    product = result(worker, kind="logit", token=1, open=["0", few[1]["path"]])["steps"]
    factors = [product[place] for place in product[1]["inputs"]]
    assert factors[0]["operation"] == "weight"
    assert factors[0]["value"] * factors[1]["value"] == pytest.approx(few[1]["value"])


def test_a_score_is_that_of_a_head_and_a_place(worker: FakeWorker) -> None:
    found = result(worker, kind="score", head=1, place=1)
    (name,) = {attention["name"] for attention in found["attentions"]}
    assert found["steps"][0]["name"] == f"{name}.head1.score[1]"
    assert "ops.attention(" in found["steps"][0]["source"]
    assert result(worker, kind="attention", place=9)["place"] == 2, "there is no such place"


def test_a_place_that_a_window_leaves_out_is_none() -> None:
    source = default_source().replace("caches[layer])", "caches[layer], window=2)")
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model(replace(SMALL, code=load_code(source))))
    assert [result(worker, kind="score", place=place)["place"] for place in range(3)] == [2, 1, 2]
    assert result(worker, kind="probability", place=0)["steps"][0]["value"] > 0


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "mood"},
        {"token": 99},
        {"kind": "score", "attention": "layer9.attention"},
        {"kind": "score", "head": 99},
        {"open": ["0"] * 201},
    ],
)
def test_what_there_is_not_is_refused(worker: FakeWorker, fields: dict[str, Any]) -> None:
    assert the_error(ask(worker, **fields), "inspect")
