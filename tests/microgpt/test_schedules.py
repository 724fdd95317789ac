"""Schedules: their shapes, the same in both engines, and formulas published elsewhere."""

from __future__ import annotations

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import microgpt.schedules
from microgpt.config import TrainConfig
from microgpt.schedules import make_schedule
from microgpt.settings import setting

NAMES = [name for name, _ in setting("schedule").choices]


def factors(name: str, steps: int, warmup: float = 0.2, decay: float = 0.4) -> list[float]:
    training = TrainConfig(schedule=name, warmup=warmup, decay=decay)
    schedule = make_schedule(training, 0, steps)
    return [schedule.factor(step) for step in range(steps)]


def test_linear_is_that_of_microgpt_to_the_last_bit() -> None:
    assert factors("linear", 1000) == [1 - step / 1000 for step in range(1000)]


def test_cosine_is_that_of_nanogpt() -> None:
    """Its `get_lr`, with a smallest rate of 0."""
    warmup, steps = 20, 100

    def expected(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

    assert factors("cosine", steps) == pytest.approx([expected(k) for k in range(steps)], abs=1e-15)


def test_a_constant_one_stays() -> None:
    assert factors("constant", 50) == [1.0] * 50


def test_a_stable_one_rises_stays_and_falls() -> None:
    expected = [1 / 3, 2 / 3, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25]
    assert factors("wsd", 10) == pytest.approx(expected)


@given(
    st.sampled_from(NAMES),
    st.integers(1, 300),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 10_000),
)
def test_any_shares_give_a_schedule(
    name: str, steps: int, warmup: float, decay: float, begin: int
) -> None:
    training = TrainConfig(schedule=name, warmup=warmup, decay=decay)
    schedule = make_schedule(training, begin, begin + steps)
    found = [schedule.factor(step) for step in range(begin, begin + steps)]
    assert all(0 <= factor <= 1 for factor in found)
    assert found[0] > 0, "no step is lost"
    assert found == pytest.approx(factors(name, steps, warmup, decay), abs=1e-9)


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(microgpt.schedules) == (0, 1)
