"""Losses smoothed as they come, so that a curve can be seen in the noise of single documents.

Knows nothing of runs or charts.
"""

from __future__ import annotations

from collections.abc import Iterable

ALPHA = 0.1  # the weight of the newest loss


class Smoothing:
    """An exponential moving average.

    Args:
        value: the average so far, to go on from; None where nothing has come yet.
    """

    def __init__(self, value: float | None = None) -> None:
        self.value = value

    def add(self, losses: Iterable[float]) -> list[float]:
        """Take further losses; returns the average after each of them."""
        averages = []
        value = self.value
        for loss in losses:
            value = loss if value is None else ALPHA * loss + (1 - ALPHA) * value
            averages.append(value)
        self.value = value
        return averages
