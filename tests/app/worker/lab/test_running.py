"""How an experiment goes: what is told, and how it is paused, stopped and replaced."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.worker.lab.plan import RunKey
from app.worker.lab.running import TELL_SECONDS
from microgpt.lab.statistics import band
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import FakeWorker, paste, run_settings
from tests.support.lab import (
    TINY_RATES,
    TINY_SEEDS,
    TINY_SWEEP,
    WORDS,
    begin,
    begun_runs,
    finish,
    give_data,
    is_over,
    lab_worker,
    newest_points,
    records,
    run_sweeps,
    told,
)

pytestmark = pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")


# ---- what is told --------------------------------------------------------------------------------


def test_points_say_what_their_runs_have_come_to() -> None:
    worker = lab_worker()
    made = run_sweeps(worker, TINY_RATES)
    points = newest_points(worker)
    assert points.keys() == {(0, 0), (0, 1), (0, 2)}
    for (_, place), point in points.items():
        own = [made[RunKey(0, number)].result for number in range(place, 9, 3)]
        assert (point["done"], point["diverged"], point["runs"]) == (3, 0, [])
        assert point["middle"] == list(band([each.measures["held_out_loss"] for each in own]))
        assert point["num_params"] == own[0].num_params
        assert point["sample"] == ", ".join(own[0].samples)
        assert len(own[0].samples) == 3
        assert [each.samples for each in own[1:]] == [[], []]
    last = told(worker)[-1]
    assert (last["done"], last["of"], last["seconds_left"], last["over"]) == (9, 9, 0, True)
    assert last["seconds"] == pytest.approx(
        sum(each.result.measures["seconds"] for each in made.values())
    )
    assert last["failure"] == ""


def test_every_run_of_a_sweep_without_axes_is_told() -> None:
    worker = lab_worker()
    made = run_sweeps(worker, TINY_SEEDS)
    runs = newest_points(worker)[0, 0]["runs"]
    expected = [
        [record.result.run["seed"], record.result.measures["held_out_loss"]]
        for record in made.values()
    ]
    assert sorted(runs) == sorted(expected)


def test_runs_that_diverge_are_counted() -> None:
    worker = lab_worker()
    run_sweeps(worker, f"{TINY_SWEEP.replace('12', '60')};learning_rate=0.01,10.0;seeds=2")
    counts = [(p["done"], p["diverged"], len(p["middle"])) for p in newest_points(worker).values()]
    assert sorted(counts) == [(2, 0, 3), (2, 2, 0)]


def test_events_do_not_come_more_often_than_a_page_can_take_them() -> None:
    worker = lab_worker(tick=0.01)
    run_sweeps(worker, f"{TINY_SWEEP};seeds=40")
    times = [posted.at for posted in worker.posted if posted.message["type"] == "swept"]
    assert len(times) > 3
    assert all(later - sooner >= TELL_SECONDS for sooner, later in pairwise(times[:-1]))


def test_curves_are_bands_over_seeds() -> None:
    worker = lab_worker()
    sizes = TINY_SWEEP.replace("12", "250")
    made = run_sweeps(worker, f"{sizes};seeds=3;measure=lowest_held_out_loss")
    curve = told(worker)[-1]["curves"][-1]
    columns = [record.result.curves["held_out_loss"] for record in made.values()]
    assert curve["name"] == "held_out_loss"
    assert curve["steps"] == [100, 200, 250]
    bands = [band([value for _, value in column]) for column in zip(*columns, strict=True)]
    assert curve["median"] == [each.median for each in bands]
    assert curve["low"] == [each.low for each in bands]
    assert curve["high"] == [each.high for each in bands]


def test_the_time_that_is_left_is_known_after_a_while() -> None:
    worker = lab_worker(tick=0.02)
    run_sweeps(worker, f"{TINY_SWEEP};seeds=60")
    left = [event["seconds_left"] for event in told(worker)]
    assert left[0] == -1
    known = [each for each in left if each >= 0]
    assert len(known) > 3
    assert known[-1] == 0
    assert max(known) > 0


# ---- commands ------------------------------------------------------------------------------------


def test_an_experiment_is_paused_and_goes_on() -> None:
    worker = lab_worker()
    begin(worker, TINY_SEEDS)
    worker.work(until=lambda: len(begun_runs(worker)) >= 2)
    worker.tell("change_sweep", number=1, act="pause")
    worker.work()
    done = len(begun_runs(worker))
    assert done < 6
    assert told(worker)[-1]["done"] == done
    worker.seconds(5)
    assert len(begun_runs(worker)) == done
    worker.tell("change_sweep", number=1, act="resume")
    finish(worker)
    assert len(records(worker, TINY_SEEDS)) == 6


def test_an_experiment_may_begin_paused() -> None:
    worker = lab_worker()
    made = run_sweeps(worker, TINY_SEEDS)
    two = b"".join(made[RunKey(0, number)].line() for number in (1, 4))
    begin(worker, TINY_SEEDS, number=2, paused=True, kept=two)
    before = len(begun_runs(worker))
    worker.work()
    (event,) = told(worker, 2)
    assert (event["done"], event["of"], event["over"], len(event["points"])) == (2, 6, False, 1)
    assert len(begun_runs(worker)) == before
    worker.tell("change_sweep", number=2, act="resume")
    finish(worker, 2)
    assert len(begun_runs(worker)) == before + 4


def test_an_experiment_is_stopped() -> None:
    worker = lab_worker()
    begin(worker, TINY_SEEDS)
    worker.work(until=lambda: len(begun_runs(worker)) >= 2)
    worker.tell("change_sweep", number=1, act="stop")
    last = told(worker)[-1]
    assert last["over"]
    assert 0 < last["done"] < 6
    assert len(records(worker, TINY_SEEDS)) == last["done"]
    begun = len(begun_runs(worker))
    worker.seconds(5)
    assert len(begun_runs(worker)) == begun
    assert told(worker)[-1] == last


def test_a_new_experiment_takes_the_place_of_the_old_one() -> None:
    worker = lab_worker()
    begin(worker, TINY_SEEDS)
    worker.work(until=lambda: len(begun_runs(worker)) >= 2)
    begin(worker, TINY_RATES, number=2)
    before = len(told(worker, 1))
    finish(worker, 2)
    assert len(told(worker, 1)) == before
    assert len(records(worker, TINY_RATES, number=2)) == 9
    worker.tell("change_sweep", number=1, act="stop")  # the page has not heard of it yet
    assert len(told(worker, 1)) == before


def test_what_comes_of_a_stopped_run_later_is_ignored() -> None:
    worker = lab_worker()
    worker.pool.held = True
    begin(worker, TINY_SEEDS)
    worker.seconds(1)
    first = worker.pool.workers[0]
    run = first.runs()[0]
    worker.tell("change_sweep", number=1, act="stop")
    first.receive({"type": "failed", "run": run["run"], "reason": "dropped"})
    worker.seconds(1)
    assert told(worker)[-1]["done"] == 0


# ---- beside the playground -----------------------------------------------------------------------


def test_further_seeds_of_a_run_go_before_an_experiment() -> None:
    worker = lab_worker()
    paste(worker, "\n".join(WORDS).encode())
    settings_ = run_settings(engine="wasm", num_steps=5)
    worker.tell("start", settings=settings_)
    worker.work(until=lambda: worker.state() == "done")
    worker.pool.held = True
    begin(worker, f"{TINY_SWEEP};seeds=50")
    worker.seconds(1)
    worker.tell("train_seeds", run=0, settings=settings_, code="", count=3)
    worker.pool.held = False
    for each in worker.pool.workers[:]:
        each.receive({"type": "lost"})
    worker.work(until=lambda: bool(worker.of("seeds")) and worker.of("seeds")[-1]["done"] == 3)
    assert told(worker)[-1]["done"] < 50


def test_the_playground_trains_on_beside_an_experiment() -> None:
    worker = lab_worker()
    paste(worker, "\n".join(WORDS).encode())
    worker.tell("start", settings=run_settings(num_steps=300))
    begin(worker, TINY_SEEDS)
    worker.work(until=lambda: worker.state() == "done" and is_over(worker))
    assert len(worker.losses()) == 300


def test_an_experiment_waits_for_data_that_are_being_loaded() -> None:
    worker = FakeWorker(tick=0.05)
    text = "\n".join(WORDS).encode()
    worker.tell("lab_data", number=1, name="own", files=[("", len(text))], options={}, blob=text)
    begin(worker, TINY_SEEDS)
    assert worker.of("lab_data_ready") == []
    finish(worker)
    assert len(records(worker, TINY_SEEDS)) == 6


def test_without_data_there_is_no_experiment() -> None:
    worker = FakeWorker()
    begin(worker, TINY_SEEDS)
    assert "no data" in told(worker)[-1]["failure"]


def test_failed_data_leave_the_experiment_alone() -> None:
    worker = lab_worker()
    begin(worker, TINY_SEEDS)
    give_data(worker, b"\n\n", number=2)
    assert worker.of("lab_data_ready")[-1]["problem"]
    finish(worker)
    assert len(records(worker, TINY_SEEDS)) == 6
