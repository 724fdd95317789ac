"""How long an experiment will still take, by how fast it has been."""

from __future__ import annotations

from app.worker.types import Clock

MIN_TIMED_SECONDS = 0.2  # before anybody knows
UNKNOWN_SECONDS = -1.0


class TimeLeft:
    """The time that work takes, pauses left out.

    Args:
        clock: as for `Session`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None  # when work was taken up; None while it rests
        self._spent = self._done = 0.0

    def go_on(self) -> None:
        """Work is being done."""
        if self._since is None:
            self._since = self._clock()

    def rest(self) -> None:
        """None is, for a while."""
        self._spent, self._since = self._seconds(), None

    def add(self, work: float) -> None:
        """So much has been done."""
        self._done += work

    def left(self, work: float) -> float:
        """The seconds that so much more will take; `UNKNOWN_SECONDS` while nobody knows."""
        if work <= 0:
            return 0.0
        spent = self._seconds()
        if not self._done or spent < MIN_TIMED_SECONDS:
            return UNKNOWN_SECONDS
        return work * spent / self._done

    def _seconds(self) -> float:
        return self._spent + (0.0 if self._since is None else self._clock() - self._since)
