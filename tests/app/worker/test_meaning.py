"""What a run means: baselines, what its lines say, their nearest lines, gradients and weights."""

from __future__ import annotations

import pytest

from app.shared.experiment import STEERED_SETTINGS
from tests.support.fakes import NAMES, FakeWorker, ready_to_train, run_settings, sample_settings


def trained(**changes: float | str) -> FakeWorker:
    """A worker whose run is over, and which has nothing more to do."""
    worker = ready_to_train()
    worker.tell("start", run=7, settings=run_settings(num_steps=30, eval_fraction=0.2, **changes))
    worker.work()
    assert worker.state() == "done"
    return worker


def test_baselines_come_with_the_run_and_are_measured_once_for_the_same_data() -> None:
    worker = trained()
    (told,) = worker.of("baselines")
    assert told["run"] == 7
    assert [name for name, _ in told["losses"]] == ["unigram", "bigram", "trigram"]
    assert all(loss > 0 for _, loss in told["losses"])
    settings = run_settings(num_steps=10, eval_fraction=0.2, n_embd=8)
    worker.tell("start", run=8, settings=settings)
    worker.work()
    assert worker.of("baselines")[1] == {**told, "run": 8}
    worker.tell("start", run=9, settings=settings | {"mask": "a"})
    worker.work()
    assert worker.of("baselines")[2]["losses"] != told["losses"], "less of the lines counts"


def test_without_held_out_documents_there_are_no_baselines_and_no_gap() -> None:
    worker = ready_to_train()
    worker.tell("start", settings=run_settings(num_steps=5, eval_fraction=0.0))
    worker.work()
    assert worker.of("baselines")[0]["losses"] == []
    assert worker.of("samples_verdict")[0]["gap"] == ""


def test_a_finished_run_is_judged_by_lines_that_it_writes() -> None:
    (told,) = trained().of("samples_verdict")
    assert told["run"] == 7
    assert told["gap"] in ("learning", "between", "memorising")
    assert told["train_loss"] > 0
    assert told["held_out_loss"] > 0
    assert told["count"] == 50
    for name in ("in_data", "different", "diversity", "data_diversity"):
        assert 0 <= told[name] <= 1


def test_nearest_lines_come_on_request_and_after_each_run_as_long_as_they_are_wanted() -> None:
    worker = trained()
    assert worker.of("nearest_lines") == []
    worker.tell("show_nearest", shown=True)
    worker.work()
    told = worker.of("nearest_lines")
    assert [message["first"] for message in told] == [True] + [False] * (len(told) - 1)
    for message in told:
        for line, nearest, edits in message["rows"]:
            assert nearest in NAMES
            assert (edits == 0) == (line == nearest)
    worker.tell("start", run=8, settings=run_settings(num_steps=10))
    worker.work()
    assert {message["run"] for message in worker.of("nearest_lines")} == {7, 8}
    worker.tell("show_nearest", shown=False)
    worker.tell("start", run=9, settings=run_settings(num_steps=10))
    worker.work()
    assert {message["run"] for message in worker.of("nearest_lines")} == {7, 8}


def test_nearest_lines_come_though_they_are_asked_for_while_the_run_is_looked_at() -> None:
    worker = trained()
    worker.tell("watch_training", shown=True)
    worker.slices(1)
    assert worker.of("diagnostics") == []
    worker.tell("show_nearest", shown=True)
    worker.work()
    assert worker.of("diagnostics")
    assert worker.of("nearest_lines")


def test_a_run_is_judged_again_when_it_has_another_model() -> None:
    worker = trained()
    settings = run_settings(num_steps=30)
    change = {name: settings[name] for name in STEERED_SETTINGS}
    worker.tell("change_training", settings=change)
    worker.work()
    assert len(worker.of("samples_verdict")) == 2
    worker.tell("rewind", step=30)
    worker.work()
    assert len(worker.of("samples_verdict")) == 2, "it waits"
    worker.tell("change_training", settings=change | {"learning_rate": 0.1})
    worker.tell("resume")
    worker.work()
    assert worker.state() == "done"
    assert len(worker.of("samples_verdict")) == 3
    losses = [message["train_loss"] for message in worker.of("samples_verdict")]
    assert len(set(losses)) == 3


def test_lines_are_judged_again_when_they_would_be_written_otherwise() -> None:
    worker = trained()
    worker.tell("set_sampling", settings=sample_settings(temperature=0.0))
    worker.work()
    first, second = worker.of("samples_verdict")
    assert second["different"] == pytest.approx(1 / 50)
    assert first["different"] > second["different"]


def test_what_is_half_judged_is_dropped_when_the_run_goes_on() -> None:
    worker = ready_to_train()
    worker.tell("start", run=7, settings=run_settings(num_steps=30, eval_fraction=0.2))
    worker.work(until=lambda: worker.state() == "done")
    worker.slices(2)
    worker.tell("change_training", settings={"num_steps": 30})
    worker.work()
    (told,) = worker.of("samples_verdict")
    worker.tell("rewind", step=60)
    worker.work()
    assert worker.of("samples_verdict") == [told], "the model is the same"


def test_with_a_mask_lines_are_judged_with_the_questions_that_they_answer() -> None:
    sums = [f"{one}+{other}={one + other}" for one in range(5) for other in range(5)]
    worker = ready_to_train(text="\n".join(sums).encode())
    worker.tell("show_nearest", shown=True)
    worker.tell("start", settings=run_settings(num_steps=2, eval_fraction=0.5, mask="="))
    worker.work()
    lines = [line for message in worker.of("nearest_lines") for line, *_ in message["rows"]]
    assert {line.partition("=")[0] for line in lines} <= {line.partition("=")[0] for line in sums}
    assert worker.of("samples_verdict")[0]["count"] == 50


def test_a_watched_run_tells_of_its_gradients_rates_and_weights() -> None:
    worker = ready_to_train()
    worker.tell("watch_training", shown=True)
    worker.tell("start", run=7, settings=run_settings(num_steps=30, learning_rate=0.01))
    worker.work()
    told = worker.of("diagnostics")
    assert [message["step"] for message in told] == list(range(1, 31))
    for message in told:
        norms = [matrix["norm"] for matrix in message["matrices"]]
        assert message["norm"] == pytest.approx(sum(norm**2 for norm in norms) ** 0.5)
        assert all(sum(matrix["counts"]) > 0 for matrix in message["matrices"])
    rates = dict(map(tuple, told[0]["rates"]))
    assert rates[1] == pytest.approx(0.01)
    assert rates[30] == pytest.approx(0.01 / 30)
    assert all("rates" not in message for message in told[1:])


def test_rates_are_told_anew_when_a_run_goes_on_otherwise_from_an_earlier_step() -> None:
    worker = trained()
    worker.tell("watch_training", shown=True)
    for rate in (0.02, 0.03):
        worker.tell("rewind", step=10)
        worker.tell("change_training", settings={"learning_rate": rate})
        worker.tell("resume")
        worker.work()
        told = [message["rates"] for message in worker.of("diagnostics") if "rates" in message]
        assert dict(map(tuple, told[-1]))[11] == pytest.approx(rate * 20 / 30)


def test_watching_changes_nothing_of_a_run() -> None:
    settings = run_settings(num_steps=30)
    losses = []
    for shown in (False, True):
        worker = ready_to_train()
        worker.tell("watch_training", shown=shown)
        worker.tell("start", settings=settings)
        worker.work()
        losses.append(worker.losses())
    assert losses[0] == losses[1]


def test_a_finished_run_is_looked_at_when_watching_begins() -> None:
    worker = trained()
    assert worker.of("diagnostics") == []
    worker.tell("watch_training", shown=True)
    worker.work()
    (told,) = worker.of("diagnostics")
    assert told["step"] == 30
    assert told["rates"]


def test_a_run_on_few_lines_with_a_mark_is_judged_and_looked_at() -> None:
    """Though none of the first lines has it."""
    text = "\n".join([*NAMES * 6, "lizzie", "ozzie"]).encode()
    worker = ready_to_train(text=text)
    worker.tell("watch_training", shown=True)
    worker.tell("start", settings=run_settings(num_steps=2, eval_fraction=0.5, mask="zz", seed=3))
    worker.work()
    assert worker.of("error") == []
    assert worker.of("samples_verdict")[0]["gap"]
    assert len(worker.of("diagnostics")) == 2
