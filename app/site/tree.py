"""Hashes, names and archives that depend on the contents of files alone."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

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


def tar_files(files: dict[str, Path], target: Path) -> None:
    """Writes a `.tar.gz` of files under the given names, each folder before its files."""
    names = {str(folder) for name in files for folder in PurePosixPath(name).parents}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(names - {"."}):
            folder = tarfile.TarInfo(name + "/")
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(folder)
        for name, file in sorted(files.items()):
            data = file.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    target.write_bytes(gzip.compress(packed.getvalue(), mtime=0))
