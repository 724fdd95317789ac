"""The columns of a picture in parts, between which it may be broken into rows.

Plain Python that MicroPython understands.
"""

from app.page.views.flow.layout import FlowLayout
from app.page.views.flow.steps import FlowStep, layers_of

MAX_SEGMENT = 320.0  # pixels; parts that need not be kept together are no wider


class FlowSegment:
    """Columns that stay together when the picture is broken into rows."""

    def __init__(self, first: int, stop: int, layer: int) -> None:
        self.first, self.stop, self.layer = first, stop, layer


def segments_of(layout: FlowLayout, by_column: list[list[FlowStep]]) -> list[FlowSegment]:
    """The columns in parts that stay together; what belongs to one layer and is short is one."""
    breaks = layout.breaks() + [layout.num_columns]
    parts: list[FlowSegment] = []
    for i in range(len(breaks) - 1):
        first, stop = breaks[i], breaks[i + 1]
        before = parts[-1].layer if parts else -1
        parts.append(FlowSegment(first, stop, _layer_of(by_column[first:stop], before)))
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


def _layer_of(columns: list[list[FlowStep]], before: int) -> int:
    """The number of the layer whose matrices are used in these columns, -1 for none.

    Of several it is that of the columns `before`, or the lowest.
    """
    nodes = []
    for column in columns:
        nodes += [step.node for step in column if step.node]
    found = layers_of(nodes)
    if before in found:
        return before
    return found[0] if found else -1
