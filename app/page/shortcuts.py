"""Keyboard shortcuts: single keys that press the page's buttons, and the list of them."""

from pyscript import document, window

from app.page.aliases import JsProxy
from app.page.views.dialog import Dialog
from app.page.views.dom import find, listen, make

KEPT_CHOICE = "shortcuts"  # the name under which the browser keeps whether they are off
OFF = "off"
# (key, its name, the id of the button that it presses, what that does)
SHORTCUTS = (
    (" ", "Space", "train", "Train, pause or resume"),
    ("s", "S", "step", "One training step"),
    ("g", "G", "generate", "Write many samples"),
    ("ArrowRight", "→", "next", "Write the next token"),
    ("ArrowLeft", "←", "back", "Back by one token"),
    ("?", "?", "shortcuts", "This list"),
)
TYPED_IN = "input, textarea, select, dialog, summary, [contenteditable], [role=textbox]"
MODIFIERS = ("ctrlKey", "altKey", "metaKey")


class Shortcuts:
    """Listens to keys wherever nobody is typing; the arrow keys only where nothing has the focus.

    They can be switched off: who speaks to the computer may say single letters without meaning
    them.
    """

    def __init__(self) -> None:
        self._on = str(window.microgpt.recallOwn(KEPT_CHOICE)) != OFF
        self._dialog = Dialog("shortcuts", self._show)
        listen(document, "keydown", self._press)
        listen(find("shortcuts-on"), "change", lambda event: self._switch())

    def _press(self, event: JsProxy) -> None:
        pressed = [row for row in SHORTCUTS if row[0] == event.key]
        if not pressed or not self._takes(event):
            return
        button = find(pressed[0][2])
        if button.disabled or not button.getClientRects().length:
            return
        event.preventDefault()  # the space bar would scroll the page
        button.click()

    def _takes(self, event: JsProxy) -> bool:
        """Whether this key is meant for the page as a whole."""
        if not self._on or event.defaultPrevented or (event.repeat and event.key == " "):
            return False
        target = event.composedPath()[0]  # also inside the editor, which has a tree of its own
        if any(getattr(event, name) for name in MODIFIERS) or target.closest(TYPED_IN):
            return False
        if document.documentElement.dataset.sitePlace != "playground":
            return False
        is_letter = event.key in "sg?"
        return is_letter or target.isSameNode(document.body)

    def _show(self) -> None:
        """Fill the list when it is first opened."""
        find("shortcuts-on").checked = self._on
        rows = find("shortcuts-rows")
        if rows.children.length:
            return
        for _, name, _, words in SHORTCUTS:
            row = make("tr")
            key = make("td")
            key.appendChild(make("kbd", name))
            row.appendChild(key)
            row.appendChild(make("td", words))
            rows.appendChild(row)

    def _switch(self) -> None:
        self._on = bool(find("shortcuts-on").checked)
        window.microgpt.keepOwn(KEPT_CHOICE, "" if self._on else OFF)
