"""A dialog that lies over the page, opened by a button."""

from app.page.aliases import Action, JsProxy
from app.page.views.dom import find, listen, on_press


class Dialog:
    """Opened by the button `NAME`; closed by its own button, by Escape and by a press beside it.

    Args:
        name: of the button; the dialog's own id is `NAME-dialog`, that of its button `NAME-close`.
        opened: called when it is there.
    """

    def __init__(self, name: str, opened: Action) -> None:
        self._button, self._dialog, self._opened = find(name), find(f"{name}-dialog"), opened
        on_press(name, self.open)
        on_press(f"{name}-close", self.close)
        listen(self._dialog, "pointerdown", self._press)
        # Not every browser has focused the button that was pressed, so none could go back to it.
        listen(self._dialog, "close", lambda event: self._button.focus())

    @property
    def is_open(self) -> bool:
        """Whether it is there."""
        return bool(self._dialog.open)

    def open(self) -> None:
        """Show it above all else; the rest of the page cannot be reached until it is closed."""
        if not self.is_open:
            self._dialog.showModal()
            self._opened()

    def close(self) -> None:
        """Take it away."""
        self._dialog.close()

    def _press(self, event: JsProxy) -> None:
        """Close it if this is beside it: what is behind it belongs to the dialog, too."""
        if event.target.isSameNode(self._dialog):
            box = self._dialog.getBoundingClientRect()
            inside_x = box.left <= event.clientX <= box.right
            if not (inside_x and box.top <= event.clientY <= box.bottom):
                self.close()
