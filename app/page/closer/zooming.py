"""Zooming with the pointer: Shift and a drag over the chart, Ctrl and the wheel, or a pinch."""

from app.page.aliases import JsProxy
from app.page.views.chart import Chart
from app.page.views.dom import listen, make

MIN_DRAG = 4  # pixels, less of which is a press
ZOOM_PER_PIXEL = 1.003  # of the wheel


class Zooming:
    """Listens to the pointer over a chart.

    Args:
        chart: the chart.
    """

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._start: float | None = None  # where a drag has begun, in the window's pixels
        self._veil = make("div", "", "zoom-veil")
        self._veil.hidden = True
        chart.overlay.appendChild(self._veil)
        listen(chart.box, "wheel", self._turn)
        listen(chart.box, "pointerdown", self._press)
        listen(chart.box, "pointermove", self._move)
        listen(chart.box, "pointerup", self._release)
        listen(chart.box, "pointercancel", lambda event: self._end())

    def _turn(self, event: JsProxy) -> None:
        if event.ctrlKey:  # which a browser also says of a pinch
            event.preventDefault()
            step = self._chart.step_at(event.clientX)
            self._chart.zoom_by(ZOOM_PER_PIXEL**event.deltaY, step)

    def _press(self, event: JsProxy) -> None:
        if event.shiftKey and event.button == 0:
            event.preventDefault()
            self._start = float(event.clientX)
            self._chart.box.setPointerCapture(event.pointerId)

    def _move(self, event: JsProxy) -> None:
        if self._start is None:
            return
        edge = self._chart.over.getBoundingClientRect().left
        left, right = sorted([self._start - edge, float(event.clientX) - edge])
        self._veil.hidden = False
        self._veil.style.left, self._veil.style.width = f"{left:.0f}px", f"{right - left:.0f}px"

    def _release(self, event: JsProxy) -> None:
        start, end = self._start, float(event.clientX)
        self._end()
        if start is not None and abs(end - start) >= MIN_DRAG:
            first, last = sorted([self._chart.step_at(start), self._chart.step_at(end)])
            self._chart.zoom(first, last)

    def _end(self) -> None:
        self._start = None
        self._veil.hidden = True
