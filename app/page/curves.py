"""All losses of a run, step by step, in JavaScript arrays that the chart draws as they grow."""

import json

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import JsProxy, LossUnit
from app.page.series import loss_range
from app.page.views.dom import find
from app.shared.presets import DEFAULT_PRESET

MAX_CURVE_POINTS = 500  # of a thick line: more cannot be told apart, and take long to draw


class Curves:
    """Values by step, in JavaScript arrays; index 0 stays empty.

    Args:
        num_steps: how long the run is meant to be.
    """

    def __init__(self, num_steps: int) -> None:
        self._stride = _stride(num_steps)
        array = window.Array
        self.raw = array.new(1)  # the loss of each step
        self.smooth = array.new(1)  # the same smoothed
        self.thinned = array.new(1)  # every n-th of the smoothed ones, which are drawn
        self._drawn: list[float] = []  # the same without the gaps, for Python
        self.held_out = array.new(1)  # losses of held-out documents
        self._evaluations: list[tuple[int, float]] = []  # the same as (step, loss)
        self.accuracy = array.new(1)  # of a task, in percent
        self.version = 0  # changes with the values
        self.num_kept = 0  # losses that are kept for the next visit

    @property
    def last_step(self) -> int:
        """The last step with a loss, 0 where there is none."""
        return int(self.raw.length) - 1

    def points(self) -> JsProxy:
        """What is drawn, as a Float64Array: all steps before all losses."""
        return window.microgpt.pastCurves.pointsOf(self.thinned)

    def loss_range(self, guessing: float) -> tuple[float, float]:
        """The lowest and the highest loss that a chart of it shows; see `series.loss_range`."""
        return loss_range(guessing, self._drawn, [loss for _, loss in self._evaluations])

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
        done = self.raw.length
        window.microgpt.append(self.raw, raw)
        window.microgpt.append(self.smooth, smooth)
        self._thin(done)
        for step, loss in held_out:
            self.held_out[step] = loss
        self._evaluations.extend(held_out)
        for step, share in accuracy:
            self.accuracy[step] = 100 * share
        self.version += 1

    def truncate(self, step: int) -> None:
        """Forget what lies after `step`."""
        for values in (self.raw, self.smooth, self.thinned, self.held_out, self.accuracy):
            if values.length > step + 1:
                values.length = step + 1
        del self._drawn[step // self._stride :]
        self.num_kept = min(self.num_kept, step)
        self._evaluations = [point for point in self._evaluations if point[0] <= step]
        self.version += 1

    def extend(self, num_steps: int) -> None:
        """The run is continued; it is meant to have `num_steps` steps in all."""
        self._stride = _stride(num_steps)
        self.thinned.length = 1
        self._drawn = []
        self._thin(1)
        self.version += 1

    def _thin(self, first: int) -> None:
        """Choose what is drawn of the smoothed losses from step `first` on."""
        for step in range(first + -first % self._stride, self.smooth.length, self._stride):
            self.thinned[step] = self.smooth[step]
            self._drawn.append(self.smooth[step])


class PastCurve:
    """The curve of a past run, faded behind that of the current one.

    Args:
        unit: which data its losses are of, and which tokens.
        points: its smoothed losses, thinned out, as of `Curves.points`.
        accuracy: of a task (step, share right), else nothing.
        shipped: whether it is that of the model that comes with the page.
    """

    def __init__(
        self,
        unit: LossUnit,
        points: JsProxy,
        accuracy: list[tuple[int, float]],
        shipped: bool = False,
    ) -> None:
        self.unit, self.shipped = unit, shipped
        self.lowest = float(window.microgpt.pastCurves.lowestOf(points))
        self.drawn = window.Object.new()  # as `static/past_curves.mjs` wants it
        self.drawn.losses = points
        if accuracy:
            shares = [100 * share for _, share in accuracy]
            steps = [step for step, _ in accuracy]
            self.drawn.accuracy = window.Float64Array.new(to_js(steps + shares))
        if shipped:
            self.drawn.dash = to_js([1.5, 3.5])
        self.show("", "edge" if shipped else "faded", False)

    def show(self, name: str, colour: str | float, emphasised: bool) -> None:
        """Draw it in this way from now on.

        Args:
            name: what is written at its end, "" for nothing.
            colour: as of `static/past_curves.mjs`.
            emphasised: whether it stands out.
        """
        self.drawn.name, self.drawn.colour, self.drawn.emphasised = name, colour, emphasised


def shipped_curve() -> PastCurve:
    """That of the model that comes with the page; the build wrote its losses into the page."""
    losses = json.loads(find("chart").dataset.shipped)
    points = [step for step, _ in losses] + [loss for _, loss in losses]
    unit = ((DEFAULT_PRESET, 0), ())
    return PastCurve(unit, window.Float64Array.new(to_js(points)), [], True)


def _stride(num_steps: int) -> int:
    return max(1, num_steps // MAX_CURVE_POINTS)
