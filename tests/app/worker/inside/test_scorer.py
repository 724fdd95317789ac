"""Lines scored: how surprising each of their tokens is."""

from __future__ import annotations

import pytest

from microgpt.generators import drain
from tests.support.fakes import (
    FakeWorker,
    Message,
    reference_run,
    run_settings,
    the_error,
    training,
)

SETTINGS = run_settings(num_steps=60, eval_fraction=0.2)


@pytest.fixture
def trained() -> FakeWorker:
    """A worker whose run is done; its model has number 1."""
    worker = training(SETTINGS)
    worker.work()
    return worker


def scored(worker: FakeWorker, *lines: str, num_own: int = 0) -> list[Message]:
    """What is said of each line."""
    before = len(worker.of("scores"))
    worker.tell("score", number=7, lines=list(lines), num_own=num_own)
    worker.work()
    told = worker.of("scores")[before:]
    assert [message["first"] for message in told] == [True] + [False] * (len(told) - 1)
    assert told[-1]["done"] == told[-1]["of"]
    return [line for message in told for line in message["lines"]]


def test_a_line_costs_what_it_costs_in_training(trained: FakeWorker) -> None:
    run = reference_run(SETTINGS)
    list(run.train())
    for line in scored(trained, "emma", "ella"):
        document = run.encode(line["text"])
        assert line["tokens"] == document[0][1:]
        mean = sum(line["losses"]) / len(line["losses"])
        assert mean == pytest.approx(drain(run.engine.evaluate(document)))
        assert not line["cut"]


def test_a_long_line_is_cut_as_in_training(trained: FakeWorker) -> None:
    (line,) = scored(trained, "emmaemmaemma")
    assert len(line["losses"]) == 8
    assert line["cut"]


def test_lines_of_unknown_characters_are_left_out(trained: FakeWorker) -> None:
    assert [line["text"] for line in scored(trained, "zoé", "ava", "Zé")] == ["ava"]
    last = trained.of("scores")[-1]
    assert (last["left_out"], last["of"]) == (2, 3)
    assert set(last["unknown"]) == {"z", "é", "Z"}


def test_the_data_s_own_lines_are_scored_beside_them(trained: FakeWorker) -> None:
    lines = scored(trained, "ava", num_own=5)
    held_out = reference_run(SETTINGS).dataset.held_out
    assert [line["text"] for line in lines if line["own"]] == list(held_out)


def test_lines_are_scored_anew_when_something_is_switched_off(trained: FakeWorker) -> None:
    before = scored(trained, "ava")
    trained.tell("switch_off", parts=["token"])
    trained.work()
    (line,) = trained.of("scores")[-1]["lines"]
    assert line["losses"] != before[0]["losses"]


def test_too_many_lines_are_refused(trained: FakeWorker) -> None:
    refused = trained.tell("score", lines=["ava"] * 1001)
    assert "1,000 lines" in the_error(refused, "score")
