"""All losses of a run, step by step, in JavaScript arrays that the chart draws as they grow."""

import json

from app.page.aliases import JsProxy, LossUnit
from app.page.thinning import Curve
from app.page.views.dom import find
from app.shared.presets import DEFAULT_PRESET


class Curves:
    """What was measured of a run, by step."""

    def __init__(self) -> None:
        self.raw = Curve()  # the loss of each step
        self.smooth = Curve()  # the same smoothed
        self.held_out = Curve(sparse=True)  # losses of held-out documents
        self.accuracy = Curve(sparse=True)  # of a task, in percent
        self.version = 0  # changes with the values
        self.num_kept = 0  # losses that are kept for the next visit

    @property
    def last_step(self) -> int:
        """The last step with a loss, 0 where there is none."""
        return self.raw.last_step

    def add(
        self,
        raw: JsProxy,
        smooth: JsProxy,
        held_out: list[tuple[int, float]],
        accuracy: list[tuple[int, float]],
    ) -> None:
        """Append the losses of new steps and their smoothed values, both JavaScript arrays.

        held_out: (step, loss) of held-out documents.
        accuracy: (step, share right) of a task, 0 to 1.
        """
        self.raw.extend(raw)
        self.smooth.extend(smooth)
        self.held_out.add(held_out)
        self.accuracy.add([(step, 100 * share) for step, share in accuracy])
        self.version += 1

    def truncate(self, step: int) -> None:
        """Forget what lies after `step`."""
        for curve in (self.raw, self.smooth, self.held_out, self.accuracy):
            curve.truncate(step)
        self.num_kept = min(self.num_kept, step)
        self.version += 1


class EarlierRun:
    """A run whose curves stand faded behind those of the current one.

    Args:
        unit: which data its losses are of, and which tokens.
        curves: its losses.
        shipped: whether it is that of the model that comes with the page.
    """

    def __init__(self, unit: LossUnit, curves: Curves, shipped: bool = False) -> None:
        self.unit = unit
        self.curves = curves
        self.shipped = shipped


def shipped_run() -> EarlierRun:
    """The run of the model that comes with the page; the build wrote its losses into the page."""
    curves = Curves()
    curves.smooth = Curve(sparse=True)
    curves.smooth.add(json.loads(find("chart").dataset.shipped))
    return EarlierRun(((DEFAULT_PRESET, 0), ()), curves, True)
