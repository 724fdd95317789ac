"""The user's own data between visits, kept in the browser if they are small.

Each tab keeps its own; a new tab begins with what was kept last.
"""

import json

from pyscript import window

from app.page.data_source import DataSource, LoadOptions
from app.shared.experiment import OWN

MAX_KEPT_BYTES = 1_000_000  # of the user's own data; more are not kept for the next visit


def keep(source: DataSource) -> None:
    """Keep the user's own data for the next visit, unless they are too large."""
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


def recall(options: LoadOptions) -> DataSource | None:
    """Take over the kept options; returns the kept files, None where there are none.

    A kept text goes back into its text area, see `DataPanel.recall_text`.
    """
    options.restore(json.loads(window.microgpt.recallOwn("own-settings") or "{}"))
    kept = window.microgpt.recallFiles("own-files")
    if kept is None:
        return None
    files = [(kept.names[i], kept.sizes[i]) for i in range(kept.names.length)]
    return DataSource(OWN, kept.blob, files, options.copy())
