"""Files and folders named by what is in them. Knows nothing of what the files mean."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

HASH_LENGTH = 8
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def files_below(folder: Path) -> list[Path]:
    """Every file in a folder and the folders in it, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def tree_hash(files: Iterable[Path], root: Path | None = None) -> str:
    """A hash of the names and contents of files; names are taken relative to `root`."""
    digest = hashlib.sha256()
    for file in files:
        name = file.relative_to(root).as_posix() if root else file.name
        data = file.read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def named_by_contents(folder: Path) -> Path:
    """Renames a folder to end in a hash of its contents, and returns where it is now."""
    contents = tree_hash(files_below(folder), folder)[:HASH_LENGTH]
    return folder.rename(folder.with_name(f"{folder.name}-{contents}"))


def zip_files(files: dict[str, Path], target: Path) -> None:
    """Stores files under the given names: the same files make the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_STORED)


def tar_files(files: dict[str, Path], target: Path) -> None:
    """Packs files under the given names as `.tar.gz`, each folder before what is in it."""
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
