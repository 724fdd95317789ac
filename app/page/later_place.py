"""A place of the page whose contents are fetched when it is first opened."""

from app.page.aliases import Action
from app.page.part_loader import PartLoader
from app.page.views.dom import find, on_press
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class LaterPlace:
    """Says meanwhile that its contents are on their way.

    Args:
        name: of the place and of the later part, see `LATER` of `app/site/release.py`.
        make: called once, when the part is there: makes the contents, and returns what shows them
            as the experiment says.
    """

    def __init__(self, name: str, make: "Callable[[], Action]") -> None:
        self._name, self._make = name, make
        self._show_contents: Action | None = None  # once they are made
        self._loader = PartLoader(name, self._use_part, lambda: self._say(False, True))
        on_press(f"{name}-retry", self.show)

    def show(self) -> None:
        """Show what the experiment says."""
        if self._show_contents is not None:
            self._show_contents()
        else:
            self._say(True, False)
            self._loader.want()

    def _use_part(self) -> None:
        self._say(False, False)
        self._show_contents = self._make()
        self._show_contents()

    def _say(self, on_its_way: bool, failed: bool) -> None:
        find(f"{self._name}-fetching").hidden = not on_its_way
        find(f"{self._name}-notice").hidden = not failed
