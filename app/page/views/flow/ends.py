"""Both ends of a model's picture, which change with the moment: what it reads, what it expects.

Plain Python that MicroPython understands.
"""

from app.page.views.tiles import escape

SLOT = 17  # pixels
BARS_HEIGHT = 44
WORDS_HEIGHT = 12  # above the bars
BAR_PITCH = 5
MAX_FLOW_BARS = 30  # of a larger vocabulary only the likeliest are drawn


def slots_html(block_size: int, read: list[str]) -> str:
    """The context as slots, of which the first hold what was read.

    Args:
        block_size: how many there are.
        read: the tokens that the model reads, as on their tiles.
    """
    columns = 4 if block_size <= 16 else 8
    rows = -(-block_size // columns)
    parts = []
    for place in range(block_size):
        x, y = place % columns * SLOT, place // columns * SLOT
        kind = "slot"
        if place < len(read):
            kind = "filled now" if place == len(read) - 1 else "filled"
        parts.append(
            f'<rect class="{kind}" x="{x + 0.5}" y="{y + 0.5}" width="{SLOT - 2}" '
            f'height="{SLOT - 2}" rx="2"/>'
        )
        if place < len(read):
            kind = ' class="now"' if place == len(read) - 1 else ""
            parts.append(
                f'<text{kind} x="{x + SLOT / 2 - 0.5}" y="{y + 12}">{escape(_short(read[place]))}'
                "</text>"
            )
    words = f'<span data-term="block_size"><b>{len(read)}</b> of <b>{block_size}</b> read</span>'
    return f'<p class="flow-words">{words}</p>{_svg(columns * SLOT, rows * SLOT, "".join(parts))}'


def bars_html(probs: list[tuple[str, float]]) -> str:
    """The probabilities as columns of ink, with the likeliest token named.

    Args:
        probs: tokens, as on their tiles, and the probability that each comes next.
    """
    if len(probs) > MAX_FLOW_BARS:
        probs = sorted(probs, key=lambda pair: -pair[1])[:MAX_FLOW_BARS]
    tallest = max([share for _, share in probs] + [1e-9])
    parts = []
    for place, (text, share) in enumerate(probs):
        height = (BARS_HEIGHT - WORDS_HEIGHT) * share / tallest
        parts.append(
            f'<rect class="ink" x="{place * BAR_PITCH}" y="{BARS_HEIGHT - height:.1f}" '
            f'width="{BAR_PITCH - 1}" height="{height:.1f}"/>'
        )
        if share == tallest:
            x = place * BAR_PITCH + BAR_PITCH / 2
            parts.append(f'<text x="{x}" y="{WORDS_HEIGHT - 3}">{escape(text)}</text>')
    picture = _svg(max(1, len(probs)) * BAR_PITCH, BARS_HEIGHT, "".join(parts))
    return f'<p class="flow-words"><b data-term="probability">next token</b></p>{picture}'


def looked_up_texts(read: list[str]) -> dict[str, str]:
    """What embeddings look up: the newest token, none at the beginning, and its position."""
    return {"token": _short(read[-1]) if read else "", "position": str(len(read))}


def _short(token: str) -> str:
    """A token on a small tile."""
    return token if len(token) < 3 else token[:1] + "…"


def _svg(width: float, height: float, parts: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg {size} aria-hidden="true">{parts}</svg>'
