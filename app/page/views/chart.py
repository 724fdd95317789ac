"""The loss chart: every step, smoothed, held out, guessing, and earlier runs faded behind.

Of a task it also draws the share that was right, on a scale of its own. Of the earlier
runs only those are drawn whose losses are in the same unit, that is, of the same data and tokens.
The drawing is uPlot's, which reads the runs' `Curves` as they grow.
"""

from pyscript import window
from pyscript.ffi import create_proxy, to_js
from pyscript.js_modules import uplot

from app.page.aliases import Action, ChartFrame, JsOptions, JsProxy
from app.page.curves import Curves, EarlierRun
from app.page.errors import guarded
from app.page.views.dom import clear, listen, make

MIN_CHART_PIXELS = (200, 100)  # width and height
PADDING_PIXELS = 12  # above the picture
LABEL_PIXELS = 36  # that the label of the line of guessing takes, below the buttons that save


class Chart:
    """One chart, whose size is the style sheet's.

    Args:
        figure: its element: in it a place with the class `plot`, the keys of the legend, and
            `chart-readout`, where the numbers are said that the pointer is at.
        frame: what it shows at first, as an empty chart.
        earlier: as for `show`.
    """

    def __init__(self, figure: JsProxy, frame: ChartFrame, earlier: list[EarlierRun]) -> None:
        self._figure = figure
        self._box = figure.querySelector(".plot")
        self._readout = figure.querySelector(".chart-readout")
        clear(self._box)  # of the picture that stands there until Python is up
        self._label = make("span", "", "guess-label")
        self._plot: JsProxy = None
        self._x: JsProxy = None  # the steps
        self._guess: JsProxy = None  # the two ends of the line of guessing
        self._drawn_version = 0  # of the curves
        self.on_placed: Action | None = None  # called when steps may lie elsewhere in the picture
        self._update = create_proxy(guarded(self._set_data))
        self.show(frame, None, earlier)
        observer = window.ResizeObserver.new(guarded(lambda *_: self._resize()))
        observer.observe(self._box)

    def show(self, frame: ChartFrame, curves: Curves | None, earlier: list[EarlierRun]) -> None:
        """Draw another run.

        frame: its steps, the loss of guessing, whether it is a task, the unit of its losses.
        curves: its losses; None for a run that has not started.
        earlier: the runs behind it; those in other units are left out. The scales are those of the
            current run alone.
        """
        self.frame = frame
        self._curves = curves or Curves(frame[0])
        self._earlier = [run for run in earlier if run.unit == frame[3]]
        self._show_legend(earlier)
        self._lay_out()
        self.restyle()

    def draw(self) -> None:
        """Show what has changed."""
        if self._drawn_version != self._curves.version:
            self._drawn_version = self._curves.version
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

    def set_guessing(self, guessing: float) -> None:
        """Move the line of guessing."""
        num_steps, before, is_task, unit = self.frame
        if guessing != before:
            self.frame = (num_steps, guessing, is_task, unit)
            self._guess[0] = self._guess[self._guess.length - 1] = guessing
            self.restyle()

    def restyle(self) -> None:
        """Draw anew, in the colours of the theme."""
        if self._plot is not None:
            self._plot.destroy()
        self._plot = self._new_plot()
        self._flush()

    def _show_legend(self, earlier: list[EarlierRun]) -> None:
        """Name what is drawn behind the current run, and what is not."""
        of_user = [run for run in self._earlier if not run.shipped]
        self._show_key("old", bool(of_user))
        self._show_key("clear", bool(of_user))
        self._show_key("shipped", len(of_user) < len(self._earlier))
        self._show_key("left-out", len(of_user) < len([run for run in earlier if not run.shipped]))

    def _show_key(self, kind: str, shown: bool) -> None:
        """Show a part of the legend, or hide it, if this chart has one."""
        key = self._figure.querySelector(f".legend .{kind}")
        if key is not None:
            key.hidden = not shown

    def _lay_out(self) -> None:
        """New axes for the frame."""
        last_step, guessing, _, _ = self.frame
        for run in self._earlier:
            # Its curve leaves the picture at the edge instead of ending before it.
            last_step = max(last_step, int(run.curves.thinned.length) - 1)
        array = window.Array
        self._x = getattr(array, "from")(array.new(last_step + 1).keys())
        self._guess = array.new(last_step + 1)
        self._guess[0] = self._guess[last_step] = guessing
        self._drawn_version = self._curves.version

    def _flush(self) -> None:
        """Draw at once, so that the scales are known, and label the line of guessing."""
        self._plot.batch(self._update)
        self._place_label()
        if self.on_placed is not None:
            self.on_placed()

    def _set_data(self, plot: JsProxy) -> None:
        low, high = self._curves.loss_range(self.frame[1])
        plot.setData(self._data())
        plot.setScale("y", to_js({"min": low, "max": high}))

    def _data(self) -> JsProxy:
        curves = self._curves
        data = window.Array.new()
        data.push(self._x, curves.raw)
        for run in self._earlier:
            data.push(run.curves.thinned, run.curves.accuracy)
        data.push(curves.thinned, curves.held_out, self._guess, curves.accuracy)
        return data

    def _new_plot(self) -> JsProxy:
        _, guessing, is_task, _ = self.frame
        plot = uplot.default.new(self._options(), self._data(), self._box)
        self._box.plot = plot  # for static/pictures/
        plot.over.appendChild(self._label)
        self._label.textContent = f"guessing {guessing:.2f}"
        self._show_key("right", is_task)
        also = ", and the share that is right" if is_task else ""
        self._box.setAttribute("aria-label", f"Loss over the steps of the run{also}")
        listen(plot.over, "mousemove", lambda event: self._hover())
        listen(plot.over, "mouseleave", lambda event: self._hover())
        return plot

    def _place_label(self) -> None:
        top = self._plot.valToPos(self.frame[1], "y")
        self._label.style.top = f"{top:.0f}px"
        # Above the line, unless that would be above the picture.
        self._label.classList.toggle("below", top + PADDING_PIXELS < LABEL_PIXELS)

    def _size(self) -> tuple[int, int]:
        """Width and height of the picture, in pixels."""
        width, height = MIN_CHART_PIXELS
        return max(self._box.clientWidth, width), max(self._box.clientHeight, height)

    def _resize(self) -> None:
        width, height = self._size()
        if self._box.clientWidth and (width, height) != (self._plot.width, self._plot.height):
            self._plot.setSize(to_js({"width": width, "height": height}))
            self._flush()

    def _options(self) -> JsProxy:
        style = window.getComputedStyle(window.document.documentElement)
        is_task = self.frame[2]
        width, height = self._size()

        def colour(name: str) -> str:
            return str(style.getPropertyValue(f"--{name}").strip())

        def line(name: str, width: float, **more: object) -> JsOptions:
            options = {"stroke": colour(name), "width": width, "points": {"show": False}}
            options.update(more)
            return options

        def dotted(name: str, width: float, size: float, fill: str, **more: object) -> JsOptions:
            points = {"show": True, "size": size, "fill": colour(fill), "stroke": colour(name)}
            return line(name, width, spanGaps=True, points=dict(points, width=width), **more)

        axis = {
            "stroke": colour("ink-soft"),
            "font": "12px 'IBM Plex Mono'",
            "grid": {"stroke": colour("line"), "width": 1},
            "ticks": {"show": False},
        }
        # So far below the picture that the 0% of a task does not touch the last step.
        x_axis = dict(axis, grid={"show": False}, space=70, size=32, gap=9)
        y_axis = dict(axis, space=36, size=44)
        series = [{}, line("raw", 1)]
        for run in self._earlier:
            dots = {"dash": [1.5, 3.5]} if run.shipped else {}
            name = "edge" if run.shipped else "faded"
            series.append(line(name, 1.5, spanGaps=True, **dots))
            series.append(dotted("faded", 1, 5, "paper", scale="percent"))
        series.append(line("accent", 2, spanGaps=True))
        series.append(dotted("held", 1.5, 6, "held"))
        series.append(line("ink-soft", 1, dash=[4, 4], spanGaps=True))
        series.append(dotted("ink", 1.5, 7, "paper", scale="percent"))
        # No Python functions in here: MicroPython's collector takes those that are passed inside a
        # dictionary, while uPlot still calls them.
        axes = [x_axis, y_axis]
        if is_task:
            shown = {
                "scale": "percent",
                "side": 1,
                "incrs": [25],
                "values": window.microgpt.percents,
            }
            axes.append(dict(y_axis, stroke=colour("ink"), grid={"show": False}, size=52, **shown))
        return to_js(
            {
                "width": width,
                "height": height,
                "legend": {"show": False},
                "cursor": {"y": False, "points": {"size": 7}, "drag": {"x": False, "y": False}},
                "scales": {
                    "x": {"time": False, "range": [0, self.frame[0]]},
                    "y": {"range": list(self._curves.loss_range(self.frame[1]))},
                    "percent": {"range": [0, 100]},
                },
                "axes": axes,
                "series": series,
                "padding": [PADDING_PIXELS, 0 if is_task else 26, 0, 0],
            }
        )

    def _hover(self) -> None:
        step, curves = self._plot.cursor.idx, self._curves
        words = ""
        if step is not None and 0 < step < curves.raw.length:
            words = f"step {step:,}: {curves.raw[step]:.3f}, smoothed {curves.smooth[step]:.3f}"
            held_out = curves.held_out[step] if step < curves.held_out.length else None
            if isinstance(held_out, (int, float)):
                words += f", held out {held_out:.3f}"
            accuracy = curves.accuracy[step] if step < curves.accuracy.length else None
            if isinstance(accuracy, (int, float)):
                words += f", right {accuracy:.0f}%"
        self._readout.textContent = words
