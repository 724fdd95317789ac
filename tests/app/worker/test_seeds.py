"""Several runs that differ in their seed alone: what the page is told of them."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from app.worker.band import band, band_steps, smoothed_at
from microgpt.lab.statistics import quantile
from tests.support.fakes import (
    FakeWorker,
    Message,
    paste,
    ready_to_train,
    reference_run,
    run_settings,
)

SEEDS = [7, 8, 9]


def compiled(**changes: Any) -> Message:
    """Settings of a tiny run of the compiled engine."""
    return run_settings(engine="wasm", seed=SEEDS[0], eval_fraction=0.2, **changes)


def told(worker: FakeWorker) -> Message:
    """The newest event about the runs."""
    return worker.of("seeds")[-1]


@pytest.fixture
def worker() -> FakeWorker:
    """A worker that has trained three runs beside the one on the page."""
    worker = ready_to_train()
    worker.tell("start", settings=compiled(), run=1)
    worker.tell("train_seeds", run=1, settings=compiled(), code="", count=len(SEEDS))
    worker.work()
    return worker


def test_each_run_is_that_of_its_seed_to_the_last_bit(worker: FakeWorker) -> None:
    message = told(worker)
    assert (message["done"], message["of"], sorted(message["seeds"])) == (3, 3, SEEDS)
    for seed, loss, held_out in zip(
        message["seeds"], message["losses"], message["held_out"], strict=True
    ):
        parts = list(reference_run({**compiled(), "seed": seed}).train())
        losses = [each for part in parts for each in part.losses]
        evaluations = [part.held_out_loss for part in parts if part.held_out_loss is not None]
        assert (loss, held_out) == (losses[-1], evaluations[-1])


def test_the_band_is_told_as_numbers(worker: FakeWorker) -> None:
    blob = [each.blob for each in worker.posted if each.message["type"] == "seeds"][-1]
    numbers = array("d", blob or b"").tolist()
    steps, low, median, high = (numbers[i : i + 30] for i in range(0, 120, 30))
    assert steps == [float(step) for step in range(1, 31)]
    assert all(a <= b <= c for a, b, c in zip(low, median, high, strict=True))


def test_the_models_disagree_about_the_next_token(worker: FakeWorker) -> None:
    worker.tell("explore", number=5, model=1, tokens=[0], typed=[False], caret=1)
    worker.work()
    spread, exploration = worker.of("spread")[-1], worker.of("exploration")[-1]
    assert (spread["number"], spread["of"]) == (5, 3)
    assert len(spread["low"]) == len(spread["high"]) == len(exploration["upcoming"]["adjusted"])
    assert all(low <= high for low, high in zip(spread["low"], spread["high"], strict=True))
    assert any(low < high for low, high in zip(spread["low"], spread["high"], strict=True))


def test_one_run_means_that_there_are_no_others(worker: FakeWorker) -> None:
    worker.tell("train_seeds", run=1, settings=compiled(), code="", count=1)
    before = len(worker.posted)
    worker.tell("explore", number=6, model=1, tokens=[0], typed=[False], caret=1)
    worker.work()
    assert not [each for each in worker.posted[before:] if each.message["type"] == "spread"]


def test_they_are_trained_on_the_data_of_their_run(worker: FakeWorker) -> None:
    """Also when other data have been chosen since."""
    before = told(worker)
    paste(worker, b"other\nlines\nthat\nare\nfew\n")
    worker.tell("train_seeds", run=1, settings=compiled(), code="", count=len(SEEDS))
    worker.work()
    assert sorted(told(worker)["losses"]) == sorted(before["losses"])


def test_they_end_with_their_run(worker: FakeWorker) -> None:
    worker.pool.held = True
    worker.tell("train_seeds", run=1, settings=compiled(), code="", count=len(SEEDS))
    worker.tell("stop")
    worker.pool.held = False
    before = len(worker.of("seeds"))
    worker.seconds(1)
    assert len(worker.of("seeds")) == before


def test_the_newest_runs_take_the_place_of_others() -> None:
    worker = ready_to_train()
    worker.tell("start", settings=compiled(), run=1)
    worker.pool.held = True
    for number, steps in ((1, 30), (2, 20)):
        settings = compiled(num_steps=steps)
        worker.tell("train_seeds", run=number, settings=settings, code="", count=3)
        worker.seconds(1)
        worker.pool.held = False
    assert {message["run"] for message in worker.of("seeds")} == {2}


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"engine": "scalar"}, "compiled engine"), ({"mask": "="}, "No document has anything")],
)
def test_what_cannot_be_trained_is_said(changes: Message, words: str) -> None:
    worker = ready_to_train()
    worker.tell("start", settings=compiled(), run=1)
    settings = {**compiled(), **changes}
    worker.tell("train_seeds", run=1, settings=settings, code="", count=2)
    worker.work()
    assert words in told(worker)["failure"]


def test_a_band_is_made_of_curves_that_may_end_early() -> None:
    steps = band_steps(1000)
    assert (len(steps), steps[-1]) == (128, 1000)
    curves = [smoothed_at([1.0, 1.0], [1, 2]), smoothed_at([3.0], [1, 2])]
    assert array("d", band(curves, [1, 2])).tolist()[:4] == [1.0, 2.0, quantile([1, 3], 0.1), 1.0]
