"""Counting work instead of seconds, which depend on what else the machine does."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Generator
from types import FrameType
from typing import TypeVar

Result = TypeVar("Result")


def with_peak_memory(function: Callable[[], Result]) -> tuple[Result, int]:
    """The result of a function, and the most bytes that Python held for it at any time."""
    tracemalloc.start()
    try:
        return function(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Work:
    """How many functions were called: in all, and at most between two yields of a generator."""

    def __init__(self) -> None:
        self.total = 0
        self.longest = 0
        self.yields = 0

    def measure(self, function: Callable[[], Result]) -> Result:
        """Count the calls of a function, and return its result."""
        calls = 0

        def see(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(see)
        try:
            return function()
        finally:
            sys.setprofile(before)
            self.total += calls
            self.longest = max(self.longest, calls)

    def run(self, generator: Generator[object, None, Result]) -> Result:
        """Count the calls of a generator until its end, and return its result."""
        while True:
            try:
                self.measure(generator.__next__)
            except StopIteration as finished:
                result: Result = finished.value
                return result
            self.yields += 1
