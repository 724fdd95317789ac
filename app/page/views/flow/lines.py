"""The lines of a picture as SVG: as thick as what goes along them is wide.

Plain Python that MicroPython understands.
"""

from math import sqrt

from app.page.views.flow.layout import GAP, LANE, FlowLayout, Line
from app.page.views.flow.steps import FlowStep

CORNER = 6  # the radius of the corners of lines
THICKNESS = 0.75  # of a line of one number; it grows with the square root of the numbers
MAX_THICKNESS = 12.0


def line_svg(layout: FlowLayout, line: Line) -> str:
    """A line from step to step."""
    source, target = layout.steps[line.source], layout.steps[line.target]
    return (
        f'<path class="line" data-from="{source.number}" data-to="{target.number}" '
        f'stroke-width="{_thickness(source):.1f}" d="{_path(line.points)}"/>'
    )


def result_svg(layout: FlowLayout) -> str:
    """The line from the last step to the bars."""
    step = layout.steps[layout.output]
    x, y = step.x + step.width, LANE / 2
    return (
        f'<path class="line" data-from="{step.number}" data-to="next" '
        f'stroke-width="{_thickness(step):.1f}" d="M{x:.1f} {y}h{GAP}"/>'
    )


def _thickness(step: FlowStep) -> float:
    return min(MAX_THICKNESS, THICKNESS * sqrt(step.size))


def _path(points: list[tuple[float, float]]) -> str:
    """A line through points, its corners round."""
    (x, y), (last_x, last_y) = points[0], points[-1]
    parts = [f"M{x} {y}"]
    for i in range(1, len(points) - 1):
        x, y = points[i]
        before, after = _towards(points[i], points[i - 1]), _towards(points[i], points[i + 1])
        parts.append(f"L{before}Q{x} {y} {after}")
    parts.append(f"L{last_x} {last_y}")
    return "".join(parts)


def _towards(point: tuple[float, float], other: tuple[float, float]) -> str:
    """Where a round corner begins or ends on the way from its point to another corner."""
    (x, y), (x2, y2) = point, other
    way = abs(x2 - x) + abs(y2 - y)  # it runs along an axis
    share = min(CORNER, way / 2) / way if way else 0.0
    return f"{x + (x2 - x) * share} {y + (y2 - y) * share}"
