"""Contents of a place or a dialog, which are fetched when they are first wanted."""

from pyscript import window

from app.page.aliases import Action
from app.page.part_loader import PartLoader
from app.page.views.dom import find, on_press
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class LaterContents:
    """Says meanwhile that they are on their way.

    Args:
        name: of the place or dialog, and of the later part, see `LATER` of `app/site/release.py`.
        make: called once, when the part is there: makes the contents, and returns what shows them
            as they are now.
        is_open: returns whether the user sees where they belong.
    """

    def __init__(
        self, name: str, make: "Callable[[], Action]", is_open: "Callable[[], bool]"
    ) -> None:
        self._name, self._make, self._is_open = name, make, is_open
        self._show_contents: Action | None = None  # once they are made
        self._loader = PartLoader(name, self._use_part, self._fail)
        on_press(f"{name}-retry", self.show)

    def want(self) -> None:
        """Have them fetched, whether anybody sees them or not."""
        self._loader.want()

    def show(self) -> None:
        """Show them, once they are there."""
        if self._show_contents is not None:
            self._show_contents()
        else:
            self._say(True, False)
            self._loader.want()

    def _use_part(self) -> None:
        self._show_contents = self._make()
        self._say(False, False)  # behind that: what is made may have opened the dialog
        if self._is_open():
            self.show()

    def _fail(self) -> None:
        if not self._is_open():
            window.microgpt.fail("A part of the page could not be loaded")
        self._say(False, True)

    def _say(self, on_its_way: bool, failed: bool) -> None:
        find(f"{self._name}-fetching").hidden = not on_its_way
        find(f"{self._name}-notice").hidden = not failed
