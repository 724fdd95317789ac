"""The dialog's page "For a class": a link that hides, locks and opens what a teacher chooses."""

from pyscript import document

from app.page.aliases import JsProxy
from app.page.errors import spawn
from app.page.share.class_html import class_html, class_words
from app.page.share.copying import copy
from app.page.share.link_html import left_out
from app.page.share.preview import Preview, page_address
from app.page.views.dom import find, listen, on_press, write_text
from app.shared.arrangement import OPEN, OPEN_VIEWS, VERBS, Arrangement
from app.shared.brought import LINK_CODE
from app.shared.experiment import Experiment
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HEIGHTS = {1280: 900, 390: 844}  # of the windows that the preview stands for, by their widths


class ClassPage:
    """The list, the link that it makes, and the page as that link shows it.

    Args:
        experiment: what is shared.
        brought: returns what the link of the page "Link" brings besides settings, part by part.
    """

    name, title = "class", "For a class"

    def __init__(self, experiment: Experiment, brought: "Callable[[], list[str]]") -> None:
        self._experiment, self._brought = experiment, brought
        self.html = class_html()
        self._chosen = Arrangement()
        self._opened: list[str] = []  # the views
        self._preview: Preview | None = None

    def begin(self) -> None:
        """Show what a link has chosen for this page itself, and listen to the list."""
        now = self._experiment.arrangement.names
        for verb in VERBS:
            self._chosen.set(verb, now[verb])
        self._opened = self._experiment.opened()
        for box in document.querySelectorAll("#class-lists input"):
            box.checked = box.value in self._names(box.dataset.verb)
        self._preview = Preview("class-preview", "Preview of the page for a class")
        listen(find("class-lists"), "change", self._choose)
        listen(find("class-width"), "change", lambda event: self.show())
        on_press("copy-class-link", lambda: spawn(copy("class-link", "class-state")))

    def show(self) -> None:
        """Show the link, and the page as it shows it."""
        address = page_address("", self.fragment())
        find("class-link").value = address
        words = class_words({verb: len(self._names(verb)) for verb in VERBS})
        has_code = any(part.startswith(LINK_CODE + "=") for part in self._brought())
        write_text("class-words", f"{words} {left_out(self._experiment, has_code)}")
        write_text("class-state", "")
        width = int(find("class-width").value)
        if self._preview is not None:
            self._preview.show(address, width, HEIGHTS[width])

    def leave(self) -> None:
        """Another page is shown, or none: what runs in the preview need not run any more."""
        if self._preview is not None:
            self._preview.clear()

    def fragment(self) -> str:
        """The fragment of the link."""
        settings = self._experiment.address(False, self._chosen.address(self._opened))
        return "&".join([part for part in [settings] + self._brought() if part])

    def _names(self, verb: str) -> list[str]:
        chosen = self._chosen.names[verb]
        return self._opened + chosen if verb == OPEN else chosen

    def _choose(self, event: JsProxy) -> None:
        verb, name = event.target.dataset.verb, event.target.value
        names = [other for other in self._names(verb) if other != name]
        if event.target.checked:
            names.append(name)
        if verb == OPEN:
            self._opened = [view for view in OPEN_VIEWS if view in names]
        self._chosen.set(verb, names)
        self.show()
