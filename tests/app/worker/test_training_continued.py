"""A run that continues another: its weights, a fresh schedule, the documents that follow."""

from __future__ import annotations

import pytest

from app.shared.smoothing import Smoothing
from microgpt.generators import drain
from microgpt.segments import first_segment
from tests.support.fakes import (
    NAMES,
    FakeWorker,
    Message,
    ready_to_train,
    reference_run,
    run_settings,
    the_error,
)
from tests.support.steering import ENGINES, finished

FIRST = run_settings(num_steps=13)
THEN = {"num_steps": 21, "learning_rate": 0.05, "batch_size": 3}


def continue_run(worker: FakeWorker, blob: bytes | None, **changes: object) -> None:
    """Start a run that continues the one of the checkpoint."""
    worker.tell("start", settings=run_settings(**changes), continued=True, blob=blob)


def expected_losses(first: Message, then: Message) -> list[float]:
    """The losses of the second run, by the core alone."""
    before, after = reference_run(first), reference_run(then)
    for _ in before.train():
        pass
    documents = first["num_steps"] * first["batch_size"]
    drain(after.add_segment(first_segment(after.training, documents)))
    after.engine.restore(before.engine.weights(), None)
    return [loss for part in after.train() for loss in part.losses]


@pytest.mark.parametrize(("engine", "precision"), ENGINES)
def test_it_takes_the_weights_and_starts_the_schedule_anew(engine: str, precision: str) -> None:
    chosen = {"engine": engine, "precision": precision}
    worker = finished(FIRST | chosen)
    continue_run(worker, worker.newest_checkpoint().blob, **THEN, **chosen)
    worker.work()
    assert worker.state() == "done"
    assert worker.of("progress")[-1]["step"] == 21, "steps are counted from its own beginning"
    losses = worker.losses()
    assert losses == expected_losses(FIRST | chosen, run_settings(**THEN, **chosen))
    assert losses[0] < 3, "the model had learned something before"


def test_another_engine_can_continue_a_run() -> None:
    worker = finished(FIRST | {"engine": "auto"})
    continue_run(worker, worker.newest_checkpoint().blob, **THEN)
    worker.work()
    expected = expected_losses(FIRST, run_settings(**THEN))
    assert worker.losses() == pytest.approx(expected, abs=1e-3)


def test_it_trains_on_the_documents_that_follow() -> None:
    """With a learning rate that changes nothing each document has a loss of its own."""
    still = run_settings(num_steps=7, learning_rate=1e-6)
    worker = finished(still)
    first = worker.losses()
    continue_run(worker, worker.newest_checkpoint().blob, num_steps=13, learning_rate=1e-6)
    worker.work()
    losses = first + worker.losses()
    assert len(losses) == 2 * len(NAMES)
    assert len({round(loss, 3) for loss in losses[: len(NAMES)]}) == len(NAMES)
    assert losses[len(NAMES) :] == pytest.approx(losses[: len(NAMES)], abs=1e-3)


def test_the_smoothed_loss_goes_on() -> None:
    worker = finished(FIRST)
    first = worker.losses()
    continue_run(worker, worker.newest_checkpoint().blob, **THEN)
    worker.work()
    assert worker.smoothed() == Smoothing().add(first + worker.losses())


def test_it_can_be_continued_again_and_again() -> None:
    worker = finished(FIRST)
    documents = 13
    for steps in (4, 5, 6):
        blob = worker.newest_checkpoint().blob
        other = ready_to_train()  # whichever worker does it
        continue_run(other, blob, num_steps=steps, learning_rate=1e-6)
        other.work()
        alone = reference_run(run_settings(num_steps=steps, learning_rate=1e-6))
        drain(alone.add_segment(first_segment(alone.training, documents)))
        assert len(other.losses()) == steps
        worker, documents = other, documents + steps
    losses = worker.losses()
    continue_run(worker, worker.newest_checkpoint().blob, num_steps=10, learning_rate=1e-6)
    worker.work()
    # 28 documents were taken before, of which there are ten.
    assert worker.losses()[4:] == pytest.approx(losses, abs=1e-3)


@pytest.mark.parametrize("pause_at", [1, 8, 20])
def test_another_worker_goes_on_with_it_from_its_checkpoint(pause_at: int) -> None:
    worker = finished(FIRST)
    blob = worker.newest_checkpoint().blob
    continue_run(worker, blob, **THEN)
    worker.work(until=lambda: len(worker.of("started")) == 2 and len(worker.losses()) >= pause_at)
    worker.tell("pause")
    done = worker.losses()
    second = ready_to_train()
    second.tell("start", settings=run_settings(**THEN), blob=worker.newest_checkpoint().blob)
    second.work()
    assert second.state() == "done"
    assert done + second.losses() == expected_losses(FIRST, run_settings(**THEN))


def test_its_computing_time_is_its_own() -> None:
    worker = finished(FIRST)
    before = worker.of("progress")[-1]["seconds"]
    continue_run(worker, worker.newest_checkpoint().blob, num_steps=2)
    worker.work()
    assert 0 < worker.of("progress")[-1]["seconds"] < before


@pytest.mark.parametrize("changes", [{"n_embd": 8}, {"block_size": 16}])
def test_a_model_of_another_architecture_cannot_be_trained_on(changes: Message) -> None:
    worker = finished(FIRST)
    answers = worker.tell(
        "start",
        settings=run_settings(**changes),
        continued=True,
        blob=worker.newest_checkpoint().blob,
    )
    assert "another architecture" in the_error(answers, "start")
