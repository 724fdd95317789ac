"""How much fits a slice of time.

It knows a clock, and nothing of what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

CALL_SECONDS = 0.008  # seconds that one call into the module should take
CLOCK_RESOLUTION_SECONDS = 1e-4  # seconds that a browser's clock can tell apart
MAX_GROWTH = 16  # from one call to the next


class Pace:
    """How much fits a slice of time, by how long the last call took."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._fits = 1

    def fitting(self, most: int) -> int:
        """How much to do in the next call."""
        return min(self._fits, most)

    @contextmanager
    def timed(self, count: int) -> Iterator[None]:
        """Around a call that does `count`."""
        began = self._clock()
        yield
        seconds = max(self._clock() - began, CLOCK_RESOLUTION_SECONDS)
        self._fits = max(1, min(int(CALL_SECONDS / seconds * count), MAX_GROWTH * count))
