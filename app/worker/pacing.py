"""The pace of a run: full speed, or spread over a few seconds so that it can be watched."""

from __future__ import annotations

WATCH_SECONDS = 6.0  # what the pace `watch` spreads a short run over
WATCH_CURVE = 1.5  # above 1: slower at first, when there is most to see


class Pacer:
    """Says which step a run may be at by now.

    Args:
        pace: `watch` or `full`.
        num_steps: the length of the run.
    """

    def __init__(self, pace: str, num_steps: int) -> None:
        self._pace = pace
        self._first, self._last = 0, num_steps  # what the time is spread over
        self._watched = 0.0  # seconds of running, with the time spent waiting

    def set_pace(self, pace: str, step: int) -> None:
        """Changes the pace of a run that is at `step`."""
        self._pace = pace
        self.continue_from(step)

    def spread(self, first: int, last: int, step: int) -> None:
        """Spreads the time over the steps from `first` to `last` of a run that is at `step`."""
        self._first, self._last = first, last
        self.continue_from(step)

    def continue_from(self, step: int) -> None:
        """Takes `step` for the one that is allowed by now."""
        part = max(0, step - self._first) / (self._last - self._first)
        share: float = part ** (1 / WATCH_CURVE)
        self._watched = WATCH_SECONDS * share

    def pass_time(self, seconds: float) -> None:
        """Counts seconds in which the run was not paused."""
        self._watched += seconds

    def allowed_step(self) -> int:
        """The step that the run may be at: few steps a second at first, then more."""
        if self._pace == "full":
            return self._last
        share = min(1.0, self._watched / WATCH_SECONDS)
        steps: int = round((self._last - self._first) * share**WATCH_CURVE)
        return self._first + max(1, steps)
