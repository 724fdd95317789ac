"""How often what is shown of a model is computed anew while it is being trained."""

from __future__ import annotations

from app.worker.types import Clock

REFRESH_SECONDS = 0.25  # between two refreshes during a run, at least
MAX_REFRESH_SHARE = 0.05  # of the time, for those of large models


class Refreshing:
    """Says when to refresh.

    Args:
        clock: seconds that never decrease.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._step = 0  # of the run, at the last refresh
        self._began = self._next = 0.0

    def begin(self, step: int = 0) -> None:
        """What is shown is that of `step`, from now on."""
        self._step, self._next = step, self._clock() + REFRESH_SECONDS

    def is_due(self, step: int, running: bool) -> bool:
        """Whether to refresh now; then it counts as begun.

        step: how many steps the model was trained; nothing is refreshed twice for one of them.
        running: whether it is being trained, so that this must not take much of the time.
        """
        now = self._clock()
        if step == self._step or (running and now < self._next):
            return False
        self._step, self._began = step, now
        return True

    def end(self) -> None:
        """The refresh has ended."""
        now = self._clock()
        self._next = now + max(REFRESH_SECONDS, (now - self._began) / MAX_REFRESH_SHARE)
