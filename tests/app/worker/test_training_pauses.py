"""A run that is paused, stepped or continued: its losses are those of an undisturbed one."""

from __future__ import annotations

from functools import cache

import pytest

from app.shared.smoothing import Smoothing
from tests.support.fakes import (
    ONE_PIECE,
    PONG,
    FakeWorker,
    Message,
    ready_to_train,
    reference_losses,
    run_settings,
    the_error,
    training,
    unbroken,
)

# Long documents for a model that is large enough for a step to have several pieces.
LONG = ["the quick brown fox", "jumps over the dog.", "how vexingly quick,"]
LARGE = {"n_embd": 16, "n_head": 4, "n_layer": 1, "block_size": 16}


# ---- pause, resume, step, stop -------------------------------------------------------------------


def test_a_paused_run_continues_as_if_nothing_had_happened() -> None:
    worker = training(run_settings(num_steps=30))
    worker.work(until=lambda: len(worker.losses()) >= 5)
    worker.tell("pause")
    assert worker.state() == "paused"
    losses = worker.losses()
    assert 5 <= len(losses) < 30
    assert worker.session.work() is None
    messages = len(worker.posted)
    worker.seconds(5)
    assert len(worker.posted) == messages, "nothing is told while the run is paused"
    worker.tell("resume")
    assert worker.state() == "running"
    worker.work()
    assert worker.losses() == unbroken(30)
    assert worker.state() == "done"


def test_the_time_of_a_pause_is_no_computing_time() -> None:
    worker = training(run_settings(num_steps=30))
    worker.work(until=lambda: len(worker.losses()) >= 5)
    worker.tell("pause")
    worker.clock.now += 3600
    worker.tell("resume")
    worker.work()
    assert worker.of("progress")[-1]["seconds"] < 60


@pytest.mark.parametrize("pieces", range(1, 16, 2))
def test_a_pause_in_the_middle_of_a_step_changes_nothing(pieces: int) -> None:
    settings = run_settings(num_steps=2, **LARGE)
    worker = ready_to_train(ONE_PIECE, "\n".join(LONG).encode())
    worker.tell("start", settings=settings)
    worker.slices(pieces)
    worker.tell("pause")
    worker.slices(3)
    worker.tell("resume")
    worker.work()
    assert worker.losses() == large_losses()


@cache
def large_losses() -> list[float]:
    """The losses of the run with long documents."""
    return reference_losses(run_settings(num_steps=2, **LARGE), LONG)


def test_a_large_step_has_several_pieces() -> None:
    """The tests of a pause in the middle of a step depend on it."""
    worker = ready_to_train(ONE_PIECE, "\n".join(LONG).encode())
    worker.tell("start", settings=run_settings(num_steps=2, **LARGE))
    worker.slices(4)
    assert worker.of("progress") == []


def test_a_run_can_start_paused() -> None:
    worker = training(run_settings(num_steps=30), paused=True)
    assert worker.state() == "paused"
    worker.seconds(5)
    assert worker.of("progress") == []
    worker.tell("resume")
    worker.work()
    assert worker.losses() == unbroken(30)


@pytest.mark.parametrize("pace", ["full", "watch"])
@pytest.mark.parametrize("before", [0, 7])
def test_a_single_step_is_one_step(before: int, pace: str) -> None:
    """At the beginning, and in the middle of a run that was going."""
    worker = training(run_settings(num_steps=30, pace=pace), paused=before == 0)
    worker.work(until=lambda: len(worker.losses()) >= before)
    worker.tell("pause")
    done = len(worker.losses())
    for steps in range(1, 4):
        worker.tell("step")
        worker.work()
        assert worker.state() == "paused"
        assert worker.losses() == unbroken(30)[: done + steps]
    worker.tell("resume")
    worker.work()
    assert worker.losses() == unbroken(30)


def everything(worker: FakeWorker) -> list[object]:
    """All that a run has produced: losses, evaluations, live samples."""
    return [worker.losses(), worker.held_out(), worker.of("live_sample")]


@cache
def undisturbed() -> list[object]:
    """What a run with one evaluation on the way produces."""
    worker = training(run_settings(num_steps=104, eval_fraction=0.2))
    worker.work()
    return everything(worker)


def test_pauses_at_every_piece_of_work_lose_nothing() -> None:
    worker = training(run_settings(num_steps=104, eval_fraction=0.2), ONE_PIECE)
    while worker.state() != "done":
        worker.slices(1)
        worker.tell("pause")
        worker.tell("resume")
    assert everything(worker) == undisturbed()


def test_a_run_in_single_steps_loses_nothing() -> None:
    worker = training(run_settings(num_steps=104, eval_fraction=0.2), paused=True)
    for step in range(1, 105):
        worker.tell("step")
        worker.work()
        assert len(worker.losses()) == step
    assert worker.state() == "done"
    assert everything(worker) == undisturbed()


def test_the_last_single_step_ends_the_run() -> None:
    worker = training(run_settings(num_steps=2), paused=True)
    for _ in range(2):
        worker.tell("step")
        worker.work()
    assert worker.state() == "done"
    worker.tell("step")
    worker.work()
    assert len(worker.losses()) == 2


def test_a_single_step_of_a_running_run_changes_nothing() -> None:
    worker = training(run_settings(num_steps=30), ONE_PIECE)
    for _ in range(10):
        worker.tell("step")
        worker.slices(1)
    worker.work()
    assert worker.state() == "done"
    assert worker.losses() == unbroken(30)


def test_a_stopped_run_is_over_and_its_model_stays() -> None:
    worker = training(run_settings(num_steps=30))
    worker.work(until=lambda: len(worker.losses()) >= 5)
    (answer,) = worker.tell("stop")
    assert answer == {"type": "run_state", "run": 0, "state": "idle"}
    assert worker.session.work() is None
    worker.tell("resume")
    worker.tell("step")
    assert worker.session.work() is None
    assert worker.state() == "idle"
    worker.tell("generate", count=2, seed=1)
    worker.work()
    assert len(worker.written()) == 2


def test_a_new_run_replaces_the_current_one() -> None:
    worker = training(run_settings(num_steps=30, seed=1))
    worker.work(until=lambda: len(worker.losses()) >= 5)
    worker.tell("start", settings=run_settings(num_steps=30))
    worker.work()
    assert worker.losses() == unbroken(30)


# ---- checkpoints ---------------------------------------------------------------------------------


@pytest.mark.parametrize("pause_at", [1, 12, 29])
def test_another_session_continues_a_run_from_its_checkpoint(pause_at: int) -> None:
    settings = run_settings(num_steps=30)
    first = training(settings, ONE_PIECE)
    first.work(until=lambda: len(first.losses()) >= pause_at)
    first.tell("pause")
    kept = first.newest_checkpoint()
    assert kept.message["step"] == len(first.losses())
    second = ready_to_train()
    second.tell("start", settings=settings, blob=kept.blob)
    second.work()
    assert second.losses() == unbroken(30)[kept.message["step"] :]
    assert first.smoothed() + second.smoothed() == Smoothing().add(unbroken(30))
    assert second.state() == "done"
    assert second.of("progress")[-1]["seconds"] > first.of("progress")[-1]["seconds"]


def test_a_run_can_continue_paused() -> None:
    settings = run_settings(num_steps=30)
    first = training(settings, ONE_PIECE)
    first.work(until=lambda: len(first.losses()) >= 10)
    first.tell("pause")
    second = ready_to_train()
    second.tell("start", settings=settings, paused=True, blob=first.newest_checkpoint().blob)
    assert second.state() == "paused"
    second.tell("step")
    second.work()
    assert second.losses() == [unbroken(30)[len(first.losses())]]


def test_the_checkpoint_of_a_finished_run_is_a_finished_run() -> None:
    settings = run_settings(num_steps=5)
    first = training(settings)
    first.work()
    second = ready_to_train()
    second.tell("start", settings=settings, blob=first.newest_checkpoint().blob)
    assert second.state() == "done"
    second.work()
    assert not second.of("progress")


@pytest.mark.parametrize(
    ("text", "changes"), [(b"x\ny\nz", {}), (None, {"n_embd": 8}), (None, {"block_size": 16})]
)
def test_a_checkpoint_of_another_run_is_refused(text: bytes | None, changes: Message) -> None:
    first = training(run_settings(num_steps=5))
    first.work()
    second = ready_to_train() if text is None else ready_to_train(text=text)
    answers = second.tell(
        "start", settings=run_settings(num_steps=5, **changes), blob=first.newest_checkpoint().blob
    )
    the_error(answers, "start")
    second.work()
    assert not second.of("progress")
    assert second.tell("ping") == [PONG]


def test_a_damaged_checkpoint_is_refused() -> None:
    worker = ready_to_train()
    answers = worker.tell("start", settings=run_settings(), blob=b"damaged")
    the_error(answers, "start")
