"""The user's own data and how they are loaded; kept in the browser between visits if small.

Each tab keeps its own; a new tab begins with what was kept last.
"""

import json

from pyscript import window

from app.page.aliases import JsProxy
from app.page.data_source import DataSource, LoadOptions
from app.shared.experiment import OWN

NOT_IN_LINK = (
    "This link was made with a text of the sender's own, which is not in it: paste or choose yours."
)
MAX_KEPT_BYTES = 1_000_000  # of the user's own data; more are not kept for the next visit


class OwnData:
    """The user's own text or files, and the options that the next ones will be loaded with."""

    def __init__(self) -> None:
        self.options = LoadOptions()
        self.source: DataSource | None = None  # what was loaded last
        self.known = False  # whether the user has chosen to bring data in this visit

    def recall(self) -> None:
        """Take over what an earlier visit has kept: the options, and the files.

        A kept text goes back into its text area, see `DataPanel.recall_text`.
        """
        self.options.restore(json.loads(window.microgpt.recallOwn("own-settings") or "{}"))
        kept = window.microgpt.recallFiles("own-files")
        if kept is not None:
            files = [(kept.names[i], kept.sizes[i]) for i in range(kept.names.length)]
            self.source = DataSource(OWN, kept.blob, files, self.options.copy())

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
        if before is None or not before.is_pasted:
            self.options.reset_per_text()
        return DataSource(OWN, blob, files, self.options.copy())

    def keep(self, source: DataSource) -> None:
        """These are loaded: keep them for the next visit, unless they are too large."""
        self.source = None if source.is_empty else source
        small = source.blob.size <= MAX_KEPT_BYTES
        window.microgpt.keepOwn("own-settings", json.dumps(source.options))
        if source.has_files:
            names, sizes = [name for name, _ in source.files], [size for _, size in source.files]
            window.microgpt.keepFiles(
                "own-files", source.blob if small else None, json.dumps([names, sizes])
            )
        else:
            window.microgpt.keepOwn("own-files", "")
            window.microgpt.keepText("own-text", source.blob if small else None)
