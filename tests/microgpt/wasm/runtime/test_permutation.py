"""Permutations from random words: those of `random.shuffle`."""

from __future__ import annotations

import random

import pytest

from microgpt.wasm.runtime.hosts import Host, find_host
from microgpt.wasm.runtime.permutation import Shuffler


@pytest.mark.parametrize("host", [None, find_host()], ids=["python", "compiled"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 31, 32, 33, 1000, 20_000])
def test_it_is_that_of_random_shuffle_and_so_is_what_is_drawn_next(
    host: Host | None, count: int
) -> None:
    shuffler = Shuffler(host)
    for seed in (0, 42):
        rng, expected = random.Random(seed), random.Random(seed)
        numbers = list(range(count))
        expected.shuffle(numbers)
        assert shuffler.permutation(count, rng).tolist() == numbers
        assert rng.gauss() == expected.gauss()
