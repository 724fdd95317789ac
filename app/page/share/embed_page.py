"""The dialog's page "Embed": a part of the page as a frame for another site, as HTML to copy."""

from pyscript import document

from app.page.errors import spawn
from app.page.share.copying import copy
from app.page.share.embed_html import NONE_CHOSEN, embed_html, embed_query, snippet
from app.page.share.preview import Preview, page_address
from app.page.views.dom import find, listen, on_press, write_text
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_HEIGHT = 600  # in pixels, until the preview is there


class EmbedPage:
    """The switches, the size, the snippet, and the frame as it will be.

    Args:
        fragment: returns the fragment of a link for a class: a frame opens it.
    """

    name, title = "embed", "Embed"

    def __init__(self, fragment: "Callable[[], str]") -> None:
        self._fragment = fragment
        self.html = embed_html()
        self._height = FIRST_HEIGHT
        self._own_height = False  # whether the user has set it
        self._preview: Preview | None = None

    def begin(self) -> None:
        """Listen to the switches and the size."""
        self._preview = Preview("embed-preview", "Preview of the frame", self._measured)
        listen(find("embed-panels"), "change", lambda event: self.show())
        listen(find("embed-width"), "change", lambda event: self.show())
        listen(find("embed-height"), "change", lambda event: self._set_height())
        on_press("copy-snippet", lambda: spawn(copy("snippet", "embed-state")))

    def show(self) -> None:
        """Show the snippet, and what it makes."""
        names = [box.value for box in document.querySelectorAll("#embed-panels :checked")]
        write_text("embed-state", "" if names else NONE_CHOSEN)
        if not names or self._preview is None:
            return
        self._address = page_address(embed_query(names), self._fragment())
        self._preview.show(self._address, int(find("embed-width").value), self._height)
        self._show_snippet()

    def leave(self) -> None:
        """Another page is shown, or none: what runs in the preview need not run any more."""
        if self._preview is not None:
            self._preview.clear()

    def _show_snippet(self) -> None:
        find("embed-height").value = str(self._height)
        find("snippet").value = snippet(self._address, self._height)

    def _set_height(self) -> None:
        """The user has set the height; an empty field is again as high as what is shown."""
        text = find("embed-height").value
        self._own_height = bool(text)
        if text:
            self._resize(int(float(text)))
        else:
            self.show()

    def _measured(self, height: int) -> None:
        if not self._own_height and height != self._height:
            self._resize(height)

    def _resize(self, height: int) -> None:
        self._height = height
        if self._preview is not None:
            self._preview.resize(int(find("embed-width").value), height)
        self._show_snippet()
