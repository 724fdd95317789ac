"""What the views draw with, so that they look alike: numbers, tiles, bars, rows, heat maps.

Each function returns HTML as one string. `data-exact` is what is said below a view about an element
that is pointed at; elements with the same `data-token`, `data-part` or `data-place` light up
together. Plain Python that MicroPython understands.
"""

import json

from app.page.views.tiles import escape, glyph, percent, quoted, spoken
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNKNOWN = "·"  # what stands for a number that is not known yet
BEGIN = "begin"  # what stands for BOS, where a text begins


def number(value: float) -> str:
    """A number with three significant digits: 12.3, 0.123, 0.00012."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    if size >= 0.1 or not size:
        return f"{value:.3f}"
    return f"{value:.4f}" if size >= 0.001 else f"{value:.1e}"


def minus(words: str) -> str:
    """Figures with a proper minus."""
    return words.replace("-", "−")


def figure(value: "float | None") -> str:
    """A number, or a dot where it is not known yet."""
    return UNKNOWN if value is None else minus(number(value))


def signed(value: float) -> str:
    """A number with two digits behind the point and a sign, for sums: +1.20."""
    return ("−" if value < 0 else "+") + f"{abs(value):.2f}"


def in_sentence(name: str) -> str:
    """The name of a token, as `token_name` gives it, inside a sentence."""
    return "the end" if name == "The end" else name


def attributes(exact: str, lights: "Mapping[str, object]") -> str:
    """The attributes of an element that can be pointed at.

    Args:
        exact: what is said about it then, "" for nothing.
        lights: what it lights up with: its token, part or place.
    """
    parts = [f' data-{kind}="{quoted(str(value))}"' for kind, value in lights.items()]
    if exact:
        parts.append(f' data-exact="{quoted(exact)}"')
    return "".join(parts)


def tile_html(vocabulary: "list[str]", token: int, place: int = -1, exact: str = "") -> str:
    """A small tile; with a place in the text a button that leads to the moment behind it.

    Args:
        vocabulary: the text of each token.
        token: its id; the one after all texts ends a document.
        place: how many tokens the text has up to it, -1 where it is not of the text.
        exact: as of `attributes`.
    """
    kind = "tile small-tile end" if token == len(vocabulary) else "tile small-tile"
    shown = escape(glyph(vocabulary, token))
    said = quoted(spoken(vocabulary, token))
    lights: dict[str, object] = {"token": token}
    if place < 0:
        return f'<span class="{kind}"{attributes(exact, lights)}>{shown}</span>'
    lights["place"] = place
    return (
        f'<button type="button" class="{kind}" aria-label="{said}"{attributes(exact, lights)}>'
        f"{shown}</button>"
    )


def begin_tile_html(exact: str = "") -> str:
    """The tile of BOS, which stands at place 0 of every text."""
    lights = attributes(exact, {"place": 0})
    return f'<button type="button" class="tile small-tile end"{lights}>{BEGIN}</button>'


def bars_html(rows: "Sequence[tuple[str, float, str, Mapping[str, object]]]", label: str) -> str:
    """A list of bars, to the right above 0 and to the left below; one tab stop.

    Args:
        rows: of each bar its label as HTML, its value, what is said about it, what it lights up
            with (`attributes`).
        label: the name of the list.
    """
    top = max([abs(value) for _, value, _, _ in rows] + [1e-9])
    both = min([value for _, value, _, _ in rows] + [0.0]) < 0
    items = []
    for name, value, exact, lights in rows:
        kind = "bar-ink below" if value < 0 else "bar-ink"
        said = signed(value) if both else number(value)
        share = abs(value) / top
        items.append(
            f'<li{attributes(exact, lights)}><span class="bar-name">{name}</span>'
            f'<span class="bar-track" aria-hidden="true"><i class="{kind}"'
            f' data-style="--share: {share:.4f}"></i></span>'
            f'<span class="bar-value">{said}</span></li>'
        )
    return list_html("bars signed-bars" if both else "bars", label, items)


def list_html(kind: str, label: str, items: "list[str]") -> str:
    """A list that is one tab stop: the arrow keys go through what has exact numbers in it.

    Args:
        kind: its class.
        label: its name.
        items: its items as HTML.
    """
    content = "".join(items)
    return f'<ol class="{kind}" tabindex="0" data-walk aria-label="{quoted(label)}">{content}</ol>'


def case_row_html(vocabulary: "list[str]", probs: "Sequence[tuple[int, float]]", label: str) -> str:
    """The case of type in small: a row with a tile for each token, and its ink above it.

    Args:
        vocabulary: the text of each token.
        probs: the tokens to show with their probabilities.
        label: the name of the row.
    """
    top = max([share for _, share in probs] + [1e-9])
    items = []
    for token, share in probs:
        exact = f"{spoken(vocabulary, token)}: {percent(share)}"
        kind = ' class="likeliest"' if share == top else ""
        marks = attributes(exact, {"token": token})
        part = share / top
        items.append(
            f'<li{kind}{marks}><i class="small-ink" aria-hidden="true"'
            f' data-style="--share: {part:.4f}"></i>'
            f"<span>{escape(glyph(vocabulary, token))}</span></li>"
        )
    return list_html("small-case", label, items)


def heatmap_labels(rows: "list[str]", columns: "list[str]") -> str:
    """The names of a heat map's rows and columns, as `window.microgpt.drawHeatmap` takes them."""
    return json.dumps([rows, columns])
