"""The statistics of data as texts: a histogram as SVG, characters as tiles with ink, sentences.

At build time and on the page; plain Python that MicroPython understands. It knows nothing of the
page around it.
"""

from app.page.types import Message
from app.page.views.tiles import escape, glyph, spoken
from microgpt.settings import num_held_out

WIDTH, HEIGHT = 300, 84  # of the histogram
BASE = 64  # where its bars stand
TALLEST = 48
WORDS = 78  # where the words below it stand
FAR = 1.5  # times the width of all bars; up to there a mark beyond them is where it belongs


def counted(count: int, noun: str) -> str:
    """So many of something: 1 line, 2 lines."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def line_of_figures(statistics: Message, noun: str) -> str:
    """How many documents and characters there are."""
    kinds = counted(statistics["num_chars"], "different character")
    return f"{counted(statistics['documents'], noun)} · {kinds}"


def histogram_svg(lengths: Message, block_size: int | None, unit: str = "characters") -> str:
    """The lengths of the documents, and where the context length cuts them.

    Args:
        lengths: statistics or a `events.measured` message. Of each bar of its `histogram` it has
            the `first` and `last` prediction and the number of `documents`; all are of one width
            but the last, which takes in what is longer. `end` says how many of the predictions of
            a document are its end, which is no character.
        block_size: the context length, None where it is not counted in the same unit.
        unit: what a prediction is, but for the end: `characters` or `tokens`.
    """
    bars, end = lengths["histogram"], lengths["end"]
    place = float(len(bars)) if block_size is None else _place(bars, block_size)
    width = WIDTH / max(len(bars), min(place, FAR * len(bars)))  # of a bar
    mark = min(place * width, WIDTH - 1)
    tallest = max([bar["documents"] for bar in bars])
    parts = []
    for number, bar in enumerate(bars):
        left, height = number * width, TALLEST * bar["documents"] / tallest
        # A bar that the context length goes through is partly cut.
        kept = min(max(place - number, 0), 1) * width
        parts.append(
            _bar("kept", left, kept, height) + _bar("lost", left + kept, width - kept, height)
        )
    shortest, longest = bars[0]["first"] - end, f"{bars[-1]['last'] - end:,} {unit}"
    words = f"Lengths from {shortest:,} to {longest}"
    line = ""
    if block_size is not None:
        words += f"; the context length is {block_size}"
        side, gap = ("end", -4) if mark > WIDTH / 2 else ("start", 4)
        context = f"context {block_size}" + (" ›" if place > FAR * len(bars) else "")
        line = (
            f'<path class="mark" d="M{mark:.1f} 0V{BASE}"/><text class="context" '
            f'x="{mark + gap:.1f}" y="10" text-anchor="{side}">{context}</text>'
        )
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">'
        f'<path class="base" d="M0 {BASE}H{WIDTH}"/>{"".join(parts)}{line}'
        f'<text x="0" y="{WORDS}">{shortest:,}</text>'
        f'<text x="{len(bars) * width:.1f}" y="{WORDS}" text-anchor="end">{longest}</text></svg>'
    )


def _place(bars: list[Message], block_size: int) -> float:
    """Where the context length ends, counted in bars from the left."""
    first, last = int(bars[-1]["first"]), int(bars[-1]["last"])
    step = first - int(bars[-2]["first"]) if len(bars) > 1 else last
    end = block_size + 1
    if end <= first:
        return max(0.0, len(bars) - 1 - (first - end) / step)
    if end <= last:
        return len(bars) - 1 + (end - first) / (last + 1 - first)
    return len(bars) + (block_size - last) / step


def _bar(kind: str, left: float, width: float, height: float) -> str:
    if width <= 0 or not height:
        return ""
    tall = max(1.0, height)  # a single document is seen, too
    return (
        f'<rect class="{kind}" x="{left:.1f}" y="{BASE - tall:.1f}" '
        f'width="{width - min(1.0, width / 3):.1f}" height="{tall:.1f}"/>'
    )


def cut_words(
    statistics: Message, block_size: int, noun: str, measured: Message | None = None
) -> str:
    """What the context length cuts off.

    measured: how long the documents are in tokens, from a `events.measured` message, where these
        are not characters.
    """
    lengths, lost_part = (statistics, "text is") if measured is None else (measured, "tokens are")
    several = f"{noun}s"
    if lengths["documents"] < statistics["documents"]:
        several = f"{lengths['documents']:,} {noun}s that were measured"
    for stop, documents, lost in lengths["cut"]:
        if stop == block_size and documents:
            share = documents / lengths["documents"]
            which = in_percent(share) if share >= 0.01 else f"{documents:,}"
            are = "is" if documents == 1 and share < 0.01 else "are"
            return (
                f"{which} of the {several} {are} longer than the context length and cut: "
                f"{in_percent(lost)} of the {lost_part} lost."
            )
    if statistics["documents"] == 1:
        return f"The {noun} fits the context length."
    return f"All {several} fit the context length."


def in_percent(share: float) -> str:
    """A share, 0 to 1, in words that are true of all but nothing and all but everything."""
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{100 * share:.0f}%"


def ink_html(counts: list[tuple[str, int]]) -> str:
    """Characters as tiles, the ink above each as high as its count is to the largest."""
    most = max([count for _, count in counts]) if counts else 1
    items = []
    for character, count in counts:
        face, name = escape(glyph([character], 0)), escape(spoken([character], 0))
        items.append(
            f'<li title="{in_quotes(name)}: {count:,}">'
            f'<span class="ink" aria-hidden="true"><i style="--now: {count / most:.3f}"></i></span>'
            f'<span class="tile" aria-hidden="true">{face}</span>'
            f'<span class="hidden">{name}: {count:,}</span></li>'
        )
    return "".join(items)


def pairs_html(pairs: list[tuple[str, int]], of: int) -> str:
    """Pairs of characters as two tiles each, with their share of all pairs."""
    items = []
    for pair, count in pairs:
        tiles = "".join([f'<span class="tile">{escape(glyph([part], 0))}</span>' for part in pair])
        name = " ".join([escape(spoken([part], 0)) for part in pair])
        items.append(
            f'<li><span class="pair" aria-hidden="true">{tiles}</span>'
            f'<span class="hidden">{name}</span>'
            f'<span class="count">{100 * count / of:.1f}%</span></li>'
        )
    return "".join(items)


def in_quotes(html: str) -> str:
    """HTML as the value of an attribute."""
    return html.replace('"', "&quot;")


def facts(statistics: Message, noun: str, eval_fraction: float) -> list[tuple[str, str]]:
    """What else there is to know, as (what, how it is) pairs."""
    held_out = num_held_out(statistics["documents"], eval_fraction)
    return [
        ("Characters in all", f"{statistics['characters']:,}"),
        ("Held out to test with", counted(held_out, noun)),
        ("There more than once", counted(statistics["duplicates"], noun)),
        ("Shortest", statistics["shortest"]),
        ("Longest", statistics["longest"]),
    ]


def facts_html(rows: list[tuple[str, str]]) -> str:
    """Such pairs as the rows of a list of terms."""
    return "".join([f"<dt>{escape(what)}</dt><dd>{escape(value)}</dd>" for what, value in rows])
