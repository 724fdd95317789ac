"""Decoding of bytes: encodings that are given, detected or guessed, and what is not text."""

from __future__ import annotations

import codecs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus import DataError
from microgpt.corpus.decoding import DecodedText, decode
from microgpt.corpus.options import OPTION_SETTINGS
from microgpt.corpus.progress import CHUNK_SIZE
from microgpt.generators import drain

ENCODINGS = [encoding for encoding, _ in OPTION_SETTINGS["encoding"].choices if encoding != "auto"]
# Texts that survive any decoding unchanged: no NUL, surrogates, byte order marks, other newlines.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff\ufffd"))


def decoded(content: bytes, encoding: str = "auto") -> DecodedText:
    return drain(decode(content, encoding, "'x'"))


def text_of(*arguments: Any) -> str:
    return "".join(decoded(*arguments).chunks)


def error_of(*arguments: Any) -> str:
    with pytest.raises(DataError) as caught:
        decoded(*arguments)
    return str(caught.value)


@given(TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_unicode_is_not_a_guess(text: str, codec: str) -> None:
    found = decoded(text.encode(codec))
    assert "".join(found.chunks) == text
    assert found.encoding == codec.removesuffix("-sig")
    assert (found.guessed, found.unreadable, found.remarks("'x'")) == (False, 0, [])


def test_utf_16_big_endian() -> None:
    assert text_of(codecs.BOM_UTF16_BE + "zoé".encode("utf-16-be")) == "zoé"


@pytest.mark.parametrize("text", ["zoé", "Müller\nGroße", "“quoted” – 5 €", "ÀÉÎÕÜ" * 100])
def test_without_the_package_western_european_is_a_guess_and_remarked_on(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microgpt.corpus.detection.can_detect", lambda: False)
    found = decoded(text.encode("cp1252"))
    assert "".join(found.chunks) == text
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
def test_given_encoding(encoding: str, text: str) -> None:
    codec = "utf-16-le" if encoding == "utf-16" else encoding
    found = decoded(text.encode(codec), encoding)
    assert "".join(found.chunks) == text
    assert (found.encoding, found.guessed) == (encoding, False)


@pytest.mark.parametrize("invalid", [b"\xff", b"\xe3\x81", b"\xc0\x80"])
def test_a_few_invalid_bytes_are_left_out(invalid: bytes) -> None:
    found = decoded("さくら ".encode() * 20 + invalid + " zoé".encode() * 20)
    assert "".join(found.chunks) == "さくら " * 20 + " zoé" * 20
    assert found.encoding == "utf-8"
    assert not found.guessed
    (remark,) = found.remarks("'x'")
    assert remark.startswith(
        "1 character of" if len(invalid) < 2 or invalid[0] == 0xE3 else "2 characters"
    )
    assert "could not be read as Unicode (UTF-8) and w" in remark


def test_a_byte_order_mark_decides_even_if_most_bytes_are_invalid() -> None:
    found = decoded(codecs.BOM_UTF8 + b"emma \xe9 olivia ava mia")
    assert "".join(found.chunks) == "emma  olivia ava mia"
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
def test_binary_data_is_rejected(content: bytes) -> None:
    message = error_of(content)
    assert message.startswith("'x' ")
    assert "text" in message


def test_given_encoding_that_does_not_fit() -> None:
    message = error_of("Москва ".encode("cp1251") * 9, "cp932")
    assert message.startswith("'x' cannot be read as Japanese (Shift JIS): choose another encoding")
    assert "is not text" in error_of("Москва ".encode("cp1251") * 9, "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("shift", range(4))
def test_text_of_many_chunks(encoding: str, shift: int) -> None:
    """A character, or a newline of two bytes, may span the boundary between chunks."""
    text = "x" * shift + "é\r\n私\r" * CHUNK_SIZE
    found = decoded(text.encode(encoding))
    assert "".join(found.chunks) == "x" * shift + "é\n私\n" * CHUNK_SIZE
    assert len(found.chunks) > 3
    assert max(map(len, found.chunks)) <= CHUNK_SIZE


@given(st.lists(st.sampled_from(["a", "\n", "\r\n", "\r", " "])))
def test_newlines_are_normalized(parts: list[str]) -> None:
    text = "".join(parts)
    assert text_of(text.encode()) == text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.binary(), st.sampled_from(["auto", *ENCODINGS]))
def test_any_bytes_are_decoded_or_rejected(content: bytes, encoding: str) -> None:
    try:
        found = decoded(content, encoding)
    except DataError as error:
        assert str(error).startswith("'x' ")  # noqa: PT017 - both outcomes are fine
    else:
        assert not set("\0\r") & set("".join(found.chunks))
        assert found.encoding == encoding or encoding == "auto"


def test_progress() -> None:
    content = b"a" * 3 * CHUNK_SIZE + b"\xe9"
    fractions = [progress.fraction for progress in decode(content, "auto", "'x'")]
    assert len(fractions) > 4
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
