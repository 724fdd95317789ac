"""The loss chart: every step, smoothed, held out, guessing, and earlier runs faded behind.

Of a task it also draws the share of lines that were right, on a scale of its own. Of the earlier
runs those are drawn whose losses are in the same unit, that is, of the same data and tokens.

The drawing is uPlot's; the data are kept in JavaScript arrays that uPlot reads as they grow. The
view knows nothing of where losses come from.
"""

import asyncio
from math import ceil

from pyscript import window
from pyscript.ffi import create_proxy, to_js
from pyscript.js_modules import uplot

from app.page.types import JsProxy, Options, Room, Unit
from app.page.views.dom import find, listen, make

HEIGHT = 256
POINTS = 500  # of a thick line at most: more cannot be told apart, and take long to draw
OLD_RUNS = 3
PADDING = 12  # pixels above the picture
LABEL = 24  # that the line's name takes, with some air


class Chart:
    """One chart in the element `chart`, with `room` as of `begin`."""

    def __init__(self, room: Room) -> None:
        self.num_steps, self.guessing, self.is_task, self.unit = room
        self.box = find("chart")
        self.label = make("span", "", "guess-label")
        # Of each earlier run the unit of its losses, these, smoothed, and what share was right.
        self.old: list[tuple[Unit, JsProxy, JsProxy]] = []
        self.guess: JsProxy = None
        self.idle = True
        self.stale = False  # whether there is more than the picture shows
        self._set_data = create_proxy(lambda plot: plot.setData(self._data()))
        self._lay_out()
        self.plot = self._new_plot()
        observer = window.ResizeObserver.new(lambda entries, observer: self._resize())
        observer.observe(self.box)

    @property
    def room(self) -> Room:
        """What there is room for."""
        return self.num_steps, self.guessing, self.is_task, self.unit

    def begin(self, room: Room, idle: bool = False) -> None:
        """Make room for another run; the curves of the run before fade.

        room: how many steps it has, what guessing costs, whether a share of what it writes will be
        right, and the unit of its losses: those of runs in another are not drawn beside them.
        idle: whether that run has not begun. Its empty chart reaches down to 0; else the scale
        follows the losses, from the line of guessing on.
        """
        if self.raw.length > 1:
            self.old = [(self.unit, self.curve, self.right)] + self.old[: OLD_RUNS - 1]
        self.num_steps, self.guessing, self.is_task, self.unit = room
        self.idle = idle
        self._lay_out()
        self.restyle()

    def forget(self) -> None:
        """Take every curve away, the earlier runs' too."""
        self.raw.length = 1
        self.old = []
        self.begin(self.room, idle=True)

    def cut(self, step: int) -> None:
        """Take back what lies after `step`."""
        for values in (self.raw, self.smooth, self.curve, self.held, self.right):
            if values.length > step + 1:
                values.length = step + 1
        self.stale = True

    def add(
        self,
        raw: JsProxy,
        smooth: JsProxy,
        held_out: list[tuple[int, float]],
        accuracy: list[tuple[int, float]],
    ) -> None:
        """Append losses and their smoothed values, both in JavaScript's arrays.

        held_out: (step, loss) pairs of held-out documents.
        accuracy: (step, share) pairs of a task, 0 to 1.
        """
        done = self.raw.length
        window.microgpt.append(self.raw, raw)
        window.microgpt.append(self.smooth, smooth)
        every = max(1, self.num_steps // POINTS)
        for step in range(done + -done % every, self.raw.length, every):
            self.curve[step] = self.smooth[step]
        for step, loss in held_out:
            self.held[step] = loss
        for step, share in accuracy:
            self.right[step] = 100 * share
        self.stale = True

    def draw(self) -> None:
        """Show what has changed."""
        if self.stale:
            self.stale = False
            self.plot.batch(self._set_data)  # at once, so that its scales are known
            self._place_label()

    def set_guessing(self, guessing: float) -> None:
        """Move the line of guessing."""
        if guessing != self.guessing:
            self.guessing = guessing
            self.guess[0] = self.guess[self.guess.length - 1] = guessing
            self.restyle()

    def restyle(self) -> None:
        """Draw anew, in the colours of the theme."""
        self.plot.destroy()
        self.plot = self._new_plot()

    def _lay_out(self) -> None:
        """New columns of data, without losses yet, in JavaScript arrays."""
        self.drawn = [old for old in self.old if old[0] == self.unit]
        find("key-old").hidden = not self.drawn
        find("left-out").hidden = len(self.drawn) == len(self.old)
        span = self.num_steps
        for _, curve, _ in self.drawn:
            span = max(span, curve.length - 1)
        array = window.Array
        self.x = getattr(array, "from")(array.new(span + 1).keys())
        self.raw, self.smooth, self.held = array.new(1), array.new(1), array.new(1)
        self.right = array.new(1)  # in percent
        self.curve = array.new(1)  # the smoothed losses that are drawn
        self.guess = array.new(span + 1)
        self.guess[0] = self.guess[span] = self.guessing

    def _data(self) -> JsProxy:
        data = window.Array.new()
        data.push(self.x, self.raw)
        for _, curve, right in self.drawn:
            data.push(curve, right)
        data.push(self.curve, self.held, self.guess, self.right)
        return data

    def _new_plot(self) -> JsProxy:
        plot = uplot.default.new(self._options(), self._data(), self.box)
        plot.over.appendChild(self.label)
        self.label.textContent = f"guessing {self.guessing:.2f}"
        find("key-right").hidden = not self.is_task
        also = ", and the share that is right" if self.is_task else ""
        self.box.setAttribute("aria-label", f"Loss over the steps of the run{also}")
        listen(plot.over, "mousemove", lambda event: self._hover())
        listen(plot.over, "mouseleave", lambda event: self._hover())
        self._place_label_soon()
        return plot

    def _place_label_soon(self) -> None:
        async def place() -> None:
            await asyncio.sleep(0)  # uPlot sets its scales behind the code that runs now
            self._place_label()

        asyncio.create_task(place())

    def _place_label(self) -> None:
        top = self.plot.valToPos(self.guessing, "y")
        self.label.style.top = f"{top:.0f}px"
        # Above the line, unless that would be above the picture.
        self.label.classList.toggle("below", top + PADDING < LABEL)

    def _resize(self) -> None:
        width = self.box.clientWidth
        if width and width != self.plot.width:
            self.plot.setSize(to_js({"width": width, "height": HEIGHT}))
            self._place_label_soon()

    def _options(self) -> JsProxy:
        style = window.getComputedStyle(window.document.documentElement)

        def colour(name: str) -> str:
            return str(style.getPropertyValue(f"--{name}").strip())

        def line(name: str, width: float, **more: object) -> Options:
            options = {"stroke": colour(name), "width": width, "points": {"show": False}}
            options.update(more)
            return options

        def dotted(name: str, width: float, size: float, fill: str, **more: object) -> Options:
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
        for _ in self.drawn:
            series.append(line("faded", 1, spanGaps=True))
            series.append(dotted("faded", 1, 5, "paper", scale="percent"))
        series.append(line("accent", 2, spanGaps=True))
        series.append(dotted("held", 1.5, 6, "held"))
        series.append(line("ink-soft", 1, dash=[4, 4], spanGaps=True))
        series.append(dotted("ink", 1.5, 7, "paper", scale="percent"))
        most = self.x.length - 1
        # No Python functions in here: MicroPython lets go of those that are passed inside a
        # dictionary, and uPlot then calls into the void.
        # At least this much is in sight, so that the first few losses do not fill the picture.
        low = {"pad": 0.06, "soft": self.guessing - 1, "mode": 1}
        high = {"pad": 0.08, "soft": self.guessing + 0.25, "mode": 1}
        y_range: object = {"min": low, "max": high}
        if self.idle:
            y_range = [0, ceil(self.guessing + 0.5)]
        axes = [x_axis, y_axis]
        if self.is_task:
            shown = {
                "scale": "percent",
                "side": 1,
                "incrs": [25],
                "values": window.microgpt.percents,
            }
            axes.append(dict(y_axis, stroke=colour("ink"), grid={"show": False}, size=52, **shown))
        return to_js(
            {
                "width": max(self.box.clientWidth, 200),
                "height": HEIGHT,
                "legend": {"show": False},
                "cursor": {"y": False, "points": {"size": 7}, "drag": {"x": False, "y": False}},
                "scales": {
                    "x": {"time": False, "range": [0, most]},
                    "y": {"range": y_range},
                    "percent": {"range": [0, 100]},
                },
                "axes": axes,
                "series": series,
                "padding": [PADDING, 0 if self.is_task else 26, 0, 0],
            }
        )

    def _hover(self) -> None:
        step = self.plot.cursor.idx
        words = ""
        if step is not None and 0 < step < self.raw.length:
            words = f"step {step:,}: {self.raw[step]:.3f}, smoothed {self.smooth[step]:.3f}"
            held = self.held[step] if step < self.held.length else None
            if isinstance(held, (int, float)):
                words += f", held out {held:.3f}"
            right = self.right[step] if step < self.right.length else None
            if isinstance(right, (int, float)):
                words += f", right {right:.0f}%"
        find("chart-readout").textContent = words
