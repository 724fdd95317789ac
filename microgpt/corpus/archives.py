"""Unpacking of `.gz` and `.zip` archives, which are recognized by content rather than by name.

Everything that is unpacked counts against one limit, so no archive can fill the memory. The module
knows nothing of texts.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TYPE_CHECKING

from microgpt.corpus import DataError
from microgpt.corpus.progress import CHUNK_SIZE, LoadProgress, WithProgress

if TYPE_CHECKING:
    import zipfile

MAX_TOTAL_BYTES = 50_000_000  # of all files together, before and after unpacking
MAX_FILE_NAME_CHARS = 200  # in a message
MAX_ARCHIVE_FILES = 1_000  # in one archive
MAX_ARCHIVE_PARTS = 20_000  # gzip members and entries of a zip, of all archives together
MAX_ARCHIVE_DEPTH = 2  # an archive may contain archives, but these no further ones

GZIP_MAGIC = b"\x1f\x8b\x08"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # the latter starts an empty archive
ZIP_ENTRY_MAGIC = b"PK\x01\x02"  # of an entry in a zip's directory
GZIP_WINDOW = 1 << 14  # bytes at once; what is left of them is copied for each member
SYSTEM_FILES = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # added by operating systems
OFFICE_MARKERS = {"[Content_Types].xml", "mimetype"}  # only office documents contain these
ENCRYPTED_FLAG = 0x1
SUPPORTED_METHODS = (0, 8)  # stored and deflated; others are rare, and not every Python has them
# Everything the standard library may raise for a corrupt archive, but `zipfile.BadZipFile`.
CORRUPTION_ERRORS = (
    *(zlib.error, struct.error, EOFError, OSError, RuntimeError),
    *(ValueError, KeyError, IndexError, OverflowError, UserWarning),
)


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file as given by the user or unpacked from an archive."""

    name: str  # inside an archive it includes the archive's name: `all.zip/names.txt`
    content: bytes
    from_zip: bool  # a zip may contain other files that are usable where this one is not


def check_size(size: int, names: Sequence[str]) -> None:
    """Raise `DataError` if `size` bytes are too many to read, those of all `names`."""
    if size > MAX_TOTAL_BYTES:
        verb = "are" if len(names) > 1 else "is"
        raise DataError(
            f"{label_of(names)} {verb} {size / 1e6:,.0f} MB, but at most "
            f"{MAX_TOTAL_BYTES / 1e6:.0f} MB can be read at once: choose fewer or smaller files."
        )


def label_of(names: Sequence[str]) -> str:
    """What messages call one or several files; a text that was pasted has no name.

    >>> label_of(["a.txt", "b.txt", "c.txt"])
    "'a.txt' and 2 more"
    """
    first = f"'{names[0][:MAX_FILE_NAME_CHARS]}'" if names and names[0] else "The text"
    return f"{first} and {len(names) - 1:,} more" if len(names) > 1 else first


def unpack(files: Sequence[tuple[str, bytes]]) -> WithProgress[list[InputFile]]:
    """Replace each archive by the files in it; other files are kept as they are.

    Args:
        files: (name, content) of each file.

    Raises:
        DataError: for archives that are too large, encrypted or corrupt.
    """
    check_size(sum(len(content) for _, content in files), [name for name, _ in files])
    budget = _Budget()
    unpacked: list[InputFile] = []
    for number, (name, content) in enumerate(files):
        for file in _expand(InputFile(name, content, from_zip=False), budget, 0):
            yield LoadProgress(number / len(files), "Unpacking")
            if file is not None:
                unpacked.append(file)
    return unpacked


class _Budget:
    """What may still be unpacked."""

    def __init__(self) -> None:
        self._bytes = MAX_TOTAL_BYTES
        self._parts = MAX_ARCHIVE_PARTS

    def spend(self, size: int, name: str) -> None:
        """Count the bytes that a part of the archive called `name` unpacks to."""
        self._bytes -= size
        if self._bytes < 0:
            raise DataError(
                f"'{name}' unpacks to more than {MAX_TOTAL_BYTES / 1e6:.0f} MB, which is more "
                "than can be read at once: choose a smaller file."
            )

    def spend_parts(self, count: int, name: str) -> None:
        """Count the parts of the archive called `name`, which take time even if they are empty."""
        self._parts -= count
        if self._parts < 0:
            raise DataError(
                f"'{name}' is packed in more than {MAX_ARCHIVE_PARTS:,} parts, which would take "
                "too long to unpack here: unpack it, and choose the files inside."
            )


def _expand(file: InputFile, budget: _Budget, depth: int) -> Iterator[InputFile | None]:
    """Yield the files in an archive, or the file itself if it is none; None is a yield point."""
    if file.content.startswith(GZIP_MAGIC):
        members = _gunzip(file, budget)
    elif file.content.startswith(ZIP_MAGIC):
        members = _unzip(file, budget)
    else:
        yield file
        return
    if depth == MAX_ARCHIVE_DEPTH:
        raise DataError(
            f"'{file.name}' is an archive within an archive within another: unpack it, and choose "
            "the files inside."
        )
    try:
        for member in members:
            if member is None:
                yield None
            else:
                yield from _expand(member, budget, depth + 1)
    except DataError:
        raise
    except CORRUPTION_ERRORS:
        raise DataError(
            f"'{file.name}' is a damaged archive and cannot be unpacked: download or create it "
            "again."
        ) from None


def _gunzip(file: InputFile, budget: _Budget) -> Iterator[InputFile | None]:
    name = file.name.removesuffix(".gz")
    stream = _gzip_stream()
    parts = []
    position = 0
    while position < len(file.content):
        data = file.content[position : position + GZIP_WINDOW]
        position += len(data)
        if stream.eof:  # another gzip member may follow, or padding with zeros
            data = data.lstrip(b"\0")
            if not data:
                continue
            stream = _gzip_stream()
            budget.spend_parts(1, file.name)
        parts.append(stream.decompress(data, CHUNK_SIZE))
        budget.spend(len(parts[-1]), file.name)
        position -= len(stream.unconsumed_tail or stream.unused_data)
        yield None
    parts.append(stream.flush())
    if not stream.eof:
        raise EOFError
    budget.spend(len(parts[-1]), file.name)
    yield InputFile(name, b"".join(parts), file.from_zip)


def _gzip_stream() -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)  # 16: with gzip's header and trailer


def _unzip(file: InputFile, budget: _Budget) -> Iterator[InputFile | None]:
    budget.spend_parts(file.content.count(ZIP_ENTRY_MAGIC), file.name)
    import zipfile  # here, since most files are no archives and it takes a while

    try:
        with zipfile.ZipFile(BytesIO(file.content)) as archive:
            yield from _read_members(file, archive, budget)
    except zipfile.BadZipFile as error:
        raise ValueError(error) from error


def _read_members(
    file: InputFile, archive: zipfile.ZipFile, budget: _Budget
) -> Iterator[InputFile | None]:
    members = [member for member in archive.infolist() if _is_user_file(member)]
    if OFFICE_MARKERS & {member.filename for member in members}:
        raise DataError(
            f"'{file.name}' is an office document: save it as plain text or CSV in its "
            "program, and choose that file."
        )
    if not members:
        raise DataError(f"'{file.name}' is an archive without any files: choose another one.")
    if len(members) > MAX_ARCHIVE_FILES:
        raise DataError(
            f"'{file.name}' contains {len(members):,} files, but at most "
            f"{MAX_ARCHIVE_FILES:,} can be read: choose an archive with fewer files."
        )
    for member in members:
        if member.flag_bits & ENCRYPTED_FLAG:
            raise DataError(
                f"'{file.name}' is protected by a password: unpack it, and choose the files inside."
            )
        if member.compress_type not in SUPPORTED_METHODS:
            raise DataError(
                f"'{file.name}' uses a compression method that is not supported: unpack it, "
                "and choose the files inside."
            )
        parts = []
        with _open_member(archive, member) as stream:
            while part := stream.read(CHUNK_SIZE):
                budget.spend(len(part), file.name)
                parts.append(part)
                yield None
        yield InputFile(f"{file.name}/{member.filename}", b"".join(parts), from_zip=True)


def _open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    with warnings.catch_warnings():
        # Python warns of members that overlap, which means a zip bomb or corruption.
        warnings.simplefilter("error")
        return archive.open(member)


def _is_user_file(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a file that a user put there, rather than a folder or a system file."""
    parts = member.filename.replace("\\", "/").split("/")
    return not member.is_dir() and not any(
        part.startswith(".") or part in SYSTEM_FILES for part in parts
    )
