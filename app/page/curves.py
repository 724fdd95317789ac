"""All losses of a run, step by step, in JavaScript arrays that the chart draws as they grow."""

import json

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import JsProxy, LossUnit
from app.page.thinning import MAX_THICK_BUCKETS, Curve, Grid
from app.page.views.dom import find
from app.shared.presets import DEFAULT_PRESET


class Curves:
    """What was measured of a run, by step."""

    def __init__(self) -> None:
        self.raw = Curve()  # the loss of each step
        self.smooth = Curve()  # the same smoothed
        self.held_out = Curve(sparse=True)  # losses of held-out documents
        self.accuracy = Curve(sparse=True)  # of a task, in percent
        self.train_accuracy = Curve(sparse=True)  # the same on lines of the training data
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
        train_accuracy: list[tuple[int, float]],
    ) -> None:
        """Append the losses of new steps and their smoothed values, both JavaScript arrays.

        held_out: (step, loss) of held-out documents.
        accuracy, train_accuracy: (step, share right) of a task, 0 to 1, in its test and on lines of
            the training data.
        """
        self.raw.extend(raw)
        self.smooth.extend(smooth)
        self.held_out.add(held_out)
        for curve, shares in (
            (self.accuracy, accuracy),
            (self.train_accuracy, train_accuracy),
        ):
            curve.add([(step, 100 * share) for step, share in shares])
        self.version += 1

    def truncate(self, step: int) -> None:
        """Forget what lies after `step`."""
        self.raw.truncate(step)
        self.smooth.truncate(step)
        for curve in (self.held_out, self.accuracy, self.train_accuracy):
            curve.truncate(step)
        self.num_kept = min(self.num_kept, step)
        self.version += 1


class PastCurve:
    """The curve of a past run, faded behind that of the current one.

    Args:
        unit: which data its losses are of, and which tokens.
        points: its smoothed losses, thinned out, as of `points_of`.
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
        self.lowest = float(window.microgpt.lowestOf(points))
        self.drawn = window.Object.new()  # as `static/past_curves.mjs` wants it
        self.drawn.losses = points
        if accuracy:
            self.drawn.accuracy = _flat([(step, 100 * share) for step, share in accuracy])
        if shipped:
            self.drawn.dash = to_js([1.5, 3.5])
        self.show("", "edge" if shipped else "past", False)

    def show(self, name: str, colour: str | float, emphasised: bool) -> None:
        """Draw it in this way from now on.

        Args:
            name: what is written at its end, "" for nothing.
            colour: as of `static/past_curves.mjs`.
            emphasised: whether it stands out.
        """
        self.drawn.name, self.drawn.colour, self.drawn.emphasised = name, colour, emphasised


def points_of(curve: Curve) -> JsProxy:
    """A curve thinned out, its extremes kept: a Float64Array of steps and values in turn."""
    grid = Grid(0, curve.last_step + 1, max_buckets=MAX_THICK_BUCKETS)
    found = window.microgpt.extremes(curve.values, curve.steps, grid.bounds)
    return window.Float64Array.new(found)


def shipped_curve() -> PastCurve:
    """That of the model that comes with the page; the build wrote its losses into the page."""
    losses = json.loads(find("chart").dataset.shipped)
    return PastCurve(((DEFAULT_PRESET, 0, ""), ()), _flat(losses), [], True)


def _flat(points: list[tuple[int, float]]) -> JsProxy:
    return window.Float64Array.new(to_js([each for point in points for each in point]))
