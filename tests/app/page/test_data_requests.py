"""Requests for data: only the newest counts, but an earlier one may still be answered."""

from __future__ import annotations

from typing import Any

from app.page.data_requests import DataRequests

FIRST: Any = "first"
SECOND: Any = "second"


def requests(*sources: Any) -> DataRequests:
    """Requests that were all posted."""
    made = DataRequests()
    for source in sources:
        made.post(made.add(source, 0.0), source)
    return made


def test_the_newest_is_wanted_until_it_is_answered() -> None:
    made = requests(FIRST)
    assert (made.number, made.wanted, made.any_posted) == (1, FIRST, True)
    assert made.answer(1) == FIRST
    assert (made.wanted, made.any_posted) == (None, False)


def test_an_earlier_one_may_be_answered_while_a_newer_one_is_wanted() -> None:
    made = requests(FIRST, SECOND)
    assert made.answer(1) == FIRST
    assert made.wanted == SECOND
    assert made.answer(2) == SECOND
    assert made.wanted is None


def test_an_answer_ends_all_before_it() -> None:
    made = requests(FIRST, SECOND)
    assert made.answer(2) == SECOND
    assert made.answer(1) is None


def test_no_answer_counts_to_what_was_cancelled() -> None:
    made = requests(FIRST)
    assert made.cancel() == FIRST
    assert made.answer(1) is None
    assert made.number == 2, "what is still being fetched for the first is not wanted any more"


def test_what_was_not_posted_is_not_with_the_worker() -> None:
    made = DataRequests()
    made.add(FIRST, 5.0)
    assert (made.any_posted, made.time) == (False, 5.0)
