"""The entry of the Share dialog: its pages, as tabs, and which of them is shown."""

from app.page.aliases import JsProxy
from app.page.share.class_page import ClassPage
from app.page.share.embed_page import EmbedPage
from app.page.share.link_page import LinkPage
from app.page.share.share_html import share_html
from app.page.views.dom import find, listen, write_html
from app.page.workplace import Workplace
from app.shared.events import ErrorEvent, PackedModelEvent

# By key: how far to move from the shown tab.
MOVES = {"ArrowLeft": -1, "ArrowRight": 1}


class ShareDialog:
    """The contents of the dialog, once they are fetched.

    A page has the attributes `name`, `title` (of its tab) and `html`. `begin()` is called once,
    when its HTML is in the document; `show()` whenever it comes to be seen. What runs in a preview
    ends when its page is left.

    Args:
        workplace: what is shared.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._link_page = LinkPage(workplace)
        classroom = ClassPage(workplace.experiment, lambda: self._link_page.brought)
        embed = EmbedPage(classroom.fragment)
        self._pages: list[LinkPage | ClassPage | EmbedPage] = [self._link_page, classroom, embed]
        self._place = 0  # of the page that is shown
        write_html(find("share-body"), share_html(self._pages))
        for page in self._pages:
            page.begin()
        listen(find("share-tabs"), "click", self._press)
        listen(find("share-tabs"), "keydown", self._press_key)
        listen(find("share-dialog"), "close", lambda event: self._leave())

    def show(self) -> None:
        """Show the page that was shown last, as things are now."""
        for place, page in enumerate(self._pages):
            tab, chosen = find(f"share-tab-{page.name}"), place == self._place
            tab.setAttribute("aria-selected", "true" if chosen else "false")
            tab.tabIndex = 0 if chosen else -1
            find(f"share-{page.name}").hidden = not chosen
        self._pages[self._place].show()

    def on_packed_model(self, message: PackedModelEvent) -> None:
        self._link_page.on_packed_model(message)

    def on_error(self, message: ErrorEvent) -> None:
        """The worker could not pack its model."""
        self._link_page.on_error(message)

    def _press(self, event: JsProxy) -> None:
        tab = event.target.closest("[role=tab]")
        if tab is not None:
            self._choose([page.name for page in self._pages].index(tab.dataset.page))

    def _press_key(self, event: JsProxy) -> None:
        last = len(self._pages) - 1
        if event.key in MOVES:
            self._choose((self._place + MOVES[event.key]) % (last + 1))
        elif event.key in ("Home", "End"):
            self._choose(0 if event.key == "Home" else last)
        else:
            return
        event.preventDefault()
        find(f"share-tab-{self._pages[self._place].name}").focus()

    def _choose(self, place: int) -> None:
        if place != self._place:
            self._leave()
        self._place = place
        self.show()

    def _leave(self) -> None:
        page = self._pages[self._place]
        if isinstance(page, (ClassPage, EmbedPage)):
            page.leave()
