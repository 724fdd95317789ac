"""The page's memory of the walk through a document."""

from __future__ import annotations

import pytest

from app.page.exploration import Distribution, Exploration
from app.shared.events import MAX_TOLD_TOKENS, ExplorationEvent, ExplorerChoice, Probabilities
from tests.support.page_events import exploration

FIRST: Probabilities = {"model": [0.5, 0.3, 0.2], "adjusted": [0.8, 0.15, 0.05]}


def choice(position: int, token: int) -> ExplorerChoice:
    """A choice as the worker tells it."""
    return {"position": position, "token": token, "model": [0.1, 0.9], "adjusted": [0.0, 1.0]}


def told(length: int, token: int = 0, stop: str = "") -> ExplorationEvent:
    """The worker's message after `length` choices of which the last was `token`."""
    newest = choice(length - 1, token) if length else None
    return exploration([], length, newest, None if length else FIRST, stop)


@pytest.fixture
def walk() -> Exploration:
    """A walk that has written the tokens 5, 6 and 7."""
    walk = Exploration()
    for length, token in enumerate([5, 6, 7], start=1):
        walk.take(told(length, token))
    return walk


def shown(walk: Exploration) -> tuple[list[float], list[float], int | None] | None:
    """What is being looked at."""
    odds = walk.shown()
    return (odds.model, odds.adjusted, odds.chosen) if odds else None


def tokens(walk: Exploration) -> list[int]:
    return [made["token"] for made in walk.choices]


def test_before_anything_is_known_nothing_is_shown() -> None:
    assert Exploration().shown() is None


def test_the_first_probabilities_are_shown_while_nothing_is_chosen() -> None:
    walk = Exploration()
    walk.take(exploration([3, 4], 0, None, FIRST, ""))
    assert walk.prefix == [3, 4]
    assert shown(walk) == (FIRST["model"], FIRST["adjusted"], None)


def test_the_newest_choice_is_shown(walk: Exploration) -> None:
    assert tokens(walk) == [5, 6, 7]
    assert shown(walk) == ([0.1, 0.9], [0.0, 1.0], 7)


def test_an_earlier_choice_can_be_looked_at(walk: Exploration) -> None:
    walk.select(1)
    assert shown(walk) == ([0.1, 0.9], [0.0, 1.0], 6)
    assert tokens(walk) == [5, 6, 7], "looking changes nothing"
    walk.take(told(4, 8))
    assert walk.selected == 3, "what is new is looked at"


@pytest.mark.parametrize("index", [-1, 3, 100])
def test_a_choice_that_is_not_there_cannot_be_looked_at(walk: Exploration, index: int) -> None:
    walk.select(index)
    assert walk.selected == 2


def test_choices_that_were_taken_back_are_forgotten(walk: Exploration) -> None:
    walk.take(told(2, 6))
    assert tokens(walk) == [5, 6]
    assert walk.selected == 1


def test_a_choice_in_the_place_of_an_earlier_one_takes_its_place(walk: Exploration) -> None:
    walk.take(told(2, 9))
    assert tokens(walk) == [5, 9]


def test_a_new_walk_forgets_the_old_one(walk: Exploration) -> None:
    walk.take(told(0))
    assert tokens(walk) == []
    assert shown(walk) == (FIRST["model"], FIRST["adjusted"], None)


def test_the_reason_to_stop_is_remembered_and_forgotten(walk: Exploration) -> None:
    walk.take(told(4, 8, "end"))
    assert walk.stop == "end"
    walk.take(told(3, 7))
    assert walk.stop == ""


def test_rank_counts_the_likelier_ones() -> None:
    odds = Distribution({"model": [0.2, 0.5, 0.2, 0.1], "adjusted": [0.2, 0.5, 0.2, 0.1]}, None)
    assert [odds.rank(token) for token in range(4)] == [2, 1, 2, 4]
    assert odds.likeliest() == 1
    assert odds.order() == [1, 0, 2, 3]


def test_of_very_many_tokens_some_are_told() -> None:
    # The likeliest are told best first; 900 was chosen, though it is not among them.
    tokens = [*range(700, 700 - MAX_TOLD_TOKENS, -1), 900]
    model = [1 / (place + 2) for place in range(MAX_TOLD_TOKENS + 1)]
    odds = Distribution({"tokens": tokens, "model": model, "adjusted": model}, 900)
    assert odds.likeliest() == 700
    assert [odds.index(token) for token in (700, 698, 900, 3)] == [0, 2, MAX_TOLD_TOKENS, -1]
    assert [odds.rank(token) for token in (700, 698, 900, 3)] == [1, 3, 0, 0]
    assert odds.order() == tokens
