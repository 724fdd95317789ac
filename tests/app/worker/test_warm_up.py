"""The warm-up: the next run, made while the user is still choosing, is the run that would start."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import cache
from typing import Any

import pytest

from app.worker import warm_up
from app.worker.draws import Draws
from app.worker.warm_up import MEASURED_SECONDS, QUIET_SECONDS, SCRATCH_SECONDS, WarmUp
from microgpt.config import ModelConfig
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.generators import drain
from microgpt.run import Run
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import (
    NAMES,
    ONE_PIECE,
    PONG,
    TEXT,
    TINY,
    FakeClock,
    FakeWorker,
    Message,
    paste,
    ready_to_train,
    reference_losses,
    run_settings,
    the_error,
)

ENGINES = [
    "scalar",
    pytest.param(
        "wasm", marks=pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")
    ),
]


def expecting(settings: Message, tick: float = 0.001) -> FakeWorker:
    """A worker with data, and settings to warm up for."""
    worker = ready_to_train(tick)
    assert worker.tell("warm_up", settings=settings) == []
    return worker


def prepared(settings: Message) -> FakeWorker:
    """A worker whose warm-up is complete."""
    worker = expecting(settings)
    worker.work()
    return worker


@cache
def corpus() -> Corpus:
    """What the worker loads `NAMES` as."""
    return drain(load_corpus([("", TEXT)], CorpusOptions()))


def nobody(_event: object) -> None:
    raise AssertionError("nothing is to be told")


def anybody(_event: object) -> None:
    """What is told is of no interest."""


@pytest.fixture
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was not made before cannot be made."""

    def fail(*_arguments: object, **_settings: object) -> Run:
        raise AssertionError("the run was not ready")

    monkeypatch.setattr(warm_up, "drain", fail)


# ---- the prepared run is the one that starts -----------------------------------------------------


@pytest.mark.usefixtures("nothing_else")
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_prepared_run_is_ready_and_the_same_to_the_last_bit(engine: str, batch_size: int) -> None:
    settings = run_settings(engine=engine, batch_size=batch_size, eval_fraction=0.2)
    worker = prepared(settings)
    worker.tell("start", settings=settings)
    worker.work()
    assert worker.state() == "done"
    assert worker.losses() == reference_losses(settings)


@pytest.mark.usefixtures("nothing_else")
def test_a_run_at_another_pace_is_the_same_run() -> None:
    worker = prepared(run_settings(pace="full"))
    worker.tell("start", settings=run_settings(pace="watch"))
    assert worker.state() == "running"


@pytest.mark.usefixtures("nothing_else")
def test_after_a_run_another_one_like_it_is_prepared() -> None:
    settings = run_settings()
    worker = prepared(settings)
    for _ in range(2):
        worker.tell("start", settings=settings)
        worker.work()
        assert worker.losses() == reference_losses(settings)


@pytest.mark.parametrize("changes", [{"seed": 7}, {"n_embd": 8}, {"num_steps": 12}])
def test_a_run_prepared_for_other_settings_is_not_taken(changes: Message) -> None:
    worker = prepared(run_settings())
    changed = run_settings(**changes)
    worker.tell("start", settings=changed)
    worker.work()
    assert worker.losses() == reference_losses(changed)


def test_a_run_prepared_for_other_data_is_not_taken() -> None:
    worker = prepared(run_settings())
    names = ["ann", "bob", "cleo"]
    paste(worker, "\n".join(names).encode(), number=2)
    worker.tell("start", settings=run_settings())
    worker.work()
    assert worker.losses() == reference_losses(run_settings(), names)


def test_a_run_can_start_in_the_middle_of_its_warm_up() -> None:
    settings = run_settings()
    expected = reference_losses(settings)
    for slices in range(8):
        worker = expecting(settings)
        worker.slices(slices)
        worker.tell("start", settings=settings)
        worker.work()
        assert worker.losses() == expected


def test_a_run_on_many_documents_is_made_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "MIN_INCREMENTAL_DOCUMENTS", len(NAMES))
    worker = ready_to_train()
    assert worker.tell("start", settings=run_settings()) == []
    assert worker.tell("ping") == [PONG]
    worker.work()
    assert worker.losses() == reference_losses(run_settings())


# ---- it never keeps the user waiting -------------------------------------------------------------


def test_nothing_is_prepared_until_the_user_has_stopped_choosing() -> None:
    worker = expecting(run_settings(), tick=0.0)
    for seed in range(5):
        worker.seconds(0.9 * QUIET_SECONDS)
        worker.tell("warm_up", settings=run_settings(seed=seed))
    assert worker.compilations == 0
    worker.work()
    assert worker.compilations == 1


def test_on_other_data_the_run_is_made_as_soon_as_they_are_loaded() -> None:
    compiling: list[Coroutine[Any, Any, None]] = []
    ahead = WarmUp(nobody, FakeClock(0.0), compiling.append, Draws())
    ahead.expect_settings(run_settings(), "")
    ahead.expect_corpus(corpus())
    assert ahead.work() is None, "it waits for the compiler alone"
    (coroutine,) = compiling
    coroutine.close()
    ahead.expect_settings(run_settings(seed=7), "")
    wait = ahead.work()
    assert wait == pytest.approx(QUIET_SECONDS), "a slider may still be dragged"


@pytest.mark.parametrize("paused", [False, True])
def test_nothing_is_prepared_during_a_run(paused: bool) -> None:
    worker = expecting(run_settings(num_steps=1000), ONE_PIECE)
    worker.tell("start", settings=run_settings(num_steps=1000), paused=paused)
    worker.tell("warm_up", settings=run_settings(seed=7))
    worker.seconds(3 * QUIET_SECONDS)
    assert worker.state() == ("paused" if paused else "running")
    assert worker.compilations == 0
    worker.tell("stop")
    worker.work()
    assert worker.compilations == 1


def test_nothing_is_prepared_while_samples_are_written() -> None:
    worker = prepared(run_settings())
    worker.tell("start", settings=run_settings(num_steps=1))
    worker.work(until=lambda: worker.state() == "done")
    done = worker.compilations
    worker.tell("generate", count=50, seed=1)
    worker.work(until=lambda: len(worker.written()) >= 40)
    assert worker.compilations == done
    worker.work()
    assert worker.compilations == done + 1


def test_messages_are_answered_between_the_parts() -> None:
    worker = expecting(run_settings())
    looks = 0
    while worker.session.work() is not None:
        assert worker.tell("ping") == [PONG]
        worker.clock.now += 0.05
        looks += 1
    assert looks > 5


def test_it_waits_for_the_compiler_without_polling() -> None:
    started: list[Coroutine[Any, Any, None]] = []
    clock = FakeClock(0.0)
    ahead = WarmUp(nobody, clock, started.append, Draws())
    ahead.expect_corpus(corpus())
    ahead.expect_settings(run_settings(), "")
    clock.now += QUIET_SECONDS
    assert ahead.work() is None
    assert ahead.work() is None
    (coroutine,) = started
    with pytest.raises(StopIteration):
        coroutine.send(None)  # nothing is to be compiled for the scalar engine
    assert ahead.work() == 0


# ---- invalid settings and data -------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"n_head": 3}, {"num_steps": 0}, {"engine": "gpu"}])
def test_invalid_settings_are_ignored(changes: Message) -> None:
    worker = prepared(run_settings(**changes))
    assert [kind for kind in worker.kinds() if kind != "data_loaded"] == []
    the_error(worker.tell("start", settings=run_settings(**changes)), "start")
    worker.tell("warm_up", settings=run_settings())
    worker.work()
    worker.tell("start", settings=run_settings())
    assert worker.state() == "running"


def test_invalid_data_are_ignored() -> None:
    worker = FakeWorker()
    worker.tell("warm_up", settings=run_settings(eval_fraction=0.1))
    assert worker.session.work() is None
    paste(worker, b"alone")
    worker.work()
    worker.tell("load_data", number=2, files=[])
    assert worker.session.work() is None


# ---- scratch steps -------------------------------------------------------------------------------


@pytest.fixture
def compiled() -> WarmUp:
    """A warm-up that knows its data, where a compiled engine can run."""
    if find_host() is None:
        pytest.skip("nothing compiled runs here")
    ahead = WarmUp(anybody, FakeClock(0.0), asyncio.run, Draws())
    ahead.expect_corpus(corpus())
    return ahead


def pieces(ahead: WarmUp, settings: Message, seconds: float) -> int:
    """How many parts the work has where each takes `seconds`."""
    clock = ahead._clock
    assert isinstance(clock, FakeClock)
    ahead.expect_settings(settings, "")
    clock.now += QUIET_SECONDS
    done = 0
    while ahead.work() is not None:
        clock.now += seconds
        done += 1
        assert done < 1000
    return done


def test_scratch_steps_end_after_a_moment(compiled: WarmUp) -> None:
    settings = run_settings(engine="auto")
    making = pieces(compiled, settings, SCRATCH_SECONDS)
    compiled = WarmUp(anybody, FakeClock(0.0), asyncio.run, Draws())
    compiled.expect_corpus(corpus())
    in_all = (SCRATCH_SECONDS + MEASURED_SECONDS) / SCRATCH_SECONDS * 20
    assert pieces(compiled, settings, SCRATCH_SECONDS / 20) - making == pytest.approx(in_all, abs=2)


def test_the_same_kind_of_engine_is_not_warmed_up_again(compiled: WarmUp) -> None:
    first = pieces(compiled, run_settings(engine="auto"), SCRATCH_SECONDS / 20)
    same = pieces(compiled, run_settings(engine="auto", seed=7, num_steps=5), SCRATCH_SECONDS / 20)
    other = pieces(compiled, run_settings(engine="auto", n_embd=8), SCRATCH_SECONDS / 20)
    assert first == pytest.approx(other, abs=3)  # the data are shuffled once
    assert other > same + 10


@pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")
def test_the_time_of_a_step_is_told() -> None:
    """Anew where kind or data are others; the rest of the settings does not change it."""
    clock = FakeClock(0.001)
    told: list[Message] = []
    ahead = WarmUp(told.append, clock, asyncio.run, Draws())  # type: ignore[arg-type]

    def expect(**changes: object) -> None:
        ahead.expect_settings(run_settings(engine="auto", **changes), "")
        clock.now += QUIET_SECONDS
        while ahead.work() is not None:
            pass

    ahead.expect_corpus(corpus())
    expect()
    (event,) = told
    config = ModelConfig(len(set("".join(NAMES))) + 1, **TINY)
    assert event["kind"] == ("wasm", "f32", config.num_params, 1)
    assert 0 < event["seconds"] <= 0.001
    expect(seed=7, num_steps=5)
    assert len(told) == 1
    expect(batch_size=4)
    expect(n_embd=8)
    assert len(told) == 3
    ahead.expect_corpus(drain(load_corpus([("", b"x\ny")], CorpusOptions())))
    expect(n_embd=8)
    assert len(told) == 4
