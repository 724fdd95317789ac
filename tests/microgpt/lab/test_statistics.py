"""Statistics of many runs, against Python's own and against what must always hold."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.lab.statistics import band, bands, difference, mean_error, median, quantile

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@given(VALUES, st.floats(0, 1), st.floats(0, 1))
def test_quantiles_rise_between_the_extremes(
    values: list[float], share: float, other: float
) -> None:
    low, high = sorted((share, other))
    assert min(values) <= quantile(values, low) <= max(values)
    assert quantile(values, low) <= quantile(values, high) + 1e-9
    assert (quantile(values, 0), quantile(values, 1)) == (min(values), max(values))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_they_are_those_of_the_standard_library(values: list[float]) -> None:
    assert median(values) == pytest.approx(statistics.median(values), rel=1e-12, abs=1e-9)
    deciles = statistics.quantiles(values, n=10, method="inclusive")
    found = [quantile(values, number / 10) for number in range(1, 10)]
    assert found == pytest.approx(deciles, rel=1e-9, abs=1e-7)
    assert band(values) == pytest.approx((deciles[0], median(values), deciles[-1]), abs=1e-7)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30))
def test_the_standard_error_is_that_of_the_mean(values: list[float]) -> None:
    mean, error = mean_error(values)
    exact = [Fraction(value) for value in values]
    assert mean == pytest.approx(float(sum(exact) / len(exact)), abs=1e-9)
    deviation = statistics.stdev(values)
    assert error == pytest.approx(deviation / math.sqrt(len(values)), rel=1e-6, abs=1e-9)


def test_one_value_has_no_spread() -> None:
    assert mean_error([2.5]) == (2.5, math.inf)
    assert band([2.5]) == (2.5, 2.5, 2.5)


def test_the_errors_of_a_difference_add_as_squares() -> None:
    one, other = [1.0, 2.0, 4.0], [0.0, 1.0]
    found = difference(one, other)
    assert found.mean == pytest.approx(7 / 3 - 1 / 2)
    assert found.error == pytest.approx(math.hypot(mean_error(one).error, mean_error(other).error))


def test_bands_of_curves() -> None:
    assert [each.median for each in bands([[1.0, 5.0], [2.0, 4.0], [9.0, 0.0]])] == [2.0, 4.0]
