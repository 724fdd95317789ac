"""A dialog whose contents are fetched when it is first opened, or first needed."""

from pyscript import window

from app.page.aliases import Action
from app.page.part_loader import PartLoader
from app.page.views.dialog import Dialog
from app.page.views.dom import find, on_press
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class LaterDialog:
    """Opened by the button `NAME`; says meanwhile that its contents are on their way.

    Args:
        name: of the button and of the later part, see `LATER` of `app/site/release.py`.
        make: called once, when the part is there: makes the contents, and returns what shows them
            as they are now.
    """

    def __init__(self, name: str, make: "Callable[[], Action]") -> None:
        self._name, self._make = name, make
        self._show_contents: Action | None = None  # once they are made
        self._loader = PartLoader(name, self._use_part, self._fail)
        self.dialog = Dialog(name, self._show)
        on_press(f"{name}-retry", self._show)

    def want(self) -> None:
        """Have the contents fetched, whether the dialog is open or not."""
        self._loader.want()

    def _show(self) -> None:
        if self._show_contents is not None:
            self._show_contents()
        else:
            self._say(True, False)
            self._loader.want()

    def _use_part(self) -> None:
        self._show_contents = self._make()
        self._say(False, False)  # behind that: what is made may have opened the dialog
        if self.dialog.is_open:
            self._show()

    def _fail(self) -> None:
        if not self.dialog.is_open:
            window.microgpt.fail("A part of the page could not be loaded")
        self._say(False, True)

    def _say(self, on_its_way: bool, failed: bool) -> None:
        find(f"{self._name}-fetching").hidden = not on_its_way
        find(f"{self._name}-notice").hidden = not failed
