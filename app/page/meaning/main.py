"""The entry: figures on whether a run has learned or memorised, and its lines beside the data's."""

from app.page.meaning.meaning_html import MEANING_HTML, facts_html, nearest_html
from app.page.run import RunRecord
from app.page.views.dom import find, write_html
from app.shared.events import NearestLinesEvent


class MeaningPanel:
    """What is known of the finished run."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, int]] = []
        self._run = 0  # the number of the run that the rows are of
        write_html(find("meaning-body"), MEANING_HTML)

    def show(self, run: RunRecord | None) -> None:
        """Show what is known of a run that is over; None: there is none."""
        write_html(find("meaning-facts"), facts_html(run.series) if run is not None else "")
        if run is None or run.number != self._run:
            self._rows, self._run = [], run.number if run is not None else 0
            self._show_rows()

    def on_nearest_lines(self, message: NearestLinesEvent) -> None:
        """More rows have come."""
        if message["first"] or message["run"] != self._run:
            self._rows, self._run = [], message["run"]
        self._rows += [(line, nearest, edits) for line, nearest, edits in message["rows"]]
        self._show_rows()

    def _show_rows(self) -> None:
        write_html(find("nearest-rows"), nearest_html(self._rows))
