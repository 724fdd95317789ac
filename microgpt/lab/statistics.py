"""What many runs of the same settings come to: median, quantiles, band, mean with its error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

BAND_SHARES = (0.1, 0.9)  # the quantiles that a band goes between


class Band(NamedTuple):
    """The middle of some values, and where most of them lie."""

    low: float
    median: float
    high: float


class MeanError(NamedTuple):
    """A mean, and its standard error; that is infinite for a single value."""

    mean: float
    error: float


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values lie below, between two of them by linear interpolation.

    Definition 7 of Hyndman and Fan, "Sample quantiles in statistical packages" (1996).

    Args:
        values: at least one, in any order.
        share: 0 to 1.

    >>> quantile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.5
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = min(math.floor(place), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    low, high, part = ordered[below], ordered[above], place - below
    # Never outside of the two, as low + part * (high - low) can be by a rounding.
    return low if part == 0 or low == high else min(high, low * (1 - part) + high * part)


def median(values: Sequence[float]) -> float:
    """The middle one of at least one value.

    >>> median([3.0, 1.0, 2.0])
    2.0
    """
    return quantile(values, 0.5)


def band(values: Sequence[float]) -> Band:
    """The median of at least one value, and the band of the middle 80% of them."""
    low, high = BAND_SHARES
    return Band(quantile(values, low), median(values), quantile(values, high))


def bands(curves: Sequence[Sequence[float]]) -> list[Band]:
    """The band of several curves of the same length, place by place."""
    return [band(values) for values in zip(*curves, strict=True)]


def mean_error(values: Sequence[float]) -> MeanError:
    """The mean of at least one value, and its standard error: how far off it is likely to be.

    The standard error is the standard deviation of the values (divisor n - 1) over the root of n.

    >>> mean_error([1.0, 3.0])
    MeanError(mean=2.0, error=1.0)
    """
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return MeanError(mean, math.inf)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return MeanError(mean, math.sqrt(squares / (count - 1) / count))


def difference(one: Sequence[float], other: Sequence[float]) -> MeanError:
    """The mean of `one` less that of `other`, and its standard error.

    The errors of both are added as squares, whatever their spreads (Welch, "The generalization of
    'Student's' problem when several different population variances are involved", 1947).

    >>> difference([1.0, 3.0], [0.0, 0.0])
    MeanError(mean=2.0, error=1.0)
    """
    first, second = mean_error(one), mean_error(other)
    return MeanError(first.mean - second.mean, math.hypot(first.error, second.error))
