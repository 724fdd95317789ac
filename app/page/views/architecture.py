"""The architecture as a small picture, and its matrices as a table.

Made at build time, and again whenever a slider moves. Plain Python that MicroPython understands.
"""

from microgpt.settings import parameter_shapes

# Pixels of the picture.
PICTURE_WIDTH = 280
PICTURE_HEIGHT = 152
BAR_HEIGHT = 8
BARS_MIDDLE = 86
MAX_BAR_WIDTH = 168
LABELS_LEFT = 184
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


def architecture_svg(n_embd: int, n_head: int, n_layer: int, block_size: int) -> str:
    """The model from the context at the bottom to the next token at the top, as SVG.

    Widths grow with the square root of the sizes, so that the MLP, four times the embedding, is
    twice as wide. The height stays the same however many layers there are.
    """
    narrow = MAX_BAR_WIDTH / 16 * n_embd**0.5
    pitch = (PICTURE_HEIGHT - BAR_HEIGHT) / (2 + 2 * n_layer)
    y: float = PICTURE_HEIGHT - BAR_HEIGHT
    parts = [f'<path class="stream" d="M{BARS_MIDDLE} {PICTURE_HEIGHT}V0"/>']
    parts.append(_row(y, MAX_BAR_WIDTH, block_size, "context"))
    parts.append(_label(y, block_size, "context"))
    y -= pitch
    parts.append(_row(y, narrow, 1, "embedding"))
    parts.append(_label(y, n_embd, "embedding"))
    for layer in range(n_layer):
        y -= pitch
        parts.append(_row(y, narrow, n_head, "head"))
        if layer == 0:
            parts.append(_label(y, n_head, "heads" if n_head > 1 else "head"))
        y -= pitch
        parts.append(_row(y, 2 * narrow, 1, "mlp"))
        if layer == 0:
            parts.append(_label(y, 4 * n_embd, "MLP"))
        elif layer == n_layer - 1:
            parts.append(_label(y, n_layer, "layers"))
    parts.append(_row(0, MAX_BAR_WIDTH / 2, 1, "output"))
    parts.append(_label(0, "", "next token"))
    layers = f"{n_layer} layer{'' if n_layer == 1 else 's'}"
    heads = f"{n_head} attention head{'' if n_head == 1 else 's'}"
    words = (
        f"{block_size} tokens of context, embedding of {n_embd}, "
        f"{layers} with {heads} and an MLP of {4 * n_embd}"
    )
    return (
        f'<svg class="architecture" viewBox="0 -4 {PICTURE_WIDTH} {PICTURE_HEIGHT + 8}" role="img" '
        f'aria-label="{words}">{"".join(parts)}</svg>'
    )


def breakdown_html(vocab_size: int, shape: dict[str, int]) -> str:
    """How many weights each matrix has, as the rows of a table; one layer stands for all."""
    n_layer = shape["n_layer"]
    rows = []
    # The matrices of one layer only.
    matrices = parameter_shapes(vocab_size, shape["n_embd"], 1, shape["block_size"])
    for full_name, (height, width) in matrices:
        layer, _, name = full_name.rpartition(".")
        copies = n_layer if layer else 1
        size = f"{height} × {width}" + (f" × {copies}" if copies > 1 else "")
        rows.append(
            f'<tr><th scope="row">{MATRIX_NAMES[name]} <code>{name}</code></th>'
            f"<td>{size}</td><td>{height * width * copies:,}</td></tr>"
        )
    return "".join(rows)


def _row(y: float, width: float, pieces: int, kind: str) -> str:
    """A bar of this width around the middle, cut into pieces."""
    share = width / pieces
    gap = min(2, share * 0.25) if pieces > 1 else 0
    result = ""
    for piece in range(pieces):
        x = BARS_MIDDLE - width / 2 + piece * share + gap / 2
        result += (
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{share - gap:.1f}" '
            f'height="{BAR_HEIGHT}" rx="1"/>'
        )
    return result


def _label(y: float, number: int | str, words: str) -> str:
    place = f'x="{LABELS_LEFT}" y="{y + BAR_HEIGHT:.1f}"'
    return f'<text {place}><tspan class="number">{number}</tspan> {words}</text>'
