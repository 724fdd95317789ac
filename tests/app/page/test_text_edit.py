"""What was typed into a text box: offsets, differences, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.text_edit import difference, refused_words, to_code_points, to_units

TEXTS = st.text(st.sampled_from("ab🂡"), max_size=8)


@given(text=TEXTS, data=st.data())
def test_offsets_are_those_of_javascript(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    units = to_units(text, offset)
    assert units == len(text[:offset].encode("utf-16-le")) // 2
    assert to_code_points(text, units) == offset


@given(old=TEXTS, typed=TEXTS, data=st.data())
def test_the_difference_is_the_edit(old: str, typed: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    new = old[:start] + typed + old[end:]
    first, last, inserted = difference(old, new, start + len(typed))
    assert old[:first] + inserted + old[last:] == new
    assert start <= first
    assert last == end


@given(old=TEXTS, new=TEXTS, data=st.data())
def test_any_difference_is_found_wherever_the_caret_is(
    old: str, new: str, data: st.DataObject
) -> None:
    """A browser may correct words far from the caret."""
    start, end, typed = difference(old, new, data.draw(st.integers(0, len(new))))
    assert 0 <= start <= end <= len(old)
    assert old[:start] + typed + old[end:] == new


def test_a_letter_among_its_like_is_typed_where_the_caret_is() -> None:
    assert difference("anna", "annna", 4) == (3, 3, "n")
    assert difference("anna", "annna", 3) == (2, 2, "n")
    assert difference("anna", "ana", 2) == (2, 3, "")


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (["ß"], "The model does not know the character 'ß'; it knows only: ab"),
        (["ß", "é"], "The model does not know the characters 'ß', 'é'; it knows only: ab"),
        (["\u200b"], "The model does not know the character 'U+200B'; it knows only: ab"),
        (["\n"], "A text is one line: its line breaks were left out."),
    ],
)
def test_what_is_refused_is_said(refused: list[str], words: str) -> None:
    assert refused_words(refused, ["a", "b", "ab"]) == words


def test_of_many_known_characters_some_are_named() -> None:
    vocabulary = [chr(0x4E00 + i) for i in range(100)]
    sentence = refused_words(["x", "\n"], vocabulary)
    assert f"{vocabulary[39]}… A text is one line" in sentence
