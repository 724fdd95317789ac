"""What heads look at: attention made up to follow a pattern gets the label of that pattern."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from microgpt.generators import drain
from microgpt.interpret.heads import (
    PATTERNS,
    HeadScorer,
    LayerAttention,
    label,
    pattern_places,
    score_heads,
)

RNG = random.Random(1)
DOCUMENTS = [[6, *(RNG.randrange(6) for _ in range(14)), 6] for _ in range(20)]
INPUTS = [tokens[:-1] for tokens in DOCUMENTS]


def looking_at(places: list[int], size: int) -> list[float]:
    """Weights that are shared by some places; all on the newest token if there are none."""
    places = places or [size - 1]
    return [places.count(key) / len(places) for key in range(size)]


def perfect(tokens: list[int], pattern: str) -> list[list[float]]:
    """The attention of a head that follows one pattern wherever there is such a place."""
    places: dict[str, Callable[[int], list[int]]] = {
        "previous": lambda t: [t - 1] if t else [],
        "first": lambda _t: [0],
        "same": lambda t: [j for j in range(t) if tokens[j] == tokens[t]],
        "induction": lambda t: [j for j in range(1, t) if tokens[j - 1] == tokens[t]],
    }
    return [looking_at(places[pattern](t), t + 1) for t in range(len(tokens))]


def layer_of(tokens: list[int], patterns: list[str]) -> LayerAttention:
    """A layer with a head for each pattern, in the form of `HeadScorer.add`."""
    return list(zip(*(perfect(tokens, pattern) for pattern in patterns), strict=True))


def test_a_head_that_follows_a_pattern_scores_1_and_is_called_so() -> None:
    patterns = list(PATTERNS)
    (heads,) = drain(score_heads(INPUTS, lambda tokens: [layer_of(list(tokens), patterns)]))
    assert len(heads) == len(patterns)
    for pattern, scores in zip(patterns, heads, strict=True):
        assert scores[pattern] == pytest.approx(1)
        assert label(scores) == (pattern, scores[pattern])
        others = [score for other, score in scores.items() if other != pattern]
        assert max(others) < 0.6


def test_attention_that_is_spread_evenly_has_no_label() -> None:
    def even(tokens: object) -> list[LayerAttention]:
        assert isinstance(tokens, list)
        return [[[[1 / (t + 1)] * (t + 1)] for t in range(len(tokens))]]

    ((scores,),) = drain(score_heads(INPUTS, even))
    assert set(scores) == set(PATTERNS)
    assert label(scores) is None


def test_a_score_is_the_mean_over_the_positions_that_have_the_pattern() -> None:
    tokens = [9, 1, 2, 1]  # same and induction at position 3 alone
    scorer = HeadScorer()
    weights = [[1.0], [0.3, 0.7], [0.1, 0.2, 0.7], [0.1, 0.2, 0.3, 0.4]]
    scorer.add(tokens, [[row] for row in weights])
    assert scorer.scores() == [
        pytest.approx({"previous": 0.25, "first": 0.1, "same": 0.2, "induction": 0.3})
    ]
    scorer.add([9, 1, 2], [[row] for row in weights[:3]])
    assert scorer.scores()[0]["previous"] == pytest.approx((0.2 + 0.3 + 0.2) / 3)
    assert scorer.scores()[0]["same"] == pytest.approx(0.2)


def test_a_pattern_that_never_occurs_has_no_score() -> None:
    scorer = HeadScorer()
    scorer.add([9, 1, 2], [[looking_at([0], t + 1)] for t in range(3)])
    assert scorer.scores() == [{"previous": 0.0, "first": 1.0}]
    assert HeadScorer().scores() == []
    assert label({}) is None


def test_the_places_of_a_repeated_letter_do_not_count_itself() -> None:
    assert pattern_places([9, 5, 5]) == [
        {},
        {},
        {"previous": [1], "first": [0], "same": [1]},
    ]


@pytest.mark.parametrize("tokens", INPUTS)
def test_places_are_those_of_the_definitions(tokens: list[int]) -> None:
    for t, places in enumerate(pattern_places(tokens)):
        assert places.get("previous") == ([t - 1] if t > 1 else None)
        assert places.get("same", []) == [j for j in range(t) if tokens[j] == tokens[t]]
        followed = [j for j, (a, _) in enumerate(pairwise(tokens[:t]), start=1) if a == tokens[t]]
        assert places.get("induction", []) == followed


def test_scoring_yields_after_each_document() -> None:
    steps = score_heads(INPUTS[:5], lambda tokens: [layer_of(list(tokens), ["first"])])
    assert len(list(steps)) == 5
    assert drain(score_heads([], lambda _tokens: [])) == []
