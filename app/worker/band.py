"""The spread of several runs: the median, and between which values most of them lie."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain

from app.shared.smoothing import Smoothing
from microgpt.lab import statistics

MAX_BAND_POINTS = 128  # of a band


def band_steps(num_steps: int) -> list[int]:
    """The steps at which the band of runs of this length is told: evenly spaced, the last too.

    >>> band_steps(4)
    [1, 2, 3, 4]
    """
    count = min(num_steps, MAX_BAND_POINTS)
    return [round((i + 1) * num_steps / count) for i in range(count)]


def smoothed_at(losses: Sequence[float], steps: Sequence[int]) -> list[float]:
    """The smoothed losses after these steps, as far as there are losses."""
    smoothed = Smoothing().add(losses)
    return [smoothed[step - 1] for step in steps if step <= len(smoothed)]


def band(curves: Sequence[Sequence[float]], steps: Sequence[int]) -> bytes:
    """The band of curves as 64-bit floats: steps, lower ends, medians, upper ends.

    A curve that ends early counts as far as it goes.
    """
    known = steps[: max(map(len, curves), default=0)]
    columns = [[curve[i] for curve in curves if i < len(curve)] for i in range(len(known))]
    lines = zip(*map(statistics.band, columns), strict=True)
    return array("d", chain(map(float, known), *lines)).tobytes()
