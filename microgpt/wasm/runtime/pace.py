"""How much work fits into one call of the module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

CALL_SECONDS = 0.008  # that one call of the module should take
CLOCK_RESOLUTION_SECONDS = 1e-4  # of a browser's clock
MAX_GROWTH = 16  # factor, from one call to the next


class Pace:
    """How much work fits into one call, judged by how long the last one took."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._fits = 1

    def fitting(self, most: int) -> int:
        """How much to do in the next call, `most` at most."""
        return min(self._fits, most)

    @contextmanager
    def timed(self, count: int) -> Iterator[None]:
        """Time a call that does `count` pieces of work."""
        began = self._clock()
        yield
        seconds = max(self._clock() - began, CLOCK_RESOLUTION_SECONDS)
        self._fits = max(1, min(int(CALL_SECONDS / seconds * count), MAX_GROWTH * count))
