"""The random numbers that choose tokens: pure, even, and unlike their neighbours."""

from __future__ import annotations

from statistics import correlation, mean

import pytest

from app.shared.uniform import SEED_BITS, uniform

COUNT = 20_000


def test_the_same_seed_and_position_give_the_same_number() -> None:
    assert uniform(3, 5) == uniform(3, 5)
    assert len({uniform(seed, place) for seed in range(100) for place in range(100)}) == 10_000


@pytest.mark.parametrize("seed", [0, 1, 2**SEED_BITS - 1])
def test_the_numbers_of_a_seed_are_even_and_independent(seed: int) -> None:
    numbers = [uniform(seed, place) for place in range(COUNT)]
    assert 0 <= min(numbers) < 0.001
    assert 0.999 < max(numbers) < 1
    assert mean(numbers) == pytest.approx(0.5, abs=0.01)
    counts = [sum(int(20 * number) == part for number in numbers) for part in range(20)]
    assert counts == pytest.approx([COUNT / 20] * 20, rel=0.15)
    assert abs(correlation(numbers, numbers[1:] + numbers[:1])) < 0.03


def test_neighbouring_seeds_begin_with_unrelated_numbers() -> None:
    numbers = [uniform(seed, 0) for seed in range(COUNT)]
    assert abs(correlation(numbers, numbers[1:] + numbers[:1])) < 0.03
