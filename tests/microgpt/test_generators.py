"""The helpers for generators, and the examples in docstrings of modules that process data."""

from __future__ import annotations

import doctest
from collections.abc import Generator
from types import ModuleType

import pytest

from microgpt import dataset, generators
from microgpt.corpus import cleaning
from microgpt.generators import drain, map_yields


def count_to(number: int) -> Generator[int, None, str]:
    yield from range(number)
    return "done"


def test_mapping_keeps_the_result() -> None:
    yielded = []

    def convert(value: int) -> int:
        yielded.append(value)
        return -value

    assert drain(map_yields(count_to(3), convert)) == "done"
    assert yielded == [0, 1, 2]


@pytest.mark.parametrize("module", [generators, dataset, cleaning])
def test_the_examples_in_the_docstrings(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert result.failed == 0
