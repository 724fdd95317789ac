"""Light and dark: as the system has it, until the person says otherwise."""

from pyscript import window

from app.page.types import Act
from app.page.views.dom import find, listen, on_press


class ThemeView:
    """The toggle. What the theme is, `static/boot.js` has said before anything was painted.

    Args:
        changed: called when the colours have changed.
    """

    def __init__(self, changed: Act) -> None:
        self._changed = changed
        self._root = window.document.documentElement
        on_press("theme", self._toggle)
        system = window.matchMedia("(prefers-color-scheme: dark)")
        listen(system, "change", lambda event: self._show())
        self._name()

    def _toggle(self) -> None:
        theme = "light" if self._dark() else "dark"
        self._root.setAttribute("data-theme", theme)
        window.microgpt.keep("theme", theme)
        self._show()

    def _dark(self) -> bool:
        return bool(self._root.getAttribute("data-theme") == "dark")

    def _show(self) -> None:
        self._name()
        self._changed()

    def _name(self) -> None:
        find("theme").setAttribute("aria-pressed", "true" if self._dark() else "false")
