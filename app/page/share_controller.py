"""Sharing: a dialog whose contents are fetched when it is first opened.

The rest of it is in `app/page/share/`, which is no part of the page until then.
"""

from app.page.part_loader import PartLoader
from app.page.views.dialog import Dialog
from app.page.views.dom import find, on_press
from app.page.workplace import Workplace
from app.shared.events import ErrorEvent, PackedModelEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.share.main import ShareDialog


class ShareController:
    """The button, and the dialog as far as it is there.

    Args:
        workplace: what is shared.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._contents: ShareDialog | None = None
        self._loader = PartLoader("share", self._use_part, lambda: self._show_fetching(False, True))
        self._dialog = Dialog("share", self._show)
        on_press("share-retry", self._show)

    def on_packed_model(self, message: PackedModelEvent) -> None:
        """The worker has packed its model for a link."""
        if self._contents is not None:
            self._contents.on_packed_model(message)

    def on_error(self, message: ErrorEvent) -> None:
        """The worker could not pack its model."""
        if self._contents is not None:
            self._contents.on_error(message)

    def _show(self) -> None:
        """The dialog is open: show what is to be shared as it is now."""
        if self._contents is not None:
            self._contents.show()
        else:
            self._show_fetching(True, False)
            self._loader.want()

    def _use_part(self) -> None:
        """Make the contents, and show them if the dialog is still open."""
        self._show_fetching(False, False)
        from app.page.share.main import ShareDialog

        self._contents = ShareDialog(self._workplace)
        if self._dialog.is_open:
            self._contents.show()

    def _show_fetching(self, on_its_way: bool, failed: bool) -> None:
        """Say that the contents are being fetched, or that they could not be."""
        find("share-fetching").hidden = not on_its_way
        find("share-notice").hidden = not failed
