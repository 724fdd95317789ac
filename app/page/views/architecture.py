"""What happens to the text as a picture, from tokens to bars, drawn from a model's operations.

Made at build time, and again whenever another model is chosen. Plain Python that MicroPython
understands.
"""

from app.page.views.flow.boxes import Drawn, box_svg, set_width
from app.page.views.flow.ends import bars_html, looked_up_texts, slots_html
from app.page.views.flow.layout import GAP, LANE, FlowLayout
from app.page.views.flow.lines import line_svg, result_svg
from app.page.views.flow.segments import FlowSegment, segments_of
from app.page.views.flow.steps import FlowStep, layers_of, steps_of
from app.page.views.flow.words import CURVES
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.models import NodeOutline

RING = 3  # pixels around a box


def flow_html(
    nodes: "list[NodeOutline]",
    matrices: "list[tuple[str, int, int, int]]",
    moment: "tuple[int, list[str], list[tuple[str, float]]]",
    opened: bool = False,
    marked: int = 0,
) -> str:
    """The items of a list: what is read, the columns of the model that stay together, the bars.

    Args:
        nodes: the operations, in order.
        matrices: name, rows, columns and first operation of each matrix.
        moment: the context's length and the tokens that are read, as of `slots_html`; what is
            expected next, as of `bars_html`.
        opened: whether equal layers are all drawn, even if they are many.
        marked: the line of the code whose boxes are marked, 0 for none.
    """
    block_size, read, probs = moment
    steps, folded = steps_of(nodes, opened)
    for step in steps:
        set_width(step, folded)
    layout = FlowLayout(steps)
    drawn = Drawn(nodes, matrices, looked_up_texts(read), marked)
    by_column: list[list[FlowStep]] = [[] for _ in range(layout.num_columns)]
    for step in steps:
        by_column[step.column].append(step)
    segments = segments_of(layout, by_column)
    num_layers = len(layers_of(nodes))
    parts = [f'<li class="flow-end" id="flow-read">{slots_html(block_size, read)}</li>']
    shown = -1  # the layer that the words speak of
    for segment in segments:
        members: list[FlowStep] = []
        for column in by_column[segment.first : segment.stop]:
            members += column
        words = _contents(members)
        if segment.layer >= 0 and segment.layer != shown:
            if opened and folded and shown < 0:
                words += ' <button type="button" class="link" id="fold-layers">Fold</button>'
            shown = segment.layer
            words = _layer_words(shown, num_layers) + words
        kind = "flow-part in-layer" if segment.layer >= 0 else "flow-part"
        end = ""
        if segment is segments[-1]:
            end = f'<div class="flow-end" id="flow-next">{bars_html(probs)}</div>'
        parts.append(
            f'<li class="{kind}"><div><p class="flow-words">{words}</p>'
            f"{_svg(layout, segment, members, drawn)}</div>{end}</li>"
        )
    return "".join(parts)


def _layer_words(layer: int, num_layers: int) -> str:
    words = f"layer {layer + 1} of {num_layers}" if num_layers > 1 else "one layer"
    return f'<span data-term="n_layer">{words}</span> '


def _contents(members: list[FlowStep]) -> str:
    """What these steps are, in a word or two."""
    nodes = [step.node for step in members if step.node]
    operations = [node["op"] for node in nodes]
    words = []
    if "embed" in operations:
        words.append('<span data-term="n_embd">embedding</span>')
    if "attention" in operations:
        words.append('<span data-term="n_head">attention</span>')
    if any(name in CURVES for name in operations):
        words.append('<span data-term="mlp">MLP</span>')
    return " ".join(words)


def _svg(layout: FlowLayout, segment: FlowSegment, members: list[FlowStep], drawn: Drawn) -> str:
    """The part of the whole drawing that a segment shows."""
    begin, end = layout.edges[segment.first], layout.edges[segment.stop]
    # Behind the boxes before it, their frames and rings of focus.
    left = begin + RING if segment.first else begin
    last = segment.stop == layout.num_columns
    right = end + GAP if last else end + RING
    lines, low = [], float(LANE)
    for line in layout.lines:
        first, stop = layout.steps[line.source].column, layout.steps[line.target].column
        if first < segment.stop and stop >= segment.first:
            lines.append(line_svg(layout, line))
            for (x, y), (x2, _) in zip(line.points, line.points[1:]):
                if x2 >= left and x <= right:
                    low = max(low, y + LANE / 2)
    for step in members:
        low = max(low, LANE * (step.lane + step.lanes))
    if last:
        lines.append(result_svg(layout))
    boxes = [box_svg(step, drawn) for step in members]
    width = right - left
    return (
        f'<svg width="{width:.0f}" height="{low:.0f}" viewBox="{left:.1f} 0 {width:.1f} {low:.0f}">'
        f"{''.join(lines)}{''.join(boxes)}</svg>"
    )
