"""A run that is steered: changed in mid-run, trained longer, stepped, stopped by a rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.worker.step_documents import MAX_TOKENS
from microgpt.checkpoint import from_bytes
from microgpt.generators import drain
from microgpt.run import Run
from microgpt.training_record import segments_from_about
from tests.support.fakes import ready_to_train, reference_run, run_settings, the_error, training
from tests.support.steering import ENGINES, all_losses, finished, steered


def core_losses(run: Run, first: int = 0) -> list[float]:
    """The losses of a run from step `first` on, by the core alone."""
    return [loss for part in run.train(first) for loss in part.losses]


# ---- changed in mid-run, and trained longer ------------------------------------------------------


@pytest.mark.parametrize(("engine", "precision"), ENGINES)
def test_a_run_goes_on_with_another_rate_and_batch_from_its_next_step(
    engine: str, precision: str
) -> None:
    settings = run_settings(num_steps=400, engine=engine, precision=precision, pace="watch")
    worker = training(settings)
    worker.work(until=lambda: len(all_losses(worker)) >= 120)
    worker.tell("change_training", settings=steered(settings, learning_rate=0.002, batch_size=4))
    worker.work()
    (segment,) = worker.of("segment")
    assert 120 <= segment["step"] < 400
    assert segment["num_steps"] == 400
    assert segment["settings"]["learning_rate"] == 0.002
    run = reference_run(settings)
    before = run.segments[0]
    training_then = replace(before.training, learning_rate=0.002, batch_size=4)
    drain(run.add_segment(before.then(segment["step"], training_then)))
    assert all_losses(worker) == core_losses(run)


def test_the_number_of_steps_can_be_changed_in_mid_run() -> None:
    settings = run_settings(num_steps=200, pace="watch")
    worker = training(settings)
    worker.work(until=lambda: len(all_losses(worker)) >= 50)
    worker.tell("change_training", settings=steered(settings, num_steps=300))
    worker.work()
    assert worker.of("segment")[0]["num_steps"] == 300
    assert len(all_losses(worker)) == 300
    worker = training(settings)
    worker.work(until=lambda: len(all_losses(worker)) >= 50)
    worker.tell("change_training", settings=steered(settings, num_steps=10))
    worker.work()
    assert worker.state() == "done"
    assert len(all_losses(worker)) == worker.of("segment")[0]["step"] + 1


@pytest.mark.parametrize(("engine", "precision"), ENGINES)
def test_training_longer_keeps_the_optimizer_and_starts_the_schedule_again(
    engine: str, precision: str
) -> None:
    settings = run_settings(num_steps=30, engine=engine, precision=precision)
    worker = finished(settings)
    worker.tell("change_training", settings=steered(settings, num_steps=20, learning_rate=0.02))
    assert worker.state() == "running"
    worker.work()
    assert worker.state() == "done"
    run = reference_run(settings)
    before = run.segments[0]
    then = replace(before.training, num_steps=20, learning_rate=0.02)
    drain(run.add_segment(before.then(30, then, 30, 50)))
    assert all_losses(worker) == core_losses(run)
    checkpoint = from_bytes(worker.newest_checkpoint().blob or b"")
    assert segments_from_about(checkpoint.about) == run.segments


def test_a_run_whose_last_step_was_done_alone_can_be_trained_longer() -> None:
    settings = run_settings(num_steps=1)
    worker = training(settings, paused=True)
    worker.tell("step")
    worker.work()
    assert worker.state() == "done"
    worker.tell("change_training", settings=steered(settings, num_steps=20))
    worker.work()
    assert worker.state() == "done"
    assert worker.of("progress")[-1]["step"] == 21


def test_a_paused_run_takes_a_change_when_it_goes_on() -> None:
    settings = run_settings(num_steps=100, pace="watch")
    worker = training(settings, paused=True)
    worker.tell("change_training", settings=steered(settings, learning_rate=0.05))
    assert not worker.of("segment")
    worker.tell("resume")
    worker.work()
    assert [segment["step"] for segment in worker.of("segment")] == [0]
    assert all_losses(worker) == core_losses(reference_run(settings | {"learning_rate": 0.05}))


def test_what_needs_a_new_model_cannot_be_changed_in_mid_run() -> None:
    worker = training(run_settings(num_steps=100, pace="watch"))
    the_error(worker.tell("change_training", settings={"n_embd": 8}), "change_training")
    the_error(worker.tell("change_training", settings={"learning_rate": -1.0}), "change_training")
    worker.work()
    assert not worker.of("segment")


# ---- a single step, and rules that stop a run ----------------------------------------------------


def test_a_single_step_tells_what_it_has_learned_from() -> None:
    settings = run_settings(num_steps=100, batch_size=2)
    worker = training(settings, paused=True)
    worker.tell("step")
    worker.work()
    (told,) = worker.of("step_documents")
    assert (told["step"], told["of"]) == (1, 2)
    lines = ["".join(document["tokens"]) for document in told["documents"]]
    assert lines == list(reference_run(settings).dataset.train[:2])
    means = [sum(document["before"]) / len(document["before"]) for document in told["documents"]]
    assert sum(means) / 2 == pytest.approx(all_losses(worker)[0], rel=1e-9)
    after = [sum(document["after"]) / len(document["after"]) for document in told["documents"]]
    assert sum(after) < sum(means)
    worker.tell("resume")
    worker.work()
    assert len(worker.of("step_documents")) == 1


def test_a_single_step_tells_which_tokens_count_though_they_are_far_behind() -> None:
    lines = ["a" * length + "=b" for length in (3, MAX_TOKENS - 1, MAX_TOKENS + 4)]
    worker = ready_to_train(text="\n".join(lines).encode())
    settings = run_settings(num_steps=9, batch_size=3, mask="=", block_size=MAX_TOKENS + 8)
    worker.tell("start", settings=settings, paused=True)
    worker.tell("step")
    worker.work()
    (told,) = worker.of("step_documents")
    found = [(len(each["tokens"]), each["counted_from"]) for each in told["documents"]]
    assert sorted(found) == [(6, 4), (MAX_TOKENS, MAX_TOKENS), (MAX_TOKENS, MAX_TOKENS)]
    for document in told["documents"]:
        assert len(document["tokens"]) == len(document["before"]) == len(document["after"])


def test_a_run_stops_at_a_target_loss_and_can_go_on() -> None:
    worker = training(run_settings(num_steps=2000, learning_rate=0.05))
    worker.tell("set_stops", rules=["loss=2.0"])
    worker.work()
    assert worker.state() == "paused"
    (stopped,) = worker.of("stopped")
    assert stopped["step"] < 2000
    assert "reached 2" in stopped["words"]
    worker.tell("resume")
    worker.work()
    assert worker.state() == "done"
    assert len(all_losses(worker)) == 2000


def test_the_best_checkpoint_is_kept_where_the_held_out_loss_rises() -> None:
    settings = run_settings(
        num_steps=5000, learning_rate=0.05, eval_fraction=0.3, n_embd=16, engine="auto"
    )
    worker = training(settings)
    worker.tell("set_stops", rules=["rising"])
    worker.work()
    (stopped,) = worker.of("stopped")
    assert 0 < stopped["best_step"] < stopped["step"]
    assert stopped["best_step"] in worker.of("kept")[-1]["steps"]
    worker.tell("rewind", step=stopped["best_step"])
    assert worker.of("rewound")[-1]["step"] == stopped["best_step"]


def test_a_rule_that_there_is_not_is_refused() -> None:
    worker = training(run_settings(num_steps=100, pace="watch"))
    the_error(worker.tell("set_stops", rules=["soon"]), "set_stops")
