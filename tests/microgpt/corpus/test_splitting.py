"""Splitting of texts into lines, paragraphs, sentences and windows, wherever chunks end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus.splitting import (
    MAX_SENTENCE_CHARS,
    rechunk_at_lines,
    split_into_lines,
    split_into_paragraphs,
    split_into_sentences,
    split_into_windows,
    strip_documents,
)

Splitter = Callable[[Iterable[str]], Iterator[list[str]]]
CHUNKS = st.lists(st.text("aB.?!… \n\"'。」J", max_size=12), max_size=8)


def split_all(split: Splitter, *chunks: str) -> list[str]:
    return strip_documents(chain.from_iterable(split(chunks)), "lines")


def windows(size: int, *chunks: str) -> list[str]:
    return strip_documents(chain.from_iterable(split_into_windows(chunks, size)), "windows")


@pytest.mark.parametrize("split", [split_into_lines, split_into_paragraphs, split_into_sentences])
@given(chunks=CHUNKS)
def test_the_ends_of_chunks_do_not_matter(split: Splitter, chunks: list[str]) -> None:
    assert split_all(split, *chunks) == split_all(split, "".join(chunks))


@pytest.mark.parametrize("split", [split_into_lines, split_into_paragraphs, split_into_sentences])
@given(chunks=CHUNKS)
def test_only_whitespace_is_lost(split: Splitter, chunks: list[str]) -> None:
    documents = split_all(split, *chunks)
    assert "".join("".join(documents).split()) == "".join("".join(chunks).split())
    assert all(document and document == document.strip() for document in documents)


@given(CHUNKS)
def test_chunks_that_end_at_line_breaks(chunks: list[str]) -> None:
    rechunked = list(rechunk_at_lines(chunks))
    assert "".join(rechunked) == "".join(chunks)
    assert all(chunk.endswith("\n") for chunk in rechunked[:-1])


def test_lines() -> None:
    assert split_all(split_into_lines, "emma\n\n  olivia lee \nava") == [
        "emma",
        "olivia lee",
        "ava",
    ]
    assert split_all(split_into_lines, "ana\u2028maria\x0bx") == ["ana\u2028maria\x0bx"]


def test_an_enormous_line_in_many_chunks() -> None:
    assert split_all(split_into_lines, *["x" * 100_000] * 50, "\ny") == ["x" * 5_000_000, "y"]


def test_paragraphs() -> None:
    text = "one\ntwo\n\n\nthree\n \t \nfour\n\n"
    assert split_all(split_into_paragraphs, text) == ["one\ntwo", "three", "four"]


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
    assert split_all(split_into_sentences, " ".join(sentences)) == sentences
    assert split_all(split_into_sentences, "\n".join(sentences)) == sentences


def test_a_sentence_continues_across_line_breaks_but_not_blank_lines() -> None:
    text = "A heading\n\nIt rains\nand  rains.\nThen\n it\nstops"
    assert split_all(split_into_sentences, text) == [
        "A heading",
        "It rains and rains.",
        "Then it stops",
    ]


def test_sentences_of_scripts_without_spaces() -> None:
    assert split_all(split_into_sentences, "今日は。「天気。」終わり") == [
        "今日は。",
        "「天気。」",
        "終わり",
    ]


@pytest.mark.parametrize("sign", ["x", ".", ")", "!)", "\n", " "])
def test_a_text_without_ends_of_sentences(sign: str) -> None:
    """It is split after the maximum length, and quickly."""
    chunks = [sign * (MAX_SENTENCE_CHARS // 2)] * 8
    documents = split_all(split_into_sentences, *chunks)
    assert sum(map(len, documents)) == len("".join(chunks).strip())
    assert all(len(document) <= 2 * MAX_SENTENCE_CHARS for document in documents)


@given(CHUNKS, st.integers(1, 9))
def test_windows_make_up_the_text(chunks: list[str], size: int) -> None:
    found = list(chain.from_iterable(split_into_windows(chunks, size)))
    assert "".join(found) == "".join(chunks)
    assert all(len(window) == size for window in found[:-1])
    assert len(found[-1]) <= size


def test_windows_keep_their_whitespace_but_blank_ones_are_dropped() -> None:
    assert windows(3, "a b ", "\nc     d") == ["a b", " \nc", "  d"]
