"""The picture of a model as places in pixels: its steps, and the lines between them.

A line keeps to lanes and changes them between two columns, so that it never crosses a box. Plain
Python that MicroPython understands.
"""

from app.page.views.flow.lanes import Lanes
from app.page.views.flow.steps import Step

GAP = 14  # between two columns
TRACK = 7  # between lines that change lanes in the same gap
LANE = 40  # from lane to lane
BOX = 32  # the height of a box in one lane
SIGN = 10  # the radius of a sign
PORT = 8  # between lines that enter a box one below the other
LONG = 8  # columns of a line that a row may be broken at
# What a corner of a line is above or below: a step's right edge, left edge, middle; or in a gap.
RIGHT, LEFT, MIDDLE, BETWEEN = 0, 1, 2, 3


class Line:
    """A line from step to step, and its corners in pixels."""

    def __init__(self, source: int, target: int) -> None:
        self.source, self.target = source, target
        self.points: list[tuple[float, float]] = []
        self.corners: list[tuple[int, int, float]] = []  # where, of which step or column, y


class Layout:
    """Places for the steps, which are written into them, and for the lines.

    Args:
        steps: in the order of computation, their widths known.
    """

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self._lanes = Lanes(steps)
        self.output = self._lanes.output
        self.num_columns = self._lanes.num_columns
        self.height = LANE * self._lanes.num_lanes
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
            lane = self._lanes.leaving(source).lane
        if lane != begin.lane:
            line.corners.append((BETWEEN, begin.column + 1, middle(begin.lane)))
            line.corners.append((BETWEEN, begin.column + 1, middle(lane)))
        if end.lane <= lane < end.lane + end.lanes:
            line.corners.append((LEFT, target, middle(lane)))
        else:
            self._enter(line, end, lane)
        return line

    def _enter(self, line: Line, end: Step, lane: int) -> None:
        """From its lane into a step of another lane, from below or from above."""
        target, side = line.target, 1 if lane > end.lane else -1
        y = middle(end.lane)
        if not end.sign:
            line.corners.append((BETWEEN, end.column, middle(lane)))
            line.corners.append((BETWEEN, end.column, y + side * PORT))
            line.corners.append((LEFT, target, y + side * PORT))
            return
        if self._is_free(end.column, end.lane, lane):
            line.corners.append((MIDDLE, target, middle(lane)))
        else:
            line.corners.append((BETWEEN, end.column, middle(lane)))
            line.corners.append((BETWEEN, end.column, y + side * LANE / 2))
            line.corners.append((MIDDLE, target, y + side * LANE / 2))
        line.corners.append((MIDDLE, target, y + side * SIGN))

    def _is_free(self, column: int, lane: int, other: int) -> bool:
        """Whether no step stands in a column between two lanes."""
        low, high = min(lane, other), max(lane, other)
        return not any(
            step.column == column and step.lane < high and step.lane + step.lanes - 1 > low
            for step in self.steps
        )

    # ---- pixels ----------------------------------------------------------------------------------

    def _tracks(self) -> list[list[tuple[int, float, float, int]]]:
        """For each gap the lines that change lanes there: (step, from, to, track).

        Those of one step may lie on one another, those of others may not.
        """
        gaps: list[list[tuple[int, float, float, int]]] = [[] for _ in range(self.num_columns + 1)]
        for line in self.lines:
            for k in range(len(line.corners) - 1):
                (kind, column, y), (other, _, y2) = line.corners[k], line.corners[k + 1]
                if kind == other == BETWEEN:
                    gap, low, high = gaps[column], min(y, y2), max(y, y2)
                    track = 0
                    while any(
                        at == track and step != line.source and a <= high and low <= b
                        for step, a, b, at in gap
                    ):
                        track += 1
                    gap.append((line.source, low, high, track))
        return gaps

    def _set_places(self, gaps: list[list[tuple[int, float, float, int]]]) -> None:
        x = 0.0
        by_column: list[list[Step]] = [[] for _ in range(self.num_columns)]
        for step in self.steps:
            by_column[step.column].append(step)
        for column, gap in zip(by_column, gaps):
            self.edges.append(x)
            x += GAP + TRACK * max([track for _, _, _, track in gap] + [0])
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
        self,
        line: Line,
        gaps: list[list[tuple[int, float, float, int]]],
        kind: int,
        number: int,
        y: float,
    ) -> tuple[float, float]:
        if kind == BETWEEN:
            tracks = [at for step, a, b, at in gaps[number] if step == line.source and a <= y <= b]
            return self.edges[number] + GAP / 2 + TRACK * tracks[0], y
        step = self.steps[number]
        share = (1.0, 0.0, 0.5)[kind]
        return step.x + share * step.width, y


def middle(lane: int) -> float:
    """The height of the middle of a lane."""
    return LANE * (lane + 0.5)
