"""The map as HTML, as places on a plane, and in words."""

from app.page.inside.kit import BEGIN, attributes, in_sentence, tile_html
from app.page.inside.moment import Moment
from app.page.views.tiles import percent, quoted, spoken, token_name
from app.shared.inside import MapResult


def row_of(moment: Moment, table: str) -> int:
    """The row that the moment's own embedding is of: its last token, or its place."""
    if table == "position":
        return moment.position
    return moment.tokens[moment.position - 1] if moment.position else len(moment.vocabulary)


def placed(rows: "list[int]", points: "list[tuple[float, float]]") -> str:
    """Where each row is, from the middle, and how far all reach, as custom properties."""
    if not points:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    across, up = max(max(xs) - min(xs), 1e-6), max(max(ys) - min(ys), 1e-6)
    x_middle, y_middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    style = [f"--across:{across:.6f};--up:{up:.6f}"]
    for index, (x, y) in enumerate(points):
        row = rows[index]
        style.append(f"--x{row}:{x - x_middle:.4f};--y{row}:{y_middle - y:.4f}")
    return ";".join(style)


def next_point(points: "list[tuple[float, float]]", index: int, step: "tuple[int, int]") -> int:
    """The nearest point in a direction, of those that lie within 45 degrees of it."""
    x, y = points[index]
    best, least = index, 0.0
    for other, (u, v) in enumerate(points):
        along = (u - x) * step[0] + (v - y) * step[1]
        aside = abs((u - x) * step[1]) + abs((v - y) * step[0])
        distance = along * along + aside * aside
        if along > 0 and aside <= along and (best == index or distance < least):
            best, least = other, distance
    return best


def row_name(row: int, table: str, moment: Moment) -> str:
    """What a row is called as a label."""
    if table == "token":
        return spoken(moment.vocabulary, row)
    return f"place {row}" if row else BEGIN


def points_html(rows: "list[int]", labelled: "list[int]", table: str, moment: Moment) -> str:
    """The points: tiles, or dots with a tile on demand where not all are labelled."""
    items: list[str] = []
    few = len(labelled) == len(rows)
    named = set(labelled)
    for row in rows:
        kind = "map-point" if few or row in named else "map-point dot"
        if table == "token":
            lights: dict[str, object] = {"token": row}
            tile = tile_html(moment.vocabulary, row)
        else:
            lights = {"place": row}
            end = "" if row else " end"
            tile = f'<span class="tile small-tile{end}">{row or BEGIN}</span>'
        name = quoted(row_name(row, table, moment))
        tab = -1 if items else 0
        items.append(
            f'<li class="{kind}" role="option" tabindex="{tab}" data-row="{row}"'
            f' aria-label="{name}"{attributes("", lights)}'
            f' data-style="--x: var(--x{row}); --y: var(--y{row})">{tile}</li>'
        )
    return "".join(items)


def line_html(kind: str, a: int, b: int) -> str:
    """A line between the points of two rows."""
    return (
        f'<i class="map-line {kind}" data-style="--x: var(--x{a}); --y: var(--y{a});'
        f' --to-x: var(--x{b}); --to-y: var(--y{b})"></i>'
    )


def axis_words(name: str, share: float) -> str:
    """What an axis is, and what it holds."""
    return f"{name}: {percent(share)} of the variance"


def near_words(result: MapResult, table: str, moment: Moment) -> str:
    """The nearest neighbours of a row."""
    if not result["neighbours"]:
        return ""
    row = result["row"]
    near = [
        f"{called(other, table, moment)} {cosine:.2f}" for other, cosine in result["neighbours"]
    ]
    return f"Nearest to {called(row, table, moment)}: {', '.join(near)}."


def called(row: int, table: str, moment: Moment) -> str:
    """What to call a row in a sentence."""
    if table == "token":
        return in_sentence(token_name(moment.vocabulary, row))
    return f"place {row}" if row else "the beginning"


def note_words(result: MapResult, table: str) -> str:
    """What the picture leaves out."""
    if not result["rows"]:
        return f"This model has no {table} embeddings."
    size = result["size"]
    words = (
        f"The axes are the two directions in which the {size} numbers of a row vary most; nearness "
        f"is measured in all {size}, as the cosine: 1 is the same direction, 0 nothing in common."
    )
    if table == "position":
        words = f"Each place in a text has such a row, too; the line joins them in order. {words}"
    if len(result["labelled"]) < len(result["rows"]):
        words += f" The {len(result['labelled'])} most frequent tokens are named."
    return words


def order_words(result: MapResult, table: str, moment: Moment) -> str:
    """The picture without seeing it: the rows from one end of the first axis to the other."""
    named = set(result["labelled"])
    places = [
        (result["points"][index][0], row)
        for index, row in enumerate(result["rows"])
        if row in named
    ]
    names = [row_name(row, table, moment) for _, row in sorted(places)]
    return f"From left to right: {', '.join(names)}." if names else ""
