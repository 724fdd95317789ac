"""Hashes, names and archives that depend on the contents of files alone."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

HASH_LENGTH = 8


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def tree_hash(files: Iterable[Path], root: Path | None = None) -> str:
    """The SHA-256 of the names and contents of files; names are relative to `root`."""
    digest = hashlib.sha256()
    for file in files:
        name = file.relative_to(root).as_posix() if root else file.name
        data = file.read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def named_by_contents(folder: Path) -> Path:
    """Appends a hash of its contents to a folder's name; returns the new path."""
    contents = tree_hash(files_below(folder), folder)[:HASH_LENGTH]
    return folder.rename(folder.with_name(f"{folder.name}-{contents}"))


def zip_files(files: dict[str, Path], target: Path) -> None:
    """Writes a `.zip` of files under the given names: the same files make the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, file in sorted(files.items()):
            # Dated 1980, and not deflated.
            archive.writestr(zipfile.ZipInfo(name), file.read_bytes(), zipfile.ZIP_STORED)
