"""Where the command line reads data and models from, and where it writes them.

Every fault of a file is a `FileError` of one sentence. The module knows nothing of what is done
with the contents.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from microgpt.checkpoint import Checkpoint, from_bytes, to_bytes
from microgpt.corpus.archives import check_size

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
NO_SUCH_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
SHIPPED_MODEL = DATASETS / "models" / "us-names.safetensors"


class FileError(ValueError):
    """A file cannot be read or written."""


def data_sets() -> list[Path]:
    """The text files of the data sets that lie beside the package, by name.

    An installed package has none: what is called `datasets` beside it is somebody else's.
    """
    if not (DATASETS / "SOURCES.md").is_file():
        return []
    return sorted(DATASETS.glob("*.txt"), key=lambda path: path.stem)


def read_files(names: Sequence[str]) -> list[tuple[str, bytes]]:
    """The names and the contents of files.

    Args:
        names: what data sets are called, or paths of files of any kind.

    Raises:
        FileError: for a file that is not there or cannot be read.
        DataError: where they are too large together, without reading them.
    """
    known = {path.stem: path for path in data_sets()}
    found = []
    size = 0
    for name in names:
        path = known.get(name, Path(name))
        with _readable(name, known):
            size += path.stat().st_size
            check_size(size)
            # That a data set is plain text is told by the name of its file.
            found.append((path.name if name in known else name, path.read_bytes()))
    return found


@contextmanager
def _readable(name: str, known: Iterable[str]) -> Iterator[None]:
    """Says of the file called `name` why it cannot be read, if it cannot."""
    shown = name if len(name) <= 200 else name[:200] + "…"
    try:
        yield
    except OSError as error:
        if error.errno in NO_SUCH_FILE:
            names = ", ".join(known) or "none are installed"
            words = f"There is no data set or file called '{shown}' (data sets: {names})."
        else:
            words = f"'{shown}' cannot be read: {error.strerror}."
        raise FileError(words) from None


def read_model(path: Path) -> Checkpoint:
    """The model in the file at `path`."""
    try:
        return from_bytes(path.read_bytes())
    except OSError as error:
        raise FileError(f"The model '{path}' cannot be read: {error.strerror}.") from None


def check_writable(path: Path) -> None:
    """Raise `FileError` where `write_model` could not write to `path`."""
    shown = str(path)[:200]
    try:
        path = path.resolve()
        ordinary = path.is_file() or not path.exists()
        possible = ordinary and path.parent.is_dir() and os.access(path.parent, os.W_OK)
    except (OSError, RuntimeError):
        possible = False
    if not possible:
        raise FileError(f"'{shown}' cannot be written; choose another file.")


def write_model(path: Path, model: Checkpoint) -> None:
    """Write `model` to `path`, whole or not at all."""
    path = path.resolve()  # what a link points to is written, not the link
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(to_bytes(model))
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise FileError(f"'{path}' cannot be written: {error.strerror}.") from None
