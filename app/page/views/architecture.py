"""What happens to the text as a picture, from tokens to bars, drawn from a model's operations.

Made at build time, and again whenever another model is chosen. Plain Python that MicroPython
understands.
"""

from app.page.views.flow.boxes import Drawn, box_svg, set_width
from app.page.views.flow.layout import GAP, LANE, Layout, Line
from app.page.views.flow.steps import Step, layer_of, steps_of
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.events import NodeOutline

CORNER = 6.0  # the radius of the corners of lines
MAX_SEGMENT = 320.0  # pixels; parts that need not be kept together are no wider
LINE_WIDTH = 0.75  # of a line of one number; it grows with the square root of the numbers
MAX_LINE_WIDTH = 12.0
ACTIVATIONS = ("relu", "silu", "gelu")


class Segment:
    """Columns that stay together when the picture is broken into rows."""

    def __init__(self, first: int, stop: int, layer: int) -> None:
        self.first, self.stop, self.layer = first, stop, layer


def flow_html(
    nodes: "list[NodeOutline]",
    matrices: "list[tuple[str, int, int, int]]",
    opened: bool = False,
    marked: int = 0,
) -> str:
    """The model as the items of a list, each with the columns that stay together.

    Both ends are empty: `slots_html` and `bars_html` fill them.

    Args:
        nodes: the operations, in order.
        matrices: name, rows, columns and first operation of each matrix.
        opened: whether equal layers are all drawn, even if they are many.
        marked: the line of the code whose boxes are marked, 0 for none.
    """
    steps, folded = steps_of(nodes, opened)
    for step in steps:
        set_width(step, folded)
    layout = Layout(steps)
    drawn = Drawn(matrices, nodes, folded, marked)
    by_column: list[list[Step]] = [[] for _ in range(layout.num_columns)]
    for step in steps:
        by_column[step.column].append(step)
    segments = _segments(layout, by_column)
    num_layers = len({layer_of(node) for node in nodes} - {-1})
    parts, shown = ['<li class="flow-end" id="flow-read"></li>'], -1
    for segment in segments:
        members: list[Step] = []
        for column in by_column[segment.first : segment.stop]:
            members += column
        words = _contents(members)
        if segment.layer >= 0 and segment.layer != shown:
            shown = segment.layer
            words = _layer_words(shown, num_layers) + words
        if opened and folded and segment is segments[-1]:
            words += '<button type="button" class="link" id="fold-layers">Fold layers</button>'
        kind = "flow-part in-layer" if segment.layer >= 0 else "flow-part"
        end = '<div class="flow-end" id="flow-next"></div>' if segment is segments[-1] else ""
        parts.append(
            f'<li class="{kind}"><div><p class="flow-words">{words}</p>'
            f"{_svg(layout, segment, members, drawn)}</div>{end}</li>"
        )
    return "".join(parts)


def _segments(layout: Layout, by_column: list[list[Step]]) -> list[Segment]:
    """The columns in parts that stay together; what belongs to one layer and is short is one."""
    breaks = layout.breaks() + [layout.num_columns]
    parts = []
    for first, stop in zip(breaks, breaks[1:]):
        before = parts[-1].layer if parts else -1
        parts.append(Segment(first, stop, _layer_of(by_column[first:stop], before)))
    for i in range(1, len(parts) - 1):
        # What has no matrix belongs to the layer that it is within.
        if parts[i].layer < 0:
            later = [part.layer for part in parts[i:] if part.layer >= 0]
            if later and later[0] == parts[i - 1].layer:
                parts[i].layer = later[0]
    joined = parts[:1]
    for part in parts[1:]:
        last = joined[-1]
        width = layout.edges[part.stop] - layout.edges[last.first]
        if part.layer == last.layer and width <= MAX_SEGMENT:
            last.stop = part.stop
        else:
            joined.append(part)
    return joined


def _layer_of(columns: list[list[Step]], before: int) -> int:
    """The number of the layer whose matrices are used in these columns, -1 for none.

    Of several it is that of the columns `before`, or the lowest.
    """
    numbers = []
    for column in columns:
        numbers += [layer_of(step.node) for step in column]
    found = [number for number in numbers if number >= 0]
    if before in found:
        return before
    return min(found) if found else -1


def _layer_words(layer: int, num_layers: int) -> str:
    words = f"layer {layer + 1} of {num_layers}" if num_layers > 1 else "one layer"
    return f'<span data-term="n_layer">{words}</span> '


def _contents(members: list[Step]) -> str:
    """What these steps are, in a word or two."""
    nodes = [step.node for step in members if step.node]
    operations = [node["op"] for node in nodes]
    words = []
    if "embed" in operations:
        words.append('<span data-term="n_embd">embedding</span>')
    if "attention" in operations:
        words.append('<span data-term="n_head">attention</span>')
    if any(name in operations for name in ACTIVATIONS):
        words.append('<span data-term="mlp">MLP</span>')
    return " ".join(words)


def _svg(layout: Layout, segment: Segment, members: list[Step], drawn: Drawn) -> str:
    """The part of the whole drawing that a segment shows."""
    begin, end = layout.edges[segment.first], layout.edges[segment.stop]
    left = begin + 1 if segment.first else begin  # behind the frames of the boxes before it
    last = segment.stop == layout.num_columns
    right = end + GAP if last else end + 1
    lines, low = [], LANE
    for line in layout.lines:
        first, stop = layout.steps[line.source].column, layout.steps[line.target].column
        if first < segment.stop and stop >= segment.first:
            lines.append(_line_svg(layout, line))
            for (x, y), (x2, _) in zip(line.points, line.points[1:]):
                if x2 >= left and x <= right:
                    low = max(low, y + LANE / 2)
    for step in members:
        low = max(low, LANE * (step.lane + step.lanes))
    if last:
        lines.append(_result_svg(layout))
    boxes = [box_svg(step, drawn) for step in members]
    width = right - left
    return (
        f'<svg width="{width:.0f}" height="{low:.0f}" viewBox="{left:.1f} 0 {width:.1f} {low:.0f}">'
        f"{''.join(lines)}{''.join(boxes)}</svg>"
    )


def _line_svg(layout: Layout, line: Line) -> str:
    source, target = layout.steps[line.source], layout.steps[line.target]
    return (
        f'<path class="line" data-from="{source.number}" data-to="{target.number}" '
        f'stroke-width="{_thickness(source):.1f}" d="{_path(line.points)}"/>'
    )


def _result_svg(layout: Layout) -> str:
    """The line from the last step to the bars."""
    step = layout.steps[layout.output]
    x, y = step.x + step.width, LANE / 2
    return (
        f'<path class="line" data-from="{step.number}" data-to="next" '
        f'stroke-width="{_thickness(step):.1f}" d="M{x:.1f} {y}h{GAP}"/>'
    )


def _thickness(step: Step) -> float:
    return min(MAX_LINE_WIDTH, LINE_WIDTH * step.size**0.5)


def _path(points: list[tuple[float, float]]) -> str:
    """A line through points, its corners round."""
    (x, y), rest = points[0], points[1:]
    parts = [f"M{x:.1f} {y:.1f}"]
    for i, (corner_x, corner_y) in enumerate(rest):
        if i == len(rest) - 1:
            parts.append(f"L{corner_x:.1f} {corner_y:.1f}")
            break
        next_x, next_y = rest[i + 1]
        before, after = _distance(x, y, corner_x, corner_y), _distance(
            corner_x, corner_y, next_x, next_y
        )
        radius = min(CORNER, before / 2, after / 2)
        if radius > 0:
            a, b = radius / before, radius / after
            parts.append(
                f"L{corner_x + (x - corner_x) * a:.1f} {corner_y + (y - corner_y) * a:.1f}"
                f"Q{corner_x:.1f} {corner_y:.1f} "
                f"{corner_x + (next_x - corner_x) * b:.1f} {corner_y + (next_y - corner_y) * b:.1f}"
            )
        x, y = corner_x, corner_y
    return "".join(parts)


def _distance(x: float, y: float, x2: float, y2: float) -> float:
    """Between two points on a line that runs along an axis."""
    return abs(x2 - x) + abs(y2 - y)
