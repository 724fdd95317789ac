"""The boxes of a picture as SVG: what has weights is a tile, what has none is drawn open.

Plain Python that MicroPython understands.
"""

from app.page.views.flow.layout import BOX, LANE, SIGN, middle
from app.page.views.flow.steps import Folded, Step
from app.page.views.flow.words import CURVES, detail, exact_words, label
from app.page.views.tiles import escape
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.models import NodeOutline

TILE = 18  # pixels, of the token or the position that is looked up
CHARACTER, DETAIL_CHARACTER = 6.3, 6.2  # widths
MIN_WIDTH = 36


class Drawn:
    """What the boxes need to know of the model.

    Args:
        nodes: the operations.
        matrices: name, rows, columns and first operation, as in the outline.
        looked_up: what embeddings look up now, by `token` and `position`.
        marked: the line of the code whose boxes are marked, 0 for none.
    """

    def __init__(
        self,
        nodes: "list[NodeOutline]",
        matrices: "list[tuple[str, int, int, int]]",
        looked_up: dict[str, str],
        marked: int,
    ) -> None:
        self.shapes = {name: (rows, columns) for name, rows, columns, _ in matrices}
        self.looked_up, self.marked = looked_up, marked
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
    if node is None:
        return _folded(step)
    shared = bool(node["weight"]) and drawn.uses[node["weight"]] > 1
    words = exact_words(node, drawn.shapes.get(node["weight"]), shared)
    kind = "box tile" if node["weight"] else "box sign" if step.sign else "box"
    if not step.used:
        kind += " unused"
        words += "; nothing depends on it"
    focusable = "-1" if step.number else "0"  # one tab stop for all
    marked = ' aria-current="true"' if node["line"] == drawn.marked else ""
    weight = f' data-weight="{_attribute(node["weight"])}"' if shared else ""
    inside = _sign(step) if step.sign else _inside(step, node, drawn, shared)
    return (
        f'<g class="{kind}" role="button" tabindex="{focusable}" data-step="{step.number}" '
        f'data-line="{node["line"]}" aria-label="{_attribute(words)}"{marked}{weight}'
        f"{_part(node)}>{inside}</g>"
    )


def _folded(step: Step) -> str:
    """The box of the layers that are left out: it opens them."""
    y = middle(step.lane)
    top, height = y - BOX / 2, BOX + LANE * (step.lanes - 1)
    return (
        f'<g class="box folded" role="button" tabindex="-1" data-step="{step.number}" '
        f'aria-label="{step.label}, {step.detail}: show each">'
        f"{_frame(step.x + 4, top + 3, step.width, height)}"
        f"{_frame(step.x, top, step.width, height)}{_texts(step, step.x, y)}</g>"
    )


def _sign(step: Step) -> str:
    x, y = step.x + step.width / 2, middle(step.lane)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{SIGN}"/>'
        f'<text x="{x:.1f}" y="{y + 5:.1f}">{step.sign}</text>'
    )


def _inside(step: Step, node: "NodeOutline", drawn: Drawn, shared: bool) -> str:
    """The frame of a box and all that is in it."""
    y, left = middle(step.lane), step.x
    top, height = y - BOX / 2, BOX + LANE * (step.lanes - 1)
    parts = [_frame(left, top, step.width, height)]
    if shared:
        parts.append(_frame(left + 2.5, top + 2.5, step.width - 5, height - 5))
    if node["op"] == "embed":
        parts.append(_looked_up(node["index"], drawn.looked_up[node["index"]], left, y))
        left += TILE
    parts.append(_texts(step, left, y))
    if node["op"] in CURVES:
        x = (left + step.x + step.width) / 2
        move = f"translate({x:.1f} {y + 11:.1f})"
        parts.append(f'<path class="curve" transform="{move}" d="{CURVES[node["op"]]}"/>')
    if node["op"] == "attention":
        parts.append(_heads(step, node))
    return "".join(parts)


def _frame(left: float, top: float, width: float, height: float) -> str:
    return (
        f'<rect x="{left + 0.5:.1f}" y="{top + 0.5:.1f}" width="{width - 1:.1f}" '
        f'height="{height - 1:.1f}" rx="3"/>'
    )


def _texts(step: Step, left: float, y: float) -> str:
    """Name and detail, in the middle of what is right of `left`."""
    x = (left + step.x + step.width) / 2
    detail_html = f'<text class="detail" x="{x:.1f}" y="{y + 11:.1f}">{step.detail}</text>'
    return (
        f'<text x="{x:.1f}" y="{y - 2:.1f}">{escape(step.label)}</text>'
        f"{detail_html if step.detail else ''}"
    )


def _looked_up(index: str, text: str, left: float, y: float) -> str:
    """The tile of what is looked up; what stands on it changes with the moment."""
    return (
        f'<rect class="looked-up" x="{left + 4:.1f}" y="{y - 8.5:.1f}" width="{TILE - 3}" '
        f'height="17" rx="2"/><text class="now" data-index="{index}" '
        f'x="{left + 4 + (TILE - 3) / 2:.1f}" y="{y + 4:.1f}">{escape(text)}</text>'
    )


def _heads(step: Step, node: "NodeOutline") -> str:
    """A bar for each head: one below the other in a tall box, else side by side."""
    count, x, width = node["heads"], step.x + 8, step.width - 16
    if step.lanes == 1:
        pitch, y = width / count, middle(step.lane) + 13
        share = 0.8 if count > 1 else 1.0
        bars = [_head(node, head, x + head * pitch, y, pitch * share, 2) for head in range(count)]
        return "".join(bars)
    room = LANE * (step.lanes - 1) - 6
    pitch = min(20.0, room / count)
    y = middle(step.lane) + 18 + (room - pitch * count) / 2
    bars = [_head(node, head, x, y + head * pitch, width, pitch * 0.7) for head in range(count)]
    return "".join(bars)


def _head(node: "NodeOutline", head: int, x: float, y: float, width: float, height: float) -> str:
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
