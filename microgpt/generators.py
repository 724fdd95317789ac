"""Helpers for generators that do long work in parts, and return its result."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

Result = TypeVar("Result")
Yielded = TypeVar("Yielded")
Mapped = TypeVar("Mapped")


def drain(generator: Generator[object, None, Result]) -> Result:
    """Run a generator to its end, ignore what it yields, and return its result.

    >>> def count_to(number):
    ...     for i in range(number):
    ...         yield i
    ...     return "done"
    >>> drain(count_to(3))
    'done'
    """
    while True:
        try:
            next(generator)
        except StopIteration as finished:
            result: Result = finished.value
            return result


def map_yields(
    generator: Generator[Yielded, None, Result], convert: Callable[[Yielded], Mapped]
) -> Generator[Mapped, None, Result]:
    """Run a generator, yield what `convert` makes of its values, and return its result.

    >>> list(map_yields((i for i in range(3)), lambda i: 10 * i))
    [0, 10, 20]
    """
    while True:
        try:
            value = next(generator)
        except StopIteration as finished:
            result: Result = finished.value
            return result
        yield convert(value)
