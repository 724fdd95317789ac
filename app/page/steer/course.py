"""The course of a run in its chart: what was changed where, and going back along it.

What came later than the step that is shown lies behind a veil; it is lost once the run goes on.
"""

from app.page.aliases import JsProxy
from app.page.run import RunRecord
from app.page.steer.course_html import marks_html
from app.page.views.chart import Chart
from app.page.views.dom import OncePerFrame, listen, make, write_html
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DRAG_PIXELS = 4  # that a press must move to be a drag
BACKWARD_KEYS, FORWARD_KEYS = ("ArrowLeft", "ArrowDown"), ("ArrowRight", "ArrowUp")


class CourseView:
    """Marks, the veil, and the slider on the line of steps.

    Args:
        chart: the chart of losses.
        go_to: called with the step that the user goes back to, often while dragging.
    """

    def __init__(self, chart: Chart, go_to: "Callable[[float], None]") -> None:
        self._chart, self._go_to = chart, go_to
        self._run: RunRecord | None = None
        self._marks = make("div", "", "course-marks")
        self._veil = make("div", "", "course-later")
        self._slider = make("input", "", "course-slider")
        self._slider.type = "range"
        self._slider.hidden = True
        self._slider.setAttribute("aria-label", "Go back along the run")
        self._drawn: object = None  # what the picture was made of
        self._pressed_at: float | None = None  # where in the window, while the button is down
        self._dragging = False
        self._place_soon = OncePerFrame(self._place)
        chart.box.appendChild(self._slider)
        listen(self._slider, "input", lambda event: go_to(float(self._slider.value)))
        listen(self._slider, "keydown", self._press_key)
        listen(chart.box, "pointerdown", self._press)
        listen(chart.box, "pointermove", self._move)
        listen(chart.box, "pointerup", self._release)
        listen(chart.box, "pointercancel", self._release)
        chart.listen_placed(self._place)

    def show(self, run: RunRecord | None) -> None:
        """Show the course of this run, or none, with the next frame."""
        self._run = run
        self._place_soon.request()

    # ---- going back ------------------------------------------------------------------------------

    @property
    def _can_go(self) -> bool:
        return self._run is not None and len(self._run.kept.steps) > 1

    def _press(self, event: JsProxy) -> None:
        mine = self._can_go and event.button == 0 and not event.shiftKey  # that zooms
        if mine and event.target.closest(".u-over") is not None:
            self._pressed_at, self._dragging = float(event.clientX), False

    def _move(self, event: JsProxy) -> None:
        if self._pressed_at is None:
            return
        x = float(event.clientX)
        if not self._dragging and abs(x - self._pressed_at) >= DRAG_PIXELS:
            self._dragging = True
            self._chart.box.setPointerCapture(event.pointerId)
        if self._dragging:
            self._go_to(self._chart.step_at(x))

    def _release(self, _event: JsProxy) -> None:
        self._pressed_at = None

    def _press_key(self, event: JsProxy) -> None:
        """The arrows go from one kept step to the next, however far it is."""
        run, key = self._run, event.key
        if run is None or key not in BACKWARD_KEYS + FORWARD_KEYS:
            return
        event.preventDefault()
        shown = run.shown_step - run.base_step
        if key in BACKWARD_KEYS:
            steps = [step for step in run.kept.steps if step < shown][-1:]
        else:
            steps = [step for step in run.kept.steps if step > shown][:1]
        if steps:
            self._go_to(run.base_step + steps[0])

    # ---- the picture -----------------------------------------------------------------------------

    def _place(self) -> None:
        """Show everything where it belongs by now; called whenever the chart is drawn."""
        run, chart = self._run, self._chart
        over = chart.over
        if self._marks.parentElement != over:
            over.appendChild(self._veil)
            over.appendChild(self._marks)
            self._drawn = None
        shown = run is not None and run.curves.last_step > 0
        version = (run.kept.version, str(run.marks)) if run is not None else ()
        width = int(over.clientWidth)
        drawn = (shown, width, chart.place_of(0), chart.place_of(chart.frame[0]), version)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw(over, width)
        self._show_step()

    def _draw(self, over: JsProxy, width: int) -> None:
        """Draw marks and dots, and lay the slider on the line of steps."""
        run, chart = self._run, self._chart
        html = ""
        if run is not None and run.curves.last_step:
            marks = [(chart.place_of(step), words) for step, words in run.marks]
            kept = [chart.place_of(run.base_step + step) for step in run.kept.steps]
            html = marks_html(marks, kept, width)
        write_html(self._marks, html)
        self._slider.hidden = not self._can_go
        chart.box.classList.toggle("has-course", self._can_go)
        # A picture may have nothing in it that takes the focus.
        chart.box.setAttribute("role", "group" if self._can_go else "img")
        box, area = chart.box.getBoundingClientRect(), over.getBoundingClientRect()
        style = self._slider.style
        style.left, style.width = f"{area.left - box.left:.1f}px", f"{area.width:.1f}px"
        style.top = f"{area.bottom - box.top:.1f}px"

    def _show_step(self) -> None:
        """Show which step's model is shown."""
        run, slider = self._run, self._slider
        rewound = run.rewound if run is not None else None
        self._veil.hidden = rewound is None
        if rewound is not None:
            self._veil.style.left = f"{self._chart.place_of(rewound):.1f}px"
        if run is None:
            return
        first, last = self._chart.shown_steps
        values = (str(int(first)), str(int(last)), str(run.shown_step))
        if (slider.min, slider.max, slider.value) != values:
            slider.min, slider.max, slider.value = values
            slider.setAttribute("aria-valuetext", f"step {run.shown_step:,}")
