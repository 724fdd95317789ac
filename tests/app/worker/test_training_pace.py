"""The pace of a run: watched, or at full speed; and how often events are posted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest

from app.worker.pacing import WATCH_SECONDS
from microgpt import run
from microgpt.scalar.engine import ScalarEngine
from tests.support.fakes import (
    PONG,
    FakeWorker,
    losses_of,
    ready_to_train,
    run_settings,
    the_error,
    training,
)


class FastEngine(ScalarEngine):
    """An engine that does a hundred steps in no time; its losses are the steps' numbers."""

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        for step in range(first, first + count, 100):
            yield [float(number) for number in range(step, min(step + 100, first + count))]

    def evaluate(
        self, documents: Sequence[Sequence[int]], _counted_from: Sequence[int] = ()
    ) -> Any:
        yield
        return float(len(documents))


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs use `FastEngine`."""
    monkeypatch.setattr(
        run, "create_engine", lambda name, config, weights, *_: FastEngine(config, weights)
    )


def span(worker: FakeWorker) -> float:
    """Seconds from the run's beginning to its end, on the clock."""
    began = next(p.at for p in worker.posted if p.message["type"] == "started")
    return worker.posted[-1].at - began


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("num_steps", [100, 1000, 10_000])
def test_a_watched_run_is_spread_over_a_few_seconds(num_steps: int) -> None:
    worker = training(run_settings(num_steps=num_steps, pace="watch"))
    worker.slices(3)
    assert worker.session.work() or worker.session.work(), "the worker may rest"
    worker.work()
    assert worker.state() == "done"
    assert worker.losses() == [float(step) for step in range(num_steps)]
    assert 0.75 * WATCH_SECONDS < span(worker) < 1.5 * WATCH_SECONDS
    assert worker.of("progress")[-1]["seconds"] < span(worker) / 2, "waiting is no computing"


@pytest.mark.usefixtures("fast")
def test_a_watched_run_moves_all_the_time() -> None:
    worker = training(run_settings(num_steps=1000, pace="watch"))
    worker.work()
    times = [posted.at for posted in worker.posted if posted.message["type"] == "progress"]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) < 0.5
    batches = [losses_of(p)[0] for p in worker.posted if p.message["type"] == "progress"]
    assert max(map(len, batches)) < 50


@pytest.mark.usefixtures("fast")
def test_messages_in_between_do_not_speed_up_a_watched_run() -> None:
    worker = training(run_settings(num_steps=1000, pace="watch"))
    while worker.state() == "running":
        wait = worker.session.work() or 0.0
        worker.clock.now += wait / 3  # woken up by a message
        assert worker.tell("ping") == [PONG]
    assert 0.75 * WATCH_SECONDS < span(worker) < 1.5 * WATCH_SECONDS


@pytest.mark.usefixtures("fast")
def test_the_time_of_a_pause_does_not_count_for_the_pace() -> None:
    worker = training(run_settings(num_steps=1000, pace="watch"))
    worker.seconds(1)
    worker.tell("pause")
    worker.clock.now += 3600
    worker.tell("resume")
    done = len(worker.losses())
    worker.seconds(0.5)
    assert done < len(worker.losses()) < 1000


@pytest.mark.usefixtures("fast")
def test_at_full_speed_a_run_is_done_as_soon_as_it_is_computed() -> None:
    worker = training(run_settings(num_steps=1000, pace="full"))
    worker.work()
    assert worker.state() == "done"
    assert span(worker) < WATCH_SECONDS / 2


@pytest.mark.usefixtures("fast")
def test_the_pace_can_be_raised_during_a_run() -> None:
    worker = training(run_settings(num_steps=1000, pace="watch"))
    worker.seconds(1)
    assert worker.state() == "running"
    worker.tell("set_pace", pace="full")
    began = worker.clock.now
    worker.work()
    assert worker.state() == "done"
    assert worker.clock.now - began < WATCH_SECONDS / 2
    assert worker.losses() == [float(step) for step in range(1000)]


@pytest.mark.usefixtures("fast")
def test_the_pace_can_be_lowered_during_a_run_without_a_standstill() -> None:
    worker = training(run_settings(num_steps=1000, pace="full"))
    worker.work(until=lambda: len(worker.losses()) >= 500)
    worker.tell("set_pace", pace="watch")
    worker.seconds(0.2)
    done = len(worker.losses())
    worker.seconds(0.5)
    assert done < len(worker.losses()) < 1000
    worker.work()
    assert worker.losses() == [float(step) for step in range(1000)]


@pytest.mark.usefixtures("fast")
def test_a_run_continues_from_a_checkpoint_without_a_standstill() -> None:
    settings = run_settings(num_steps=1000, pace="watch")
    first = training(settings)
    first.work(until=lambda: len(first.losses()) >= 500)
    first.tell("pause")
    second = ready_to_train()
    second.tell("start", settings=settings, blob=first.newest_checkpoint().blob)
    second.seconds(0.5)
    assert 0 < len(second.losses()) < 500


def test_an_unknown_pace_is_refused() -> None:
    worker = training(run_settings(num_steps=5))
    the_error(worker.tell("set_pace", pace="slow"), "set_pace")
    worker.work()
    assert worker.state() == "done"


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("pace", ["watch", "full"])
@pytest.mark.parametrize("tick", [0.0001, 0.001])
def test_losses_travel_in_at_most_sixty_messages_a_second(pace: str, tick: float) -> None:
    worker = training(run_settings(num_steps=10_000, pace=pace, eval_fraction=0.1), tick)
    worker.work()
    assert worker.state() == "done"
    at_most_sixty_a_second(worker)


def test_losses_of_slow_steps_travel_in_at_most_sixty_messages_a_second() -> None:
    worker = training(run_settings(num_steps=200))
    worker.work()
    at_most_sixty_a_second(worker)


def at_most_sixty_a_second(worker: FakeWorker) -> None:
    times = [posted.at for posted in worker.posted if posted.message["type"] == "progress"]
    assert times
    for start in times:
        # One that was due at the end of the second before is let pass.
        assert sum(start <= time < start + 1 for time in times) <= 61


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("num_steps", "every"), [(1000, 100), (2000, 100), (2100, 200), (10_000, 500)]
)
def test_a_long_run_writes_few_samples(num_steps: int, every: int) -> None:
    worker = training(run_settings(num_steps=num_steps))
    worker.work()
    steps = [sample["step"] for sample in worker.of("live_sample")]
    assert steps == list(range(every, num_steps + 1, every))
    assert len(steps) <= 20
