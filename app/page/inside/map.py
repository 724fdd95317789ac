"""Map: the embeddings of tokens and positions as points, and the nearest to one of them."""

from pyscript import document

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.kit import BEGIN, attributes, in_sentence, quoted, tile_html
from app.page.inside.moment import Moment
from app.page.views.dom import listen
from app.page.views.tiles import percent, spoken, token_name
from app.shared.inside import MapRequest, MapResult

WIDTH, HEIGHT = 90.0, 55.0  # of all points, in percent of the picture's width: 3 to 2 and a rim
MAX_LIKELY = 3  # tokens that may come next and are marked
MAP_SKELETON = """
<div class="map-tables" role="group" aria-label="Which embeddings">
  <button type="button" data-table="token" aria-pressed="true">Tokens</button>
  <button type="button" data-table="position" aria-pressed="false">Positions</button>
</div>
<div class="map-frame">
  <div class="map-lines" aria-hidden="true"></div>
  <ul class="map-points" role="listbox" aria-label="Token embeddings"></ul>
  <p class="map-axis"></p>
  <p class="map-axis"></p>
</div>
<p class="map-near" aria-live="off"></p>
<p class="view-words"></p>
<p class="hidden"></p>
"""
WAYS = {"ArrowRight": (1, 0), "ArrowLeft": (-1, 0), "ArrowUp": (0, 1), "ArrowDown": (0, -1)}


class MapView:
    """The view.

    Args:
        body: the element to draw in.
        page: the page.
    """

    def __init__(self, body: JsProxy, page: ViewCallbacks) -> None:
        body.innerHTML = MAP_SKELETON
        self._tables, self._frame, self._near, self._note, self._order = list(body.children)
        self._lines, self._points, self._across, self._up = list(self._frame.children)
        self._page = page
        self._table = "token"
        self._pointed = -1  # the row that was pointed at, -1 for that of the moment
        self._read: tuple[object, ...] = ()  # the moment at which that was
        self._rows: list[int] = []  # those that are drawn
        self._coordinates: list[tuple[float, float]] = []
        self._drawn: tuple[object, ...] = ()  # what the points were drawn of
        self._joined: tuple[object, ...] = ()  # what the lines were drawn of
        self._marked: list[JsProxy] = []  # the points with a class of the moment
        listen(self._tables, "click", self._press)
        listen(self._points, "pointerover", self._point)
        listen(self._points, "focusin", self._focus)
        listen(self._points, "keydown", self._walk)

    def request(self, moment: Moment) -> MapRequest:
        """Ask for the map, and for the neighbours of what is pointed at or was read last."""
        read = (moment.vocabulary, moment.tokens, moment.position)
        if read != self._read:
            self._read, self._pointed = read, -1
        row = self._pointed
        if row < 0:
            row = row_of(moment, self._table)
        return MapRequest(table=self._table, row=row)

    def show(self, result: MapResult, moment: Moment) -> None:
        """Put the points where they are now."""
        rows = [int(row) for row in result["rows"]]
        drawn = (self._table, moment.vocabulary, rows, result["labelled"])
        if drawn != self._drawn:
            self._drawn, self._rows, self._marked = drawn, rows, []
            focused = self._points.contains(document.activeElement)
            self._points.innerHTML = points_html(rows, result["labelled"], self._table, moment)
            if focused:
                self._points.firstElementChild.focus()
        self._coordinates = [(x, y) for x, y in result["points"]]
        self._frame.style.cssText = placed(rows, self._coordinates)
        self._join(result)
        self._mark(result, moment)
        for element, words in (
            (self._across, axis_words("First axis", result["shares"][0])),
            (self._up, axis_words("Second axis", result["shares"][1])),
            (self._near, near_words(result, self._table, moment)),
            (self._note, note_words(result, self._table)),
            (self._order, order_words(result, self._table, moment)),
        ):
            if element.textContent != words:
                element.textContent = words

    def close(self) -> None:
        """There is nothing to stop."""

    def _join(self, result: MapResult) -> None:
        """Draw lines to the neighbours, and between positions that follow each other."""
        near = [row for row, _ in result["neighbours"] if row in self._rows]
        joined = (self._table, len(self._rows), result["row"], near)
        if joined == self._joined:
            return
        self._joined = joined
        lines = []
        if self._table == "position":
            lines += [line_html("path", a, a + 1) for a in self._rows[:-1]]
        if result["row"] in self._rows:
            lines += [line_html("near", result["row"], row) for row in near]
        self._lines.innerHTML = "".join(lines)

    def _mark(self, result: MapResult, moment: Moment) -> None:
        """Mark what was read last, what is likeliest next, and the neighbours."""
        for point in self._marked:
            point.classList.remove("now", "likely", "near")
        self._marked = []
        self._give(row_of(moment, self._table), "now")
        if self._table == "token" and moment.upcoming is not None:
            for token in moment.upcoming.order()[:MAX_LIKELY]:
                self._give(token, "likely")
        for row in [result["row"]] + [row for row, _ in result["neighbours"]]:
            self._give(row, "near")

    def _give(self, row: int, kind: str) -> None:
        """Give the point of a row, if it is drawn, this class."""
        if row in self._rows:
            point = self._points.children[self._rows.index(row)]
            point.classList.add(kind)
            self._marked.append(point)

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[data-table]")
        if button is None or button.dataset.table == self._table:
            return
        self._table, self._pointed = str(button.dataset.table), -1
        for each in list(self._tables.children):
            each.setAttribute("aria-pressed", "true" if each is button else "false")
        shown = "Token" if self._table == "token" else "Position"
        self._points.setAttribute("aria-label", f"{shown} embeddings")
        self._page.ask()

    def _point(self, event: JsProxy) -> None:
        """Show the neighbours of what is pointed at, and say where it is."""
        point = event.target.closest("[data-row]")
        if point is None:
            return
        row = int(point.dataset.row)
        x, y = self._coordinates[self._rows.index(row)]
        name = str(point.getAttribute("aria-label"))
        point.dataset.exact = f"{name}: {x:+.3f} on the first axis, {y:+.3f} on the second"
        if row != self._pointed:
            self._pointed = row
            self._near.setAttribute("aria-live", "polite")
            self._page.ask()

    def _focus(self, event: JsProxy) -> None:
        """The point that has the focus is the one that Tab comes back to."""
        for point in list(self._points.querySelectorAll('[tabindex="0"]')):
            point.tabIndex = -1
        event.target.tabIndex = 0
        self._point(event)

    def _walk(self, event: JsProxy) -> None:
        """Arrow keys lead to the next point in their direction, Page Up and Down by number."""
        point = event.target.closest("[data-row]")
        if point is None or event.altKey or event.ctrlKey or event.metaKey:
            return
        index, last = self._rows.index(int(point.dataset.row)), len(self._rows) - 1
        key = str(event.key)
        if key in WAYS:
            index = next_point(self._coordinates, index, WAYS[key])
        elif key == "PageDown":
            index = min(index + 1, last)
        elif key == "PageUp":
            index = max(index - 1, 0)
        elif key in ("Home", "End"):
            index = 0 if key == "Home" else last
        else:
            return
        event.preventDefault()
        self._points.children[index].focus()


def row_of(moment: Moment, table: str) -> int:
    """The row that the moment's own embedding is of: its last token, or its place."""
    if table == "position":
        return moment.position
    return moment.tokens[moment.position - 1] if moment.position else len(moment.vocabulary)


def placed(rows: "list[int]", points: "list[tuple[float, float]]") -> str:
    """Where each row is, as custom properties: percent of the width from the middle."""
    if not points:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    across, up = max(xs) - min(xs), max(ys) - min(ys)
    scale = min(WIDTH / (across or 1e-9), HEIGHT / (up or 1e-9))
    x_middle, y_middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    style = []
    for index, (x, y) in enumerate(points):
        row = rows[index]
        style.append(f"--x{row}:{(x - x_middle) * scale:.2f};--y{row}:{(y_middle - y) * scale:.2f}")
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
