"""Files out of archives: `.gz` and `.zip`, known by what is in them rather than by their names.

All that is unpacked counts against one limit, so that no archive can fill the memory. The module
knows nothing of texts.
"""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from microgpt.corpus.errors import DataError
from microgpt.corpus.progress import Progress, Work

MAX_BYTES = 50_000_000  # of all files together, and of all that comes out of archives
MAX_MEMBERS = 1_000  # of one archive
MAX_DEPTH = 2  # an archive may lie in another one, and no deeper
CHUNK = 1 << 18  # bytes between two chances to look up

GZIP, ZIP, EMPTY_ZIP = b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06"
HIDDEN = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # what systems leave in folders for themselves
OFFICE = {"[Content_Types].xml", "mimetype"}  # archives that office programs call documents
ENCRYPTED = 0x1  # this bit of a member's flags
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others are rare, and not everywhere
# All that the standard library says of an archive whose bytes are wrong somewhere.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError),
    *(ValueError, KeyError, IndexError, OverflowError, UserWarning),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was given or unpacked."""

    name: str  # within an archive after the archive's own: `all.zip/names.txt`
    content: bytes
    packed: bool  # whether it came out of an archive with others


def check_size(size: int) -> None:
    """Raise `DataError` where `size` bytes are more than can be read."""
    if size > MAX_BYTES:
        raise DataError(
            f"That is {size / 1e6:,.0f} MB, and at most {MAX_BYTES / 1e6:.0f} MB can be read at "
            "once: choose fewer or smaller files."
        )


def unpack(files: Sequence[tuple[str, bytes]]) -> Work[list[File]]:
    """The files themselves, those in archives unpacked.

    Args:
        files: (name, content) of each.

    Raises `DataError` for what is too large, locked or damaged.
    """
    check_size(sum(len(content) for _, content in files))
    room = _Room()
    found: list[File] = []
    for number, (name, content) in enumerate(files):
        for file in _files(File(name, content, packed=False), room, 0):
            yield Progress(number / len(files), "Unpacking")
            if file is not None:
                found.append(file)
    return found


class _Room:
    """How much may still be unpacked."""

    def __init__(self) -> None:
        self._left = MAX_BYTES

    def take(self, size: int, name: str) -> None:
        self._left -= size
        if self._left < 0:
            raise DataError(
                f"'{name}' holds more than {MAX_BYTES / 1e6:.0f} MB when it is unpacked, which is "
                "more than can be read at once: choose a smaller one."
            )


def _files(file: File, room: _Room, depth: int) -> Iterator[File | None]:
    """The files in `file`, or itself; None is a chance to look up."""
    if file.content.startswith(GZIP):
        members = _of_gzip(file, room)
    elif file.content.startswith((ZIP, EMPTY_ZIP)):
        members = _of_zip(file, room)
    else:
        yield file
        return
    if depth == MAX_DEPTH:
        raise DataError(
            f"'{file.name}' is an archive within an archive within another: unpack it, and choose "
            "the files inside."
        )
    try:
        for member in members:
            if member is None:
                yield None
            else:
                yield from _files(member, room, depth + 1)
    except DataError:
        raise
    except DAMAGED:
        raise DataError(
            f"'{file.name}' is a damaged archive and cannot be unpacked: fetch or pack it again."
        ) from None


def _of_gzip(file: File, room: _Room) -> Iterator[File | None]:
    name = file.name.removesuffix(".gz")
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)  # with gzip's head and tail
    parts = []
    for start in range(0, len(file.content), CHUNK):
        data = file.content[start : start + CHUNK]
        while data:
            if stream.eof:  # several may follow each other, and zeros may fill the end
                data = data.lstrip(b"\0")
                if not data:
                    break
                stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            parts.append(stream.decompress(data, CHUNK))
            room.take(len(parts[-1]), file.name)
            data = stream.unconsumed_tail or stream.unused_data
            yield None
    parts.append(stream.flush())
    if not stream.eof:
        raise EOFError
    room.take(len(parts[-1]), file.name)
    yield File(name, b"".join(parts), file.packed)


def _of_zip(file: File, room: _Room) -> Iterator[File | None]:
    with zipfile.ZipFile(BytesIO(file.content)) as archive:
        members = [member for member in archive.infolist() if _is_wanted(member)]
        if OFFICE & {member.filename for member in members}:
            raise DataError(
                f"'{file.name}' is a document of an office program: save it there as plain text "
                "or CSV, and choose that."
            )
        if not members:
            raise DataError(f"'{file.name}' is an archive without any files: choose another one.")
        if len(members) > MAX_MEMBERS:
            raise DataError(
                f"'{file.name}' holds {len(members):,} files, and at most {MAX_MEMBERS:,} can be "
                "read: choose an archive with fewer."
            )
        for member in members:
            if member.flag_bits & ENCRYPTED:
                raise DataError(
                    f"'{file.name}' is locked with a password: unpack it, and choose the files "
                    "inside."
                )
            if member.compress_type not in METHODS:
                raise DataError(
                    f"'{file.name}' is packed in a way that is not known here: unpack it, and "
                    "choose the files inside."
                )
            parts = []
            with _opened(archive, member) as stream:
                while part := stream.read(CHUNK):
                    room.take(len(part), file.name)
                    parts.append(part)
                    yield None
            yield File(f"{file.name}/{member.filename}", b"".join(parts), packed=True)


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of members that share their bytes: a bomb, or damage
        return archive.open(member)


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a file that a person put there."""
    parts = member.filename.replace("\\", "/").split("/")
    return not member.is_dir() and not any(part.startswith(".") or part in HIDDEN for part in parts)
