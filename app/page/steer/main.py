"""The entry of this part of the page."""

from app.page.run import RunRecord
from app.page.steer.course import CourseView
from app.page.steer.step_documents import step_documents_html
from app.page.steer.stop_panel import StopPanel
from app.page.views.chart import Chart
from app.page.views.dom import find, write_html
from app.shared.events import StepDocumentsEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Steer:
    """The course of the run in the chart, what a single step learned from, and what stops runs.

    Args:
        chart: the chart of losses.
        go_to: called with the step that the user goes back to.
        set_stops: called with the rules that are to stop runs, as the worker reads them.
        stops: those that do now.
    """

    def __init__(
        self,
        chart: Chart,
        go_to: "Callable[[float], None]",
        set_stops: "Callable[[list[str]], None]",
        stops: list[str],
    ) -> None:
        self._course = CourseView(chart, go_to)
        StopPanel(set_stops, stops)

    def show(self, run: RunRecord | None) -> None:
        """Show the course of this run, or none."""
        self._course.show(run)

    def show_documents(self, message: StepDocumentsEvent | None) -> None:
        """Show what a step learned from, in place of the lines that the model wrote; or nothing."""
        place = find("step-documents")
        place.hidden = message is None
        find("live").parentElement.classList.toggle("stepped", message is not None)
        if message is not None:
            write_html(place, step_documents_html(message))
