"""The architecture as a row of small pictures, from text to bars, and its matrices as a table.

Made at build time, and again whenever a slider or the text moves. Plain Python that MicroPython
understands.
"""

from app.page.views.tiles import escape
from microgpt.shapes import ModelSizes, parameter_shapes

# Pixels of the pictures.
SLOT = 17
SLOTS_PER_ROW = 16
ROW_HEIGHT = 12
UNIT_WIDTH = 11  # of a vector of one number; the width grows with the square root of the numbers
BARS_HEIGHT = 44
BAR_PITCH = 6
MAX_FLOW_BARS = 30  # of a larger vocabulary only the likeliest are drawn
MATRIX_NAMES = {
    "wte": "token embedding",
    "wpe": "position embedding",
    "lm_head": "output",
    "attn_wq": "attention: query",
    "attn_wk": "attention: key",
    "attn_wv": "attention: value",
    "attn_wo": "attention: output",
    "mlp_fc1": "MLP: widen",
    "mlp_fc2": "MLP: narrow",
}


def flow_html(shape: dict[str, int], read: list[str], probs: list[tuple[str, float]]) -> str:
    """What happens to the text, as the items of a list: tokens in, bars out.

    Widths grow with the square root of the sizes, so that the MLP, four times the embedding, is
    twice as wide.

    Args:
        shape: the settings of the table's group MODEL by name.
        read: the tokens that the model reads, as on their tiles.
        probs: tokens, as on their tiles, and the probability that each comes next.
    """
    n_embd, n_head = shape["n_embd"], shape["n_head"]
    n_layer, block_size = shape["n_layer"], shape["block_size"]
    width = UNIT_WIDTH * n_embd**0.5
    items = [
        _item("context", _named(len(read), "of", block_size), "read", _slots(read, block_size)),
        _item("embedding", f"<b>{n_embd}</b>", "numbers each", _pieces(width, 1, "embedding")),
    ]
    heads = _named(n_head, "head" if n_head == 1 else "heads")
    for layer in range(1, n_layer + 1):
        name = f"layer {layer} of {n_layer}" if n_layer > 1 else "one layer"
        picture = (
            f'<span data-term="n_head">{heads}</span>{_pieces(width, n_head, "head")}'
            f'<span data-term="mlp"><b>{4 * n_embd}</b> in the MLP</span>'
            f"{_pieces(2 * width, 1, 'mlp')}"
        )
        items.append(
            f'<li class="flow-layer"><span data-term="n_layer">{name}</span>{picture}</li>'
        )
    items.append(_item("next", "<b>next token</b>", "", _bars(probs)))
    return "".join(items)


def breakdown_html(vocab_size: int, shape: dict[str, int]) -> str:
    """How many weights each matrix has, as the rows of a table; one layer stands for all."""
    n_layer = shape["n_layer"]
    rows = []
    # The matrices of one layer only.
    sizes = ModelSizes(vocab_size, shape["n_embd"], shape["n_head"], 1, shape["block_size"])
    matrices = parameter_shapes(sizes)
    for full_name, (height, width) in matrices:
        layer, _, name = full_name.rpartition(".")
        copies = n_layer if layer else 1
        size = f"{height} × {width}" + (f" × {copies}" if copies > 1 else "")
        rows.append(
            f'<tr><th scope="row">{MATRIX_NAMES[name]} <code>{name}</code></th>'
            f"<td>{size}</td><td>{height * width * copies:,}</td></tr>"
        )
    return "".join(rows)


def _item(kind: str, number: str, words: str, picture: str) -> str:
    term = {"context": "block_size", "embedding": "n_embd"}.get(kind, "probability")
    return f'<li class="flow-{kind}"><span data-term="{term}">{number} {words}</span>{picture}</li>'


def _named(number: int, words: str, of: int = 0) -> str:
    return f"<b>{number}</b> {words}" + (f" <b>{of}</b>" if of else "")


def _slots(read: list[str], block_size: int) -> str:
    """The context as slots, of which the first hold what was read."""
    columns = min(SLOTS_PER_ROW, block_size)
    rows = -(-block_size // columns)
    parts = []
    for place in range(block_size):
        x, y = place % columns * SLOT, place // columns * SLOT
        kind = "filled" if place < len(read) else "slot"
        parts.append(
            f'<rect class="{kind}" x="{x + 0.5}" y="{y + 0.5}" width="{SLOT - 2}" '
            f'height="{SLOT - 2}" rx="2"/>'
        )
        if place < len(read):
            text = read[place] if len(read[place]) < 3 else read[place][:1] + "…"
            parts.append(f'<text x="{x + SLOT / 2 - 0.5}" y="{y + 12}">{escape(text)}</text>')
    return _svg(columns * SLOT, rows * SLOT, "".join(parts))


def _pieces(width: float, pieces: int, kind: str) -> str:
    """A bar of this width, cut into pieces."""
    share = width / pieces
    gap = min(2, share * 0.25) if pieces > 1 else 0
    parts = [
        f'<rect class="{kind}" x="{piece * share + gap / 2:.1f}" y="0" '
        f'width="{share - gap:.1f}" height="{ROW_HEIGHT}" rx="1"/>'
        for piece in range(pieces)
    ]
    return _svg(width, ROW_HEIGHT, "".join(parts))


def _bars(probs: list[tuple[str, float]]) -> str:
    """The probabilities as columns of ink, with the likeliest tokens named."""
    if len(probs) > MAX_FLOW_BARS:
        probs = sorted(probs, key=lambda pair: -pair[1])[:MAX_FLOW_BARS]
    tallest = max([share for _, share in probs] + [1e-9])
    parts = []
    for place, (text, share) in enumerate(probs):
        height = (BARS_HEIGHT - ROW_HEIGHT) * share / tallest
        parts.append(
            f'<rect class="ink" x="{place * BAR_PITCH}" y="{BARS_HEIGHT - height:.1f}" '
            f'width="{BAR_PITCH - 1}" height="{height:.1f}"/>'
        )
        if share == tallest:
            x = place * BAR_PITCH + BAR_PITCH / 2
            parts.append(f'<text x="{x}" y="{ROW_HEIGHT - 3}">{escape(text)}</text>')
    return _svg(max(1, len(probs)) * BAR_PITCH, BARS_HEIGHT, "".join(parts))


def _svg(width: float, height: float, parts: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg {size} aria-hidden="true">{parts}</svg>'
