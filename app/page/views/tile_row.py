"""The row of tiles that is the text, and the caret in it."""

from app.page.aliases import JsProxy, TakePlace
from app.page.document import Document
from app.page.views.dom import find, listen, make
from app.page.views.tiles import glyph, surprise, tile_words

NEW_TILE = ("", "", "", "")


class TileRow:
    """The row; where it is like before, nothing is drawn.

    Args:
        placed: called with the place in the text that was pressed, and whether the keyboard is
            wanted: not with a tile that was touched, above which a phone's would open.
    """

    def __init__(self, placed: TakePlace) -> None:
        self._placed = placed
        self._list, self._caret, self._row = find("generated"), find("caret"), find("text-row")
        self._tiles = list(self._list.querySelectorAll("button"))
        self._shown = [NEW_TILE] * len(self._tiles)
        self._shown_caret = -1
        listen(self._row, "mousedown", self._keep_focus)
        listen(self._row, "click", self._press)

    def show(self, text: Document, probabilities: "list[float | None]", anchor: int) -> None:
        """Draw the text; `anchor`: the place that a selection runs from."""
        first, last = min(anchor, text.caret), max(anchor, text.caret)
        length = len(text.ids)
        while len(self._tiles) > length:
            self._tiles.pop().parentElement.remove()
            self._shown.pop()
        for index, token in enumerate(text.ids):
            if index == len(self._tiles):
                self._append()
            kind = "tile written end" if token == text.end else "tile written"
            self._draw(
                index,
                token,
                glyph(text.vocabulary, token),
                tile_words(text.vocabulary, token, probabilities[index]),
                kind + " selected" if first <= index < last else kind,
                f"{surprise(probabilities[index]):.2f}",
            )
        self._show_caret(text.caret)

    def _append(self) -> None:
        item, tile = make("li"), make("button")
        tile.type, tile.tabIndex = "button", -1
        tile.dataset.place = str(len(self._tiles) + 1)
        item.appendChild(tile)
        self._list.appendChild(item)
        self._tiles.append(tile)
        self._shown.append(NEW_TILE)
        self._shown_caret = -1  # which may have stood behind the last one

    def _draw(self, index: int, token: int, words: str, name: str, kind: str, wash: str) -> None:
        tile, shown = self._tiles[index], self._shown[index]
        if shown == (words, name, kind, wash):
            return
        if shown[0] != words:
            tile.textContent = words
            tile.dataset.token = str(token)
        if shown[1] != name:
            tile.title = name
            tile.setAttribute("aria-label", name)
        if shown[2] != kind:
            tile.className = kind
        if shown[3] != wash:
            tile.style.setProperty("--surprise", wash)
        self._shown[index] = (words, name, kind, wash)

    def _show_caret(self, caret: int) -> None:
        """Put the caret into its place, and mark the tile before it, whose probability is said."""
        if caret == self._shown_caret:
            return
        self._shown_caret = caret
        self._list.insertBefore(self._caret, None)
        if caret < len(self._tiles):
            self._list.insertBefore(self._caret, self._tiles[caret].parentElement)
        current = self._list.querySelector("[aria-current]")
        if current is not None:
            current.removeAttribute("aria-current")
        if caret:
            self._tiles[caret - 1].setAttribute("aria-current", "true")

    def _keep_focus(self, event: JsProxy) -> None:
        """Let a press take the focus away only from where it does not do so itself."""
        if not self._row.classList.contains("composing"):
            event.preventDefault()

    def _press(self, event: JsProxy) -> None:
        tile = event.target.closest("[data-place]")
        place = len(self._tiles) if tile is None else int(tile.dataset.place)
        self._placed(place, tile is None or event.pointerType != "touch")
