"""The boxes of a picture as SVG: what has weights is a tile, what has none is drawn open.

Plain Python that MicroPython understands.
"""

from app.page.views.flow.layout import BOX, LANE, SIGN
from app.page.views.flow.steps import FlowStep, Folded
from app.page.views.flow.words import CURVES, detail, exact_words, label
from app.page.views.tiles import escape, quoted
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.models import NodeOutline

LOOKED_UP = 18  # pixels, of the token or the position that is looked up
NAME_BASE, DETAIL_BASE, CURVE_TOP = 14, 27, 27  # from the top of a box
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


def set_width(step: FlowStep, folded: "Folded | None") -> None:
    """Tell a step what it says, and how wide its box is."""
    step.label, step.detail = label(step, folded), detail(step)
    if step.sign:
        step.width = 2 * SIGN + 2
        return
    words = max(CHARACTER * len(step.label), DETAIL_CHARACTER * len(step.detail))
    step.width = max(MIN_WIDTH, round(words + 12))
    if step.node and step.node["op"] == "embed":
        step.width += LOOKED_UP


def box_svg(step: FlowStep, drawn: Drawn) -> str:
    """The box of a step, a button; what is in it is drawn from its upper left corner."""
    node, height = step.node, BOX + LANE * (step.lanes - 1)
    place = f'transform="translate({step.x} {LANE * step.lane + (LANE - BOX) / 2})"'
    if node is None:
        words = f"{step.label}, {step.detail}: show each"
        return (
            f'<g class="box folded" role="button" tabindex="-1" data-step="-1" {place}>'
            f"<title>{words}</title>{_frame(4, step.width, height)}"
            f"{_frame(0, step.width, height)}{_texts(step, step.width / 2)}</g>"
        )
    shared = bool(node["weight"]) and drawn.uses[node["weight"]] > 1
    words = exact_words(node, drawn.shapes.get(node["weight"]), shared)
    kind = "box matrix" if node["weight"] else "box sign" if step.sign else "box"
    if not step.used:
        kind += " unused"
        words += "; nothing depends on it"
    focusable = "-1" if step.number else "0"  # one tab stop for all
    marked = ' aria-current="true"' if node["line"] == drawn.marked else ""
    weight = f' data-weight="{quoted(node["weight"])}"' if shared else ""
    inside = _sign(step) if step.sign else _inside(step, node, drawn, shared)
    return (
        f'<g class="{kind}" role="button" tabindex="{focusable}" data-step="{step.number}" '
        f'data-line="{node["line"]}" {place}{marked}{weight}'
        f"{_part(node)}><title>{escape(words)}</title>{inside}</g>"
    )


def _sign(step: FlowStep) -> str:
    x, y = step.width / 2, BOX / 2
    return f'<circle cx="{x}" cy="{y}" r="{SIGN}"/><text x="{x}" y="{y + 5}">{step.sign}</text>'


def _inside(step: FlowStep, node: "NodeOutline", drawn: Drawn, shared: bool) -> str:
    """The frame of a box and all that is in it."""
    operation, width, height = node["op"], step.width, BOX + LANE * (step.lanes - 1)
    inside, left = _frame(0, width, height), 0
    if shared:
        inside += _frame(2.5, width - 5, height - 5)
    if operation == "embed":
        inside += _looked_up(node["index"], drawn.looked_up[node["index"]])
        left = LOOKED_UP
    middle = (left + width) / 2
    inside += _texts(step, middle)
    if operation in CURVES:
        move = f"translate({middle} {CURVE_TOP})"
        inside += f'<path class="curve" transform="{move}" d="{CURVES[operation]}"/>'
    if operation == "attention":
        inside += _heads(step, node)
    return inside


def _frame(inset: float, width: float, height: float) -> str:
    return (
        f'<rect x="{inset + 0.5}" y="{inset + 0.5}" width="{width - 1}" height="{height - 1}" '
        'rx="3"/>'
    )


def _texts(step: FlowStep, middle: float) -> str:
    """Name and detail, around a middle."""
    name = f'<text x="{middle}" y="{NAME_BASE}">{escape(step.label)}</text>'
    if not step.detail:
        return name
    return f'{name}<text class="detail" x="{middle}" y="{DETAIL_BASE}">{step.detail}</text>'


def _looked_up(index: str, text: str) -> str:
    """The tile of what is looked up; what stands on it changes with the moment."""
    y, width = (BOX - LOOKED_UP) / 2, LOOKED_UP - 3
    return (
        f'<rect class="looked-up" x="4" y="{y}" width="{width}" height="{LOOKED_UP}" rx="2"/>'
        f'<text class="now" data-index="{index}" x="{4 + width / 2}" y="{y + 13}">'
        f"{escape(text)}</text>"
    )


def _heads(step: FlowStep, node: "NodeOutline") -> str:
    """A bar for each head: one below the other in a tall box, else side by side."""
    count, width = node["heads"], step.width - 16
    if step.lanes == 1:
        pitch, share = width / count, 0.8 if count > 1 else 1.0
        bars = [
            _head(node, head, 8 + head * pitch, BOX - 4, pitch * share, 2) for head in range(count)
        ]
        return "".join(bars)
    room = LANE * (step.lanes - 1) - 6
    pitch = min(20.0, room / count)
    y = BOX + 2 + (room - pitch * count) / 2
    bars = [_head(node, head, 8, y + head * pitch, width, pitch * 0.7) for head in range(count)]
    return "".join(bars)


def _head(node: "NodeOutline", head: int, x: float, y: float, width: float, height: float) -> str:
    part = node["name"].replace("attention", f"head{head}")
    return (
        f'<rect class="head" data-part="{quoted(part)}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}" rx="1"/>'
    )


def _part(node: "NodeOutline") -> str:
    """The part of the model, by its name in the views of the inside, that the operation ends."""
    name = node["weight"]
    part = {"wte": "token", "wpe": "position"}.get(name, "") if node["op"] == "embed" else ""
    if name[-8:] == ".mlp_fc2":
        part = name[:-4]
    return f' data-part="{part}"' if part else ""
