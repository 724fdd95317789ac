"""`inspect`: one answer for all views that are open, again while the model learns; Choice."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Generator
from typing import Any

import pytest

from app.shared.typed import ViewData
from app.worker.inside.inspector import ANALYSES
from app.worker.inside.moment import InspectedMoment
from microgpt.config import SampleConfig
from microgpt.sampler import adjust, softmax
from tests.support.fakes import (
    ONE_PIECE,
    FakeWorker,
    Message,
    run_settings,
    sample_settings,
    small_model,
    the_error,
    training,
)
from tests.support.imports import ROOT

A, B, C, END = range(4)
AT_HALF = {"choice": {"number": 0.5}}


@pytest.fixture
def worker() -> FakeWorker:
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    return worker


def choice(worker: FakeWorker, number: float = 0.5, **fields: Any) -> Message:
    """What Choice shows."""
    (answer,) = worker.tell("inspect", views={"choice": {"number": number}}, **fields)
    result: Message = answer["views"]["choice"]
    return result


def logits_after(worker: FakeWorker, tokens: list[int]) -> list[float]:
    """Up to a constant."""
    (answer,) = worker.tell(
        "explore", tokens=tokens, typed=[False] * len(tokens), caret=len(tokens)
    )
    return [math.log(probability) for probability in answer["upcoming"]["model"]]


def test_the_answer_bears_the_number_of_the_command(worker: FakeWorker) -> None:
    (answer,) = worker.tell("inspect", number=7, tokens=[A, B], position=1, views=AT_HALF)
    assert (answer["type"], answer["number"], list(answer["views"])) == (
        "inspection",
        7,
        ["choice"],
    )
    assert "blob" not in answer
    json.dumps(answer)


def test_the_moment_is_a_position_of_the_text(worker: FakeWorker) -> None:
    here = choice(worker, tokens=[A, B, C], position=1)
    assert here == choice(worker, tokens=[A], position=1)
    assert here != choice(worker, tokens=[A, B, C], position=3)


def test_the_parts_are_what_the_sampler_draws_from(worker: FakeWorker) -> None:
    logits = logits_after(worker, [A])
    worker.tell("set_sampling", settings=sample_settings(temperature=0.7, top_k=2))
    result = choice(worker, tokens=[A], position=1)
    scaled = adjust(logits, SampleConfig(temperature=0.7))
    adjusted = adjust(logits, SampleConfig(temperature=0.7, top_k=2))
    parts = result["parts"]
    assert [part["token"] for part in parts] == [A, B, C, END]
    assert [part["scaled"] for part in parts] == pytest.approx(scaled)
    assert [part["adjusted"] for part in parts] == pytest.approx(adjusted)
    assert result["kept"] == 2
    assert result["cut"] == pytest.approx(sum(sorted(scaled)[:2]))
    two = [probability for probability in adjusted if probability]
    assert result["entropy"] == pytest.approx(-sum(p * math.log(p) for p in two))
    model = softmax(logits)
    assert result["model_entropy"] == pytest.approx(-sum(p * math.log(p) for p in model))
    assert not result["greedy"]


def test_the_number_falls_on_the_token_that_is_drawn_with_it(worker: FakeWorker) -> None:
    parts = choice(worker)["parts"]
    below = 0.0
    for part in parts:
        middle = below + part["adjusted"] / 2
        assert choice(worker, middle)["token"] == part["token"]
        below += part["adjusted"]


def test_at_temperature_0_no_number_counts(worker: FakeWorker) -> None:
    worker.tell("set_sampling", settings=sample_settings(temperature=0.0))
    results = [choice(worker, number) for number in (0.0, 0.5, 0.999)]
    assert results[0] == results[1] == results[2]
    assert (results[0]["greedy"], results[0]["entropy"]) == (True, 0)


def test_the_logits_come_from_what_the_explorer_has_read(
    worker: FakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    logits_after(worker, [A, B])
    fed: list[int] = []
    model = worker.session._generation.model_of(1)
    assert model is not None
    context = model.explorer._context
    monkeypatch.setattr(context, "feed", fed.append)
    worker.tell("set_sampling", settings=sample_settings(temperature=0.3))
    choice(worker, tokens=[A, B], position=2)
    choice(worker, tokens=[A, B], position=1)
    assert fed == []


@pytest.mark.parametrize(
    "fields",
    [
        {"tokens": [END]},
        {"tokens": [-1]},
        {"tokens": [A], "position": 2},
        {"position": -1},
        {"tokens": [A] * 6, "position": 6},
        {"views": {"choice": {"number": 1.0}}},
        {"views": {"crystal ball": {}}},
    ],
)
def test_nonsense_is_refused(worker: FakeWorker, fields: Message) -> None:
    the_error(worker.tell("inspect", **{"views": AT_HALF, **fields}), "inspect")
    assert choice(worker)["kept"] == 4


def test_another_model_and_closed_views_are_not_answered(worker: FakeWorker) -> None:
    assert worker.tell("inspect", model=2, views=AT_HALF) == []
    assert worker.tell("inspect", views={}) == []


def test_the_answer_follows_the_model_as_it_learns() -> None:
    worker = training(run_settings(num_steps=40), ONE_PIECE)
    worker.tell("inspect", number=3, tokens=[0, 1], position=1, views=AT_HALF)
    worker.work()
    answers = worker.of("inspection")
    assert len(answers) > 1
    assert {answer["number"] for answer in answers} == {3}
    assert answers[0]["views"] != answers[-1]["views"]
    (again,) = worker.tell("inspect", number=4, tokens=[0, 1], position=1, views=AT_HALF)
    assert again == {**answers[-1], "number": 4}, "the last answer is that of the trained model"


def test_nothing_is_computed_once_all_views_are_closed() -> None:
    worker = training(run_settings(num_steps=40), ONE_PIECE)
    worker.tell("inspect", views=AT_HALF)
    worker.tell("inspect", views={})
    worker.work()
    assert len(worker.of("inspection")) == 1


# ---- surveys and arrays --------------------------------------------------------------------------


def count_to_ten(moment: InspectedMoment, _request: ViewData) -> ViewData:
    """An analysis that needs a survey of ten pieces, and sends three numbers."""

    def count() -> Generator[None, None, int]:
        for _ in range(10):
            yield
        return 10

    return {"counted": moment.survey("counting", count), "at": moment.add_array([1.0, 2.0, 3.0])}


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> ViewData:
    monkeypatch.setitem(ANALYSES, "counting", count_to_ten)
    return {"counting": {}}


def test_a_survey_is_done_in_slices_and_its_end_is_told(
    worker: FakeWorker, counting: ViewData
) -> None:
    worker.clock.tick = ONE_PIECE
    (answer,) = worker.tell("inspect", number=5, views=counting)
    assert answer["views"]["counting"]["counted"] is None
    worker.slices(3)
    assert len(worker.of("inspection")) == 1
    worker.work()
    told = worker.of("inspection")[1:]
    assert [(event["number"], event["views"]["counting"]["counted"]) for event in told] == [(5, 10)]
    (again,) = worker.tell("inspect", number=6, views=counting)
    assert again["views"]["counting"]["counted"] == 10, "it is not done twice for one model"


def test_a_survey_goes_on_beside_a_run_and_is_done_anew_for_what_was_learned(
    counting: ViewData,
) -> None:
    worker = training(run_settings(num_steps=60))
    worker.tell("inspect", views=counting)
    worker.work(lambda: worker.of("inspection")[-1]["views"]["counting"]["counted"] == 10)
    worker.work()
    assert worker.state() == "done"
    assert worker.of("inspection")[-1]["views"]["counting"]["counted"] == 10


def test_a_survey_of_a_model_that_is_gone_is_given_up(
    worker: FakeWorker, counting: ViewData
) -> None:
    worker.tell("inspect", views=counting)
    worker.tell("load_model", blob=small_model())
    worker.work()
    assert len(worker.of("inspection")) == 1
    (answer,) = worker.tell("inspect", model=2, views=counting)
    assert answer["views"]["counting"]["counted"] is None


def test_big_arrays_travel_as_32_bit_floats(worker: FakeWorker, counting: ViewData) -> None:
    worker.tell("inspect", views=counting)
    posted = worker.posted[-1]
    assert posted.message["views"]["counting"]["at"] == 0
    assert posted.blob is not None
    assert list(memoryview(posted.blob).cast("f")) == [1.0, 2.0, 3.0]


# ---- documents -----------------------------------------------------------------------------------


def test_what_shows_the_inside_is_not_imported_with_the_worker() -> None:
    code = (
        "import sys, app.worker.session; "
        "print([name for name in sys.modules if name.startswith('app.worker.inside')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
