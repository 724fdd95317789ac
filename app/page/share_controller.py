"""Sharing: a dialog whose contents are fetched when it is first opened.

The rest of it is in `app/page/share/`, which is no part of the page until then.
"""

from app.page.aliases import Action
from app.page.later_dialog import LaterDialog
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
        self._later = LaterDialog("share", self._make)

    def on_packed_model(self, message: PackedModelEvent) -> None:
        """The worker has packed its model for a link."""
        if self._contents is not None:
            self._contents.on_packed_model(message)

    def on_error(self, message: ErrorEvent) -> None:
        """The worker could not pack its model."""
        if self._contents is not None:
            self._contents.on_error(message)

    def _make(self) -> Action:
        from app.page.share.main import ShareDialog

        self._contents = contents = ShareDialog(self._workplace)
        return contents.show
