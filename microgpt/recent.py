"""What was made lately, by what it was made of."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Recent(Generic[Made]):
    """Keeps a few things; of more the one that was used longest ago goes.

    Args:
        capacity: how many it keeps.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._made: dict[Hashable, Made] = {}

    def get(self, key: Hashable) -> Made | None:
        """What was kept under this key, if it still is."""
        found = self._made.pop(key, None)
        if found is not None:
            self._made[key] = found  # the newest again
        return found

    def keep(self, key: Hashable, made: Made) -> Made:
        """Keep this under a key; returns it."""
        self._made.pop(key, None)
        self._made[key] = made
        if len(self._made) > self._capacity:
            del self._made[next(iter(self._made))]
        return made

    def clear(self) -> None:
        """Keep nothing any more."""
        self._made.clear()
