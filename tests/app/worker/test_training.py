"""A run in slices: the losses are those of the core, whatever the page asks for meanwhile."""

from __future__ import annotations

import random
from math import isfinite

import pytest

from app.shared.smoothing import Smoothing
from microgpt.checkpoint import from_bytes
from microgpt.config import ModelConfig
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import (
    NAMES,
    ONE_PIECE,
    PONG,
    TEXT,
    FakeWorker,
    Message,
    paste,
    ready_to_train,
    reference_losses,
    reference_run,
    run_settings,
    sample_settings,
    the_error,
    training,
    unbroken,
)

# ---- a run from beginning to end -----------------------------------------------------------------


def test_a_run_is_announced_trained_and_done() -> None:
    worker = training(run_settings(num_steps=30))
    announced = [kind for kind in worker.kinds() if kind != "exploration"]
    assert announced == ["data_loaded", "model", "started", "run_state"]
    assert worker.state() == "running"
    (started,) = worker.of("started")
    (model,) = worker.of("model")
    assert (started["engine"], started["precision"]) == ("scalar", "f64")
    assert started["num_docs"] == len(NAMES)
    assert started["num_held_out"] == 0
    assert started["num_params"] == ModelConfig(**model["config"]).num_params
    assert model["tokens"] == sorted(set("".join(NAMES)))
    assert model["from_run"]
    worker.work()
    assert worker.state() == "done"
    assert worker.of("progress")[-1]["step"] == 30
    assert worker.session.work() is None


@pytest.mark.parametrize("asked_for", ["auto", "wasm"])
def test_without_webassembly_the_scalar_engine_runs(
    asked_for: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microgpt.wasm.runtime.hosts.find_host", lambda: None)
    worker = training(run_settings(num_steps=3, engine=asked_for))
    worker.work()
    assert worker.of("started")[0]["engine"] == "scalar"
    assert worker.losses() == unbroken(3)


@pytest.mark.parametrize("precision", ["f32", "f64"])
@pytest.mark.parametrize("asked_for", ["auto", "wasm"])
@pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")
def test_the_compiled_engine_is_the_one_that_runs(asked_for: str, precision: str) -> None:
    settings = run_settings(engine=asked_for, precision=precision, eval_fraction=0.2)
    worker = training(settings)
    worker.work()
    (started,) = worker.of("started")
    assert (started["engine"], started["precision"]) == ("wasm", precision)
    assert worker.losses() == reference_losses(settings)
    assert worker.losses() == pytest.approx(unbroken(30, 0.2), abs=1e-4)


def test_the_losses_are_those_of_the_core() -> None:
    worker = training(run_settings(num_steps=30))
    worker.work()
    assert worker.losses() == unbroken(30)


@pytest.mark.parametrize("tick", [0.001, ONE_PIECE])
def test_each_loss_comes_with_a_smoothed_one(tick: float) -> None:
    worker = training(run_settings(num_steps=30), tick)
    worker.work()
    assert worker.smoothed() == Smoothing().add(unbroken(30))


@pytest.mark.parametrize("tick", [0.001, ONE_PIECE])
def test_a_step_can_learn_from_several_documents(tick: float) -> None:
    settings = run_settings(num_steps=12, batch_size=4)
    worker = training(settings, tick)
    worker.work()
    assert worker.losses() == reference_losses(settings) != unbroken(12)


@pytest.mark.parametrize("tick", [0.0001, 0.001, ONE_PIECE])
def test_the_losses_do_not_depend_on_the_slices(tick: float) -> None:
    worker = training(run_settings(num_steps=30), tick)
    worker.work()
    assert worker.losses() == unbroken(30)


def test_held_out_documents_are_evaluated_every_hundred_steps_and_at_the_end() -> None:
    settings = run_settings(num_steps=230, eval_fraction=0.2)
    worker = training(settings)
    worker.work()
    assert worker.of("started")[0]["num_held_out"] == 2
    assert worker.losses() == unbroken(230, 0.2)
    expected = [
        [part.step, part.held_out_loss]
        for part in reference_run(settings).train()
        if part.held_out_loss is not None
    ]
    assert [step for step, _ in expected] == [100, 200, 230]
    assert worker.held_out() == expected


def test_a_sample_is_written_every_hundred_steps() -> None:
    worker = ready_to_train()
    worker.tell("set_sampling", settings=sample_settings(prefix="a", temperature=0.0))
    worker.tell("start", settings=run_settings(num_steps=230))
    worker.work()
    assert [sample["step"] for sample in worker.of("live_sample")] == [100, 200]
    for sample in worker.of("live_sample"):
        assert sample["text"].startswith("a")
        assert sample["stop"] in ("end", "context")


def test_live_samples_do_not_depend_on_the_slices() -> None:
    lines = []
    for tick in (0.001, ONE_PIECE):
        worker = training(run_settings(num_steps=100), tick)
        worker.work()
        lines.append(worker.of("live_sample"))
    assert lines[0] == lines[1] != []


@pytest.mark.parametrize("prefix", ["xyz", "emmaemmaemma"])
def test_a_prefix_that_the_new_model_does_not_know_does_not_stop_the_run(prefix: str) -> None:
    worker = ready_to_train()
    worker.tell("set_sampling", settings=sample_settings(prefix=prefix))
    worker.tell("start", settings=run_settings(num_steps=100))
    worker.work()
    assert worker.state() == "done"
    (sample,) = worker.of("live_sample")
    assert not sample["text"].startswith(prefix)


def test_the_computing_time_only_grows() -> None:
    worker = training(run_settings(num_steps=60))
    worker.work()
    seconds = [message["seconds"] for message in worker.of("progress")]
    assert seconds == sorted(seconds)
    assert 0 < seconds[0] < seconds[-1] < worker.clock.now - 1000


@pytest.mark.parametrize(
    "settings",
    [
        {"n_head": 3},
        {"num_steps": 0},
        {"batch_size": 0},
        {"learning_rate": "fast"},
        {"precision": "f16"},
    ],
)
def test_invalid_settings_are_refused(settings: Message) -> None:
    worker = ready_to_train()
    the_error(worker.tell("start", settings=run_settings(**settings)), "start")
    assert worker.session.work() is None


def test_a_single_document_cannot_be_held_out() -> None:
    worker = ready_to_train(text=b"emma")
    (answer,) = worker.tell("start", settings=run_settings(eval_fraction=0.1))
    assert "cannot be split" in answer["message"]
    worker.tell("start", settings=run_settings(num_steps=2))
    assert any("only one document" in remark for remark in worker.of("started")[0]["remarks"])
    worker.work()
    assert worker.state() == "done"


# ---- meanwhile -----------------------------------------------------------------------------------


def test_the_page_is_answered_between_slices() -> None:
    worker = training(run_settings(num_steps=30), ONE_PIECE)
    worker.slices(3)
    for _ in range(4):
        (answer,) = worker.tell("explore", action="next")
        assert answer["type"] == "exploration"
        assert worker.tell("ping") == [PONG]
        worker.slices(1)
    assert worker.state() == "running"
    worker.work()
    assert worker.losses() == unbroken(30)


def test_generation_and_training_run_side_by_side() -> None:
    worker = training(run_settings(num_steps=60))
    worker.tell("generate", count=20, seed=1)
    worker.work(until=lambda: len(worker.written()) >= 8)
    assert 0 < len(worker.losses()) < 60, "neither waits for the other"
    worker.work()
    assert len(worker.written()) == 20
    assert worker.losses() == unbroken(60)


def test_loading_a_model_does_not_disturb_the_run() -> None:
    other = training(run_settings(num_steps=1))
    other.work()
    worker = training(run_settings(num_steps=30), ONE_PIECE)
    worker.slices(3)
    worker.tell("load_model", blob=other.newest_checkpoint().blob)
    worker.work()
    assert worker.losses() == unbroken(30)


# ---- a run that diverges -------------------------------------------------------------------------


@pytest.fixture
def diverged() -> FakeWorker:
    """A worker whose run has diverged after some steps."""
    worker = training(run_settings(num_steps=200, learning_rate=10.0))
    for _ in range(4000):
        if worker.session.work() is None:
            break
    return worker


def test_a_run_that_diverges_says_so(diverged: FakeWorker) -> None:
    (error,) = diverged.of("error")
    assert (error["about"], error["run"]) == ("run", 0)
    assert "learning rate" in error["message"]
    losses = diverged.losses()
    assert 0 < len(losses) < 200
    assert all(map(isfinite, losses))
    assert f"step {len(losses) + 1}:" in error["message"]


def test_what_cannot_start_says_which_run_it_is() -> None:
    worker = FakeWorker()
    worker.tell("start", run=5, settings=run_settings())
    assert worker.of("error")[-1]["run"] == 5
    paste(worker, TEXT)
    worker.tell("start", run=6, settings=run_settings(mask="zz"))
    worker.tell("start", run=7, settings=run_settings())
    worker.work()
    assert [error["run"] for error in worker.of("error")] == [5, 6]
    assert worker.of("started")[-1]["run"] == 7


def test_a_diverged_run_is_over(diverged: FakeWorker) -> None:
    assert diverged.state() in ("paused", "done", "idle")


def test_after_divergence_the_session_still_answers(diverged: FakeWorker) -> None:
    assert diverged.tell("ping") == [PONG]
    assert diverged.session.work() is None
    diverged.tell("generate", count=2, seed=1)
    diverged.work()
    assert len(diverged.written()) == 2
    diverged.tell("start", settings=run_settings(num_steps=30))
    diverged.work()
    assert diverged.losses() == unbroken(30)


def test_after_divergence_the_weights_are_those_of_the_last_good_step(
    diverged: FakeWorker,
) -> None:
    diverged.tell("set_sampling", settings=sample_settings(temperature=0.0))
    diverged.tell("explore")
    probabilities = diverged.of("exploration")[-1]["upcoming"]["model"]
    assert all(map(isfinite, probabilities))
    assert sum(probabilities) == pytest.approx(1)


# ---- the random state ----------------------------------------------------------------------------


def test_what_the_page_does_meanwhile_does_not_touch_the_random_state_of_the_run() -> None:
    worker = training(run_settings(num_steps=30), ONE_PIECE)
    rng = random.Random(3)
    disturbing: list[tuple[str, Message]] = [
        ("explore", {"action": "next"}),
        ("explore", {"action": "show"}),
        ("generate", {"count": 3, "seed": 9}),
        ("set_sampling", {"settings": sample_settings(temperature=1.5)}),
        ("pause", {}),
        ("resume", {}),
    ]
    while worker.state() in ("running", "paused"):
        kind, fields = rng.choice(disturbing)
        worker.tell(kind, **fields)
        worker.slices(1)
    assert worker.losses() == unbroken(30)


def test_a_checkpoint_is_a_model_file() -> None:
    worker = training(run_settings(num_steps=3))
    worker.work()
    kept = from_bytes(worker.newest_checkpoint().blob or b"")
    assert kept.characters == tuple(sorted(set("".join(NAMES))))
    assert kept.optimizer_state is not None
