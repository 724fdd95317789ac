"""Texts cut into lines, paragraphs, sentences and pieces of one length, wherever pieces end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus.splitting import (
    LONGEST_SENTENCE,
    cut_lines,
    cut_paragraphs,
    cut_sentences,
    cut_windows,
    tidied,
    whole_lines,
)

Cut = Callable[[Iterable[str]], Iterator[list[str]]]
PIECES = st.lists(st.text("aB.?!… \n\"'。」J", max_size=12), max_size=8)


def cut_all(cut: Cut, *pieces: str) -> list[str]:
    return tidied(chain.from_iterable(cut(pieces)), "lines")


def windows(size: int, *pieces: str) -> list[str]:
    return tidied(chain.from_iterable(cut_windows(pieces, size)), "windows")


@pytest.mark.parametrize("cut", [cut_lines, cut_paragraphs, cut_sentences])
@given(pieces=PIECES)
def test_where_pieces_end_does_not_matter(cut: Cut, pieces: list[str]) -> None:
    assert cut_all(cut, *pieces) == cut_all(cut, "".join(pieces))


@pytest.mark.parametrize("cut", [cut_lines, cut_paragraphs, cut_sentences])
@given(pieces=PIECES)
def test_nothing_is_lost_but_space(cut: Cut, pieces: list[str]) -> None:
    documents = cut_all(cut, *pieces)
    assert "".join("".join(documents).split()) == "".join("".join(pieces).split())
    assert all(document and document == document.strip() for document in documents)


@given(PIECES)
def test_pieces_that_end_where_lines_do(pieces: list[str]) -> None:
    whole = list(whole_lines(pieces))
    assert "".join(whole) == "".join(pieces)
    assert all(piece.endswith("\n") for piece in whole[:-1])


def test_lines() -> None:
    assert cut_all(cut_lines, "emma\n\n  olivia lee \nava") == ["emma", "olivia lee", "ava"]
    assert cut_all(cut_lines, "ana\u2028maria\x0bx") == ["ana\u2028maria\x0bx"]


def test_an_enormous_line_in_many_pieces() -> None:
    assert cut_all(cut_lines, *["x" * 100_000] * 50, "\ny") == ["x" * 5_000_000, "y"]


def test_paragraphs() -> None:
    text = "one\ntwo\n\n\nthree\n \t \nfour\n\n"
    assert cut_all(cut_paragraphs, text) == ["one\ntwo", "three", "four"]


@pytest.mark.parametrize(
    "sentences",
    [
        ["It rains.", "Does it?", "It does!", "Well…", "So be it."],
        ["Dr. Who met Mr. J. S. Bach in the U.S. on Jan. 5.", "Both left."],
        ["It is 3.5 miles, i.e. far, e.g. for Mrs. Smith etc. and so on.", "Really?!"],
        ['"Stop!" he said.', '"Why?"', "(She knew.)", "Nobody answered."],
        ["She waited… and waited... and left.", "Then it was over…", "Or not."],
        ["今日は。", "「いい天気だ！」", "終わり？", "はい"],
        ["यह एक वाक्य है।", "दूसरा।"],
        ["هل هذا سؤال؟", "نعم."],
    ],
)
def test_sentences(sentences: list[str]) -> None:
    assert cut_all(cut_sentences, " ".join(sentences)) == sentences
    assert cut_all(cut_sentences, "\n".join(sentences)) == sentences


def test_a_sentence_may_go_on_over_lines_but_not_over_a_blank_one() -> None:
    text = "A heading\n\nIt rains\nand  rains.\nThen\n it\nstops"
    assert cut_all(cut_sentences, text) == ["A heading", "It rains and rains.", "Then it stops"]


def test_scripts_without_spaces_are_cut_too() -> None:
    assert cut_all(cut_sentences, "今日は。「天気。」終わり") == [
        "今日は。",
        "「天気。」",
        "終わり",
    ]


@pytest.mark.parametrize("sign", ["x", ".", ")", "!)", "\n", " "])
def test_a_text_that_never_ends_a_sentence(sign: str) -> None:
    """It is cut where it has become longer than any sentence, and is soon done."""
    pieces = [sign * (LONGEST_SENTENCE // 2)] * 8
    documents = cut_all(cut_sentences, *pieces)
    assert sum(map(len, documents)) == len("".join(pieces).strip())
    assert all(len(document) <= 2 * LONGEST_SENTENCE for document in documents)


@given(PIECES, st.integers(1, 9))
def test_windows_are_the_text(pieces: list[str], size: int) -> None:
    found = list(chain.from_iterable(cut_windows(pieces, size)))
    assert "".join(found) == "".join(pieces)
    assert all(len(window) == size for window in found[:-1])
    assert len(found[-1]) <= size


def test_windows_keep_their_space_but_not_where_there_is_nothing_else() -> None:
    assert windows(3, "a b ", "\nc     d") == ["a b", " \nc", "  d"]
