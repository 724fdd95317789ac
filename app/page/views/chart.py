"""The loss chart: every step, smoothed, held out, guessing, and past runs faded behind.

Of a task it also draws the share that was right, on a scale of its own. Of the past runs only those
are drawn whose losses are in the same unit, that is, of the same data and tokens. The drawing is
uPlot's, and of past runs that of `static/past_curves.mjs`; what is drawn of a run's `Curves` is
thinned out as they grow.
"""

from pyscript import window
from pyscript.ffi import create_proxy, to_js
from pyscript.js_modules import uplot

from app.page.aliases import Action, ChartFrame, JsProxy
from app.page.curves import Curves, PastCurve
from app.page.errors import guarded
from app.page.series import SPIKE_SHARE, loss_range, zoomed_range
from app.page.thinning import MAX_THICK_BUCKETS, DrawnCurve, Grid
from app.page.views.chart_levels import ChartLevels
from app.page.views.chart_options import chart_options
from app.page.views.dom import clear, listen, make

MIN_CHART_PIXELS = (200, 100)  # width and height
PAST_MARGIN = 0.05  # of loss, below the lowest past run
MIN_ZOOMED_STEPS = 10  # that a chart shows at least
NEAR_SHARE = 0.01  # of the chart's width, within which the pointer is at a measurement


class Chart:
    """One chart, whose size is the style sheet's.

    `overlay` lies over its curves, and stays when the chart is drawn anew.

    Args:
        figure: its element: in it a place with the class `plot`, the keys of the legend, and
            `chart-readout`, where the numbers are said that the pointer is at.
        frame: what it shows at first, as an empty chart.
        past: as for `show`.
    """

    def __init__(self, figure: JsProxy, frame: ChartFrame, past: list[PastCurve]) -> None:
        self._figure = figure
        self._box = figure.querySelector(".plot")
        self._readout = figure.querySelector(".chart-readout")
        clear(self._box)  # of the picture that stands there until Python is up
        self.overlay = make("div", "", "chart-overlay")
        self._levels = ChartLevels(self.overlay)
        self._plot: JsProxy = None
        self._lines: tuple[bool, int] | None = None  # what there is in it beside curves of losses
        self.frame = frame
        self._zoomed: tuple[float, float] | None = None  # the steps that are zoomed to
        self.log_steps = self._log_loss = False
        self._drawn_version = 0  # of the curves
        self._band_low: float | None = None  # of the band of several runs: the lowest loss in it
        self._placed: list[Action] = []
        self._update = create_proxy(guarded(self._set_data))
        self.show(frame, None, past)
        observer = window.ResizeObserver.new(guarded(lambda *_: self._resize()))
        observer.observe(self._box)

    def show(self, frame: ChartFrame, curves: Curves | None, past: list[PastCurve]) -> None:
        """Draw another run.

        frame: its steps, the loss of guessing, whether it is a task, the unit of its losses.
        curves: its losses; None for a run that has not started.
        past: the runs behind it; those in other units are left out. The scale of the steps is that
            of the current run alone.
        """
        if frame[3] != self.frame[3]:
            self._levels.baselines = []
            self._show_key("counting", False)
        self.frame = frame
        self._curves = curves or Curves()
        self._zoomed = None
        self._levels.set_guessing(frame[1])
        self._take_past(past)
        self._renew()

    def show_past(self, past: list[PastCurve]) -> None:
        """Draw other runs behind the current one, or the same in another way."""
        self._take_past(past)
        self._flush()

    def draw(self) -> None:
        """Show what has changed."""
        if self._drawn_version != self._curves.version:
            self._flush()

    @property
    def box(self) -> JsProxy:
        """The element that the picture lies in."""
        return self._box

    @property
    def over(self) -> JsProxy:
        """The element over the curves alone; another one whenever the chart is drawn anew."""
        return self._plot.over

    def place_of(self, step: float) -> float:
        """Where a step lies, in pixels from the left of the curves."""
        return float(self._plot.valToPos(step, "x"))

    def step_at(self, client_x: float) -> float:
        """The step at this place of the window."""
        left = self._plot.over.getBoundingClientRect().left
        return float(self._plot.posToVal(client_x - left, "x"))

    def listen_placed(self, act: Action) -> None:
        """Call `act()` whenever steps may lie elsewhere in the picture, or it was drawn anew."""
        self._placed.append(act)

    def set_guessing(self, guessing: float) -> None:
        """Move the line of guessing."""
        num_steps, before, is_task, unit = self.frame
        if guessing != before:
            self.frame = (num_steps, guessing, is_task, unit)
            self._levels.set_guessing(guessing)
            self._flush()

    def set_baselines(self, baselines: list[tuple[str, float]]) -> None:
        """Draw lines at these losses, each with its name; none: they go."""
        if baselines != self._levels.baselines:
            self._levels.baselines = baselines
            self._show_key("counting", bool(baselines))
            self._renew()

    def set_band(self, band: "list[JsProxy] | None") -> None:
        """Draw between which losses most of several runs lie, and the median.

        band: steps, and the lower end, the median and the upper end at each, as `Float64Array`s.
        """
        if band is None and self._band_low is None:
            return
        self._band_low = None if band is None else min(band[1])
        self._box.band = None if band is None else to_js(band)
        self._show_key("band", band is not None)
        self._flush()

    def set_axes(self, log_steps: bool, log_loss: bool) -> None:
        """Have the axes be logarithmic, or linear."""
        if (log_steps, log_loss) != (self.log_steps, self._log_loss):
            self.log_steps, self._log_loss = log_steps, log_loss
            self.restyle()

    # ---- zoom, and what others place on it -------------------------------------------------------

    @property
    def shown_steps(self) -> tuple[float, float]:
        """The steps at its two edges."""
        return self._zoomed or self._whole()

    @property
    def is_zoomed(self) -> bool:
        """Whether it shows a part of the run."""
        return self._zoomed is not None

    def zoom(self, first: float, last: float) -> None:
        """Show these steps alone; as far as there are any, and no fewer than can be told apart."""
        least, most = self._whole()
        size = min(max(last - first, MIN_ZOOMED_STEPS), most - least)
        first = min(max(first, least), most - size)
        self._zoomed = (first, first + size) if size < most - least else None
        self._lay_out()
        self._flush()

    def zoom_by(self, factor: float, step: float | None = None) -> None:
        """Show `factor` times as many steps; `step` stays where it is, by default the middle."""
        first, last = self.shown_steps
        step = (first + last) / 2 if step is None else step
        self.zoom(step - (step - first) * factor, step + (last - step) * factor)

    def restyle(self) -> None:
        """Draw anew, in the colours of the theme."""
        self._lines = None
        self._renew()

    # ----------------------------------------------------------------------------------------------

    def _whole(self) -> tuple[float, float]:
        return (1, max(2, self.frame[0])) if self.log_steps else (0, self.frame[0])

    def _take_past(self, past: list[PastCurve]) -> None:
        """Have uPlot find what is to be drawn, and name what is drawn and what is not."""
        self._past = [run for run in past if run.unit == self.frame[3]]
        self._box.past = window.Array.new()
        for run in self._past:
            self._box.past.push(run.drawn)
        of_user = [run for run in self._past if not run.shipped]
        self._show_key("old", bool(of_user))
        self._show_key("clear", bool(of_user))
        self._show_key("shipped", len(of_user) < len(self._past))
        self._show_key("left-out", len(of_user) < len([run for run in past if not run.shipped]))
        self._show_key("right", self.frame[2])
        self._show_key("trained", False)

    def _show_key(self, kind: str, shown: bool) -> None:
        """Show a part of the legend, or hide it, if this chart has one."""
        key = self._figure.querySelector(f".legend .{kind}")
        if key is not None:
            key.hidden = not shown

    def _renew(self) -> None:
        """Draw all curves on a new grid; in a new plot only where that must have other lines."""
        self._lay_out()
        lines = (self.frame[2], len(self._levels.baselines))
        if lines != self._lines:
            self._lines = lines
            if self._plot is not None:
                self._plot.destroy()
            self._plot = self._new_plot()
        self._flush()

    def _lay_out(self) -> None:
        """A new grid for the steps that are shown, and all curves on it."""
        first, last = self.shown_steps
        grid = self._grid = Grid(first, last, self.log_steps)
        curves = self._curves
        self._raw = DrawnCurve(curves.raw, grid)
        self._smooth = DrawnCurve(curves.smooth, grid, MAX_THICK_BUCKETS)
        self._held_out = DrawnCurve(curves.held_out, grid, dots=True)
        self._accuracy = DrawnCurve(curves.accuracy, grid, dots=True)
        self._train_accuracy = DrawnCurve(curves.train_accuracy, grid, dots=True)
        self._drawn = [self._raw, self._smooth, self._held_out]
        self._drawn += [self._train_accuracy, self._accuracy]

    def _flush(self) -> None:
        """Draw at once, so that the scales are known, and label the lines."""
        self._drawn_version = self._curves.version
        for drawn in self._drawn:
            drawn.update()
        if self.frame[2]:
            self._show_key("trained", self._curves.train_accuracy.last_step > 0)
        self._plot.batch(self._update)
        self._levels.place(self._plot)
        for act in self._placed:
            act()

    def _set_data(self, plot: JsProxy) -> None:
        first, last = self.shown_steps
        low, high = self._loss_range()
        plot.setData(self._data())
        plot.setScale("x", to_js({"min": first, "max": last}))
        plot.setScale("y", to_js({"min": low, "max": high}))

    def _loss_range(self) -> tuple[float, float]:
        held_out = self._held_out.spread(0.0)
        if self._zoomed is None:
            low, high = loss_range(self.frame[1], self._smooth.spread(SPIKE_SHARE), held_out)
            of_past = [max(0.0, run.lowest - PAST_MARGIN) for run in self._past if not run.shipped]
            if self._band_low is not None:
                of_past.append(max(0.0, self._band_low - PAST_MARGIN))
            found = min([low] + of_past), high
        else:
            found = zoomed_range(self.frame[1], [self._raw.spread(0.0), held_out])
        return (max(found[0], found[1] / 1000), found[1]) if self._log_loss else found

    def _data(self) -> JsProxy:
        data = window.Array.new()
        data.push(self._grid.steps, self._raw.values)
        data.push(self._smooth.values, self._held_out.values)
        for values in self._levels.values(int(self._grid.steps.length)):
            data.push(values)
        data.push(self._train_accuracy.values, self._accuracy.values)
        return data

    def _new_plot(self) -> JsProxy:
        is_task = self.frame[2]
        options = chart_options(
            self._size(),
            self._loss_range(),
            (self.log_steps, self._log_loss),
            is_task,
            len(self._levels.baselines),
            str(self._box.id),
        )
        plot = uplot.default.new(options, self._data(), self._box)
        self._box.plot = plot  # for static/pictures/
        plot.over.appendChild(self.overlay)
        also = ", and the share that is right" if is_task else ""
        self._box.setAttribute("aria-label", f"Loss over the steps of the run{also}")
        listen(plot.over, "mousemove", lambda event: self._hover())
        listen(plot.over, "mouseleave", lambda event: self._hover())
        return plot

    def _size(self) -> tuple[int, int]:
        """Width and height of the picture, in pixels."""
        width, height = MIN_CHART_PIXELS
        return max(self._box.clientWidth, width), max(self._box.clientHeight, height)

    def _resize(self) -> None:
        width, height = self._size()
        if self._box.clientWidth and (width, height) != (self._plot.width, self._plot.height):
            self._plot.setSize(to_js({"width": width, "height": height}))
            self._flush()

    def _hover(self) -> None:
        """Say what was measured at the pointer, by the run whose curve is nearer."""
        left, top = self._plot.cursor.left, self._plot.cursor.top
        step = round(self._plot.posToVal(left, "x")) if left >= 0 else 0
        has_step = 0 < step <= self._curves.last_step
        of_past = window.microgpt.nearestPast(self._plot)
        if of_past is not None and has_step:
            own = self._plot.valToPos(self._curves.smooth.values[step], "y")
            if abs(own - top) <= of_past[2]:
                of_past = None
        if of_past is not None:
            words = f"{self._past[of_past[0]].drawn.name}: {of_past[1]:.3f}"
        else:
            words = self._measured(step) if has_step else ""
        self._readout.textContent = words

    def _measured(self, step: int) -> str:
        """What was measured of the current run at a step."""
        curves = self._curves
        loss, smoothed = curves.raw.values[step], curves.smooth.values[step]
        words = f"step {step:,}: {loss:.3f}, smoothed {smoothed:.3f}"
        first, last = self.shown_steps
        distance = NEAR_SHARE * (last - first)
        held_out = curves.held_out.near(step, distance)
        if held_out is not None:
            words += f", held out {held_out[1]:.3f}"
        accuracy = curves.accuracy.near(step, distance)
        if accuracy is not None:
            words += f", right {accuracy[1]:.0f}%"
        trained = curves.train_accuracy.near(step, distance)
        if trained is not None:
            words += f", in training {trained[1]:.0f}%"
        return words
