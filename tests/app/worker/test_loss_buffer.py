"""The smoothed losses: an average over all that came before, in whatever batches they came."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared.smoothing import Smoothing

# The logarithm of the smallest chance that a float can hold is -744.
LOSSES = st.lists(st.floats(0, 744), max_size=40)


def smoothed(losses: list[float]) -> list[float]:
    """An exponential moving average with weight 0.1, each value from all the losses before it."""
    result = []
    for count in range(1, len(losses) + 1):
        weights = [0.9 ** (count - 1)] + [0.1 * 0.9 ** (count - 1 - i) for i in range(1, count)]
        result.append(sum(w * loss for w, loss in zip(weights, losses, strict=False)))
    return result


@given(losses=LOSSES)
def test_it_is_an_exponential_moving_average(losses: list[float]) -> None:
    assert Smoothing().add(losses) == pytest.approx(smoothed(losses))


@given(losses=LOSSES, cuts=st.lists(st.integers(0, 40), max_size=6))
def test_how_the_losses_come_in_makes_no_difference(losses: list[float], cuts: list[int]) -> None:
    smoothing = Smoothing()
    places = [0, *sorted(cuts), len(losses)]
    added = []
    for start, end in pairwise(places):
        added += smoothing.add(losses[start:end])
    assert added == Smoothing().add(losses)


@given(before=LOSSES, after=LOSSES)
def test_it_continues_from_a_value_that_was_kept(before: list[float], after: list[float]) -> None:
    smoothing = Smoothing()
    first = smoothing.add(before)
    rest = Smoothing(smoothing.value).add(after)
    assert first + rest == Smoothing().add(before + after)
