"""What is kept of an experiment is not made again; and what fails in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.worker.pool.pool import RUN_LEFT_OUT
from microgpt.lab.statistics import band
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import FakeWorker
from tests.support.lab import (
    TINY_RATES,
    TINY_SEEDS,
    TINY_SWEEP,
    WORDS,
    begin,
    begun_runs,
    finish,
    kept_lines,
    lab_worker,
    newest_points,
    one_after_the_other,
    records,
    run_sweeps,
    told,
)

pytestmark = pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")


# ---- what is kept --------------------------------------------------------------------------------


def test_what_is_kept_is_not_made_again() -> None:
    first = lab_worker()
    made = run_sweeps(first, TINY_RATES)
    second = lab_worker()
    again = run_sweeps(second, TINY_RATES, kept=kept_lines(first))
    assert begun_runs(second) == []
    assert again == {}  # nothing more is to be kept
    assert newest_points(second) == newest_points(first)
    assert told(second)[-1]["seconds"] == told(first)[-1]["seconds"]
    assert len(made) == 9


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_damaged_lines_are_left_out(data: Any) -> None:
    lines = kept_lines(lab_worker_with_results())
    begin_at = data.draw(st.integers(0, len(lines) - 1))
    end_at = data.draw(st.integers(begin_at, len(lines)))
    damaged = lines[:begin_at] + b"\0" + lines[end_at:]
    worker = lab_worker()
    run_sweeps(worker, TINY_SEEDS, kept=damaged)
    expected = newest_points(lab_worker_with_results())[0, 0]
    found = newest_points(worker)[0, 0]
    assert sorted(found["runs"]) == sorted(expected["runs"])


def lab_worker_with_results() -> FakeWorker:
    """A worker that has made `TINY_SEEDS`."""
    worker = lab_worker()
    run_sweeps(worker, TINY_SEEDS)
    return worker


def test_lines_of_other_runs_are_left_out() -> None:
    """Whatever the lines are of, a run is only taken where what varies is the same."""
    other = lab_worker()
    run_sweeps(other, f"{TINY_SWEEP};learning_rate=0.02,0.03")
    worker = lab_worker()
    run_sweeps(worker, f"{TINY_SWEEP};learning_rate=0.02,0.04", kept=kept_lines(other))
    assert len(begun_runs(worker)) == 1


def test_what_was_asked_for_and_not_there_is_not_asked_for_again() -> None:
    sweep = f"data=sums;{TINY_SWEEP};measure=steps_to_solve;seeds=2"
    sums = [f"{a}+{b}={a + b}" for a in range(9) for b in range(9)]
    first = lab_worker(sums)
    made = run_sweeps(first, sweep)
    assert all("steps_to_solve" not in record.result.measures for record in made.values())
    second = lab_worker(sums)
    run_sweeps(second, sweep, kept=kept_lines(first))
    assert begun_runs(second) == []
    other = sweep.replace("steps_to_solve", "gap")
    assert len(run_sweeps(second, other, number=2, kept=kept_lines(first))) == 2


def test_another_measure_takes_what_is_known() -> None:
    first = lab_worker()
    run_sweeps(first, TINY_SEEDS)
    second = lab_worker()
    run_sweeps(second, f"{TINY_SEEDS};measure=loss", kept=kept_lines(first))
    assert begun_runs(second) == []
    losses = [result.measures["loss"] for result in one_after_the_other(WORDS, TINY_SEEDS).values()]
    assert newest_points(second)[0, 0]["middle"] == list(band(losses))


def test_the_lowest_loss_of_few_documents_is_not_taken_for_that_of_many() -> None:
    sweep = f"data=sums;{TINY_SWEEP.replace('12', '210')};mask=%3D;seeds=2"
    sums = [f"{a}+{b}={a + b}" for a in range(30) for b in range(20)]
    first = lab_worker(sums)
    run_sweeps(first, f"{sweep};measure=accuracy")
    lowest = f"{sweep};measure=lowest_held_out_loss"
    second = lab_worker(sums)
    made = run_sweeps(second, lowest, kept=kept_lines(first))
    expected = one_after_the_other(sums, lowest)
    for key, record in made.items():
        measures = expected[key.number].measures
        assert record.result.measures["lowest_held_out_loss"] == measures["lowest_held_out_loss"]
    assert len(made) == 2


# ---- what fails ----------------------------------------------------------------------------------


def test_the_runs_of_a_lost_worker_are_made_by_another() -> None:
    worker = lab_worker()
    worker.pool.held = True
    begin(worker, TINY_SEEDS)
    worker.seconds(1)
    for lost in worker.pool.workers[:]:
        lost.receive({"type": "lost"})
    worker.pool.held = False
    finish(worker)
    assert len(records(worker, TINY_SEEDS)) == 6
    assert told(worker)[-1]["failure"] == ""


def test_a_run_that_fails_ends_with_a_sentence_and_the_others_go_on() -> None:
    worker = lab_worker()
    begin(worker, f"{TINY_SWEEP};window=0,1;engine=scalar")
    finish(worker)
    last = told(worker)[-1]
    assert (last["done"], last["of"]) == (2, 2)
    assert "compiled engine" in last["failure"]
    begin(worker, f"{TINY_SWEEP};mask=q;seeds=2", number=2)
    finish(worker, 2)
    assert "No document has anything after" in told(worker, 2)[-1]["failure"]
    begin(worker, f"{TINY_SWEEP};measure=output_loss;output=zebra;seeds=2", number=3)
    finish(worker, 3)
    assert "'z'" in told(worker, 3)[-1]["failure"]
    assert kept_lines(worker, 3) == b""


def test_a_run_whose_workers_stop_twice_is_left_out() -> None:
    worker = lab_worker()
    worker.pool.held = True
    begin(worker, TINY_SWEEP)
    for _ in range(2):
        worker.seconds(1)
        worker.pool.workers[-1].receive({"type": "lost"})
    finish(worker)
    assert told(worker)[-1]["failure"] == RUN_LEFT_OUT


@pytest.mark.parametrize("text", ["n_embd=6,8", "nothing", "colour=1,2"])
def test_what_is_no_experiment_is_refused(text: str) -> None:
    worker = lab_worker()
    begin(worker, text, number=7)
    (event,) = told(worker, 7)
    assert event["over"]
    assert len(event["failure"].split()) > 4
