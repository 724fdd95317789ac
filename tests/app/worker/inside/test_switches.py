"""Parts switched off: what is written and shown without them, and what they cost."""

from __future__ import annotations

import pytest

from microgpt.generators import drain
from microgpt.interpret.ablation import patches_of
from microgpt.interpret.parts import anatomy
from tests.support.fakes import (
    ONE_PIECE,
    FakeWorker,
    Message,
    reference_run,
    run_settings,
    sample_settings,
    small_model,
    the_error,
    training,
    unbroken,
    writing_worker,
)

SETTINGS = run_settings(num_steps=60, eval_fraction=0.2)
HEAD = "layer0.head1"


@pytest.fixture
def trained() -> FakeWorker:
    """A worker whose run is done; its model has number 1."""
    worker = training(SETTINGS)
    worker.work()
    return worker


def told(worker: FakeWorker) -> Message:
    """What was said last of what is off."""
    worker.work()
    return worker.of("ablation")[-1]


def reference_loss(parts: list[str]) -> float:
    """The held-out loss of the same model without parts, by the core alone."""
    run = reference_run(SETTINGS)
    list(run.train())
    patched = run.engine.patched(patches_of(anatomy(run.engine.config), parts))
    return drain(patched.evaluate(*run.held_out))


def written(worker: FakeWorker) -> list[str]:
    """Ten samples with one seed."""
    before = len(worker.written())
    worker.tell("generate", count=10, seed=3)
    worker.work()
    return worker.written()[before:]


def test_the_losses_are_those_of_the_core(trained: FakeWorker) -> None:
    trained.tell("switch_off", parts=[HEAD])
    answer = told(trained)
    assert answer["num_documents"] == 2
    assert answer["whole"]["loss"] == pytest.approx(reference_loss([]))
    assert answer["without"]["loss"] == pytest.approx(reference_loss([HEAD]))
    worth = dict(map(tuple, answer["worth"]))
    assert worth[HEAD] == pytest.approx(reference_loss([HEAD]) - reference_loss([]))


def test_writing_and_bars_change_at_once_and_are_restored(trained: FakeWorker) -> None:
    trained.tell("set_sampling", settings=sample_settings(temperature=1.0))
    trained.tell("explore", number=4, tokens=[0], typed=[False], caret=1)
    before, samples = trained.of("exploration")[-1], written(trained)
    kinds = [message["type"] for message in trained.tell("switch_off", parts=["layer0", "token"])]
    assert kinds == ["exploration", "ablation"]
    assert trained.of("exploration")[-1]["upcoming"] != before["upcoming"]
    assert written(trained) != samples
    trained.tell("switch_off", parts=[])
    assert trained.of("exploration")[-1] == before
    assert written(trained) == samples


def test_training_goes_on_with_all_parts() -> None:
    worker = training(run_settings(num_steps=30))
    worker.work(until=lambda: len(worker.losses()) >= 5)
    worker.tell("switch_off", parts=["layer0"])
    worker.work()
    assert worker.losses() == unbroken(30)
    assert worker.of("ablation")[-1]["whole"] == {"loss": None, "accuracy": None}


def test_the_cost_is_told_anew_while_the_model_learns() -> None:
    worker = training(SETTINGS, ONE_PIECE)
    worker.work(until=lambda: len(worker.losses()) >= 5)
    worker.tell("pause")
    worker.tell("switch_off", parts=[HEAD])
    early = told(worker)
    worker.tell("resume")
    late = told(worker)
    assert early["whole"]["loss"] != late["whole"]["loss"]
    assert early["without"]["loss"] != late["without"]["loss"]


def test_by_its_mean_a_part_costs_something_else(trained: FakeWorker) -> None:
    trained.tell("switch_off", parts=["position"])
    by_zero = told(trained)["without"]["loss"]
    trained.tell("switch_off", parts=["position"], by="mean")
    answer = told(trained)
    assert answer["by"] == "mean"
    assert answer["without"]["loss"] != pytest.approx(by_zero)


def test_means_are_taken_for_the_worth_of_all_parts_where_none_is_off() -> None:
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    text = b"abc\ncab\nbca\naabb\n" * 5
    worker.tell("load_data", files=[("letters.txt", len(text))], blob=text)
    worker.work()
    worker.tell("switch_off", parts=["layer0.mlp"], by="mean")
    worker.tell("switch_off", parts=[], by="mean")  # before there are any means
    assert len(told(worker)["worth"]) > 3
    assert worker.of("error") == []


def test_a_new_model_has_all_its_parts(trained: FakeWorker) -> None:
    samples = written(trained)
    trained.tell("switch_off", parts=["token"])
    trained.tell("start", settings=SETTINGS, run=1)
    trained.work()
    assert written(trained) == samples


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"parts": ["layer7.head0"]}, "no part"),
        ({"parts": ["layer0.mlp.neuron99"]}, "no part"),
        ({"parts": [HEAD], "by": "guess"}, "zero or by its mean"),
    ],
)
def test_what_cannot_be_switched_off_is_refused(
    trained: FakeWorker, wrong: Message, words: str
) -> None:
    assert words in the_error(trained.tell("switch_off", **wrong), "switch_off")


def test_without_data_there_is_no_mean_and_no_loss() -> None:
    worker = writing_worker()
    refused = worker.tell("switch_off", parts=[HEAD], by="mean")
    assert "no text" in the_error(refused, "switch_off")
    worker.tell("switch_off", parts=[HEAD])
    assert told(worker)["without"] == {"loss": None, "accuracy": None}
    assert told(worker)["num_documents"] == 0
