"""Checkpoints while a run goes on: little is lost with the worker, and little time is spent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from app.worker.newest_checkpoint import CHECKPOINT_SECONDS, MAX_CHECKPOINT_SHARE
from microgpt.checkpoint import to_bytes
from microgpt.run import Run
from microgpt.trainer import TrainProgress
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import (
    ONE_PIECE,
    FakeWorker,
    Posted,
    ready_to_train,
    reference_losses,
    run_settings,
    training,
    unbroken,
)


def checkpoints(worker: FakeWorker) -> list[Posted]:
    return [posted for posted in worker.posted if posted.message["type"] == "checkpoint"]


def slow_down(monkeypatch: pytest.MonkeyPatch, worker: FakeWorker, seconds: float) -> None:
    """From now on each piece of a run takes so long."""
    train = Run.train

    def train_slowly(run: Run, *steps: int) -> Iterator[TrainProgress]:
        for progress in train(run, *steps):
            worker.clock.now += seconds
            yield progress

    monkeypatch.setattr(Run, "train", train_slowly)


def gaps(worker: FakeWorker) -> list[float]:
    """The seconds between one checkpoint and the next."""
    return [later.at - earlier.at for earlier, later in pairwise(checkpoints(worker))]


def train_some_steps(worker: FakeWorker) -> None:
    worker.work(until=lambda: len(worker.losses()) >= 20)


@pytest.mark.parametrize("tick", [0.002, ONE_PIECE])
def test_half_a_second_is_lost_at_most(tick: float) -> None:
    worker = training(run_settings(num_steps=10_000), tick)
    worker.seconds(2.5)
    assert worker.state() == "running"
    assert len(checkpoints(worker)) > 3
    # A slice more at most, in which there may have been no step.
    assert max(gaps(worker)) < CHECKPOINT_SECONDS + 0.1


def test_a_step_that_takes_longer_has_a_checkpoint_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = ready_to_train()
    slow_down(monkeypatch, worker, CHECKPOINT_SECONDS)
    worker.tell("start", settings=run_settings(num_steps=10))
    worker.work()
    assert [kept.message["step"] for kept in checkpoints(worker)] == list(range(1, 11))


def test_checkpoints_of_a_large_model_take_little_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = training(run_settings(num_steps=1000), 0.004)
    cost = 0.05

    def to_bytes_slowly(*arguments: object) -> bytes:
        worker.clock.now += cost
        return to_bytes(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("app.worker.newest_checkpoint.to_bytes", to_bytes_slowly)
    worker.seconds(12)
    assert len(checkpoints(worker)) >= 4
    assert min(gaps(worker)) >= cost / MAX_CHECKPOINT_SHARE
    assert max(gaps(worker)) < cost / MAX_CHECKPOINT_SHARE * 1.5


def test_no_checkpoint_repeats_the_one_before() -> None:
    worker = training(run_settings(num_steps=100, pace="watch"), 0.002)
    worker.work()
    steps = [kept.message["step"] for kept in checkpoints(worker)]
    assert len(steps) > 3
    assert steps == sorted(set(steps))


def test_another_session_continues_from_any_checkpoint() -> None:
    settings = run_settings(num_steps=1000)
    first = training(settings, 0.004)
    first.seconds(1.7)
    for kept in checkpoints(first):
        step = kept.message["step"]
        assert 0 < step <= len(first.losses())
        second = ready_to_train()
        second.tell("start", settings=settings, blob=kept.blob)
        train_some_steps(second)
        both = [*first.losses()[:step], *second.losses()]
        assert both == unbroken(1000)[: len(both)]


def test_no_evaluation_is_lost_with_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that is evaluated is over with its evaluation only."""
    settings = run_settings(num_steps=120, eval_fraction=0.2)
    first = ready_to_train()
    slow_down(monkeypatch, first, CHECKPOINT_SECONDS / 2)
    first.tell("start", settings=settings)
    first.work()
    monkeypatch.undo()
    assert [step for step, _ in first.held_out()] == [100, 120]
    around = [kept for kept in checkpoints(first) if 97 <= kept.message["step"] <= 103]
    assert len(around) > 2
    for kept in around:
        second = ready_to_train()
        second.tell("start", settings=settings, blob=kept.blob)
        second.work()
        step = kept.message["step"]
        known = [[at, loss] for at, loss in first.held_out() if at <= step]
        assert known + second.held_out() == first.held_out(), step


@pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")
def test_a_step_in_several_calls_is_never_begun_again_for_a_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long it takes: it would never end."""
    monkeypatch.setattr("microgpt.wasm.runtime.reader.LARGE_OPERATIONS", 0)
    settings = run_settings(num_steps=10, engine="wasm")
    worker = ready_to_train()
    slow_down(monkeypatch, worker, CHECKPOINT_SECONDS)  # for every part of a step
    worker.tell("start", settings=settings)
    worker.work()
    assert worker.state() == "done"
    assert len(checkpoints(worker)) == 10
    monkeypatch.undo()
    assert worker.losses() == reference_losses(settings)
