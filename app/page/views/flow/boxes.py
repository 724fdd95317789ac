"""The boxes of a picture as SVG: what has weights is a tile, what has none is drawn open.

Plain Python that MicroPython understands.
"""

from app.page.views.flow.layout import BOX, LANE, SIGN, middle
from app.page.views.flow.steps import Folded, Step
from app.page.views.flow.words import detail, exact_words, label
from app.page.views.tiles import escape
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.events import NodeOutline

TILE = 18  # pixels, of the token or the position that is looked up
# Curves of activations, from (-9, 0) to (9, 0) with the origin in the middle.
CURVES = {
    "relu": "M-9 0H0L8 -8",
    "silu": "M-9 0.5C-5 1 -4 2 -2 2S2 -1 8 -8",
    "gelu": "M-9 0C-4 0 -4 2 -2 2S2 -2 8 -8",
}
CHARACTER, DETAIL_CHARACTER = 6.3, 6.2  # widths
MIN_WIDTH = 36


class Drawn:
    """What the boxes need to know of the model.

    Args:
        matrices: name, rows, columns and first operation, as in the outline.
        nodes: the operations.
        folded: the layers that are left out, or could be.
        marked: the line of the code whose boxes are marked, 0 for none.
    """

    def __init__(
        self,
        matrices: "list[tuple[str, int, int, int]]",
        nodes: "list[NodeOutline]",
        folded: "Folded | None",
        marked: int,
    ) -> None:
        self.shapes = {name: (rows, columns) for name, rows, columns, _ in matrices}
        self.folded, self.marked = folded, marked
        self.uses: dict[str, int] = {}
        for node in nodes:
            self.uses[node["weight"]] = self.uses.get(node["weight"], 0) + 1


def set_width(step: Step, folded: "Folded | None") -> None:
    """Tell a step what it says, and how wide its box is."""
    step.label, step.detail = label(step, folded), detail(step)
    if step.sign:
        step.width = 2 * SIGN + 2
        return
    words = max(CHARACTER * len(step.label), DETAIL_CHARACTER * len(step.detail))
    step.width = max(MIN_WIDTH, round(words + 12))
    if step.node and step.node["op"] == "embed":
        step.width += TILE


def box_svg(step: Step, drawn: Drawn) -> str:
    """The box of a step, a button."""
    node = step.node
    y, left, width = middle(step.lane), step.x, step.width
    top, height = y - BOX / 2, BOX + LANE * (step.lanes - 1)
    if node is None:
        words = f"{step.label}, {step.detail}: show each"
        return (
            f'<g class="box folded" role="button" tabindex="-1" data-step="-1" '
            f'aria-label="{words}">{_frame(left + 4, top + 3, width, height)}'
            f"{_frame(left, top, width, height)}{_texts(step, left + width / 2, y)}</g>"
        )
    shared = bool(node["weight"]) and drawn.uses[node["weight"]] > 1
    words = exact_words(node, drawn.shapes.get(node["weight"]), shared)
    if not step.used:
        words += "; nothing depends on it"
    kind = "box tile" if node["weight"] else "box"
    inside = ""
    if step.sign:
        kind += " sign"
        x = left + width / 2
        inside = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{SIGN}"/>'
        inside += f'<text x="{x:.1f}" y="{y + 5:.1f}">{step.sign}</text>'
    else:
        inside = _frame(left, top, width, height)
        if shared:
            inside += _frame(left + 2.5, top + 2.5, width - 5, height - 5)
        if node["op"] == "embed":
            inside += _looked_up(node["index"], left, y)
            left, width = left + TILE, width - TILE
        curve = CURVES.get(node["op"])
        if curve:
            x = left + width / 2
            inside += f'<text x="{x:.1f}" y="{y - 2:.1f}">{step.label}</text>'
            inside += f'<path class="curve" transform="translate({x:.1f} {y + 11:.1f})" d="{curve}"/>'
        else:
            inside += _texts(step, left + width / 2, y)
        if node["op"] == "attention":
            inside += _heads(step, node)
    if not step.used:
        kind += " unused"
    if node["line"] == drawn.marked:
        kind += " marked"
    weight = f' data-weight="{_attribute(node["weight"])}"' if shared else ""
    return (
        f'<g class="{kind}" role="button" tabindex="-1" data-step="{step.number}" '
        f'data-line="{node["line"]}" aria-label="{_attribute(words)}"{weight}{_part(node)}>'
        f"{inside}</g>"
    )


def _frame(left: float, top: float, width: float, height: float) -> str:
    return (
        f'<rect x="{left + 0.5:.1f}" y="{top + 0.5:.1f}" width="{width - 1:.1f}" '
        f'height="{height - 1:.1f}" rx="3"/>'
    )


def _texts(step: Step, x: float, y: float) -> str:
    return (
        f'<text x="{x:.1f}" y="{y - 2:.1f}">{escape(step.label)}</text>'
        f'<text class="detail" x="{x:.1f}" y="{y + 11:.1f}">{step.detail}</text>'
    )


def _looked_up(index: str, left: float, y: float) -> str:
    """The tile of what is looked up; what stands on it changes with the moment."""
    return (
        f'<rect class="looked-up" x="{left + 4:.1f}" y="{y - 8.5:.1f}" width="{TILE - 3}" '
        f'height="17" rx="2"/><text class="now" data-index="{index}" '
        f'x="{left + 4 + (TILE - 3) / 2:.1f}" y="{y + 4:.1f}"></text>'
    )


def _heads(step: Step, node: "NodeOutline") -> str:
    """A bar for each head: one below the other in a tall box, else side by side."""
    count, inner = node["heads"], step.width - 16
    x, y = step.x + 8, middle(step.lane) + 18
    parts = []
    if step.lanes == 1:
        pitch, gap = inner / count, 1 if count > 1 else 0
        for head in range(count):
            parts.append(_head(node, head, x + head * pitch, y - 5, pitch - gap, 2))
        return "".join(parts)
    room = LANE * (step.lanes - 1) - 6
    pitch = min(20.0, room / count)
    begin = y + (room - pitch * count) / 2
    for head in range(count):
        parts.append(_head(node, head, x, begin + head * pitch, inner, pitch * 0.7))
    return "".join(parts)


def _head(
    node: "NodeOutline", head: int, x: float, y: float, width: float, height: float
) -> str:
    part = node["name"].replace("attention", f"head{head}")
    return (
        f'<rect class="head" data-part="{_attribute(part)}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}" rx="1"/>'
    )


def _part(node: "NodeOutline") -> str:
    """The part of the model, by its name in the views of the inside, that the operation ends."""
    name = node["weight"]
    part = {"wte": "token", "wpe": "position"}.get(name, "") if node["op"] == "embed" else ""
    if name[-8:] == ".mlp_fc2":
        part = name[:-4]
    return f' data-part="{part}"' if part else ""


def _attribute(text: str) -> str:
    return escape(text).replace('"', "&quot;")
