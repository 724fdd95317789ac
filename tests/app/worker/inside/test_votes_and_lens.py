"""Votes and Lens: what the worker tells of a moment, against the model's own logits."""

from __future__ import annotations

from typing import Any

import pytest

from microgpt.sampler import softmax
from tests.support.fakes import FakeWorker, Message, run_settings, small_model, the_error, training

A, B, C, END = range(4)


@pytest.fixture
def worker() -> FakeWorker:
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    return worker


def shown(worker: FakeWorker, view: str, request: Message, **fields: Any) -> Message:
    """What a view shows after `ab`."""
    fields = {"tokens": [A, B], "position": 2, **fields}
    (answer,) = worker.tell("inspect", views={view: request}, **fields)
    result: Message = answer["views"][view]
    return result


def votes(worker: FakeWorker, token: int, against: int = -1, opened: str = "") -> Message:
    return shown(worker, "votes", {"token": token, "against": against, "opened": opened})


def test_the_votes_add_up_to_the_logit_or_to_a_lead(worker: FakeWorker) -> None:
    totals = []
    for token in (A, B, C, END):
        result = votes(worker, token)
        assert sum(vote for _, vote in result["parts"]) == pytest.approx(result["total"], abs=1e-9)
        totals.append(result["total"])
    (answer,) = worker.tell("explore", tokens=[A, B], typed=[False] * 2, caret=2)
    assert softmax(totals) == pytest.approx(answer["upcoming"]["model"], abs=1e-9)
    assert votes(worker, A, against=C)["total"] == pytest.approx(totals[A] - totals[C], abs=1e-9)
    assert votes(worker, A, against=A)["total"] == pytest.approx(totals[A], abs=1e-9)


def test_the_terms_of_a_part_are_those_of_its_vote(worker: FakeWorker) -> None:
    result = votes(worker, B, opened="layer0.head0")
    assert (result["terms"]["kind"], result["terms"]["shown"]) == ("positions", [0, 1, 2])
    assert sum(result["terms"]["of"]) == pytest.approx(1, abs=1e-9)
    vote = dict(result["parts"])["layer0.head0"]
    assert sum(result["terms"]["values"]) == pytest.approx(vote, abs=1e-9)
    neurons = votes(worker, B, opened="layer0.mlp")["terms"]
    assert neurons["kind"] == "neurons"
    sizes = [abs(value) for value in neurons["values"]]
    assert sizes == sorted(sizes, reverse=True)
    assert votes(worker, B, opened="token")["terms"]["kind"] == ""
    assert votes(worker, B, opened="layer7.head0")["terms"] is None


def test_the_lens_ends_with_the_model_s_own_word(worker: FakeWorker) -> None:
    result = shown(worker, "lens", {})
    names = [stage["name"] for stage in result["stages"]]
    assert names == ["embedding", "layer0.attention", "layer0.mlp"]
    assert result["tokens"] == [A, B, C, END]
    (answer,) = worker.tell("explore", tokens=[A, B], typed=[False] * 2, caret=2)
    own = answer["upcoming"]["model"]
    assert result["stages"][-1]["probs"] == pytest.approx(own, abs=1e-9)
    assert result["stages"][-1]["likeliest"] == max(range(4), key=own.__getitem__)
    for stage in result["stages"]:
        assert sum(stage["probs"]) == pytest.approx(1, abs=1e-9)


def test_the_votes_are_those_of_the_weights_of_now() -> None:
    worker = training(run_settings(num_steps=40), paused=True)
    worker.work()
    before = votes(worker, A)
    worker.tell("step")
    worker.work()
    after = votes(worker, A)
    assert before["parts"] != after["parts"]
    assert sum(vote for _, vote in after["parts"]) == pytest.approx(after["total"], abs=1e-9)


def test_a_token_that_there_is_not_is_refused(worker: FakeWorker) -> None:
    request = {"token": 9, "against": -1, "opened": ""}
    answers = worker.tell("inspect", tokens=[A, B], position=2, views={"votes": request})
    assert the_error(answers, "inspect") == "There is no such token."
