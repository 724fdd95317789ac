"""The picture of a model as places in pixels: its steps, and the lines between them.

A line keeps to lanes and changes them between two columns, so that it never crosses a box. Plain
Python that MicroPython understands.
"""

from app.page.views.flow.lanes import Lanes
from app.page.views.flow.steps import FlowStep

GAP = 14  # between two columns
TRACK = 7  # between lines that change lanes in the same gap
LANE = 40  # from lane to lane
BOX = 32  # the height of a box in one lane
SIGN = 10  # the radius of a sign
PORT = 6  # between lines that enter a box one below the other
BESIDE = LANE / 2 - 2  # from the middle of a lane to a line that passes between it and the next
LONG = 8  # columns of a line that a row may be broken at
# What a corner of a line is above or below: a step's right edge, left edge, middle; or in a gap.
RIGHT, LEFT, MIDDLE, BETWEEN = 0, 1, 2, 3


class Line:
    """A line from step to step, and its corners in pixels."""

    def __init__(self, source: int, target: int) -> None:
        self.source, self.target = source, target
        self.points: list[tuple[float, float]] = []
        self.corners: list[tuple[int, int, float]] = []  # where, of which step or column, y


class FlowLayout:
    """Places for the steps, which are written into them, and for the lines.

    Args:
        steps: in the order of computation, their widths known.
    """

    def __init__(self, steps: list[FlowStep]) -> None:
        self.steps = steps
        self._lanes = Lanes(steps)
        self.output = self._lanes.output
        self.num_columns = self._lanes.num_columns
        self.height = LANE * self._lanes.num_lanes
        self._upright: list[tuple[int, int, int, int]] = []  # source, column, lanes
        self._entered: list[tuple[int, int]] = []  # steps, and from above (-1) or below (1)
        self.lines = [
            self._line(source, i) for i, step in enumerate(steps) for source in step.inputs
        ]
        # Of each column, and behind the last one: where the gap before it begins.
        self.edges: list[float] = []
        self._set_places(self._tracks())

    def breaks(self) -> list[int]:
        """The columns that a row may begin with: one line leads there, not counting long ones."""
        crossing = [0] * (self.num_columns + 1)
        for i, users in enumerate(self._lanes.users):
            begin = self.steps[i].column
            end = max([self.steps[user].column for user in users] + [begin])
            if end - begin <= LONG:
                for column in range(begin + 1, end + 1):
                    crossing[column] += 1
        return [column for column in range(self.num_columns) if crossing[column] <= 1]

    # ---- lines -----------------------------------------------------------------------------------

    def _line(self, source: int, target: int) -> Line:
        line = Line(source, target)
        begin, end = self.steps[source], self.steps[target]
        line.corners.append((RIGHT, source, middle(begin.lane)))
        lane = end.lane
        if self._lanes.main(target) != source:
            lane = self._lanes.between(source, target).lane
        if lane != begin.lane:
            line.corners.append((BETWEEN, begin.column + 1, middle(begin.lane)))
            line.corners.append((BETWEEN, begin.column + 1, middle(lane)))
        if end.lane <= lane < end.lane + end.lanes:
            line.corners.append((LEFT, target, middle(lane)))
        else:
            self._enter(line, end, lane)
        return line

    def _enter(self, line: Line, end: FlowStep, lane: int) -> None:
        """From its lane into a step of another lane, from below or from above."""
        target, side = line.target, 1 if lane > end.lane else -1
        y = middle(end.lane)
        if not end.sign:
            self._entered.append((target, side))
            port = y + side * PORT * self._entered.count((target, side))
            line.corners.append((BETWEEN, end.column, middle(lane)))
            line.corners.append((BETWEEN, end.column, port))
            line.corners.append((LEFT, target, port))
            return
        if self._is_free(line.source, end, lane):
            line.corners.append((MIDDLE, target, middle(lane)))
        else:
            line.corners.append((BETWEEN, end.column, middle(lane)))
            line.corners.append((BETWEEN, end.column, y + side * BESIDE))
            line.corners.append((MIDDLE, target, y + side * BESIDE))
        line.corners.append((MIDDLE, target, y + side * SIGN))

    def _is_free(self, source: int, end: FlowStep, lane: int) -> bool:
        """Whether nothing is in the way between a lane and a step, in the column of that."""
        low, high = min(lane, end.lane), max(lane, end.lane)
        blocked = [
            step
            for step in self.steps
            if step.column == end.column
            and step is not end
            and step.lane <= high
            and step.lane + step.lanes > low
        ]
        crossed = [
            at
            for at, column, first, last in self._upright
            if column == end.column and at != source and first <= high and low <= last
        ]
        if blocked or crossed:
            return False
        self._upright.append((source, end.column, low, high))
        return True

    # ---- pixels ----------------------------------------------------------------------------------

    def _tracks(self) -> list[dict[int, int]]:
        """For each gap the tracks of the lines that change lanes there, by their source.

        Those of one step may lie on one another, those of others may not.
        """
        reach: list[dict[int, tuple[float, float]]] = [{} for _ in range(self.num_columns)]
        for line in self.lines:
            for kind, column, y in line.corners:
                if kind == BETWEEN:
                    low, high = reach[column].get(line.source, (y, y))
                    reach[column][line.source] = min(low, y), max(high, y)
        gaps = []
        for reached in reach:
            tracks: dict[int, int] = {}
            for source in sorted(reached):
                low, high = reached[source]
                taken = [
                    tracks[other]
                    for other in tracks
                    if reached[other][0] <= high and low <= reached[other][1]
                ]
                tracks[source] = min([at for at in range(len(taken) + 1) if at not in taken])
            gaps.append(tracks)
        return gaps

    def _set_places(self, gaps: list[dict[int, int]]) -> None:
        x = 0.0
        by_column: list[list[FlowStep]] = [[] for _ in range(self.num_columns)]
        for step in self.steps:
            by_column[step.column].append(step)
        for column, gap in zip(by_column, gaps):
            self.edges.append(x)
            x += GAP + TRACK * max(list(gap.values()) + [0])
            width = max([step.width for step in column])
            for step in column:
                if not step.sign:
                    step.width = width
                step.x = x + (width - step.width) / 2
            x += width
        self.edges.append(x)
        for line in self.lines:
            line.points = [self._point(line, gaps, *corner) for corner in line.corners]

    def _point(
        self, line: Line, gaps: list[dict[int, int]], kind: int, number: int, y: float
    ) -> tuple[float, float]:
        if kind == BETWEEN:
            return self.edges[number] + GAP / 2 + TRACK * gaps[number][line.source], y
        step = self.steps[number]
        share = (1.0, 0.0, 0.5)[kind]
        return step.x + share * step.width, y


def middle(lane: int) -> float:
    """The height of the middle of a lane."""
    return LANE * (lane + 0.5)
