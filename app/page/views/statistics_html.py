"""The statistics of data as HTML: a histogram, characters as tiles with ink, sentences.

Used at build time and on the page; plain Python that MicroPython understands.
"""

from app.page.views.tiles import escape, glyph, quoted, spoken
from app.shared.statistics import DataStatistics, LengthBin, LengthStatistics
from microgpt.settings import num_held_out

# Pixels of the histogram.
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT = 300, 84
BASELINE = 64
MAX_BIN_HEIGHT = 48
LABELS_BASELINE = 78
MAX_MARK_WIDTHS = 1.5  # how far right a mark is drawn, in widths of all bins


def counted(count: int, noun: str) -> str:
    """A count with its noun: 1 line, 2 lines."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def preview_html(documents: list[str]) -> str:
    """Documents as buttons, one a line."""
    return "\n".join(
        [
            f'<button type="button" tabindex="-1" class="line" value="{line}">{line}</button>'
            for line in map(quoted, documents)
        ]
    )


def line_of_figures(statistics: DataStatistics, noun: str, left_out: int | None = None) -> str:
    """How many documents and characters there are, and how many documents are left out."""
    kinds = counted(statistics["num_chars"], "different character")
    words = counted(statistics["documents"], noun)
    if left_out is not None:
        words += f", {left_out:,} left out"
    return f"{words} · {kinds}"


def histogram_svg(
    lengths: LengthStatistics, block_size: int | None, unit: str = "character"
) -> str:
    """The lengths of the documents, and where the context length cuts them.

    Args:
        lengths: its bins are all of one width but the last, which takes in whatever is longer.
        block_size: the context length, None where it is counted in another unit.
        unit: what a prediction is, but for the end: `character` or `token`.
    """
    bins, end = lengths["histogram"], lengths["end"]
    place = float(len(bins)) if block_size is None else _place(bins, block_size)
    width = HISTOGRAM_WIDTH / max(len(bins), min(place, MAX_MARK_WIDTHS * len(bins)))  # of a bin
    mark = min(place * width, HISTOGRAM_WIDTH - 1)
    tallest = max([bin_["documents"] for bin_ in bins])
    parts = []
    for number, bin_ in enumerate(bins):
        left, height = number * width, MAX_BIN_HEIGHT * bin_["documents"] / tallest
        # A bin that the context length goes through is partly cut.
        kept = min(max(place - number, 0), 1) * width
        parts.append(
            _bar("kept", left, kept, height) + _bar("lost", left + kept, width - kept, height)
        )
    shortest, longest = bins[0]["first"] - end, counted(bins[-1]["last"] - end, unit)
    words = f"Lengths from {shortest:,} to {longest}"
    line = ""
    if block_size is not None:
        words += f"; the context length is {block_size}"
        side, gap = ("end", -4) if mark > HISTOGRAM_WIDTH / 2 else ("start", 4)
        context = f"context {block_size}" + (" ›" if place > MAX_MARK_WIDTHS * len(bins) else "")
        line = (
            f'<path class="mark" d="M{mark:.1f} 0V{BASELINE}"/><text class="context" '
            f'x="{mark + gap:.1f}" y="10" text-anchor="{side}">{context}</text>'
        )
    return (
        f'<svg class="histogram" viewBox="0 0 {HISTOGRAM_WIDTH} {HISTOGRAM_HEIGHT}" '
        f'role="img" aria-label="{words}">'
        f'<path class="base" d="M0 {BASELINE}H{HISTOGRAM_WIDTH}"/>{"".join(parts)}{line}'
        f'<text x="0" y="{LABELS_BASELINE}">{shortest:,}</text>'
        f'<text x="{len(bins) * width:.1f}" y="{LABELS_BASELINE}" text-anchor="end">'
        f"{longest}</text></svg>"
    )


def _place(bins: list[LengthBin], block_size: int) -> float:
    """Where the context length ends, in bins from the left."""
    first, last = int(bins[-1]["first"]), int(bins[-1]["last"])
    step = first - int(bins[-2]["first"]) if len(bins) > 1 else last
    end = block_size + 1
    if end <= first:
        return max(0.0, len(bins) - 1 - (first - end) / step)
    if end <= last:
        return len(bins) - 1 + (end - first) / (last + 1 - first)
    return len(bins) + (block_size - last) / step


def _bar(kind: str, left: float, width: float, height: float) -> str:
    if width <= 0 or not height:
        return ""
    tall = max(1.0, height)  # a single document is seen, too
    return (
        f'<rect class="{kind}" x="{left:.1f}" y="{BASELINE - tall:.1f}" '
        f'width="{width - min(1.0, width / 3):.1f}" height="{tall:.1f}"/>'
    )


def cut_words(
    statistics: DataStatistics,
    block_size: int,
    noun: str,
    token_lengths: LengthStatistics | None = None,
) -> str:
    """What the context length cuts off.

    token_lengths: how long the documents are in tokens, where these are not characters.
    """
    lengths: LengthStatistics = statistics
    lost_part = "text is"
    if token_lengths is not None:
        lengths, lost_part = token_lengths, "tokens are"
    several = f"{noun}s"
    if lengths["documents"] < statistics["documents"]:
        several = f"{lengths['documents']:,} {noun}s that were measured"
    for stop, documents, lost in lengths["cut"]:
        if stop == block_size and documents:
            share = documents / lengths["documents"]
            which = in_percent(share) if share >= 0.01 else f"{documents:,}"
            who, are = f"{which} of the {several}", "are"
            if statistics["documents"] == 1:
                who, are = f"The {noun}", "is"
            elif which == "1":
                are = "is"
            return (
                f"{who} {are} longer than the context length and cut: "
                f"{in_percent(lost)} of the {lost_part} lost."
            )
    if statistics["documents"] == 1:
        return f"The {noun} fits the context length."
    return f"All {several} fit the context length."


def in_percent(share: float) -> str:
    """A share, 0 to 1, in percent; neither a few nor nearly all are rounded to none or all."""
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
        height = f"--now: {count / most:.3f}"
        items.append(
            f'<li title="{in_quotes(name)}: {count:,}">'
            f'<span class="ink" aria-hidden="true"><i data-style="{height}"></i></span>'
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
    """HTML as an attribute's value."""
    return html.replace('"', "&quot;")


def facts(statistics: DataStatistics, noun: str, eval_fraction: float) -> list[tuple[str, str]]:
    """What else there is to know, as (term, value)."""
    held_out = num_held_out(statistics["documents"], eval_fraction)
    return [
        ("Characters in all", f"{statistics['characters']:,}"),
        ("Held out to test with", counted(held_out, noun)),
        ("There more than once", counted(statistics["duplicates"], noun)),
        ("Shortest", statistics["shortest"]),
        ("Longest", statistics["longest"]),
    ]


def facts_html(rows: list[tuple[str, str]]) -> str:
    """The rows of a description list."""
    return "".join([f"<dt>{escape(what)}</dt><dd>{escape(value)}</dd>" for what, value in rows])
