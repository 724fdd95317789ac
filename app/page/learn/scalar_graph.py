"""A small graph of an expression, drawn from left to right: its numbers, and what they came from.

Plain Python that MicroPython understands.
"""

from app.page.learn.scalar_steps import plain
from app.page.views.tiles import escape
from app.shared.learning import ScalarNode

NODE = (104, 62)  # width and height of a number, in pixels
NODE_GAP = (54, 18)  # between two columns, and two numbers in one
MARGIN = 6
SIGNS = {"+": "+", "*": "×", "exp": "exp", "log": "ln", "relu": "relu"}


def graph_svg(
    nodes: "list[ScalarNode]",
    values: "list[float | None]",
    gradients: "list[float | None]",
    active: int,
    direction: str,
) -> str:
    """The picture, with what is known; `active` is the number that a step is about, or -1."""
    places = positions(nodes)
    width = MARGIN * 2 + max([x for x, _ in places]) + NODE[0]
    height = MARGIN * 2 + max([y for _, y in places]) + NODE[1]
    parts = [
        edge(places[child], places[number], number == active, direction)
        for number, node in enumerate(nodes)
        for child in node["inputs"]
    ]
    for number, node in enumerate(nodes):
        x, y = places[number]
        kind = "graph-node"
        if number == active:
            kind += f" active {direction}"
        if values[number] is None:
            kind += " unknown"
        middle = MARGIN + x + NODE[0] // 2
        top = MARGIN + y
        parts.append(
            f'<g class="{kind}"><rect x="{MARGIN + x}" y="{top}" width="{NODE[0]}" '
            f'height="{NODE[1]}" rx="3"/>'
            f'<text class="graph-sign" x="{middle}" y="{top + 18}">{escape(sign(node))}</text>'
            f'<text x="{middle}" y="{top + 36}">{plain(values[number])}</text>'
            f'<text class="graph-gradient" x="{middle}" y="{top + 53}">'
            f"grad {plain(gradients[number])}</text></g>"
        )
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


def graph_words(nodes: "list[ScalarNode]") -> str:
    """The picture in words."""
    names = [node["text"] for node in nodes if not node["inputs"]]
    rest = [node["text"] for node in nodes if node["inputs"]]
    return f"Graph: from {', '.join(names)} to {', then '.join(rest) or names[0]}"


def sign(node: ScalarNode) -> str:
    """What stands in a number: its name, or the operation that it comes from."""
    operation, constant = node["operation"], node["constant"]
    if operation == "name":
        return node["text"]
    if operation == "power":
        return "1 ÷" if constant == -1 else f"^ {plain(constant)}"
    if constant is None:
        return SIGNS[operation]
    return f"{SIGNS[operation]} {plain(constant)}"


def edge(begin: "tuple[int, int]", end: "tuple[int, int]", active: bool, direction: str) -> str:
    """The line from a number to one that is computed from it."""
    x1, y1 = MARGIN + begin[0] + NODE[0], MARGIN + begin[1] + NODE[1] // 2
    x2, y2 = MARGIN + end[0], MARGIN + end[1] + NODE[1] // 2
    bend = (x1 + x2) // 2
    kind = f"graph-edge active {direction}" if active else "graph-edge"
    return f'<path class="{kind}" d="M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"/>'


def positions(nodes: "list[ScalarNode]") -> "list[tuple[int, int]]":
    """The upper left corner of each number: a column for each stage of the computation."""
    columns: list[int] = []
    for node in nodes:
        behind = [columns[child] for child in node["inputs"]]
        columns.append(1 + max(behind) if behind else 0)
    heights = [0.0] * len(nodes)
    for column in range(max(columns) + 1):
        wanted = []
        for number, node in enumerate(nodes):
            if columns[number] == column:
                inputs = node["inputs"]
                middle = sum([heights[child] for child in inputs]) / max(1, len(inputs))
                wanted.append((middle if inputs else float(number), number))
        below = None
        for height, number in sorted(wanted):
            heights[number] = height if below is None else max(height, below + 1)
            below = heights[number]
    top = min(heights)
    return [
        (column * (NODE[0] + NODE_GAP[0]), int((height - top) * (NODE[1] + NODE_GAP[1])))
        for column, height in zip(columns, heights)
    ]
