"""The documents that a model can be looked at with."""

from __future__ import annotations

from typing import Any

from tests.support.fakes import NAMES, TEXT, FakeWorker, run_settings, small_model, training


def documents(worker: FakeWorker, number: int) -> Any:
    model = worker.session._generation.model_of(number)
    assert model is not None
    return model.documents()


def test_a_run_has_its_own_split() -> None:
    worker = training(run_settings(num_steps=1, eval_fraction=0.2), 0.001)
    found = documents(worker, 1)
    assert sorted([*found.train, *found.held_out]) == sorted(NAMES)
    assert len(found.held_out) == 2
    (sequence,) = found.encode(NAMES[0])
    assert sequence[0] == sequence[-1] == max(sequence)


def test_a_model_of_other_letters_has_none() -> None:
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    assert documents(worker, 1).train == ()
    worker.tell("load_data", files=[["names.txt", len(TEXT)]], blob=TEXT)
    worker.work()
    assert documents(worker, 1).train == ()


def test_a_model_that_no_run_has_made_gets_the_data_of_the_page() -> None:
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    text = "\n".join(["abc", "cab", "bca", "aabb"] * 5).encode()
    worker.tell("load_data", files=[["letters.txt", len(text)]], blob=text)
    worker.work()
    found = documents(worker, 1)
    assert len(found.train) + len(found.held_out) == 20
    assert found.held_out
    assert documents(worker, 1) is found, "it is split once"
    assert found.encode("abc") == [[3, 0, 1, 2, 3]]
