"""The explored document as the page remembers it."""

from __future__ import annotations

import pytest

from app.page.exploration import Distribution, Exploration
from app.shared.events import MAX_TOLD_TOKENS, ExplorationEvent, ExplorerChoice, Probabilities
from tests.support.page_events import exploration

FIRST: Probabilities = {"model": [0.5, 0.3, 0.2], "adjusted": [0.8, 0.15, 0.05]}


def choice(position: int, token: int) -> ExplorerChoice:
    """A choice as the worker sends it."""
    return {"position": position, "token": token, "model": [0.1, 0.9], "adjusted": [0.0, 1.0]}


def event(length: int, token: int = 0, stop: str = "") -> ExplorationEvent:
    """The worker's event after `length` choices, the last of which was `token`."""
    newest = choice(length - 1, token) if length else None
    return exploration([], length, newest, None if length else FIRST, stop)


@pytest.fixture
def explored() -> Exploration:
    """A document in which the tokens 5, 6 and 7 were chosen."""
    document = Exploration()
    for length, token in enumerate([5, 6, 7], start=1):
        document.take(event(length, token))
    return document


def shown(explored: Exploration) -> tuple[list[float], list[float], int | None] | None:
    """The probabilities that are shown, and the choice among them."""
    probs = explored.shown()
    return (probs.model, probs.adjusted, probs.chosen) if probs else None


def tokens(explored: Exploration) -> list[int]:
    return [chosen["token"] for chosen in explored.choices]


def test_before_anything_is_known_nothing_is_shown() -> None:
    assert Exploration().shown() is None


def test_the_first_probabilities_are_shown_while_nothing_is_chosen() -> None:
    explored = Exploration()
    explored.take(exploration([3, 4], 0, None, FIRST, ""))
    assert explored.prefix == [3, 4]
    assert shown(explored) == (FIRST["model"], FIRST["adjusted"], None)


def test_the_newest_choice_is_shown(explored: Exploration) -> None:
    assert tokens(explored) == [5, 6, 7]
    assert shown(explored) == ([0.1, 0.9], [0.0, 1.0], 7)


def test_an_earlier_choice_can_be_selected(explored: Exploration) -> None:
    explored.select(1)
    assert shown(explored) == ([0.1, 0.9], [0.0, 1.0], 6)
    assert tokens(explored) == [5, 6, 7], "selecting changes nothing"
    explored.take(event(4, 8))
    assert explored.selected == 3, "a new choice is selected"


@pytest.mark.parametrize("index", [-1, 3, 100])
def test_a_choice_that_does_not_exist_cannot_be_selected(explored: Exploration, index: int) -> None:
    explored.select(index)
    assert explored.selected == 2


def test_choices_that_were_undone_are_removed(explored: Exploration) -> None:
    explored.take(event(2, 6))
    assert tokens(explored) == [5, 6]
    assert explored.selected == 1


def test_another_choice_at_the_same_position_replaces_the_earlier_one(
    explored: Exploration,
) -> None:
    explored.take(event(2, 9))
    assert tokens(explored) == [5, 9]


def test_a_new_document_replaces_the_old_one(explored: Exploration) -> None:
    explored.take(event(0))
    assert tokens(explored) == []
    assert shown(explored) == (FIRST["model"], FIRST["adjusted"], None)


def test_the_reason_to_stop_is_kept_until_the_next_event(explored: Exploration) -> None:
    explored.take(event(4, 8, "end"))
    assert explored.stop == "end"
    explored.take(event(3, 7))
    assert explored.stop == ""


def test_the_rank_counts_the_likelier_tokens() -> None:
    probs = [0.2, 0.5, 0.2, 0.1]
    distribution = Distribution({"model": probs, "adjusted": probs}, None)
    assert [distribution.rank(token) for token in range(4)] == [2, 1, 2, 4]
    assert distribution.likeliest() == 1
    assert distribution.order() == [1, 0, 2, 3]


def test_of_a_large_vocabulary_only_the_likeliest_tokens_are_known() -> None:
    # The likeliest are sent best first; 900 was chosen, though it is not among them.
    tokens = [*range(700, 700 - MAX_TOLD_TOKENS, -1), 900]
    model = [1 / (place + 2) for place in range(MAX_TOLD_TOKENS + 1)]
    distribution = Distribution({"tokens": tokens, "model": model, "adjusted": model}, 900)
    assert distribution.likeliest() == 700
    places = [distribution.index(token) for token in (700, 698, 900, 3)]
    assert places == [0, 2, MAX_TOLD_TOKENS, -1]
    assert [distribution.rank(token) for token in (700, 698, 900, 3)] == [1, 3, 0, 0]
    assert distribution.order() == tokens
