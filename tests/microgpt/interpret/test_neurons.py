"""Neurons: the most active, where each fires most, and what its output does to the logits."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from microgpt.generators import drain
from microgpt.interpret.neurons import (
    Firing,
    most_active,
    most_pushed,
    pushes,
    strongest_firings,
)

DOCUMENTS = [[9, 1, 2, 3], [9, 1, 2, 4], [9, 3, 3, 3], [9, 2, 1, 0], [9, 4]]
NEURONS = 6


def activations_of(tokens: Sequence[int]) -> list[list[float]]:
    """Activations that depend on what has been read, as those of a model."""
    return [
        random.Random(str(list(tokens[: t + 1]))).choices((0.0, -0.1, 0.5, 1.0, 1.5), k=NEURONS)
        for t in range(len(tokens))
    ]


def test_the_strongest_firings_are_those_of_a_search_through_everything() -> None:
    places: dict[tuple[int, ...], tuple[int, int]] = {}
    for number, tokens in enumerate(DOCUMENTS):
        for position in range(len(tokens)):
            places.setdefault(tuple(tokens[: position + 1]), (number, position))
    best = drain(strongest_firings(DOCUMENTS, activations_of, count=3))
    assert len(best) == NEURONS
    for neuron, firings in enumerate(best):
        everywhere = [
            Firing(activations_of(prefix)[-1][neuron], *place) for prefix, place in places.items()
        ]
        firing = [place for place in everywhere if place.activation > 0]
        firing.sort(key=lambda place: (-place.activation, place.document, place.position))
        assert firings == firing[:3]


def test_documents_that_begin_alike_count_once() -> None:
    (firings,) = drain(strongest_firings([[9, 1], [9, 1], [9, 2]], lambda _t: [[1.0], [2.0]], 9))
    assert firings == [Firing(2.0, 0, 1), Firing(2.0, 2, 1), Firing(1.0, 0, 0)]


def test_the_list_grows_from_document_to_document() -> None:
    scan = strongest_firings(DOCUMENTS, activations_of, count=2)
    seen = [max(f.document for firings in best for f in firings) for best in scan]
    assert len(seen) == len(DOCUMENTS)
    assert all(newest <= number for number, newest in enumerate(seen))
    assert drain(strongest_firings([], activations_of, count=2)) == []


def test_silent_neurons_are_not_active() -> None:
    assert most_active([0.0, 0.0], 5) == []
    assert most_active([0.5, 0.0, -0.75], 5) == [(2, -0.75), (0, 0.5)]


def test_what_a_neuron_pushes_is_what_the_logits_change_by() -> None:
    rng = random.Random(2)
    lm_head = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(7)]
    mlp_fc2 = [[rng.gauss(0, 1) for _ in range(NEURONS)] for _ in range(4)]

    def logits(hidden: list[float]) -> list[float]:
        x = [sum(w * h for w, h in zip(row, hidden, strict=True)) for row in mlp_fc2]
        return [sum(w * value for w, value in zip(row, x, strict=True)) for row in lm_head]

    hidden = [rng.random() for _ in range(NEURONS)]
    more = hidden[:]
    more[3] += 1
    change = [after - before for after, before in zip(logits(more), logits(hidden), strict=True)]
    assert pushes(lm_head, mlp_fc2, 3) == pytest.approx(change)


def test_tokens_are_pushed_up_or_down_and_never_both() -> None:
    assert most_pushed([1.0, -1.0, 0.0, 3.0], 10) == ([3, 0], [1])
    assert most_pushed([1.0, -1.0, -4.0, 3.0], 1) == ([3], [2])
    assert most_pushed([0.0, 0.0], 3) == ([], [])
