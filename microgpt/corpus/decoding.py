"""Bytes as text: which encoding it is, whether that is a guess, and what could not be read.

The text comes in pieces, so that a large one is read with chances to look up and one rare
character does not make the whole of it wide. The module knows nothing of files or documents.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass

from microgpt.corpus.errors import DataError
from microgpt.corpus.options import ROWS
from microgpt.corpus.progress import Progress, Work, part

PIECE = 1 << 18  # bytes
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UNREADABLE = "\ufffd"  # what Python's decoders put where bytes make no sense
ASCII = bytes(range(128))
# No text has these, but for a stray one: controls, and the five bytes that Windows-1252 lacks.
NO_TEXT = bytes([*range(9), *range(14, 32), 0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D])
STRAY = 200  # of so many bytes one may be no text
BROKEN = 10  # of so many characters one may be unreadable
WORDS = dict(ROWS["encoding"].choices)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and how it was read."""

    pieces: tuple[str, ...]  # of at most `PIECE` characters; every line ends with "\\n" alone
    encoding: str  # as the settings call it
    guessed: bool  # whether another encoding may be the right one
    unreadable: int  # how many characters were left out because their bytes make no sense

    def remarks(self, what: str) -> list[str]:
        """Sentences on what a beginner would want to know of how `what` was read."""
        remarks = []
        words = WORDS[self.encoding]
        if self.guessed:
            remarks.append(
                f"{what} does not say how its letters are written; it was read as {words}. If "
                "letters look wrong, choose another encoding."
            )
        if self.unreadable:
            count = "1 character" if self.unreadable == 1 else f"{self.unreadable:,} characters"
            was = "was" if self.unreadable == 1 else "were"
            remarks.append(f"{count} of {what} could not be read as {words} and {was} left out.")
        return remarks


def decode(content: bytes, encoding: str, what: str) -> Work[Decoded]:
    """The text that `content` stands for.

    With the encoding `auto`, a byte order mark decides; else it is UTF-8 if all of it can be. If
    not, bytes beyond ASCII decide by majority: where more of them make characters of UTF-8 than do
    not, it is UTF-8 with a few broken places, which are left out and counted, because the rest of
    a long text should not be lost for them. Otherwise it is taken for Windows-1252, which holds
    all of Latin-1's letters, and called a guess: every byte is a letter there, so nothing can show
    that it is wrong.

    Args:
        content: the bytes of a file.
        encoding: one of the choices of the setting.
        what: the file as messages call it.

    Raises:
        DataError: for bytes that are no text.
    """
    utf_16 = content.startswith(UTF_16)
    if encoding == "utf-16" or (encoding == "auto" and utf_16):
        # Without a mark it is what Windows writes, little end first.
        return (yield from _decoded(content, "utf-16", what, "utf-16" if utf_16 else "utf-16-le"))
    if encoding not in ("auto", "utf-8"):
        return (yield from _decoded(content, encoding, what, encoding))
    try:
        pieces, _ = yield from part(_pieces(content, "utf-8-sig", "strict", what), 0.0, 0.5)
        return Decoded(pieces, "utf-8", guessed=False, unreadable=0)
    except UnicodeDecodeError:
        if encoding == "utf-8" or _is_mostly_utf_8(content):
            return (yield from part(_decoded(content, "utf-8", what, "utf-8-sig"), 0.5, 1.0))
    if len(content) - len(content.translate(None, NO_TEXT)) > len(content) // STRAY:
        raise _no_text(what)
    guess = _decoded(content, "cp1252", what, "cp1252", guessed=True)
    return (yield from part(guess, 0.5, 1.0))


def _decoded(
    content: bytes, encoding: str, what: str, codec: str, guessed: bool = False
) -> Work[Decoded]:
    pieces, unreadable = yield from _pieces(content, codec, "replace", what)
    if unreadable * BROKEN > sum(map(len, pieces)):
        if encoding == "utf-8":
            raise _no_text(what)
        raise DataError(
            f"{what} cannot be read as {WORDS[encoding]}: choose another encoding, or a text file."
        )
    return Decoded(pieces, encoding, guessed, unreadable)


def _pieces(
    content: bytes, codec: str, errors: str, what: str
) -> Work[tuple[tuple[str, ...], int]]:
    """The text in pieces, and how many unreadable characters were left out of it."""
    decoder = codecs.getincrementaldecoder(codec)(errors)
    lines = io.IncrementalNewlineDecoder(decoder, translate=True)
    pieces = []
    unreadable = 0
    for start in range(0, len(content), PIECE):
        end = start + PIECE
        piece = lines.decode(content[start:end], final=end >= len(content))
        if "\0" in piece:
            raise _no_text(what)
        if errors == "replace":
            unreadable += piece.count(UNREADABLE)
            piece = piece.replace(UNREADABLE, "")
        pieces.append(piece)
        yield Progress(min(1.0, end / len(content)), "Reading")
    return tuple(pieces), unreadable


def _is_mostly_utf_8(content: bytes) -> bool:
    text = content.decode("utf-8", "replace")
    unreadable = text.count(UNREADABLE)
    read = len(text) - len(text.encode("ascii", "ignore")) - unreadable
    return content.startswith(codecs.BOM_UTF8) or read > unreadable


def _no_text(what: str) -> DataError:
    return DataError(f"{what} is not text; choose a file with one name, word or title a line.")
