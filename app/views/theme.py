"""Light and dark: as the system has it, until the person says otherwise."""

from app.views.dom import find, listen
from pyscript import window


class ThemeView:
    """The toggle.

    Args:
        changed: called when the colours have changed.
    """

    def __init__(self, changed):
        self.changed = changed
        self.root = window.document.documentElement
        self.system = window.matchMedia("(prefers-color-scheme: dark)")
        listen(find("theme"), "click", lambda event: self._toggle())
        listen(self.system, "change", lambda event: self._show())
        self._name()

    def _dark(self):
        chosen = self.root.getAttribute("data-theme")
        return chosen == "dark" if chosen in ("dark", "light") else self.system.matches

    def _toggle(self):
        theme = "light" if self._dark() else "dark"
        self.root.setAttribute("data-theme", theme)
        window.microgpt.keep("theme", theme)
        self._show()

    def _show(self):
        self._name()
        self.changed()

    def _name(self):
        find("theme").setAttribute("aria-pressed", "true" if self._dark() else "false")
