"""Light and dark: as the system has it, until the person says otherwise."""

from pyscript import window

from app.types import Act
from app.views.dom import find, listen, on_press


class ThemeView:
    """The toggle.

    Args:
        changed: called when the colours have changed.
    """

    def __init__(self, changed: Act) -> None:
        self.changed = changed
        self.root = window.document.documentElement
        self.system = window.matchMedia("(prefers-color-scheme: dark)")
        on_press("theme", self._toggle)
        listen(self.system, "change", lambda event: self._show())
        self._name()

    def _dark(self) -> bool:
        chosen = self.root.getAttribute("data-theme")
        return chosen == "dark" if chosen in ("dark", "light") else bool(self.system.matches)

    def _toggle(self) -> None:
        theme = "light" if self._dark() else "dark"
        self.root.setAttribute("data-theme", theme)
        window.microgpt.keep("theme", theme)
        self._show()

    def _show(self) -> None:
        self._name()
        self.changed()

    def _name(self) -> None:
        find("theme").setAttribute("aria-pressed", "true" if self._dark() else "false")
