"""Curves of any length, drawn with no more points than can be told apart, their extremes kept.

A chart has a grid of steps for all its curves: buckets, each with two points. Of the values in a
bucket the lowest and the highest are drawn, in their order, so that no spike is lost. What loops
over values is JavaScript, in `static/curves.mjs`: MicroPython would take long for it.
"""

from pyscript import window

from app.page.aliases import JsProxy

MAX_BUCKETS = 1024  # of a grid: about as many as a wide chart has pixels
MAX_THICK_BUCKETS = 256  # of a thick line, which takes long to draw
MAX_DOTS = 200  # that are drawn where they are; of more only the extremes
DOT_BUCKETS = 64


class Curve:
    """Values by step, in JavaScript arrays.

    Args:
        sparse: whether only some steps have a value; else each has one, from step 1 on.
    """

    def __init__(self, sparse: bool = False) -> None:
        array = window.Array
        self.values = array.new(0 if sparse else 1)  # index 0 stays empty where each step has one
        self.steps: JsProxy = array.new() if sparse else None  # None: the index is the step
        self.cuts = 0  # how often it was shortened, so that what was drawn of it is void

    @property
    def last_step(self) -> int:
        """The last step with a value, 0 where there is none."""
        size = int(self.values.length)
        if self.steps is None:
            return size - 1
        return int(self.steps[size - 1]) if size else 0

    def extend(self, values: JsProxy) -> None:
        """Append the values of the next steps, a JavaScript array."""
        window.microgpt.append(self.values, values)

    def add(self, points: list[tuple[int, float]]) -> None:
        """Append (step, value) to a sparse curve, in the order of their steps."""
        for step, value in points:
            self.steps.push(step)
            self.values.push(value)

    def truncate(self, step: int) -> None:
        """Forget what lies after `step`."""
        if self.last_step <= step:
            return
        size = int(self.values.length)
        if self.steps is None:
            size = step + 1
        else:
            while size and self.steps[size - 1] > step:
                size -= 1
            self.steps.length = size
        self.values.length = size
        self.cuts += 1

    def near(self, step: float, distance: float) -> tuple[int, float] | None:
        """The (step, value) nearest to a step, if it is no farther away than `distance`."""
        place = int(window.microgpt.nearest(self.values, self.steps, step))
        if place < 0:
            return None
        found = place if self.steps is None else int(self.steps[place])
        return (found, self.values[place]) if abs(found - step) <= distance else None


class Grid:
    """The steps at which a chart draws, from `first` to `last` and a little beyond.

    Args:
        first, last: the steps at the edges of the picture.
        logarithmic: whether the buckets become longer in proportion to the step.
        max_buckets: how many there may be; no bucket is shorter than a step.
    """

    def __init__(
        self, first: float, last: float, logarithmic: bool = False, max_buckets: int = MAX_BUCKETS
    ) -> None:
        grid = window.microgpt.grid(first, last, logarithmic, max_buckets)
        self.bounds = grid.bounds  # a bucket reaches from one to the next
        self.steps = grid.steps  # of the points, two for each bucket
        self.num_buckets = int(grid.bounds.length) - 1


class DrawnCurve:
    """A curve on a grid, as uPlot draws it: `values` are at the grid's steps, with gaps.

    Args:
        curve: what is drawn; it may grow.
        grid: that of the chart.
        max_buckets: in how many it is drawn at most.
        dots: whether its points are dots, which stay where they are as long as they are few.
    """

    def __init__(
        self, curve: Curve, grid: Grid, max_buckets: int = MAX_BUCKETS, dots: bool = False
    ) -> None:
        self._curve, self._grid, self._dots = curve, grid, dots
        self._merged = -(-grid.num_buckets // max_buckets)  # buckets that are drawn as one
        self._done = 0  # values of the curve that are drawn
        self._cuts = curve.cuts
        self._begin()
        self.update()

    def update(self) -> None:
        """Draw what has come since then."""
        crowded = self._dots and self._curve.values.length > MAX_DOTS and self._merged == 1
        if crowded:
            self._merged = -(-self._grid.num_buckets // DOT_BUCKETS)
        if crowded or self._cuts != self._curve.cuts:
            self._begin()
        curve, grid = self._curve, self._grid
        window.microgpt.thin(
            curve.values, curve.steps, self._done, grid.bounds, self._merged, self.values
        )
        self._done = int(curve.values.length)

    def spread(self, share: float) -> tuple[float, float] | None:
        """The lowest value that is drawn, and the highest but for a share; None without any."""
        found = window.microgpt.spread(self.values, share)
        return (found[0], found[1]) if found.length else None

    def _begin(self) -> None:
        self._done, self._cuts = 0, self._curve.cuts
        self.values: JsProxy = window.Array.new(self._grid.steps.length)
