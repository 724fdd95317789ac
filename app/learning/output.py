"""What a program prints, told in parts: not every line by itself, for a program can print fast."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from app.shared.learning import PrintedEvent
from app.shared.smoothing import Smoothing

SECONDS_BETWEEN = 0.05  # two events, at least
MAX_TOLD_LINES = 100  # that one event tells; a reader could not follow more
MAX_LINE_CHARACTERS = 2_000  # of a line
MAX_PADDED_STEPS = 10_000  # steps between two printed ones that a curve is drawn through
STEP = re.compile(r"\s*step\s+(\d+)(?:\s*/\s*(\d+))?\b.*?\bloss\s+(\S+)")


class PrintedLines:
    """A text stream that takes a program's output, reads the losses in it, and tells of both.

    Args:
        number: of the run.
        send: takes each event.
        clock: the time in seconds.
    """

    encoding = "utf-8"

    def __init__(
        self, number: int, send: Callable[[PrintedEvent], None], clock: Callable[[], float]
    ) -> None:
        self._number, self._send, self._clock = number, send, clock
        self.heard = clock()  # when something was printed last
        self._told = -math.inf  # when an event was sent last
        self._unfinished = ""  # line
        self._telling = False
        self._steps = self._last_step = 0
        self._smoothing = Smoothing()
        self._clear()

    def write(self, text: str) -> int:
        """Takes a part of the output."""
        self.heard = self._clock()
        *lines, self._unfinished = (self._unfinished + text).split("\n")
        for line in lines:
            self._add(line)
        if self.heard - self._told >= SECONDS_BETWEEN:
            self.tell()
        return len(text)

    def flush(self) -> None:
        """There is nothing to do: it is told in time."""

    def isatty(self) -> bool:
        """It is not a terminal."""
        return False

    def tell(self) -> None:
        """Sends what has not been told yet. A pulse may come in the midst of it, and waits."""
        if self._telling or not (self._lines or self._left_out):
            return
        self._telling = True
        event = PrintedEvent(
            type="printed",
            number=self._number,
            lines=self._lines,
            left_out=self._left_out,
            steps=self._steps,
            losses=self._losses,
            smoothed=self._averages,
        )
        self._clear()
        self._told = self._clock()
        self._send(event)
        self._telling = False

    def close(self) -> None:
        """The program has ended: what it has begun to print is a line, too."""
        if self._unfinished:
            self._add(self._unfinished)
            self._unfinished = ""
        self.tell()

    def _clear(self) -> None:
        self._lines: list[tuple[bool, str]] = []
        self._left_out = 0
        self._losses: list[float] = []
        self._averages: list[float] = []

    def _add(self, line: str) -> None:
        step = STEP.match(line)
        if step:
            self._add_loss(int(step[1]), int(step[2] or 0), step[3])
            if self._lines and self._lines[-1][0]:  # one line tells of all these steps
                self._lines.pop()
        self._lines.append((bool(step), line[:MAX_LINE_CHARACTERS]))
        if len(self._lines) > MAX_TOLD_LINES:
            self._left_out += 1
            del self._lines[0]

    def _add_loss(self, step: int, steps: int, loss: str) -> None:
        """Takes the loss of a step; those between it and the one before have the same."""
        try:
            value = float(loss)
        except ValueError:
            return
        self._steps = steps
        count = step - self._last_step
        if not (math.isfinite(value) and 0 < count <= MAX_PADDED_STEPS):
            return
        self._last_step = step
        losses = [value] * count
        self._losses += losses
        self._averages += self._smoothing.add(losses)
