"""Toolbars: groups of buttons and lists that are one tab stop; left and right go through them."""

from pyscript import document

from app.page.aliases import JsProxy
from app.page.views.dom import listen

DIRECTIONS = {"ArrowRight": 1, "ArrowLeft": -1}


class ToolbarsView:
    """Every element with `role="toolbar"`, whenever it came to the page.

    A list in it is changed by the other two arrow keys. All can be reached with the tab key, until
    one of them has the focus: then the next stop lies behind the toolbar. So none is out of reach
    because another is disabled or hidden.
    """

    def __init__(self) -> None:
        listen(document, "focusin", self._enter)
        listen(document, "focusout", self._leave)
        listen(document, "keydown", self._key)

    def _enter(self, event: JsProxy) -> None:
        for button in _buttons(event.target):
            button.tabIndex = 0 if button.isSameNode(event.target) else -1

    def _leave(self, event: JsProxy) -> None:
        for button in _buttons(event.target):
            button.removeAttribute("tabindex")

    def _key(self, event: JsProxy) -> None:
        direction = DIRECTIONS.get(event.key, 0)
        buttons = _buttons(event.target) if direction else []
        if not buttons:
            return
        event.preventDefault()
        usable = [each for each in buttons if not each.disabled and each.getClientRects().length]
        places = [i for i, button in enumerate(usable) if button.isSameNode(event.target)]
        if places:
            usable[(places[0] + direction) % len(usable)].focus()


def _buttons(element: JsProxy) -> list[JsProxy]:
    """Those of the toolbar that this lies in; none where it lies in none."""
    toolbar = element.closest("[role=toolbar]")
    return list(toolbar.querySelectorAll("button, select")) if toolbar is not None else []
