"""Attention: what a head reads at the moment as arcs over the text, all of it as heat maps."""

from pyscript import window

from app.page.aliases import JsProxy
from app.page.inside.attention_html import (
    arcs_html,
    button_html,
    longest_glyph,
    rows_html,
    stairs,
    tiles_html,
)
from app.page.inside.attention_words import (
    cell_words,
    head_words,
    label_words,
    measured_words,
    reading_words,
    scores_words,
)
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.kit import heatmap_labels
from app.page.inside.moment import Moment
from app.page.inside.part_names import part_name
from app.page.views.dom import listen, set_text, write_html
from app.shared.inside import AttentionResult, HeadReading

MIN_PLACES = 8  # that the picture has room for, at least
MAX_NAMED_PLACES = 20  # of more, the rows of the large map are too low for their letters
FAR_RIGHT = 100_000  # pixels
NO_LABELS = heatmap_labels([], [])
HEAD_STEPS = {"ArrowRight": 1, "ArrowDown": 1, "ArrowLeft": -1, "ArrowUp": -1}
ATTENTION_SKELETON = """
<div class="heads-side">
  <div class="heads" role="radiogroup" aria-label="Heads"></div>
  <p class="view-words">Each small map is a head: a row for each place that reads, and in it a cell
  for each place that is read. The fuller its colour, the more attention goes there. Press a map, or
  use the arrow keys, to see it large.</p>
</div>
<div class="head-large">
  <p class="head-title"><b></b> <span></span></p>
  <div class="head-picture">
    <div class="head-arcs"></div>
    <ol class="head-rows" aria-hidden="true"></ol>
    <div class="map-box"><canvas class="heatmap" role="img" width="1" height="1"></canvas></div>
    <i class="head-axis" aria-hidden="true">at ↓ reads →</i>
  </div>
  <p class="view-said"></p>
  <p class="head-scores"></p>
</div>
<p class="view-words heads-measured"></p>
"""


class AttentionView:
    """The view.

    Args:
        body: the element to draw in.
        _callbacks: the page.
    """

    def __init__(self, body: JsProxy, _callbacks: ViewCallbacks) -> None:
        body.classList.add("attention")
        write_html(body, ATTENTION_SKELETON)
        self._body = body
        side, self._large, self._measured = list(body.children)
        self._heads = side.firstElementChild
        self._title, self._picture, self._said, self._scores = list(self._large.children)
        self._arcs, self._rows = list(self._picture.children)[:2]
        self._map = self._picture.querySelector("canvas")
        self._exact = body.parentElement.querySelector(".exact")
        self._chosen = 0  # the head that is shown large, of those of all layers
        self._parts: list[str] = []  # of all heads in the order of the layers
        self._maps: list[JsProxy] = []
        self._buttons: list[JsProxy] = []
        self._captions: list[tuple[str, str]] = []  # what is written below each and said of it
        self._result: AttentionResult | None = None
        self._moment: Moment | None = None
        self._scrolled = 0  # the places when the picture was scrolled to the newest
        self._places = 0  # that are read at the moment
        self._weights: JsProxy = None  # (heads, t, t), as the worker has sent them
        listen(self._heads, "click", self._press)
        listen(self._heads, "keydown", self._press_key)
        listen(body, "pointermove", self._point)

    def request(self, _moment: Moment) -> "dict[str, object]":
        """Whatever is shown, the worker says all of it."""
        return {}

    def show(self, result: AttentionResult, moment: Moment) -> None:
        """Draw all heads, and the chosen one large."""
        self._result, self._moment = result, moment
        readings = [head for layer in result["layers"] for head in layer]
        parts = [head["part"] for head in readings]
        if parts != self._parts:
            self._make_heads(result["layers"], parts)
        places = moment.position + 1
        if places != self._places:
            self._places = places
            self._body.style.setProperty("--stairs", stairs(places))
        at = moment.blob.byteOffset + 4 * result["weights_at"]
        self._weights = window.Float32Array.new(moment.blob.buffer, at, len(parts) * places**2)
        for index, head in enumerate(readings):
            self._draw(self._maps[index], index)
            self._caption(index, head)
        words = measured_words(result, moment)
        set_text(self._measured, words)
        self._show_chosen()

    def close(self) -> None:
        """There is nothing to stop."""

    # ---- all heads -------------------------------------------------------------------------------

    def _make_heads(self, layers: "list[list[HeadReading]]", parts: "list[str]") -> None:
        """Make a button for each head of another model."""
        self._parts = parts
        self._chosen = min(self._chosen, len(parts) - 1)
        html = ""
        for layer, heads in enumerate(layers):
            name = f"Layer {layer + 1}"
            title = f'<p class="bar-title">{name}</p>' if len(layers) > 1 else ""
            buttons = "".join([button_html(head["part"]) for head in heads])
            html += f'{title}<div class="heads-layer" role="presentation">{buttons}</div>'
        write_html(self._heads, html)
        self._buttons = list(self._heads.querySelectorAll("[role=radio]"))
        self._maps = list(self._heads.querySelectorAll("canvas"))
        self._captions = [("", "")] * len(parts)
        self._mark_chosen()

    def _caption(self, index: int, head: "HeadReading") -> None:
        """Write the label of a head below its map, if there is another by now."""
        assert self._moment is not None
        label = label_words(head, self._moment)
        said = head_words(head, self._moment)
        if self._captions[index] == (label, said):
            return
        self._captions[index] = (label, said)
        button = self._buttons[index]
        button.lastElementChild.lastElementChild.textContent = label
        button.setAttribute("aria-label", said)
        button.dataset.exact = said

    def _mark_chosen(self) -> None:
        for index, button in enumerate(self._buttons):
            chosen = index == self._chosen
            button.setAttribute("aria-checked", "true" if chosen else "false")
            button.tabIndex = 0 if chosen else -1

    def _choose(self, index: int) -> None:
        self._chosen = index
        self._mark_chosen()
        self._show_chosen()

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[role=radio]")
        if button is not None:
            self._choose(self._parts.index(button.dataset.part))

    def _press_key(self, event: JsProxy) -> None:
        if event.key in HEAD_STEPS:
            event.preventDefault()  # it would scroll the page
            self._choose((self._chosen + HEAD_STEPS[event.key]) % len(self._parts))
            self._buttons[self._chosen].focus()

    # ---- the chosen one --------------------------------------------------------------------------

    def _show_chosen(self) -> None:
        """Draw the chosen head large, with arcs from the moment's place to those that it reads."""
        result, moment = self._result, self._moment
        if result is None or moment is None:
            return
        head = [head for layer in result["layers"] for head in layer][self._chosen]
        places = moment.position + 1
        first = (self._chosen * places + places - 1) * places
        shares = [self._weights[first + place] for place in range(places)]
        columns = max(MIN_PLACES, places)
        self._large.dataset.part = head["part"]
        name, label = list(self._title.children)
        name.textContent = part_name(head["part"])
        label.textContent = label_words(head, moment)
        self._scores.textContent = scores_words(head, moment)
        self._said.textContent = reading_words(shares, moment)
        style = self._picture.style
        style.setProperty("--columns", str(columns))
        style.setProperty("--places", str(places))
        style.setProperty("--longest", str(longest_glyph(moment)))
        self._picture.classList.toggle("named", columns <= MAX_NAMED_PLACES)
        write_html(self._arcs, arcs_html(shares, columns) + tiles_html(shares, moment))
        write_html(self._rows, rows_html(moment))
        if self._scrolled != places:  # else the user may be looking at the beginning
            self._scrolled = places
            self._picture.scrollLeft = FAR_RIGHT
        self._map.setAttribute("aria-label", f"All that it reads: {head_words(head, moment)}")
        self._draw(self._map, self._chosen)

    def _draw(self, canvas: JsProxy, index: int) -> None:
        """Draw the heat map of a head."""
        moment, result = self._moment, self._result
        if moment is None or result is None:
            return
        places = moment.position + 1
        offset = result["weights_at"] + index * places**2
        # What a cell says is written by `_point`.
        window.microgpt.drawHeatmap(canvas, moment.blob, offset, places, places, 1, NO_LABELS)

    # ---- pointing at a cell ----------------------------------------------------------------------

    def _point(self, event: JsProxy) -> None:
        """Say what the cell below the pointer shows."""
        canvas, moment = event.target, self._moment
        if moment is None or not canvas.classList.contains("heatmap"):
            return
        event.stopPropagation()
        button = canvas.closest("[role=radio]")
        index = self._chosen if button is None else self._parts.index(button.dataset.part)
        box, places = canvas.getBoundingClientRect(), moment.position + 1
        row = int((event.clientY - box.top) / box.height * places)
        column = int((event.clientX - box.left) / box.width * places)
        if not (0 <= row < places and 0 <= column < places):
            return
        share = self._weights[(index * places + row) * places + column]
        self._exact.textContent = cell_words(self._parts[index], row, column, share, moment)
