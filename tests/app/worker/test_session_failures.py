"""Exceptions that nobody expects: a traceback, one sentence, and the session lives on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from tests.support.fakes import (
    NAMES,
    PONG,
    TEXT,
    FakeWorker,
    paste,
    ready_to_train,
    run_settings,
    small_model,
    the_error,
    unbroken,
)

BPE_RUN = run_settings(tokenizer="bpe", vocab_limit=64)


def stumble(*_arguments: object, **_named: object) -> NoReturn:
    """Fails as code with a mistake would."""
    raise TypeError("a mistake")


def stumble_later(*_arguments: object, **_named: object) -> Iterator[Any]:
    """Does the same in the middle of a long piece of work."""
    yield
    stumble()


@pytest.fixture
def worker() -> FakeWorker:
    """A worker with data and a model; an exception does not fail the test."""
    worker = FakeWorker(may_fail=True)
    paste(worker, TEXT)
    worker.tell("load_model", blob=small_model())
    return worker


def reported(worker: FakeWorker) -> None:
    """Holds that there is one traceback in the console, all of it in one text."""
    (report,) = worker.reports
    assert report.startswith("Traceback")
    assert "stumble" in report
    assert "TypeError: a mistake" in report


def goes_on(worker: FakeWorker) -> None:
    """Holds that the session still answers, and trains."""
    assert worker.tell("ping") == [PONG]
    worker.tell("start", settings=run_settings())
    worker.work()
    assert worker.losses() == unbroken(30)


def test_in_a_command(worker: FakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.worker.packing.from_bytes", stumble)
    sentence = the_error(worker.tell("load_model", blob=small_model()), "load_model")
    assert "does not match" not in sentence, "it is not the message's fault"
    assert "TypeError" in sentence
    assert "try again" in sentence
    reported(worker)
    goes_on(worker)


def test_while_data_are_loaded(worker: FakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.worker.corpus_loader.load_corpus", stumble)
    worker.tell("load_data", number=2, files=[("", 3)], blob=b"a\nb")
    worker.work()
    (answer,) = worker.answers(2)
    assert answer["type"] == "data_refused"
    assert "TypeError" in answer["message"]
    reported(worker)
    goes_on(worker)
    assert worker.of("started")[-1]["num_docs"] == len(NAMES), "the data of before stay"


def test_while_samples_are_written(worker: FakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("app.worker.sample_writer.write_together", stumble)
        worker.tell("generate", count=3, seed=1)
        worker.work()
    the_error(worker.of("error"), "generate")
    reported(worker)
    assert worker.session.work() is None
    worker.tell("generate", count=3, seed=1)
    worker.work()
    assert len(worker.written()) == 3
    goes_on(worker)


def test_while_merges_are_learned(worker: FakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("app.worker.bpe_trainer.learn_merges", stumble_later)
        worker.tell("start", settings=BPE_RUN)
        worker.work()
    the_error(worker.of("error"), "start")
    reported(worker)
    goes_on(worker)


def test_while_the_next_run_is_made(worker: FakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("app.worker.warm_up.assemble_run", stumble_later)
        worker.tell("warm_up", settings=run_settings())
        worker.work()
        the_error(worker.of("error"), "warm_up")
        reported(worker)
        worker.work()
        reported(worker)
    worker.tell("start", settings=run_settings())
    worker.work(until=lambda: worker.state() == "done")
    assert worker.losses() == unbroken(30)


def test_while_the_explorer_follows_a_run(
    worker: FakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.tell("start", settings=run_settings())
    worker.tell("explore", model=worker.of("model")[-1]["number"])
    monkeypatch.setattr("app.worker.explorer.adjust", stumble)
    worker.work()
    assert {error["about"] for error in worker.of("error")} == {"explore"}
    assert worker.state() == "done"
    assert worker.losses() == unbroken(30)


def test_while_a_run_trains_a_new_worker_continues(
    worker: FakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = run_settings(num_steps=30)
    worker.tell("start", settings=settings)
    worker.work(until=lambda: len(worker.losses()) >= 10)
    worker.tell("pause")
    worker.tell("resume")
    monkeypatch.setattr("microgpt.trainer.TrainProgress", stumble)
    worker.work()
    monkeypatch.undo()
    (fatal,) = worker.of("fatal")
    assert fatal["message"] == "Training has failed (TypeError)"
    reported(worker)
    assert worker.state() == "running", "the page is to continue it"
    kept = worker.newest_checkpoint()
    second = ready_to_train()
    second.tell("start", settings=settings, blob=kept.blob)
    second.work()
    assert second.losses() == unbroken(30)[kept.message["step"] :]
