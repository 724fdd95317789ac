"""What the worker has told of an experiment so far.

Plain Python that MicroPython understands.
"""

from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.lab import SweptCurve, SweptEvent, SweptFinding, SweptPoint


class Told:
    """Points, curves and what came out; nothing at first."""

    def __init__(self) -> None:
        self.done = self.of = 0  # runs
        self.seconds_left = -1.0  # less than 0 where nobody knows
        self.seconds = 0.0  # of computing
        self.over = False
        self.failure = ""
        self.points: dict[tuple[int, int], SweptPoint] = {}  # by sweep and place
        self.curves: dict[tuple[int, int, str], SweptCurve] = {}  # and by what they measure
        self.predicted: dict[tuple[int, int], tuple[float, float]] = {}  # value and error
        self.finding: SweptFinding | None = None

    def take(self, message: "SweptEvent") -> None:
        """Take over what is new."""
        self.done, self.of = message["done"], message["of"]
        self.seconds_left, self.seconds = message["seconds_left"], message["seconds"]
        self.over = message["over"]
        self.failure = message["failure"] or self.failure
        for point in message["points"]:
            self.points[(point["sweep"], point["place"])] = point
        for curve in message["curves"]:
            self.curves[(curve["sweep"], curve["place"], curve["name"])] = curve
        for sweep, place, value, error in message["predicted"]:
            self.predicted[(sweep, place)] = (value, error)
        if message["finding"] is not None:
            self.finding = message["finding"]
