"""Requests for data: only the newest counts, but an earlier one may still be answered."""

from __future__ import annotations

from typing import Any

from app.page.data_requests import DataRequests

FIRST: Any = "first"
SECOND: Any = "second"


def posted(*sources: Any) -> DataRequests:
    """Requests for these sources, all of them posted."""
    requests = DataRequests()
    for source in sources:
        requests.post(requests.add(source, 0.0), source)
    return requests


def test_the_newest_is_pending_until_it_is_answered() -> None:
    requests = posted(FIRST)
    assert (requests.number, requests.wanted, requests.any_posted) == (1, FIRST, True)
    assert requests.answer(1) == FIRST
    assert (requests.wanted, requests.any_posted) == (None, False)


def test_an_earlier_one_may_be_answered_while_a_newer_one_is_pending() -> None:
    requests = posted(FIRST, SECOND)
    assert requests.answer(1) == FIRST
    assert requests.wanted == SECOND
    assert requests.answer(2) == SECOND
    assert requests.wanted is None


def test_an_answer_ends_all_earlier_requests() -> None:
    requests = posted(FIRST, SECOND)
    assert requests.answer(2) == SECOND
    assert requests.answer(1) is None


def test_an_answer_to_a_cancelled_request_is_ignored() -> None:
    requests = posted(FIRST)
    requests.cancel()
    assert requests.wanted is None
    assert requests.answer(1) is None
    assert requests.number == 2, (
        "what is still being fetched for the first request is no longer wanted"
    )


def test_a_request_that_was_not_posted_does_not_count_as_posted() -> None:
    requests = DataRequests()
    requests.add(FIRST, 5.0)
    assert (requests.any_posted, requests.time) == (False, 5.0)
