"""The checkers of the tasks, tested on the data and against independent checkers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.tasks import DETERMINED_CHARACTERS, TASK_CHECKERS
from tests.support.imports import ROOT

ALL_SUMS = {f"{a}+{b}={str(a + b)[::-1]}" for a in range(100) for b in range(100)}
SMALL_LETTERS = set("abcdefghijklmnopqrstuvwxyz")
RESIDUES = "0123456789abcdefghijklmnopqrstu"
MODULAR_SUMS = {
    f"{one}+{other}={(RESIDUES * 2)[place + distance]}"
    for place, one in enumerate(RESIDUES)
    for distance, other in enumerate(RESIDUES)
}
ALPHABETS = {
    "sums": "0123456789+=",
    "sorting": "abcdefgh>",
    "palindromes": "abcdefgh",
    "brackets": "()[]{}",
    "code-book": "abcdefgh0123456789",
    "modular-addition": f"{RESIDUES}+=",
}


def sorting_by_counting(line: str) -> bool:
    question, sign, answer = line.partition(">")
    rising = all(first <= second for first, second in pairwise(answer))
    letters = question != "" and set(question + answer) <= SMALL_LETTERS
    return sign == ">" and letters and rising and Counter(question) == Counter(answer)


def palindrome_by_pairs(line: str) -> bool:
    pairs = (line[i] == line[-1 - i] for i in range(len(line)))
    return len(line) > 2 and set(line) <= SMALL_LETTERS and all(pairs)


def balanced_by_removal(line: str) -> bool:
    rest = line
    for _ in line:
        for pair in ("()", "[]", "{}"):
            rest = rest.replace(pair, "")
    return line != "" and rest == ""


def code_book_by_dictionary(line: str) -> bool:
    keys, values = line[::2], line[1::2]
    code = dict(zip(keys, values, strict=False))
    letters = set(keys) <= SMALL_LETTERS and set(values) <= set("0123456789")
    consistent = all(code[key] == value for key, value in zip(keys, values, strict=False))
    return len(line) == 24 and letters and len(code) == 4 and consistent


REFERENCE_CHECKERS: dict[str, Callable[[str], bool]] = {
    "sums": ALL_SUMS.__contains__,
    "sorting": sorting_by_counting,
    "palindromes": palindrome_by_pairs,
    "brackets": balanced_by_removal,
    "code-book": code_book_by_dictionary,
    "modular-addition": MODULAR_SUMS.__contains__,
}
each_task = pytest.mark.parametrize("name", TASK_CHECKERS)


@cache
def lines_of(name: str) -> tuple[str, ...]:
    return tuple((ROOT / "datasets" / f"{name}.txt").read_text("utf-8").splitlines())


@st.composite
def edited(draw: st.DrawFn, name: str) -> str:
    """A line of the data, with one to three edits."""
    characters = list(draw(st.sampled_from(lines_of(name))))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(characters)))
        end = draw(st.integers(start, min(start + 2, len(characters))))
        characters[start:end] = draw(st.text(ALPHABETS[name], max_size=2))
    return "".join(characters)


def test_every_task_has_a_reference_and_an_alphabet() -> None:
    assert set(TASK_CHECKERS) == set(REFERENCE_CHECKERS) == set(ALPHABETS)


@each_task
def test_every_line_of_the_data_is_right(name: str) -> None:
    assert [line for line in lines_of(name) if not TASK_CHECKERS[name](line)] == []
    assert set().union(*lines_of(name)) == set(ALPHABETS[name])


@each_task
@given(data=st.data())
def test_edited_lines_are_graded_like_the_reference(name: str, data: st.DataObject) -> None:
    line = data.draw(edited(name))
    assert TASK_CHECKERS[name](line) == REFERENCE_CHECKERS[name](line)


@each_task
@given(data=st.data())
def test_any_text_is_graded_like_the_reference(name: str, data: st.DataObject) -> None:
    line = data.draw(st.text(ALPHABETS[name], max_size=12) | st.text(max_size=12))
    assert TASK_CHECKERS[name](line) == REFERENCE_CHECKERS[name](line)


@each_task
@pytest.mark.parametrize(
    "line", ["", " ", "?", "12+7=91 ", "ab>ab\n", "aba\n", "()\n", "ÁBÁ", "١+١=٢"]
)
def test_texts_that_are_no_line_of_a_task_are_wrong(name: str, line: str) -> None:
    assert not TASK_CHECKERS[name](line)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("sums", "12+7=91", "12+7=19"),
        ("sums", "0+0=0", "0+0=00"),
        ("sums", "5+5=01", "5+5=1"),
        ("sums", "99+99=891", "099+99=891"),
        ("sums", "50+50=001", "100+0=001"),
        ("sorting", "dab>abd", "dab>abcd"),
        ("sorting", "aab>aab", "aab>ab"),
        ("sorting", "a>a", "a>"),
        ("palindromes", "abba", "abab"),
        ("palindromes", "aba", "aa"),
        ("brackets", "([]{})", "([]{}"),
        ("brackets", "()[]", "([)]"),
        ("brackets", "{}", "}{"),
        ("modular-addition", "t+5=3", "t+5=4"),
        ("modular-addition", "u+u=t", "v+0=0"),
    ],
)
def test_right_and_wrong(name: str, right: str, wrong: str) -> None:
    assert TASK_CHECKERS[name](right)
    assert not TASK_CHECKERS[name](wrong)


@pytest.mark.parametrize("name", DETERMINED_CHARACTERS)
def test_a_determined_character_has_one_right_value(name: str) -> None:
    is_right, alphabet = TASK_CHECKERS[name], ALPHABETS[name]
    for line in lines_of(name)[:50]:
        determined = DETERMINED_CHARACTERS[name](line)
        for place in determined:
            variants = (line[:place] + other + line[place + 1 :] for other in alphabet)
            assert list(filter(is_right, variants)) == [line]


def test_the_value_of_a_new_key_is_not_determined() -> None:
    for line in lines_of("code-book")[:50]:
        determined = DETERMINED_CHARACTERS["code-book"](line)
        assert len(determined) == 12 - len(set(line[::2]))
        assert not {line.index(key) + 1 for key in line[::2]} & set(determined)


def test_modular_addition_has_every_sum_once() -> None:
    assert sorted(lines_of("modular-addition")) == sorted(MODULAR_SUMS)
    assert len(MODULAR_SUMS) == 31 * 31
