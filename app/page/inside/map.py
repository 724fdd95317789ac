"""Map: the embeddings of tokens and positions as points, and the nearest to one of them."""

from pyscript import document

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.map_html import (
    axis_words,
    line_html,
    near_words,
    next_point,
    note_words,
    order_words,
    placed,
    points_html,
    row_of,
)
from app.page.inside.moment import Moment
from app.page.views.dom import listen, set_text, write_html
from app.shared.inside import MapRequest, MapResult

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
        write_html(body, MAP_SKELETON)
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
            write_html(self._points, points_html(rows, result["labelled"], self._table, moment))
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
            set_text(element, words)

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
        write_html(self._lines, "".join(lines))

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
