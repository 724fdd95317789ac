"""Light and dark: as the system has it, until the user chooses."""

from pyscript import window

from app.page.aliases import Action
from app.page.views.dom import find, listen, on_press


class ThemeView:
    """The toggle; `static/boot.js` has set the theme before anything was painted.

    Args:
        changed: called when the colours have changed.
    """

    def __init__(self, changed: Action) -> None:
        self._changed = changed
        self._root = window.document.documentElement
        on_press("theme", self._toggle)
        system = window.matchMedia("(prefers-color-scheme: dark)")
        listen(system, "change", lambda event: self._show())
        self._show_pressed()

    def _toggle(self) -> None:
        theme = "light" if self._is_dark() else "dark"
        window.microgpt.applyTheme(theme)
        window.microgpt.keep("theme", theme)
        self._show()

    def _is_dark(self) -> bool:
        return bool(self._root.getAttribute("data-theme") == "dark")

    def _show(self) -> None:
        self._show_pressed()
        self._changed()

    def _show_pressed(self) -> None:
        find("theme").setAttribute("aria-pressed", "true" if self._is_dark() else "false")
