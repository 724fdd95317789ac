"""Decoding of bytes: which encoding, whether it is a guess, and what could not be decoded.

A text is decoded in chunks, so that a long one has yield points, and one rare character does not
make all of it take four bytes a character. The module knows nothing of files or documents.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass

from microgpt.corpus import DataError
from microgpt.corpus.detection import DETECTION_PACKAGE, can_detect, detect_encoding
from microgpt.corpus.options import OPTION_SETTINGS
from microgpt.corpus.progress import CHUNK_SIZE, LoadProgress, WithProgress, rescale

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
REPLACEMENT = "\ufffd"  # what Python's decoders write for invalid bytes
# Bytes that are not text: controls in any encoding, and those that Windows-1252 does not define.
CONTROL_BYTES = bytes([*range(9), *range(14, 32), 0x7F])
UNDEFINED_BYTES = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
BYTES_PER_CONTROL = 200  # a text has at most one stray control byte in this many
CHARS_PER_REPLACEMENT = 10  # and at most one undecodable character in this many
ENCODING_NAMES = dict(OPTION_SETTINGS["encoding"].choices)
UNICODE = ("auto", "utf-8", "utf-16")  # these choices need no detection
LEGACY_ENCODINGS = tuple(name for name in ENCODING_NAMES if name not in UNICODE)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, and how it was decoded."""

    chunks: tuple[str, ...]  # of at most `CHUNK_SIZE` characters; every line ends with "\\n"
    encoding: str  # a choice of the setting `encoding`
    guessed: bool  # whether it may be another encoding
    unreadable: int  # characters that were left out because their bytes are invalid

    def remarks(self, label: str) -> list[str]:
        """Return sentences that tell a beginner how the text called `label` was decoded."""
        remarks = []
        encoding = ENCODING_NAMES[self.encoding]
        if self.guessed:
            remarks.append(
                f"{label} does not say how its letters are encoded; it was read as {encoding}. If "
                "letters look wrong, choose another encoding."
            )
        if self.unreadable:
            count = "1 character" if self.unreadable == 1 else f"{self.unreadable:,} characters"
            was = "was" if self.unreadable == 1 else "were"
            remarks.append(
                f"{count} of {label} could not be read as {encoding} and {was} left out."
            )
        return remarks


def decode(content: bytes, encoding: str, label: str) -> WithProgress[DecodedText]:
    """Decode the bytes of a file.

    With the encoding `auto`, a byte order mark decides. Without one, the text is UTF-8 if all of it
    is valid. If not, the bytes beyond ASCII decide: if at least twice as many of them are valid
    UTF-8 as invalid, it is UTF-8 with a few broken places, which are left out and counted, since a
    long text should not be rejected because of them. Otherwise it is in an encoding from before
    Unicode, which is detected if the package for it is there; the yield point before that names the
    package. Without it the text is assumed to be Windows-1252, which includes all letters of
    Latin-1. Either is called a guess: almost every byte is a character in many encodings, so
    nothing can show that it is wrong.

    Args:
        content: the bytes of the file.
        encoding: a choice of the setting `encoding`.
        label: what messages call the file.

    Raises:
        DataError: if the bytes are not text.
    """
    utf_16 = content.startswith(UTF_16_MARKS)
    if encoding == "utf-16" or (encoding == "auto" and utf_16):
        codec = "utf-16" if utf_16 else "utf-16-le"  # without a mark: little-endian, as on Windows
        return (yield from _decode_as(content, "utf-16", label, codec))
    if encoding not in ("auto", "utf-8"):
        return (yield from _decode_as(content, encoding, label, encoding))
    try:
        chunks, _ = yield from rescale(_chunks(content, "utf-8-sig", "strict", label), 0.0, 0.4)
        return DecodedText(chunks, "utf-8", guessed=False, unreadable=0)
    except UnicodeDecodeError:
        mostly = encoding == "utf-8" or (yield from rescale(_is_mostly_utf_8(content), 0.4, 0.5))
        if mostly:
            return (yield from rescale(_decode_as(content, "utf-8", label, "utf-8-sig"), 0.5, 1.0))
    if _has_too_many(CONTROL_BYTES, content):
        raise _not_text(label)
    if not can_detect():
        waiting = f"Loading {DETECTION_PACKAGE}, which detects encodings"
        yield LoadProgress(0.5, waiting, DETECTION_PACKAGE)
    found = yield from rescale(detect_encoding(content, LEGACY_ENCODINGS), 0.5, 0.6)
    if found is None and _has_too_many(CONTROL_BYTES + UNDEFINED_BYTES, content):
        raise _not_text(label)
    codec = found or "cp1252"
    guess = _decode_as(content, codec, label, codec, guessed=True)
    return (yield from rescale(guess, 0.6, 1.0))


def _decode_as(
    content: bytes, encoding: str, label: str, codec: str, guessed: bool = False
) -> WithProgress[DecodedText]:
    chunks, unreadable = yield from _chunks(content, codec, "replace", label)
    if unreadable * CHARS_PER_REPLACEMENT > sum(map(len, chunks)):
        if encoding == "utf-8":
            raise _not_text(label)
        raise DataError(
            f"{label} cannot be read as {ENCODING_NAMES[encoding]}: choose another encoding, or a "
            "text file."
        )
    return DecodedText(chunks, encoding, guessed, unreadable)


def _chunks(
    content: bytes, codec: str, errors: str, label: str
) -> WithProgress[tuple[tuple[str, ...], int]]:
    """Decode in chunks; return them and the number of unreadable characters left out."""
    decoder = codecs.getincrementaldecoder(codec)(errors)
    newline_decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
    chunks = []
    unreadable = 0
    for start in range(0, len(content), CHUNK_SIZE):
        end = start + CHUNK_SIZE
        chunk = newline_decoder.decode(content[start:end], final=end >= len(content))
        if "\0" in chunk:
            raise _not_text(label)
        if errors == "replace":
            unreadable += chunk.count(REPLACEMENT)
            chunk = chunk.replace(REPLACEMENT, "")
        chunks.append(chunk)
        yield LoadProgress(min(1.0, end / len(content)), "Reading")
    return tuple(chunks), unreadable


def _is_mostly_utf_8(content: bytes) -> WithProgress[bool]:
    """Whether a text that is not valid UTF-8 is UTF-8 with a few broken places."""
    if content.startswith(codecs.BOM_UTF8):
        return True
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    num_chars = valid = invalid = 0  # the latter two count characters beyond ASCII
    for start in range(0, len(content), CHUNK_SIZE):
        end = start + CHUNK_SIZE
        text = decoder.decode(content[start:end], final=end >= len(content))
        broken = text.count(REPLACEMENT)
        num_chars += len(text)
        invalid += broken
        valid += len(text) - len(text.encode("ascii", "ignore")) - broken
        yield LoadProgress(start / len(content), "Reading")
    return valid >= 2 * invalid and invalid * CHARS_PER_REPLACEMENT <= num_chars


def _has_too_many(stray: bytes, content: bytes) -> bool:
    """Whether too many of the bytes are in `stray` for a text."""
    count = len(content) - len(content.translate(None, stray))
    return count > len(content) // BYTES_PER_CONTROL


def _not_text(label: str) -> DataError:
    return DataError(f"{label} is not text; choose a file with one name, word or title per line.")
