"""The smoothed loss, as the worker of the playground and that of Learn compute it."""

from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NEWEST_LOSS_WEIGHT = 0.1  # in the smoothed loss


class Smoothing:
    """An exponential moving average, which shows a curve in the noise of single documents.

    Args:
        value: the average so far, None before the first loss.
    """

    def __init__(self, value: "float | None" = None) -> None:
        self.value = value

    def add(self, losses: "Iterable[float]") -> list[float]:
        """Adds losses; returns the average after each of them."""
        averages = []
        value = self.value
        for loss in losses:
            if value is None:
                value = loss
            else:
                value = NEWEST_LOSS_WEIGHT * loss + (1 - NEWEST_LOSS_WEIGHT) * value
            averages.append(value)
        self.value = value
        return averages
