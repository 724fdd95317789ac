"""Fitted laws: on data that follow one, on noise, and on what says nothing."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.lab.fits import fit_power_law, fit_scaling_law, nonnegative_least_squares

SIZES = [472.0, 1328.0, 4192.0, 14528.0, 31008.0]
DOCUMENTS = [500.0, 1354.0, 9932.0, 26900.0]
PLACES = list(product(SIZES, DOCUMENTS))
N, D = ([place[number] for place in PLACES] for number in (0, 1))


def losses(spread: float, seed: int = 1) -> list[float]:
    """Of the law 1.99 + 3.26 / N**0.45 + 1.87 / D**0.25, with noise."""
    rng = random.Random(seed)
    return [1.99 + 3.26 / n**0.45 + 1.87 / d**0.25 + rng.gauss(0, spread) for n, d in PLACES]


def test_a_scaling_law_is_found_again() -> None:
    law = fit_scaling_law(N, D, losses(0.0))
    assert law.floor == pytest.approx(1.99, abs=2e-3)
    assert law.coefficients == pytest.approx((3.26, 1.87), rel=1e-2)
    assert law.exponents == pytest.approx((0.45, 0.25), rel=1e-2)
    assert law.spread < 1e-4
    beyond = 1.99 + 3.26 / 53632**0.45 + 1.87 / 1e5**0.25
    assert law.predict(53632.0, 1e5).value == pytest.approx(beyond, abs=1e-3)


def test_with_noise_the_error_of_a_prediction_is_about_right() -> None:
    """Over several draws, most measurements lie within two errors, and not all within a tenth."""
    expected = 1.99 + 3.26 / 53632**0.45 + 1.87 / 26900**0.25
    misses = []
    for seed in range(5):
        predicted = fit_scaling_law(N, D, losses(0.02, seed)).predict(53632.0, 26900.0)
        measured = expected + random.Random(100 + seed).gauss(0, 0.02)
        assert 0.01 < predicted.error < 0.05
        misses.append(abs(measured - predicted.value) / predicted.error)
    assert sum(miss < 2 for miss in misses) >= 4
    assert max(misses) > 0.1


def test_on_noise_alone_a_law_is_about_its_mean() -> None:
    rng = random.Random(2)
    values = [2 + rng.gauss(0, 0.1) for _ in PLACES]
    law = fit_scaling_law(N, D, values)
    assert all(1.8 < law.at(n, d) < 2.3 for n, d in PLACES)
    assert 0.05 < law.spread < 0.15
    assert law.predict(14528.0, 9932.0).error >= law.spread


def test_what_does_not_fall_is_given_a_floor_and_no_slope() -> None:
    law = fit_power_law([1.0, 2.0, 4.0, 8.0, 16.0], [1.0, 1.1, 1.2, 1.3, 1.4])
    assert law.coefficients == (0.0,)
    assert law.at(3.0) == pytest.approx(1.2)
    constant = fit_power_law([1.0, 2.0, 4.0, 8.0], [2.0] * 4)
    assert constant.at(100.0) == pytest.approx(2.0)


@settings(max_examples=20)
@given(st.floats(0, 5), st.floats(0.01, 50), st.floats(0.1, 1.9), st.floats(1e-3, 1e6))
def test_a_power_law_is_found_again_at_any_scale(
    floor: float, height: float, exponent: float, scale: float
) -> None:
    """Height is what it rises over its floor at the middle of the measurements."""
    xs = [scale * 2.0**step for step in range(-4, 5)]
    values = [floor + height * (x / scale) ** -exponent for x in xs]
    law = fit_power_law(xs, values)
    assert [law.at(x) for x in xs] == pytest.approx(values, rel=1e-4, abs=1e-4 * height)


@pytest.mark.parametrize("xs", [[1.0, 2.0, 4.0], [1.0, 1.0, 2.0, 2.0]])
def test_too_few_measurements(xs: list[float]) -> None:
    with pytest.raises(ValueError, match="A fit needs more than 3 measurements"):
        fit_power_law(xs, xs)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5)), min_size=4, max_size=9
    ),
    st.lists(st.floats(0, 3), min_size=2, max_size=2),
)
def test_no_other_coefficients_are_better(
    rows: list[tuple[float, float, float]], others: list[float]
) -> None:
    *columns, values = (list(column) for column in zip(*rows, strict=True))
    found, error = nonnegative_least_squares(columns, values)
    assert min(found) >= 0
    other = sum(
        (sum(c * x for c, x in zip(others, row, strict=False)) - row[-1]) ** 2 for row in rows
    )
    assert error <= other + 1e-6
