"""Lists whose lines are opened in the text when they are pressed.

A list is one stop of the Tab key; from there the arrow keys lead to its lines.
"""

from pyscript import document, window

from app.page.aliases import JsProxy, TakeText
from app.page.views.dom import find, listen, make


class Lines:
    """A list of lines, which are buttons.

    Args:
        name: the id of the list.
        opened: called with the text of a line that was pressed.
    """

    def __init__(self, name: str, opened: TakeText) -> None:
        self._list, self._opened = find(name), opened
        listen(self._list, "click", self._press)
        listen(self._list, "keydown", self._press_key)

    def _press(self, event: JsProxy) -> None:
        line = event.target.closest(".line")
        if line is not None:
            self._opened(line.value)

    def _press_key(self, event: JsProxy) -> None:
        steps = {"ArrowDown": 1, "ArrowUp": -1}
        lines = self._list.querySelectorAll(".line")
        if event.key not in steps or not lines.length:
            return
        event.preventDefault()
        place = window.Array["from"](lines).indexOf(document.activeElement) + steps[event.key]
        lines.item(max(0, min(place, lines.length - 1))).focus()


def make_line(text: str) -> JsProxy:
    """A line as a button with its text, of which there may be none."""
    line = make("button", "", "line")
    line.type, line.tabIndex = "button", -1
    set_line(line, text)
    return line


def set_line(line: JsProxy, text: str, over: bool = True) -> None:
    """Give a line another text; `over`: whether it is complete."""
    line.value = text
    nothing = over and not text
    line.className = "line set nothing" if nothing else "line set"
    line.textContent = "(nothing)" if nothing else text
