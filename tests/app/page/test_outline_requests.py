"""Which outlines the page asks for: the newest counts, and one is under way at a time."""

from __future__ import annotations

import pytest

from app.page.outline_requests import OutlineRequests
from app.shared.commands import DescribeCommand
from app.shared.events import OutlineEvent

SIZES = {"n_embd": 16}
WIDER = {"n_embd": 32}
WIDEST = {"n_embd": 64}


class Wire:
    """The requests, and what they sent."""

    def __init__(self) -> None:
        self.sent: list[DescribeCommand] = []
        self.requests = OutlineRequests(self.sent.append, "", SIZES)

    def answer(self, number: int | None = None) -> bool:
        """The worker's answer to the newest command, or to that with a number."""
        return self.requests.answer(
            OutlineEvent(
                type="outline",
                number=self.sent[-1]["number"] if number is None else number,
                problem="",
                line=0,
                num_params=0,
                matrices=[],
                nodes=[],
            )
        )


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_what_is_known_is_not_asked(wire: Wire) -> None:
    wire.requests.want("", dict(SIZES))
    assert wire.sent == []
    assert not wire.requests.waiting


def test_what_is_new_is_asked_once(wire: Wire) -> None:
    wire.requests.want("def gpt", SIZES)
    wire.requests.want("def gpt", dict(SIZES))
    assert [(each["code"], each["sizes"]) for each in wire.sent] == [("def gpt", SIZES)]
    assert wire.requests.waiting
    assert wire.answer()
    assert not wire.requests.waiting
    wire.requests.want("def gpt", SIZES)
    assert len(wire.sent) == 1


def test_only_the_newest_is_asked_when_the_one_under_way_is_answered(wire: Wire) -> None:
    for sizes in (WIDER, WIDEST, SIZES, WIDEST):
        wire.requests.want("", sizes)
    assert len(wire.sent) == 1
    assert not wire.answer(), "it is of a model that is not wanted any more"
    assert [each["sizes"] for each in wire.sent] == [WIDER, WIDEST]
    assert wire.requests.waiting
    assert wire.answer()


def test_an_answer_counts_where_its_model_is_wanted_again(wire: Wire) -> None:
    for sizes in (WIDER, WIDEST, WIDER):
        wire.requests.want("", sizes)
    assert wire.answer()
    assert len(wire.sent) == 1


def test_what_a_dead_worker_left_open_is_asked_of_the_next(wire: Wire) -> None:
    wire.requests.want("", WIDER)
    (first,) = (each["number"] for each in wire.sent)
    wire.requests.lose_worker()
    assert not wire.answer(first)
    wire.requests.restore()
    assert [each["sizes"] for each in wire.sent] == [WIDER, WIDER]
    assert wire.answer()
    wire.requests.lose_worker()
    wire.requests.restore()
    assert len(wire.sent) == 2, "nothing is open"


def test_a_command_that_fails_is_over(wire: Wire) -> None:
    wire.requests.want("", WIDER)
    assert wire.requests.fail()
    assert not wire.requests.waiting
    wire.requests.want("", WIDEST)
    wire.requests.want("", SIZES)
    assert not wire.requests.fail()
    assert wire.sent[-1]["sizes"] == SIZES


def test_where_nothing_is_wanted_an_answer_is_of_no_use(wire: Wire) -> None:
    wire.requests.want("def gpt", SIZES)
    wire.requests.want_nothing()
    assert not wire.requests.waiting
    assert not wire.answer()
    wire.requests.lose_worker()
    wire.requests.restore()
    assert len(wire.sent) == 1
    wire.requests.want("def gpt", SIZES)
    assert (len(wire.sent), wire.requests.waiting) == (2, True)
