"""The HTML of Attention: buttons of heads, arcs over a row of tiles, the names of the rows.

Plain Python that MicroPython understands.
"""

from app.page.inside.attention_words import cell_words
from app.page.inside.kit import BEGIN, attributes
from app.page.inside.moment import Moment
from app.page.inside.part_names import part_name
from app.page.views.tiles import escape, glyph

MIN_ARC = 0.005  # of the attention: less is no arc
WIDEST_ARC = 9.0  # pixels, for all of the attention


def button_html(part: str) -> str:
    """The button that chooses a head: its map, its name, and its label once that is known."""
    lights = attributes("", {"part": part})
    name = part_name(part).split(", ")[-1]
    return (
        f'<button type="button" role="radio" class="head-button"{lights}>'
        '<span class="map-box"><canvas class="heatmap" width="1" height="1" aria-hidden="true">'
        "</canvas></span>"
        f'<span class="head-words"><b>{name}</b><span class="head-label"></span></span></button>'
    )


def arcs_html(shares: "list[float]", columns: int) -> str:
    """Arcs from the last place to those that it reads, as thick as what these get.

    Args:
        shares: of the attention, (places,).
        columns: how many places the picture has room for; each is 1 wide.
    """
    last = len(shares) - 1
    paths = []
    for place, share in enumerate(shares):
        if share < MIN_ARC:
            continue
        start, end = last + 0.5, place + 0.5
        if place == last:  # a loop
            start, end = last + 0.72, last + 0.28
        top = 1 - 1.2 * min(1.0, 0.25 + (last - place) / columns)
        paths.append(
            f'<path d="M{start} 1C{start} {top:.3f} {end} {top:.3f} {end} 1"'
            f' stroke-width="{max(0.7, WIDEST_ARC * share):.1f}" data-place="{place}"/>'
        )
    content = "".join(paths)
    return (
        f'<svg class="arcs" viewBox="0 0 {columns} 1" preserveAspectRatio="none"'
        f' aria-hidden="true">{content}</svg>'
    )


def tiles_html(shares: "list[float]", moment: Moment) -> str:
    """The text that is read, a tile in each column, with what it gets below; one tab stop."""
    items = []
    for place, share in enumerate(shares):
        exact = cell_words("", moment.position, place, share, moment)
        lights: dict[str, object] = {"place": place}
        if place:
            lights["token"] = moment.tokens[place - 1]
        kind = "tile" if place else "tile end"
        if place == moment.position:
            kind += " reader"
        marks = attributes(exact, lights)
        items.append(
            f'<li><button type="button" class="{kind}" tabindex="-1"{marks}'
            f' data-style="--share: {share:.3f}"><span aria-hidden="true">'
            f"{place_glyph(moment, place)}</span>"
            f'<span class="hidden">{escape(exact)}</span></button>'
            f'<i aria-hidden="true">{short_percent(share)}</i></li>'
        )
    content = "".join(items)
    return (
        '<ol class="arc-tiles" tabindex="0" data-walk aria-label="What it reads at the moment">'
        f"{content}</ol>"
    )


def rows_html(moment: Moment) -> str:
    """The names of the rows of the large map."""
    items = []
    for place in range(moment.position + 1):
        kind = ' class="reader"' if place == moment.position else ""
        items.append(f'<li{kind} data-place="{place}">{place_glyph(moment, place)}</li>')
    return "".join(items)


def place_glyph(moment: Moment, place: int) -> str:
    """What stands on the tile of a place, as HTML."""
    if place == 0:
        return BEGIN
    return escape(glyph(moment.vocabulary, moment.tokens[place - 1]))


def short_percent(share: float) -> str:
    """A share in whole percent, nothing below that."""
    value = round(100 * share)
    return str(value) if value else ""


def stairs(places: int) -> str:
    """The cells that a heat map has, as a polygon: nobody reads what comes later."""
    size = 100 / places
    corners = ["0 0"]
    for place in range(places):
        right = f"{(place + 1) * size:.2f}%"
        corners += [f"{right} {place * size:.2f}%", f"{right} {right}"]
    return "polygon(" + ",".join(corners) + ",0 100%)"


def longest_glyph(moment: Moment) -> int:
    """The number of characters on the widest tile."""
    read = moment.tokens[: moment.position]
    return max([1] + [len(glyph(moment.vocabulary, token)) for token in read])
