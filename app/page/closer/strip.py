"""A low chart below that of the losses, with the same steps and the same cursor."""

from pyscript import window
from pyscript.ffi import to_js
from pyscript.js_modules import uplot

from app.page.aliases import JsProxy
from app.page.thinning import Curve
from app.page.views.chart import Chart
from app.page.views.chart_options import axis, distribution, dotted, sides
from app.page.views.dom import set_text

HEIGHT = 84  # pixels
HEADROOM = 1.1  # of the highest value, that the picture reaches to


class Strip:
    """One curve.

    Args:
        box: the element that it is drawn in.
        chart: whose steps it shows.
        colour: the name of the curve's colour.
    """

    def __init__(self, box: JsProxy, chart: Chart, colour: str) -> None:
        self._box, self._chart, self._colour = box, chart, colour
        self._curve = Curve(sparse=True)
        self._plot: JsProxy = None

    def show(self, curve: Curve) -> None:
        """Draw this curve from now on."""
        self._curve = curve
        if self._plot is not None:
            self._plot.setData(self._data())
            self._plot.setScale("y", to_js({"min": 0, "max": self._highest()}))

    def lay_out(self) -> None:
        """Draw anew, for the steps that the chart shows now."""
        if self._plot is not None:
            self._plot.destroy()
        chart = self._chart
        left, right, padding = sides(chart.frame[2])
        first, last = chart.shown_steps
        steps = {"time": False, "range": [first, last], "distr": distribution(chart.log_steps)}
        options = {
            "width": max(1, int(chart.box.clientWidth)),
            "height": HEIGHT,
            "legend": {"show": False},
            "cursor": {
                "y": False,
                "points": {"size": 6},
                "drag": {"x": False, "y": False},
                "sync": {"key": str(chart.box.id)},
            },
            "scales": {
                "x": steps,
                "y": {"range": [0, self._highest()]},
            },
            "axes": [
                dict(axis(), show=False),
                dict(axis(), space=28, size=left),
            ],
            "series": [{}, dotted(self._colour, 1.5, 4, self._colour)],
            "padding": [6, right + padding, 6, 0],
        }
        self._plot = uplot.default.new(to_js(options), self._data(), self._box)
        self._box.plot = self._plot  # for static/pictures/

    def say(self, element: JsProxy, step: float | None) -> None:
        """Have an element say the value nearest to a step, or nothing."""
        found = self._curve.near(step, float("inf")) if step is not None else None
        set_text(element, f"step {found[0]:,}: {found[1]:.4g}" if found is not None else "")

    def _data(self) -> JsProxy:
        data = window.Array.new()
        data.push(self._curve.steps, self._curve.values)
        return data

    def _highest(self) -> float:
        found = window.microgpt.spread(self._curve.values, 0.0)
        return HEADROOM * found[1] if found.length and found[1] > 0 else 1.0
