"""What the runs at one point of a sweep have come to, for the page to draw."""

from __future__ import annotations

from app.shared.lab import SweptCurve, SweptPoint
from microgpt.lab.results import Curve, RunResult
from microgpt.lab.statistics import band, bands

SAMPLES_BETWEEN = ", "


class PointResults:
    """The results at one point.

    Args:
        sweep, place: which point it is.
        measured: the name of the measure of its sweep.
        tells_runs: whether the page wants to know every run.
    """

    def __init__(self, sweep: int, place: int, measured: str, tells_runs: bool) -> None:
        self._sweep, self._place, self._measured = sweep, place, measured
        self._tells_runs = tells_runs
        self.done = 0
        self._diverged = self._num_params = 0
        self._values: list[tuple[int, float]] = []  # (seed, value)
        self._curves: dict[str, list[Curve]] = {}
        self._sample = ""

    def add(self, result: RunResult) -> None:
        """A run has ended."""
        self.done += 1
        self._diverged += result.diverged > 0
        self._num_params = result.num_params
        if self._measured in result.measures:
            self._values.append((int(result.run["seed"]), result.measures[self._measured]))
        for name, curve in result.curves.items():
            self._curves.setdefault(name, []).append(curve)

    def show(self, samples: list[str]) -> None:
        """This is what its model writes."""
        self._sample = SAMPLES_BETWEEN.join(samples)

    def told(self) -> SweptPoint:
        """What the page is told of it."""
        values = [value for _, value in self._values]
        return SweptPoint(
            sweep=self._sweep,
            place=self._place,
            done=self.done,
            diverged=self._diverged,
            middle=list(band(values)) if values else [],
            runs=self._values[:] if self._tells_runs else [],
            num_params=self._num_params,
            sample=self._sample,
        )

    def told_curves(self) -> list[SweptCurve]:
        """What the page is told of its curves."""
        told = []
        for name, curves in self._curves.items():
            steps = [step for step, _ in curves[0]]
            around = bands([[value for _, value in curve] for curve in curves])
            told.append(
                SweptCurve(
                    sweep=self._sweep,
                    place=self._place,
                    name=name,
                    steps=steps,
                    low=[each.low for each in around],
                    median=[each.median for each in around],
                    high=[each.high for each in around],
                )
            )
        return told
