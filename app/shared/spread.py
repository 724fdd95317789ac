"""Where most of some values lie: plain Python that MicroPython understands."""

from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LOW_SHARE, HIGH_SHARE = 0.1, 0.9  # of the values that lie below the two ends
MEDIAN_SHARE = 0.5


def quantile(values: "Sequence[float]", share: float) -> float:
    """The value that a share of the values lies below, on the straight line between two of them.

    Args:
        values: in rising order, at least one.
        share: from 0 to 1.

    >>> quantile([1.0, 2.0, 4.0], 0.5), quantile([1.0, 2.0, 4.0], 0.75)
    (2.0, 3.0)
    """
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])
