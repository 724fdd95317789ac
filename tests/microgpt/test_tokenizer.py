"""Text to ids and back, with every kind of character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.tokenizer import CharTokenizer, UnknownCharacterError

# Every code point, halves of surrogate pairs among them.
texts = st.text(st.characters())


@given(st.lists(texts, min_size=1))
def test_round_trip(documents: list[str]) -> None:
    tokenizer = CharTokenizer("".join(documents))
    for document in documents:
        tokens = tokenizer.encode(document)
        assert tokens[0] == tokens[-1] == tokenizer.bos
        assert tokenizer.decode(tokens) == document
        assert tokens[1:-1] == tokenizer.encode_prefix(document)
        assert all(0 <= token < tokenizer.bos for token in tokens[1:-1])


@pytest.mark.parametrize(
    "text",
    ["", "naïve", "e\u0301", "👩\u200d👩\u200d👧", "\ud83d", "\x00\n\t", "日本語", "\u202e"],
    ids=ascii,
)
def test_round_trip_of_odd_texts(text: str) -> None:
    tokenizer = CharTokenizer(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.vocab_size == len(set(text)) + 1


def test_a_combining_mark_is_a_character_of_its_own() -> None:
    assert len(CharTokenizer("e\u0301").encode("e\u0301")) == 4
    assert len(CharTokenizer("\u00e9").encode("\u00e9")) == 3


@given(texts)
def test_ids_are_the_sorted_characters_and_then_bos(text: str) -> None:
    tokenizer = CharTokenizer(text)
    assert tokenizer.characters == tuple(sorted(set(text)))
    assert tokenizer.encode_prefix("".join(tokenizer.characters)) == list(range(tokenizer.bos))
    assert tokenizer.bos == tokenizer.vocab_size - 1


def test_the_order_of_the_documents_does_not_matter() -> None:
    one, other = (CharTokenizer("".join(d)) for d in (["emma", "olivia"], ["olivia", "emma"]))
    assert one.characters == other.characters == tuple("aeilmov")


@pytest.mark.parametrize(
    ("character", "shown"),
    [("z", "'z'"), ("\n", r"'\n'"), ("\ud800", r"'\ud800'"), ("é", "'é'"), ("👩", "'👩'")],
)
def test_an_unknown_character_is_named(character: str, shown: str) -> None:
    tokenizer = CharTokenizer("emma")
    for encode in (tokenizer.encode, tokenizer.encode_prefix):
        with pytest.raises(UnknownCharacterError) as caught:
            encode("em" + character)
        assert caught.value.character == character
        assert f"does not know the character {shown}" in str(caught.value)
        assert str(caught.value).endswith(": aem")


def test_the_message_does_not_list_a_thousand_characters() -> None:
    tokenizer = CharTokenizer(map(chr, range(0x4E00, 0x4E00 + 1000)))
    with pytest.raises(UnknownCharacterError) as caught:
        tokenizer.encode("a")
    assert str(caught.value).endswith("…")
    assert len(str(caught.value)) < 150
