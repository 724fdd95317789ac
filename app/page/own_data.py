"""The user's own data and how they are loaded.

Each tab keeps its own, see `keeping/`; a new tab begins with what was kept last.
"""

from pyscript import window

from app.page.aliases import Action, JsProxy
from app.page.data_source import DataSource, LoadOptions
from app.shared.experiment import OWN
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

NOT_IN_LINK = (
    "This link was made with a text of the sender's own, which is not in it: paste or choose yours."
)


class OwnData:
    """The user's own text or files, and the options that the next ones will be loaded with."""

    def __init__(self) -> None:
        self._changed: Action | None = None
        self.options = LoadOptions()
        self.source: DataSource | None = None  # what was loaded last
        self.revision = 0  # counts the user's own texts, and the ways to load them
        self.known = False  # whether the user has chosen to bring data in this visit

    def listen(self, changed: Action) -> None:
        """Call this when there is something else to keep for the next visit."""
        self._changed = changed

    def recall(self, about: "dict[str, Any]", blob: JsProxy) -> None:
        """Take over what an earlier visit has kept; `about`: what `about` returned then."""
        self.options.restore(about["options"])
        self.revision = about["revision"]
        files = [(name, size) for name, size in about["files"]]
        if files:
            self.source = DataSource(OWN, blob, files, self.options.copy())

    def about(self) -> "dict[str, Any]":
        """All that is to be known on the next visit, but for the bytes of `source`."""
        source = self.source
        return {
            "files": source.files if source is not None else [],
            "options": source.options if source is not None else self.options.values,
            "revision": self.revision,
        }

    def words_for_link(self, source: DataSource | None) -> str:
        """What to say where an address names the user's own data; "" where there are any."""
        empty = source is not None and source.is_empty
        return NOT_IN_LINK if empty and not (self.known or window.microgpt.reloaded) else ""

    def take(
        self, blob: JsProxy, files: list[tuple[str, int]], before: DataSource | None
    ) -> DataSource:
        """The source of a pasted text, or of files.

        before: the text that it is a change of, None where it is another.
        """
        self.source, self.known = None, True
        self.revision += 1
        if before is None or not before.is_pasted:
            self.options.reset_per_text()
        return DataSource(OWN, blob, files, self.options.copy())

    def reload(self, source: DataSource) -> DataSource:
        """The same data, to be loaded with the options as they are now."""
        self.revision += 1
        return source.with_options(self.options.copy())

    def keep(self, source: DataSource) -> None:
        """These are loaded: keep them for the next visit."""
        self.source = None if source.is_empty else source
        if self._changed is not None:
            self._changed()
