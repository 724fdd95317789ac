"""A corpus that is larger than memory: text in UTF-8, of which one document is read at a time.

One pass over the files finds where each document begins and which characters there are; what stays
in memory are 16 bytes a document. Lines are the same documents that they are in a smaller file.
"""

from __future__ import annotations

import mmap
import random
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from microgpt.corpus import DataError
from microgpt.dataset import Dataset, num_train, shuffle_incrementally
from microgpt.generators import drain

PIECE_BYTES = 2**22  # that are read at a time while the files are gone through
BOM = b"\xef\xbb\xbf"  # with which some programs begin a file
NUM_CODES = 0x110000  # of Unicode's characters


class FileDocuments(Sequence[str]):
    """Documents that lie in files, each read when it is asked for.

    Args:
        files: their contents, as they are mapped.
        begins: of each file, in the bytes of all.
        starts: of each document, in the bytes of all, and last the end of the last one.
        order: the numbers of these documents.
        windowed: whether they are windows of one long text, so that whitespace at the edges counts.
    """

    def __init__(
        self,
        files: Sequence[mmap.mmap],
        begins: Sequence[int],
        starts: array[int],
        order: array[int],
        windowed: bool,
    ) -> None:
        self._files, self._begins, self._starts, self._order = files, begins, starts, order
        self._windowed = windowed

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return list(map(self._read, self._order[index]))
        return self._read(self._order[index])

    def part(self, begin: int, end: int) -> FileDocuments:
        """The documents from one to before another; none of them is read."""
        chosen = self._order[begin:end]
        return FileDocuments(self._files, self._begins, self._starts, chosen, self._windowed)

    def _read(self, number: int) -> str:
        start, end = self._starts[number : number + 2]
        file = bisect_right(self._begins, start) - 1
        begin = self._begins[file]
        text = _clean(self._files[file][start - begin : end - begin].decode())
        return text if self._windowed else text.strip()


def open_corpus(
    paths: Sequence[Path], window_chars: int, eval_fraction: float, rng: random.Random
) -> Dataset:
    """The documents in files, shuffled, with some of them held out.

    Args:
        paths: of plain text in UTF-8.
        window_chars: how many characters a document has, where they are one long text; 0: each
            line is a document.
        eval_fraction: as of `make_dataset`.
        rng: used for one shuffle.

    Raises:
        DataError: a file is no text in UTF-8, or empty, or cannot be read.
    """
    seen = np.zeros(NUM_CODES, np.bool_)
    files: list[mmap.mmap] = []
    begins: list[int] = []
    starts, end = array("q"), 0
    for path in paths:
        try:
            with path.open("rb") as file:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # the latter for an empty file
            raise DataError(f"'{path}' cannot be read in pieces: {error}.") from None
        files.append(data)
        begins.append(end)
        for begin, piece in _pieces(data, bool(window_chars)):
            try:
                text = piece.decode()
            except UnicodeDecodeError as error:
                raise DataError(
                    f"'{path}' is no plain text in UTF-8 (byte {begin + error.start:,}), which it "
                    "must be to be read in pieces: convert it first."
                ) from None
            # Each window is cleaned alone, and may begin in the middle of an accented letter.
            size = window_chars or len(text)
            parts = (text[place : place + size] for place in range(0, len(text), size))
            clean = "".join(map(_clean, parts))
            seen[np.frombuffer(clean.encode("utf-32-le"), np.uint32)] = True
            starts.extend(end + begin + start for start in _starts(piece, window_chars))
        end += len(data)
    if not starts:
        raise DataError("There is no text in the files: choose one with a line that is not blank.")
    if not window_chars:
        seen[list(map(ord, "\r\n"))] = False
    count = len(starts)
    starts.append(end)
    order = array("q", range(count))
    drain(shuffle_incrementally(order, rng))
    documents = FileDocuments(files, begins, starts, order, bool(window_chars))
    first = num_train(count, eval_fraction)
    characters = tuple(map(chr, np.flatnonzero(seen).tolist()))
    return Dataset(documents.part(0, first), documents.part(first, count), characters)


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n")


def _pieces(data: mmap.mmap, windowed: bool) -> Iterator[tuple[int, bytes]]:
    """A file in pieces that end with a line, or if `windowed` with a character.

    Yields where each begins, and its bytes.
    """
    begin = len(BOM) if data[: len(BOM)] == BOM else 0
    while begin < len(data):
        end = begin + PIECE_BYTES
        if windowed:
            end = _character_end(data, end)
        elif end < len(data):
            end = data.rfind(b"\n", begin, end) + 1 or data.find(b"\n", end) + 1 or len(data)
        piece = data[begin:end]
        yield begin, piece
        begin += len(piece)


def _character_end(data: mmap.mmap, end: int) -> int:
    """The end of the character before which, or in which, `end` lies."""
    while end < len(data) and data[end] & 0xC0 == 0x80:  # in the middle of one
        end += 1
    return end


def _starts(piece: bytes, window_chars: int) -> Iterator[int]:
    """Where the documents of a piece begin in its bytes."""
    start = 0
    if window_chars:
        text = piece.decode()
        for place in range(0, len(text), window_chars):
            yield start
            start += len(text[place : place + window_chars].encode())
    else:
        for line in piece.splitlines(keepends=True):
            if not line.isspace():
                yield start
            start += len(line)
