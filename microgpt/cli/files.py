"""Reading and writing the files of the command line: data and models.

Everything that can go wrong with a file is a `FileError` of one sentence.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from microgpt.corpus.archives import check_size

if TYPE_CHECKING:
    from microgpt.checkpoint import Checkpoint
    from microgpt.model_code.definition import ModelCode

Read = TypeVar("Read")

DATASETS_FOLDER = Path(__file__).resolve().parents[2] / "datasets"
SHIPPED_MODEL_PATH = DATASETS_FOLDER / "models" / "us-names.safetensors"
MISSING_FILE_ERRORS = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
MAX_SHOWN_PATH_CHARS = 200


class FileError(ValueError):
    """A file cannot be read or written."""


def data_sets() -> list[Path]:
    """The text files of the data sets, sorted by name.

    They lie beside the package. An installed package has none: a folder `datasets` beside it then
    belongs to another package.
    """
    if not (DATASETS_FOLDER / "SOURCES.md").is_file():
        return []
    return sorted(DATASETS_FOLDER.glob("*.txt"), key=lambda path: path.stem)


def paths_of(names: Sequence[str]) -> list[Path]:
    """Where the files of these names lie: data sets, or paths. Raises `FileError`."""
    known = {path.stem: path for path in data_sets()}
    paths = []
    for name in names:
        paths.append(known.get(name, Path(name)))
        with _read_errors(name, known):
            paths[-1].stat()
    return paths


def read_files(names: Sequence[str]) -> list[tuple[str, bytes]]:
    """The names and the contents of files.

    Args:
        names: names of data sets, or paths of files.

    Raises:
        FileError: for a file that is missing or cannot be read.
        DataError: if they are too large together; they are not read then.
    """
    known = {path.stem: path for path in data_sets()}
    found = []
    size = 0
    for name in names:
        path = known.get(name, Path(name))
        with _read_errors(name, known):
            size += path.stat().st_size
            check_size(size, names)
            # The suffix of a data set's file name says that it is plain text.
            found.append((path.name if name in known else name, path.read_bytes()))
    return found


def file_sizes(names: Sequence[str]) -> list[tuple[str, int]]:
    """The name and the size in bytes of files or data sets that were read before."""
    known = {path.stem: path for path in data_sets()}
    paths = [known.get(name, Path(name)) for name in names]
    return [(path.name, path.stat().st_size) for path in paths if path.is_file()]


@contextmanager
def _read_errors(name: str, known: Iterable[str]) -> Iterator[None]:
    """Turn an `OSError` into a `FileError` about the file or data set called `name`."""
    shown = name if len(name) <= MAX_SHOWN_PATH_CHARS else name[:MAX_SHOWN_PATH_CHARS] + "…"
    try:
        yield
    except OSError as error:
        if error.errno in MISSING_FILE_ERRORS:
            names = ", ".join(known) or "none are installed"
            message = f"There is no data set or file called '{shown}' (data sets: {names})."
        else:
            message = f"'{shown}' cannot be read: {error.strerror}."
        raise FileError(message) from None


def read_model(path: Path) -> Checkpoint:
    """The model in the file at `path`."""
    from microgpt.checkpoint import from_bytes

    with model_errors(path):
        return from_bytes(path.read_bytes())


@contextmanager
def model_errors(path: Path) -> Iterator[None]:
    """Turn what goes wrong with the model in a file into a `FileError`."""
    from microgpt.checkpoint import CheckpointError

    try:
        yield
    except OSError as error:
        raise FileError(f"The model '{path}' cannot be read: {error.strerror}.") from None
    except CheckpointError as error:
        shown = str(path)[:MAX_SHOWN_PATH_CHARS]
        raise FileError(f"'{shown}': {error}") from None


def read_code(name: str | None) -> ModelCode | None:
    """The model code in a file, which may be any Python, or of an edit in the gallery.

    Args:
        name: the path of the file, or the name of the edit; None for no code.

    Raises:
        FileError: there is neither, or the file cannot be read.
        CodeError: it is no model.
    """
    if name is None:
        return None
    from microgpt.model_code.gallery import GALLERY
    from microgpt.model_code.loading import load_code

    edits = {edit.name: edit.source for edit in GALLERY}
    if name in edits:
        return load_code(edits[name])
    shown = name[:MAX_SHOWN_PATH_CHARS]
    try:
        source = Path(name).read_text(encoding="utf-8")
    except OSError as error:
        if error.errno in MISSING_FILE_ERRORS:
            message = f"There is no file or edit called '{shown}' (edits: {', '.join(edits)})."
        else:
            message = f"'{shown}' cannot be read: {error.strerror}."
        raise FileError(message) from None
    except ValueError:  # a null in the path, or bytes that are no text
        raise FileError(f"'{shown}' cannot be read: it is no text in UTF-8.") from None
    return load_code(source, trusted=True)


def check_savable(code: ModelCode | None) -> None:
    """Raise `FileError` if a model of this code could not be opened from a file."""
    from microgpt.model_code.definition import CodeError
    from microgpt.model_code.loading import load_code

    try:
        if code is not None:
            load_code(code.source)
    except CodeError as error:
        raise FileError(
            f"The model could not be opened again, since its code goes beyond what the code in a "
            f"model file may do: {error} Train without --save, or write it otherwise."
        ) from None


def check_writable(path: Path) -> None:
    """Raise `FileError` if `write_model` could not write to `path`."""
    shown = str(path)[:MAX_SHOWN_PATH_CHARS]
    try:
        path = path.resolve()
        ordinary = path.is_file() or not path.exists()
        possible = ordinary and path.parent.is_dir() and os.access(path.parent, os.W_OK)
    except (OSError, RuntimeError):
        possible = False
    if not possible:
        raise FileError(f"'{shown}' cannot be written; choose another file.")


def write_model(path: Path, model: Checkpoint) -> None:
    """Write `model` to `path`, completely or not at all."""
    from microgpt.checkpoint import to_bytes

    write_file(path, to_bytes(model))


def write_file(path: Path, content: bytes) -> None:
    """Write a file, completely or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(content)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The path of a new file, which takes the place of `path` once it is whole.

    Raises `FileError` if it cannot be written.
    """
    path = path.resolve()  # a link is followed, not replaced
    partial = path.with_name(path.name + ".part")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise FileError(f"'{path}' cannot be written: {error.strerror}.") from None
