"""A run that is steered: changed in mid-run, trained longer, gone back along, stopped by a rule."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from app.shared.experiment import STEERED_SETTINGS
from microgpt.checkpoint import from_bytes
from microgpt.generators import drain
from microgpt.run import Run
from microgpt.training_record import segments_from_about
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import (
    FakeWorker,
    Message,
    losses_of,
    ready_to_train,
    reference_run,
    run_settings,
    the_error,
    training,
)

ENGINES = [
    ("scalar", "f64"),
    *(
        pytest.param(
            "wasm",
            precision,
            marks=pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here"),
        )
        for precision in ("f32", "f64")
    ),
]


def finished(settings: Message, tick: float = 0.001) -> FakeWorker:
    """A worker that has done such a run."""
    worker = training(settings, tick)
    worker.work()
    assert worker.state() == "done"
    return worker


def steered(settings: Message, **changes: Any) -> Message:
    """The settings of `change_training`: those of a run, but for changes."""
    return {name: settings[name] for name in STEERED_SETTINGS} | changes


def core_losses(run: Run, first: int = 0) -> list[float]:
    """The losses of a run from step `first` on, by the core alone."""
    return [loss for part in run.train(first) for loss in part.losses]


def all_losses(worker: FakeWorker) -> list[float]:
    """The loss of each step, the newest where one was done more than once."""
    losses: list[float] = []
    for posted in worker.posted:
        if posted.message["type"] == "progress":
            new, _ = losses_of(posted)
            losses[posted.message["step"] - len(new) :] = new
    return losses


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


# ---- going back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("num_steps", [100, 1000, 1370])
def test_about_twenty_steps_are_kept_spread_over_the_run(num_steps: int) -> None:
    worker = finished(run_settings(num_steps=num_steps))
    steps = worker.of("kept")[-1]["steps"]
    assert steps[0] == 0
    assert steps[-1] == num_steps
    assert 18 <= len(steps) <= 23
    gaps = [later - earlier for earlier, later in itertools.pairwise(steps)]
    assert max(gaps) <= num_steps / 15


def test_they_are_thinned_out_as_the_run_grows() -> None:
    settings = run_settings(num_steps=100)
    worker = finished(settings)
    for _ in range(5):
        worker.tell("change_training", settings=steered(settings))
        worker.work()
    steps = worker.of("kept")[-1]["steps"]
    assert (steps[0], steps[-1]) == (0, 600)
    assert 10 <= len(steps) <= 23


@pytest.mark.parametrize(("engine", "precision"), ENGINES)
def test_a_run_goes_on_from_where_it_has_gone_back_to(engine: str, precision: str) -> None:
    settings = run_settings(num_steps=200, engine=engine, precision=precision, eval_fraction=0.2)
    worker = finished(settings)
    expected = all_losses(worker)
    answers = worker.tell("rewind", step=100)
    assert {"type": "rewound", "run": 0, "step": 100} in answers
    assert worker.state() == "paused"
    worker.tell("resume")
    worker.work()
    assert worker.state() == "done"
    again = [each for each in worker.posted if each.message["type"] == "progress"][-1]
    assert again.message["step"] == 200
    assert all_losses(worker) == expected, "the same settings give the same losses"


def test_what_the_model_makes_of_the_text_follows_at_once() -> None:
    worker = finished(run_settings(num_steps=100))
    model = worker.of("model")[-1]["number"]
    worker.tell("explore", model=model)
    trained = worker.of("exploration")[-1]["upcoming"]
    for step in (0, 50):
        kinds = [answer["type"] for answer in worker.tell("rewind", step=step)]
        assert "exploration" in kinds
        assert worker.of("exploration")[-1]["upcoming"] != trained
    worker.tell("rewind", step=100)
    assert worker.state() == "done", "nothing was lost"
    assert worker.of("exploration")[-1]["upcoming"] == trained


def test_what_came_later_is_cut_off_once_it_goes_on() -> None:
    settings = run_settings(num_steps=100)
    worker = finished(settings)
    worker.tell("change_training", settings=steered(settings, learning_rate=0.03))
    worker.work()
    worker.tell("rewind", step=50)
    worker.tell("step")
    worker.work()
    assert worker.state() == "paused"
    kept = worker.of("kept")[-1]["steps"]
    assert max(kept) <= 51
    the_error(worker.tell("rewind", step=100), "rewind")
    worker.tell("resume")
    worker.work()
    assert worker.of("progress")[-1]["step"] == 100, "the longer training was undone as well"


def test_going_back_across_another_optimizer_and_batch() -> None:
    settings = run_settings(num_steps=100, engine="auto")
    worker = finished(settings)
    changed = steered(settings, optimizer="sgd", batch_size=2, num_steps=50)
    worker.tell("change_training", settings=changed)
    worker.work()
    expected = all_losses(worker)
    for step in (0, 150, 50):
        worker.tell("rewind", step=step)
    worker.tell("resume")
    worker.work()
    assert all_losses(worker)[:100] == expected[:100]


def test_a_running_run_waits_where_it_has_gone_back_to() -> None:
    worker = training(run_settings(num_steps=1000, pace="watch"))
    worker.work(until=lambda: len(all_losses(worker)) > 200)
    worker.tell("rewind", step=100)
    assert worker.state() == "paused"
    worker.work()
    assert worker.of("progress")[-1]["step"] > 200, "no step is done there"


def test_another_worker_takes_over_what_was_kept() -> None:
    settings = run_settings(num_steps=100)
    first = finished(settings)
    kept, blob = [], b""
    for posted in first.posted:
        if posted.message["type"] == "kept":
            kept += posted.message["new"]
            blob += posted.blob or b""
    form = first.of("kept")[-1]["format"]
    checkpoint = first.newest_checkpoint().blob or b""
    second = ready_to_train()
    facts = {"format": form, "kept": kept}
    second.tell("start", settings=settings, kept=facts, blob=checkpoint + blob)
    second.work()
    assert second.state() == "done"
    assert second.of("kept")[-1]["steps"] == first.of("kept")[-1]["steps"]
    second.tell("rewind", step=50)
    second.tell("resume")
    second.work()
    assert second.losses() == all_losses(first)[50:]


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
