"""A tree that is one tab stop: the arrow keys go through its items, which may be drawn anew."""

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import JsProxy, TakeText
from app.page.views.dom import listen, write_html
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End")


class Tree:
    """The tree; an item is an element with the role `treeitem`, `data-at` and an id made of it.

    Args:
        element: the place of its items, which stays.
        go: called with a key and the item that is active; returns the one to go to.
        press: called with an item that was pressed.
    """

    def __init__(self, element: JsProxy, go: "Callable[[str, str], str]", press: TakeText) -> None:
        self._element, self._go, self._press = element, go, press
        self.active = ""  # the item that the keys are about
        listen(element, "keydown", self._press_key)
        listen(element, "click", self._click)

    def show(self, html: str) -> None:
        """Draw the items."""
        write_html(self._element, html)
        self._mark()

    def choose(self, at: str) -> None:
        """Make this the active item."""
        before = self._find(self.active)
        if before is not None:
            before.classList.remove("active")
        self.active = at
        self._mark()

    def _mark(self) -> None:
        item = self._find(self.active)
        if item is None:
            self._element.removeAttribute("aria-activedescendant")
            return
        item.classList.add("active")
        self._element.setAttribute("aria-activedescendant", item.id)

    def _find(self, at: str) -> JsProxy:
        return self._element.querySelector(f'[data-at="{at}"]')

    def _press_key(self, event: JsProxy) -> None:
        if event.ctrlKey or event.altKey or event.metaKey:
            return
        if event.key in KEYS:
            event.preventDefault()  # it would scroll the page
            self.choose(self._go(event.key, self.active))
            self._tell()
        elif event.key in ("Enter", " ") and self._find(self.active) is not None:
            event.preventDefault()
            self._press(self.active)

    def _click(self, event: JsProxy) -> None:
        item = event.target.closest("[data-at]")
        if item is not None:
            self.choose(item.dataset.at)
            self._press(self.active)

    def _tell(self) -> None:
        """Say the exact numbers of the active item, and light it up, as if it had the focus."""
        item = self._find(self.active)
        if item is not None:
            item.scrollIntoView(to_js({"block": "nearest", "inline": "nearest"}))
            item.dispatchEvent(window.Event.new("focusin", to_js({"bubbles": True})))
