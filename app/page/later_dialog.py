"""A dialog whose contents are fetched when it is first opened, or first needed."""

from app.page.aliases import Action
from app.page.later_contents import LaterContents
from app.page.views.dialog import Dialog
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class LaterDialog:
    """Opened by the button `NAME`.

    Args:
        name: of the button, and as of `LaterContents`.
        make: as of `LaterContents`.
    """

    def __init__(self, name: str, make: "Callable[[], Action]") -> None:
        self._contents = LaterContents(name, make, lambda: self.dialog.is_open)
        self.dialog = Dialog(name, self._contents.show)

    def want(self) -> None:
        """Have the contents fetched, whether the dialog is open or not."""
        self._contents.want()
