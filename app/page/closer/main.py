"""The entry: the chart's axes and zoom, curves below it with one cursor for all, and weights."""

from pyscript import document, window

from app.page.aliases import JsProxy
from app.page.closer.closer_html import PANEL_HTML, histograms_html, options_html
from app.page.closer.strip import Strip
from app.page.closer.zooming import Zooming
from app.page.errors import guarded
from app.page.thinning import Curve
from app.page.views.chart import Chart
from app.page.views.dom import HtmlPlace, OncePerFrame, find, listen, on_press, set_text, write_html
from app.shared.events import DiagnosticsEvent

WHOLE = ""  # the name under which the norm of the whole gradient stands


class CloserPanel:
    """What is seen of one run; of the next one it begins anew.

    Args:
        chart: that of the losses.
    """

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        write_html(find("closer-body"), PANEL_HTML)
        self._run = 0  # the number of the run that all this is about
        self._norms: dict[str, Curve] = {}  # by matrix
        self._of = WHOLE  # the matrix whose norm is shown
        self._newest: DiagnosticsEvent | None = None
        self._norm = Strip(find("norm-strip"), chart, "accent")
        self._rate = Strip(find("rate-strip"), chart, "held")
        self._open = False
        self._matrices = HtmlPlace(find("norm-of"))
        self._drawn: tuple[object, ...] = ()  # what the strips were last laid out for
        self._redraw = OncePerFrame(self._draw)
        Zooming(chart)
        on_press("zoom-in", lambda: chart.zoom_by(0.5))
        on_press("zoom-out", lambda: chart.zoom_by(2.0))
        on_press("zoom-whole", lambda: chart.zoom_by(float("inf")))
        for name in ("log-steps", "log-loss"):
            listen(find(name), "change", lambda event: self._set_axes())
        listen(find("norm-of"), "change", lambda event: self._choose())
        listen(chart.box, "pointermove", self._point)
        listen(chart.box, "pointerleave", lambda event: self._say(None))
        chart.listen_placed(self._placed)
        themes = window.MutationObserver.new(guarded(lambda *_: self._lay_out()))
        themes.observe(document.documentElement, attributeFilter=["data-theme"])

    def set_open(self, shown: bool) -> None:
        """It is to be seen, or is not any more."""
        self._open = shown
        self._placed()

    def on_diagnostics(self, message: DiagnosticsEvent, base_step: int) -> None:
        """More is seen; the event's steps are counted from `base_step` on."""
        if message["run"] != self._run:
            self._run, self._norms = message["run"], {}
            self._rate.show(Curve(sparse=True))
        step = message["step"] = base_step + message["step"]
        norms = [(WHOLE, message["norm"])]
        norms += [(matrix["name"], matrix["norm"]) for matrix in message["matrices"]]
        for name, norm in norms:
            if name not in self._norms:
                self._norms[name] = Curve(sparse=True)
            self._norms[name].truncate(step - 1)  # the run may have gone back
            self._norms[name].add([(step, norm)])
        if "rates" in message:
            rates = Curve(sparse=True)
            rates.add([(base_step + step, rate) for step, rate in message["rates"]])
            self._rate.show(rates)
        self._newest = message
        self._redraw.request()

    def _draw(self) -> None:
        """Show what has come since the last frame."""
        message = self._newest
        if message is None:
            return
        names = [matrix["name"] for matrix in message["matrices"]]
        if self._of not in self._norms:
            self._of = WHOLE
        find("norm-none").hidden = True
        self._matrices.write(options_html(names, self._of))
        self._norm.show(self._norms[self._of])
        set_text(find("weights-step"), f"after step {message['step']:,}")
        write_html(find("weight-histograms"), histograms_html(message["matrices"]))

    def _choose(self) -> None:
        self._of = str(find("norm-of").value)
        self._draw()

    def _set_axes(self) -> None:
        self._chart.set_axes(bool(find("log-steps").checked), bool(find("log-loss").checked))

    def _placed(self) -> None:
        """Steps may lie elsewhere in the chart than before."""
        if not self._open:
            return
        chart = self._chart
        find("zoom-whole").disabled = find("zoom-out").disabled = not chart.is_zoomed
        drawn = (chart.shown_steps, chart.log_steps, int(chart.over.clientWidth))
        if drawn != self._drawn:
            self._drawn = drawn
            self._lay_out()

    def _lay_out(self) -> None:
        if self._open:
            self._norm.lay_out()
            self._rate.lay_out()

    def _point(self, event: JsProxy) -> None:
        self._say(self._chart.step_at(event.clientX))

    def _say(self, step: float | None) -> None:
        """Say what was measured nearest to a step; None: nothing is pointed at."""
        self._norm.say(find("norm-said"), step)
        self._rate.say(find("rate-said"), step)
