"""The data that experiments train on."""

from __future__ import annotations

import pytest

from app.worker.lab import lab_data
from tests.support.fakes import TEXT, FakeWorker, Message, paste
from tests.support.lab import give_data


def answer(worker: FakeWorker) -> Message:
    """What the worker said of the newest data."""
    return worker.of("lab_data_ready")[-1]


def from_playground(worker: FakeWorker, number: int = 5) -> Message:
    """Have the Lab take the playground's data."""
    worker.tell("lab_data", number=number, name="own", files=[], options={})
    return answer(worker)


def test_the_playground_s_data_are_taken_at_once() -> None:
    worker = FakeWorker()
    paste(worker, TEXT)
    expected = {"type": "lab_data_ready", "number": 5, "num_docs": 10, "problem": ""}
    assert from_playground(worker) == expected


def test_where_the_playground_has_none_there_is_a_sentence() -> None:
    found = from_playground(FakeWorker())
    assert (found["number"], found["num_docs"]) == (5, 0)
    assert found["problem"].startswith("There are no data to train on yet")


def test_other_data_leave_the_playground_s_alone() -> None:
    worker = FakeWorker()
    paste(worker, TEXT)
    give_data(worker, b"one\ntwo\nthree")
    assert answer(worker)["num_docs"] == 3
    assert from_playground(worker)["num_docs"] == 10


@pytest.mark.parametrize(
    ("text", "options"),
    [(b"\n \n", {}), (b"a\nb", {"cut": "slices"})],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(text: bytes, options: Message) -> None:
    worker = FakeWorker()
    give_data(worker, text, number=3, **options)
    found = answer(worker)
    assert (found["number"], found["num_docs"]) == (3, 0)
    assert len(found["problem"].split()) > 4


def test_data_are_loaded_in_slices_and_only_the_newest_are_told() -> None:
    worker = FakeWorker(tick=0.01)
    many = b"\n".join(b"line %d" % number for number in range(20_000))
    files = [("", len(many))]
    worker.tell("lab_data", number=1, name="own", files=files, options={}, blob=many)
    worker.slices(2)
    assert worker.of("lab_data_ready") == []
    give_data(worker, TEXT, number=2)
    worker.work()
    assert [message["number"] for message in worker.of("lab_data_ready")] == [2]


def test_going_back_to_the_last_data_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = FakeWorker()
    give_data(worker, TEXT, number=1)
    give_data(worker, b"one\ntwo", number=2)
    monkeypatch.setattr(lab_data, "load_corpus", None)  # would fail if it were called
    for number, text, count in ((3, TEXT, 10), (4, b"one\ntwo", 2)):
        give_data(worker, text, number=number)
        assert (answer(worker)["number"], answer(worker)["num_docs"]) == (number, count)


def test_no_experiment_is_imported_before_there_is_one() -> None:
    worker = FakeWorker()
    paste(worker, TEXT)
    assert worker.session._lab is None
