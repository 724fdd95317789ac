"""What the page is to be told of an experiment next."""

from __future__ import annotations

from app.shared.lab import SweptEvent, SweptFinding
from app.worker.lab.conclusions import Predicted
from app.worker.lab.plan import Plan, RunKey
from app.worker.lab.points import PointResults
from app.worker.lab.records import Record
from microgpt.lab.results import RunResult


class News:
    """How far an experiment is, and what is new.

    Args:
        plan: its runs.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._points: dict[tuple[int, int], PointResults] = {}
        self._seconds, self.done = 0.0, [0] * len(plan.sweeps)  # runs that have ended, by sweep
        self._failure = ""
        self._begin()

    def _begin(self) -> None:
        """Nothing is new."""
        self.fresh = False  # whether there is anything
        self._changed: dict[tuple[int, int], PointResults] = {}
        self._lines: dict[RunKey, bytes] = {}
        self._finding: SweptFinding | None = None
        self._predicted: Predicted = []

    def add(self, key: RunKey, result: RunResult) -> None:
        """A run has come to this, now or earlier."""
        self._seconds += result.measures.get("seconds", 0.0)
        self._point(key).add(result)
        self.done[key.sweep] += 1

    def fail(self, key: RunKey, sentence: str, over: bool) -> None:
        """Something has failed at a run; `over`: so nothing comes of it at all."""
        self._failure = sentence
        point = self._point(key)
        if over:
            point.done += 1
            self.done[key.sweep] += 1

    def show(self, key: RunKey, samples: list[str]) -> None:
        """This is what the model of a run writes, the first one at its point."""
        self._point(key).show(samples)

    def keep(self, record: Record) -> None:
        """This is to be kept."""
        self._lines[record.key] = record.line()

    def conclude(self, finding: SweptFinding, predicted: Predicted) -> None:
        """This has come out."""
        self._finding, self.fresh = finding, True
        self._predicted += predicted

    def event(self, number: int, over: bool, seconds_left: float) -> SweptEvent:
        """All that is new, as an event; after that nothing is.

        Args:
            number: of the command.
            over: whether nothing more is to come.
            seconds_left: until then.
        """
        points = list(self._changed.values())
        event = SweptEvent(
            type="swept",
            number=number,
            done=sum(self.done),
            of=self._plan.num_runs,
            seconds_left=seconds_left,
            seconds=self._seconds,
            over=over,
            points=[point.told() for point in points],
            curves=[curve for point in points for curve in point.told_curves()],
            predicted=self._predicted,
            finding=self._finding,
            failure=self._failure,
        )
        if self._lines:
            event["blob"] = b"".join(self._lines.values())
        self._begin()
        return event

    def _point(self, key: RunKey) -> PointResults:
        """The point of a run, of which there is more to tell."""
        at = key.sweep, self._plan.place(key)
        if at not in self._points:
            sweep = self._plan.sweeps[key.sweep]
            self._points[at] = PointResults(*at, sweep.measured, not sweep.axes)
        self._changed[at] = self._points[at]
        self.fresh = True
        return self._points[at]
