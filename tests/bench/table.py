"""Measurements as an aligned Markdown table, with their targets."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

HEADINGS = ("", "median", "min", "max", "target", "")


class Row(NamedTuple):
    """Repeated measurements of one quantity."""

    what: str
    values: Sequence[float]
    unit: str
    target: float | None = None
    higher_is_better: bool = False

    def cells(self) -> tuple[str, ...]:
        """The text of the row under each of `HEADINGS`."""
        low, middle, high = min(self.values), median(self.values), max(self.values)
        figures = [f"{figure(value)} {self.unit}" for value in (middle, low, high)]
        if self.target is None:
            return (self.what, *figures, "", "")
        met = middle >= self.target if self.higher_is_better else middle <= self.target
        bound = "at least" if self.higher_is_better else "at most"
        target = f"{bound} {figure(self.target)} {self.unit}"
        return (self.what, *figures, target, "met" if met else "missed")


def figure(value: float) -> str:
    """A number with at least three significant digits: 1.52, 15.2, 1,520."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table; numbers are aligned to the right."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(HEADINGS))]
    rule = [
        f"{'-' * (width - 1)}{':' if 0 < column < 4 else '-'}" for column, width in _columns(widths)
    ]
    return "\n".join(
        "| "
        + " | ".join(_padded(line[column], column, width) for column, width in _columns(widths))
        + " |"
        for line in (HEADINGS, rule, *lines[1:])
    )


def _padded(text: str, column: int, width: int) -> str:
    return text.rjust(width) if 0 < column < 4 else text.ljust(width)


def _columns(widths: list[int]) -> list[tuple[int, int]]:
    return list(enumerate(widths))
