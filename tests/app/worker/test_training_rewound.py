"""A run that has gone back along its checkpoints: which are kept, and going on from one of them."""

from __future__ import annotations

import itertools

import pytest

from tests.support.fakes import (
    FakeWorker,
    Message,
    ready_to_train,
    run_settings,
    the_error,
    training,
)
from tests.support.steering import ENGINES, all_losses, finished, steered


def taking_over(first: FakeWorker, settings: Message) -> FakeWorker:
    """Another worker, which has the run of the first with all that one can go back to."""
    contents: dict[int, tuple[Message, bytes]] = {}
    for posted in first.posted:
        if posted.message["type"] == "kept":
            start = 0
            for each in posted.message["new"]:
                end = start + each["size"]
                contents[each["step"]] = each, (posted.blob or b"")[start:end]
                start = end
    told = first.of("kept")[-1]
    kept = [contents[step] for step in told["steps"]]
    facts = {"format": told["format"], "kept": [each for each, _ in kept]}
    blob = (first.newest_checkpoint().blob or b"") + b"".join(content for _, content in kept)
    worker = ready_to_train()
    worker.tell("start", settings=settings, kept=facts, blob=blob)
    worker.work()
    return worker


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
    second = taking_over(first, settings)
    assert second.state() == "done"
    assert second.of("kept")[-1]["steps"] == first.of("kept")[-1]["steps"]
    second.tell("rewind", step=50)
    second.tell("resume")
    second.work()
    assert second.losses() == all_losses(first)[50:]


def test_what_was_taken_over_is_thinned_out_as_well() -> None:
    settings = run_settings(num_steps=101)
    first = finished(settings)
    for _ in range(2):
        first.tell("change_training", settings=steered(settings))
        first.work()
    second = taking_over(first, settings)
    assert second.of("kept")[-1]["steps"] == first.of("kept")[-1]["steps"]
    for worker in (first, second):
        for _ in range(3):
            worker.tell("change_training", settings=steered(settings))
            worker.work()
    assert second.of("kept")[-1]["steps"] == first.of("kept")[-1]["steps"]
    assert first.of("kept")[-1]["steps"][-1] == 6 * 101
    assert len(first.of("kept")[-1]["steps"]) <= 23


def test_the_best_checkpoint_stays_though_the_run_ended_there_and_goes_on() -> None:
    settings = run_settings(num_steps=53, eval_fraction=0.3)
    worker = training(settings)
    worker.tell("set_stops", rules=["rising"])
    worker.work()
    assert worker.state() == "done"
    worker.tell("change_training", settings=steered(settings, num_steps=1, learning_rate=1.0))
    worker.work()
    (_, before), (_, after) = worker.held_out()
    assert before < after
    assert worker.of("kept")[-1]["steps"][-2:] == [53, 54]


def test_what_is_best_is_found_anew_from_where_it_has_gone_back_to() -> None:
    settings = run_settings(num_steps=301, eval_fraction=0.3, learning_rate=0.0005)
    worker = training(settings)
    worker.tell("set_stops", rules=["rising"])
    worker.work()
    losses = [loss for _, loss in worker.held_out()]
    assert losses == sorted(losses, reverse=True), "the last is the best"
    worker.tell("rewind", step=16)
    worker.tell("resume")
    worker.work(until=lambda: worker.of("progress")[-1]["step"] in range(201, 300))
    worker.tell("pause")
    assert 200 in worker.of("kept")[-1]["steps"], "it is no multiple of what is kept anyway"
