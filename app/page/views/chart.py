"""The loss chart: every step, smoothed, held out, guessing, and earlier runs faded behind.

Of a task it also draws the share of lines that were right, on a scale of its own. Of the earlier
runs only those are drawn whose losses are in the same unit, that is, of the same data and tokens.
The drawing is uPlot's, which reads the runs' `Curves` as they grow.
"""

import asyncio
from math import ceil

from pyscript import window
from pyscript.ffi import create_proxy, to_js
from pyscript.js_modules import uplot

from app.page.aliases import ChartFrame, JsOptions, JsProxy, LossUnit
from app.page.curves import Curves
from app.page.errors import guarded, spawn
from app.page.views.dom import find, listen, make

PADDING_PIXELS = 12  # above the picture
LABEL_PIXELS = 24  # that the label of the line of guessing takes, with some air


class Chart:
    """One chart in the element `chart`.

    Args:
        frame: what it shows at first.
    """

    def __init__(self, frame: ChartFrame) -> None:
        self.frame = frame
        self._curves = Curves(frame[0])
        self._earlier: list[Curves] = []
        self._idle = True
        self._drawn_version = 0  # of the curves
        self._box = find("chart")
        self._label = make("span", "", "guess-label")
        self._x: JsProxy = None  # the steps
        self._guess: JsProxy = None  # the two ends of the line of guessing
        self._set_data = create_proxy(guarded(lambda plot: plot.setData(self._data())))
        self._lay_out()
        self._plot = self._new_plot()
        observer = window.ResizeObserver.new(guarded(lambda *_: self._resize()))
        observer.observe(self._box)

    def show(
        self, frame: ChartFrame, curves: Curves | None, earlier: list[tuple[LossUnit, Curves]]
    ) -> None:
        """Draw another run.

        frame: its steps, the loss of guessing, whether it is a task, the unit of its losses.
        curves: its losses. None for a run that has not started: the empty chart reaches down to 0,
            else the scale follows the losses, from the line of guessing on.
        earlier: unit and curves of each earlier run; those in other units are left out.
        """
        self.frame = frame
        self._idle = curves is None
        self._curves = curves or Curves(frame[0])
        self._earlier = [old for unit, old in earlier if unit == frame[3]]
        find("left-out").hidden = len(self._earlier) == len(earlier)
        self._lay_out()
        self.restyle()

    def draw(self) -> None:
        """Show what has changed."""
        if self._drawn_version != self._curves.version:
            self._drawn_version = self._curves.version
            self._plot.batch(self._set_data)  # at once, so that its scales are known
            self._place_label()

    def set_guessing(self, guessing: float) -> None:
        """Move the line of guessing."""
        num_steps, before, is_task, unit = self.frame
        if guessing != before:
            self.frame = (num_steps, guessing, is_task, unit)
            self._guess[0] = self._guess[self._guess.length - 1] = guessing
            self.restyle()

    def restyle(self) -> None:
        """Draw anew, in the colours of the theme."""
        self._plot.destroy()
        self._plot = self._new_plot()

    def _lay_out(self) -> None:
        """New axes for the frame."""
        find("key-old").hidden = not self._earlier
        last_step, guessing, _, _ = self.frame
        for curves in self._earlier:
            last_step = max(last_step, int(curves.thinned.length) - 1)
        array = window.Array
        self._x = getattr(array, "from")(array.new(last_step + 1).keys())
        self._guess = array.new(last_step + 1)
        self._guess[0] = self._guess[last_step] = guessing
        self._drawn_version = self._curves.version

    def _data(self) -> JsProxy:
        curves = self._curves
        data = window.Array.new()
        data.push(self._x, curves.raw)
        for old in self._earlier:
            data.push(old.thinned, old.accuracy)
        data.push(curves.thinned, curves.held_out, self._guess, curves.accuracy)
        return data

    def _new_plot(self) -> JsProxy:
        _, guessing, is_task, _ = self.frame
        plot = uplot.default.new(self._options(), self._data(), self._box)
        plot.over.appendChild(self._label)
        self._label.textContent = f"guessing {guessing:.2f}"
        find("key-right").hidden = not is_task
        also = ", and the share that is right" if is_task else ""
        self._box.setAttribute("aria-label", f"Loss over the steps of the run{also}")
        listen(plot.over, "mousemove", lambda event: self._hover())
        listen(plot.over, "mouseleave", lambda event: self._hover())
        self._place_label_soon()
        return plot

    def _place_label_soon(self) -> None:
        async def place() -> None:
            await asyncio.sleep(0)  # uPlot sets its scales after the code that runs now
            self._place_label()

        spawn(place())

    def _place_label(self) -> None:
        top = self._plot.valToPos(self.frame[1], "y")
        self._label.style.top = f"{top:.0f}px"
        # Above the line, unless that would be above the picture.
        self._label.classList.toggle("below", top + PADDING_PIXELS < LABEL_PIXELS)

    def _resize(self) -> None:
        width = self._box.clientWidth
        if width and width != self._plot.width:
            self._plot.setSize(to_js({"width": width, "height": self._box.clientHeight}))
            self._place_label_soon()

    def _options(self) -> JsProxy:
        style = window.getComputedStyle(window.document.documentElement)
        _, guessing, is_task, _ = self.frame

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
        x_axis = dict(axis, grid={"show": False}, space=70, size=28)
        y_axis = dict(axis, space=36, size=44)
        series = [{}, line("raw", 1)]
        for _ in self._earlier:
            series.append(line("faded", 1, spanGaps=True))
            series.append(dotted("faded", 1, 5, "paper", scale="percent"))
        series.append(line("accent", 2, spanGaps=True))
        series.append(dotted("held", 1.5, 6, "held"))
        series.append(line("ink-soft", 1, dash=[4, 4], spanGaps=True))
        series.append(dotted("ink", 1.5, 7, "paper", scale="percent"))
        # No Python functions in here: MicroPython's collector takes those that are passed inside a
        # dictionary, while uPlot still calls them.
        # At least this much is in sight, so that the first few losses do not fill the picture.
        low = {"pad": 0.06, "soft": guessing - 1, "mode": 1}
        high = {"pad": 0.08, "soft": guessing + 0.25, "mode": 1}
        y_range: object = {"min": low, "max": high}
        if self._idle:
            y_range = [0, ceil(guessing + 0.5)]
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
                "width": max(self._box.clientWidth, 200),
                "height": self._box.clientHeight,
                "legend": {"show": False},
                "cursor": {"y": False, "points": {"size": 7}, "drag": {"x": False, "y": False}},
                "scales": {
                    "x": {"time": False, "range": [0, self._x.length - 1]},
                    "y": {"range": y_range},
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
        find("chart-readout").textContent = words
