"""The text that is being written: pressed, typed, undone, and kept when the model changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.document import Document

LETTERS = ["a", "b", "c"]
A, B, C, END = range(4)
MERGED = [*LETTERS, "ab", "abc"]  # with the tokens AB and ABC
AB, ABC, MERGED_END = 3, 4, 5
BLOCK_SIZE = 6


@pytest.fixture
def text() -> Document:
    return Document(LETTERS, BLOCK_SIZE, "abc")


def press_all(text: Document, *tokens: int) -> None:
    for token in tokens:
        assert text.press(token)


# ---- pressing ------------------------------------------------------------------------------------


def test_pressed_tokens_are_written_one_after_the_other() -> None:
    text = Document(LETTERS, BLOCK_SIZE)
    press_all(text, C, A, B)
    assert (text.text, text.caret, text.closed) == ("cab", 3, False)
    assert text.typed == [False] * 3


def test_a_press_takes_the_place_of_what_follows_the_caret(text: Document) -> None:
    text.move(1)
    press_all(text, C)
    assert (text.text, text.caret) == ("ac", 2)
    text.undo()
    assert (text.text, text.caret) == ("abc", 1)


def test_behind_the_end_another_text_begins(text: Document) -> None:
    press_all(text, END)
    assert text.closed
    assert text.at_new_text
    assert text.text == "abc"
    press_all(text, B)
    assert (text.text, text.closed, text.caret) == ("b", False, 1)
    text.undo()
    assert (text.text, text.closed) == ("abc", True)


def test_a_full_context_takes_no_token(text: Document) -> None:
    press_all(text, A, A, A)
    assert text.full
    assert not text.press(A)
    assert text.text == "abcaaa"
    text.move(2)
    assert not text.full
    press_all(text, END)
    assert not text.full, "behind the end another text begins"


def test_back_goes_one_token_back(text: Document) -> None:
    press_all(text, END)
    text.back()
    assert (text.text, text.closed) == ("abc", False)
    text.back()
    assert text.text == "ab"
    text.move(1)
    text.back()
    assert (text.text, text.caret) == ("ab", 0)
    text.back()
    assert (text.text, text.caret) == ("ab", 0)


# ---- typing --------------------------------------------------------------------------------------


def edited(old: str, start: int, end: int, typed: str) -> str:
    return old[:start] + typed + old[end:]


@given(
    old=st.text("abc", max_size=4),
    typed=st.text("abcxyß", max_size=3),
    closed=st.booleans(),
    data=st.data(),
)
def test_an_edit_does_to_the_text_what_it_does_to_a_string(
    old: str, typed: str, closed: bool, data: st.DataObject
) -> None:
    text = Document(LETTERS, 99, old)
    if closed:
        text.press(END)
        text.move(data.draw(st.integers(0, len(old))))
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    refused, cut = text.edit(start, end, typed)
    known = "".join(character for character in typed if character in "abc")
    assert text.text == edited(old, start, end, known)
    assert set(refused) == set(typed) - set("abc")
    assert not cut
    if known or start < end:
        assert text.offset(text.caret) == start + len(known)


def test_what_is_typed_behind_the_end_begins_another_text(text: Document) -> None:
    press_all(text, END)
    text.edit(3, 3, "xb")
    assert (text.text, text.closed, text.caret) == ("b", False, 1)
    text.undo()
    assert text.closed
    assert text.edit(3, 3, "x") == (["x"], False)
    assert text.closed, "nothing was typed"


def test_an_edit_in_the_middle_keeps_the_end(text: Document) -> None:
    press_all(text, END)
    text.edit(1, 2, "")
    assert (text.text, text.closed) == ("ac", True)
    text.edit(0, 2, "b")
    assert (text.text, text.closed) == ("b", False), "all of it is another text"


def test_what_the_context_has_no_room_for_is_cut_off(text: Document) -> None:
    assert text.edit(3, 3, "abcabc") == ([], True)
    assert (text.text, text.caret) == ("abcabc", BLOCK_SIZE)
    text.edit(0, 0, "c")
    assert (text.text, text.caret) == ("cabcab", 1)


@given(
    pressed=st.lists(st.sampled_from([A, B, C, AB, ABC]), max_size=4),
    typed=st.text("abc", min_size=1, max_size=3),
    data=st.data(),
)
def test_only_what_was_typed_is_to_be_encoded(
    pressed: list[int], typed: str, data: st.DataObject
) -> None:
    text = Document(MERGED, 99)
    press_all(text, *pressed)
    offset = data.draw(st.integers(0, len(text.text)))
    kept = text.place(offset, forward=False)
    expected = edited(text.text, offset, offset, typed)
    text.edit(offset, offset, typed)
    assert text.text == expected
    assert text.ids[:kept] == pressed[:kept], "what stands wholly before the edit stays as it was"
    assert text.typed == [False] * kept + [True] * (len(text.ids) - kept)
    assert all(token < 3 for token in text.ids[kept:]), "a token for each character"


def test_a_run_of_typed_tokens_is_encoded_again_with_what_is_typed_behind_it() -> None:
    text = Document(MERGED, 99)
    press_all(text, C)
    text.edit(1, 1, "ab")
    assert not text.take_encoded([C, AB], 2)
    assert text.typed == [False, False]
    text.edit(3, 3, "c")
    assert text.ids == [C, A, B, C]
    assert text.typed == [False, True, True, True]
    text.take_encoded([C, ABC], 2)
    press_all(text, B)
    text.edit(5, 5, "a")
    assert text.ids == [C, ABC, B, A]
    assert text.typed == [False, False, False, True]


def test_the_worker_cuts_what_it_has_encoded() -> None:
    text = Document(MERGED, 2)
    assert text.edit(0, 0, "abcabcabc") == ([], False)
    assert text.take_encoded([ABC, ABC], 2)
    assert (text.text, text.full) == ("abcabc", True)


def test_a_sampled_token_stays_as_it_is() -> None:
    text = Document(MERGED, 99)
    text.edit(0, 0, "ab")
    text.take_sampled([AB, C])
    assert (text.text, text.caret) == ("abc", 2)
    text.edit(3, 3, "a")
    assert text.ids == [AB, C, A]
    text.undo()
    text.undo()
    assert text.text == "ab"


# ---- the caret -----------------------------------------------------------------------------------


def test_inside_a_token_the_caret_goes_on_in_its_direction() -> None:
    text = Document(MERGED, 99)
    press_all(text, A, ABC, B)
    assert [text.place(offset, forward=True) for offset in range(6)] == [0, 1, 2, 2, 2, 3]
    assert [text.place(offset, forward=False) for offset in range(6)] == [0, 1, 1, 1, 2, 3]
    assert [text.offset(place) for place in range(4)] == [0, 1, 4, 5]


# ---- undo ----------------------------------------------------------------------------------------

CHANGES: list[Callable[[Document], object]] = [
    lambda text: text.press(A),
    lambda text: text.press(text.end),
    lambda text: text.edit(0, len(text.text) // 2, "ca"),
    lambda text: text.edit(len(text.text), len(text.text), "b"),
    lambda text: text.open("cab"),
    lambda text: text.back(),
    lambda text: text.clear(),
    lambda text: text.move(1),
    lambda text: text.take_sampled([*text.ids[: text.caret], B][: text.block_size]),
]


@given(changes=st.lists(st.sampled_from(CHANGES), max_size=12))
def test_every_change_can_be_undone_and_done_again(
    changes: list[Callable[[Document], object]],
) -> None:
    text = Document(LETTERS, BLOCK_SIZE, "ab")
    texts = [text.ids]
    for change in changes:
        if change is CHANGES[-1] and text.closed:
            continue
        change(text)
        if text.ids != texts[-1]:
            texts.append(text.ids)
        assert len(text.ids) <= BLOCK_SIZE
        assert 0 <= text.caret <= len(text.ids)
        assert text.end not in text.ids[:-1]
        assert text.wanted == text.text
    for ids in texts[-2::-1]:
        assert text.can_undo
        text.undo()
        assert text.ids == ids
    assert not text.can_undo
    for ids in texts[1:]:
        assert text.can_redo
        text.redo()
        assert text.ids == ids
    assert not text.can_redo


def test_a_change_after_undo_leaves_nothing_to_do_again(text: Document) -> None:
    press_all(text, A)
    text.undo()
    press_all(text, B)
    assert not text.can_redo


# ---- another model -------------------------------------------------------------------------------


def test_a_model_with_the_same_tokens_changes_nothing() -> None:
    text = Document(MERGED, 99)
    press_all(text, A, B, AB, MERGED_END)
    text.move(2)
    text.change_model(list(MERGED), 99, "")
    assert (text.ids, text.caret, text.can_undo) == ([A, B, AB, MERGED_END], 2, True)
    assert text.typed == [False] * 4


def test_the_text_is_kept_where_the_model_knows_its_characters(text: Document) -> None:
    press_all(text, END)
    text.move(2)
    text.change_model(["b", "a", "c", "ba"], 99, "")
    assert (text.text, text.closed, text.caret) == ("abc", True, 2)
    assert text.typed == [True] * 3 + [False], "it is encoded anew"
    text.change_model(LETTERS, 2, "")
    assert (text.text, text.caret) == ("ab", 2), "cut to the context"


def test_else_the_data_begin_the_text(text: Document) -> None:
    text.change_model(["1", "+"], 99, "1+")
    assert (text.text, text.caret) == ("1+", 2)
    text.change_model(["x"], 99, "y")
    assert text.text == ""
    text.change_model(LETTERS, 99, "c")
    assert text.text == "abc", "what the user wrote comes back with a model that knows it"


def test_a_text_can_wait_for_its_model(text: Document) -> None:
    text.begin("12")
    assert text.text == "abc"
    text.change_model([*LETTERS, "1"], 99, "")
    assert text.text == "abc"
    text.change_model([*LETTERS, "1", "2"], 99, "")
    assert text.text == "12"
