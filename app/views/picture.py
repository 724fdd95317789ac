"""The architecture as a small picture and as a list of its matrices.

Both are texts made from a few numbers, at build time and again whenever a slider moves. Plain
Python that MicroPython understands; it knows nothing of the page around it.
"""

from microgpt.settings import parameter_shapes

WIDTH = 280
HEIGHT = 152
BAR = 8
MIDDLE = 86  # of the bars
WIDEST = 168
LABELS = 184  # where the words begin
MATRIX_WORDS = {
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


def architecture_svg(n_embd, n_head, n_layer, block_size):
    """The model from the context at the bottom to the next token at the top, as SVG.

    Widths grow with the square root of the sizes, so that the MLP, four times the embedding, is
    twice as wide. The height stays the same however many layers there are.
    """
    narrow = WIDEST / 16 * n_embd**0.5
    pitch = (HEIGHT - BAR) / (2 + 2 * n_layer)
    y = HEIGHT - BAR
    parts = ['<path class="stream" d="M{} {}V0"/>'.format(MIDDLE, HEIGHT)]
    parts.append(_row(y, WIDEST, block_size, "context"))
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
    parts.append(_row(0, WIDEST / 2, 1, "output"))
    parts.append(_label(0, "", "next token"))
    words = "{} tokens of context, embedding of {}, {} with {} attention {} and an MLP of {}".format(
        block_size,
        n_embd,
        "1 layer" if n_layer == 1 else str(n_layer) + " layers",
        n_head,
        "head" if n_head == 1 else "heads",
        4 * n_embd,
    )
    return (
        '<svg class="architecture" viewBox="0 -4 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT + 8, words, "".join(parts))


def breakdown_html(vocab_size, shape):
    """How many weights each matrix has, as the rows of a table; one layer stands for all."""
    n_layer = shape["n_layer"]
    rows = []
    matrices = parameter_shapes(vocab_size, shape["n_embd"], n_layer, shape["block_size"])
    for name, (height, width) in matrices:
        times = ""
        if name.startswith("layer"):
            if not name.startswith("layer0."):
                continue
            name = name.split(".")[1]
            if n_layer > 1:
                times = " × " + str(n_layer)
        count = height * width * (n_layer if times else 1)
        rows.append(
            (
                '<tr><th scope="row">{} <code>{}</code></th>'
                "<td>{} × {}{}</td><td>{:,}</td></tr>"
            ).format(MATRIX_WORDS[name], name, height, width, times, count)
        )
    return "".join(rows)


def num_params(vocab_size, shape):
    """How many weights the model has in all."""
    matrices = parameter_shapes(
        vocab_size, shape["n_embd"], shape["n_layer"], shape["block_size"]
    )
    return sum(height * width for _, (height, width) in matrices)


def _row(y, width, pieces, kind):
    """A bar of this width around the middle, cut into pieces."""
    share = width / pieces
    gap = min(2, share * 0.25) if pieces > 1 else 0
    result = ""
    for piece in range(pieces):
        result += (
            '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}" rx="1"/>'
        ).format(kind, MIDDLE - width / 2 + piece * share + gap / 2, y, share - gap, BAR)
    return result


def _label(y, number, words):
    return '<text x="{}" y="{:.1f}"><tspan class="number">{}</tspan> {}</text>'.format(
        LABELS, y + BAR, number, words
    )
