"""Bytes as text: the encoding told or guessed, broken places, and what is no text."""

from __future__ import annotations

import codecs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus.decoding import PIECE, Decoded, decode
from microgpt.corpus.errors import DataError
from microgpt.corpus.options import ROWS
from microgpt.generators import drain

ENCODINGS = [encoding for encoding, _ in ROWS["encoding"].choices if encoding != "auto"]
# Texts that any file can hold as they are: no NUL, half pairs, marks of order, other line ends.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff\ufffd"))


def decoded(content: bytes, encoding: str = "auto") -> Decoded:
    return drain(decode(content, encoding, "'x'"))


def text_of(*arguments: Any) -> str:
    return "".join(decoded(*arguments).pieces)


def complaint(*arguments: Any) -> str:
    with pytest.raises(DataError) as caught:
        decoded(*arguments)
    return str(caught.value)


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_unicode_is_no_guess(text: str, codec: str) -> None:
    found = decoded(text.encode(codec))
    assert "".join(found.pieces) == text
    assert found.encoding == codec.removesuffix("-sig")
    assert (found.guessed, found.unreadable, found.remarks("'x'")) == (False, 0, [])


def test_the_big_end_first() -> None:
    assert text_of(codecs.BOM_UTF16_BE + "zoé".encode("utf-16-be")) == "zoé"


@pytest.mark.parametrize("text", ["zoé", "Müller\nGroße", "“quoted” – 5 €", "ÀÉÎÕÜ" * 100])
def test_western_european_is_a_guess_and_said(text: str) -> None:
    found = decoded(text.encode("cp1252"))
    assert "".join(found.pieces) == text
    assert (found.encoding, found.guessed) == ("cp1252", True)
    (remark,) = found.remarks("'x'")
    assert "it was read as Western European (Latin-1)" in remark
    assert "choose another encoding" in remark


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "zoé"),
        ("cp1250", "Łódź"),
        ("cp1251", "Москва"),
        ("cp932", "さくら"),
        ("gb18030", "北京"),
        ("cp949", "서울"),
        ("utf-16", "zoé"),
    ],
)
def test_an_encoding_that_is_asked_for(encoding: str, text: str) -> None:
    codec = "utf-16-le" if encoding == "utf-16" else encoding
    found = decoded(text.encode(codec), encoding)
    assert "".join(found.pieces) == text
    assert (found.encoding, found.guessed) == (encoding, False)


@pytest.mark.parametrize("bad", [b"\xff", b"\xe3\x81", b"\xc0\x80"])
def test_a_long_text_is_not_lost_for_a_few_broken_bytes(bad: bytes) -> None:
    found = decoded("さくら ".encode() * 20 + bad + " zoé".encode() * 20)
    assert "".join(found.pieces) == "さくら " * 20 + " zoé" * 20
    assert found.encoding == "utf-8"
    assert not found.guessed
    (remark,) = found.remarks("'x'")
    assert remark.startswith("1 character of" if len(bad) < 2 or bad[0] == 0xE3 else "2 characters")
    assert "could not be read as Unicode (UTF-8) and w" in remark


def test_utf_8_by_its_mark_even_where_little_of_it_is() -> None:
    found = decoded(codecs.BOM_UTF8 + b"emma \xe9 olivia ava mia")
    assert "".join(found.pieces) == "emma  olivia ava mia"
    assert (found.encoding, found.unreadable) == ("utf-8", 1)


@pytest.mark.parametrize(
    "content",
    [
        b"emma\0olivia",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xfe\0",
        bytes(range(1, 256)) * 3,
        "zoé".encode("utf-32"),
        "zoe".encode("utf-16-le"),
    ],
)
def test_what_is_no_text(content: bytes) -> None:
    message = complaint(content)
    assert message.startswith("'x' ")
    assert "text" in message


def test_an_encoding_that_does_not_fit() -> None:
    message = complaint("Москва ".encode("cp1251") * 9, "cp932")
    assert message.startswith("'x' cannot be read as Japanese (Shift JIS): choose another encoding")
    assert "is not text" in complaint("Москва ".encode("cp1251") * 9, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("shift", range(4))
def test_a_text_of_many_pieces(encoding: str, shift: int) -> None:
    """A character, or the two bytes that end a line, may lie across the edge of a piece."""
    text = "x" * shift + "é\r\n私\r" * PIECE
    found = decoded(text.encode(encoding))
    assert "".join(found.pieces) == "x" * shift + "é\n私\n" * PIECE
    assert len(found.pieces) > 3
    assert max(map(len, found.pieces)) <= PIECE


@given(st.lists(st.sampled_from(["a", "\n", "\r\n", "\r", " "])))
def test_lines_end_alike(parts: list[str]) -> None:
    text = "".join(parts)
    assert text_of(text.encode()) == text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.binary(), st.sampled_from(["auto", *ENCODINGS]))
def test_any_bytes_are_text_or_refused(content: bytes, encoding: str) -> None:
    try:
        found = decoded(content, encoding)
    except DataError as error:
        assert str(error).startswith("'x' ")  # noqa: PT017 - either way is right
    else:
        assert not set("\0\r") & set("".join(found.pieces))
        assert found.encoding == encoding or encoding == "auto"


def test_how_far_it_is() -> None:
    shares = [progress.share for progress in decode(b"a" * 3 * PIECE + b"\xe9", "auto", "'x'")]
    assert len(shares) > 4
    assert shares == sorted(shares)
    assert shares[-1] == 1
