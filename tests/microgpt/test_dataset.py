"""A text as documents: cut, split, and what is said of an odd one."""

from __future__ import annotations

import random
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.bpe import BpeTokenizer
from microgpt.dataset import (
    LONG_ONES,
    PART,
    DataError,
    Dataset,
    lengths_in_parts,
    make_dataset,
    make_in_parts,
    sequences,
    split_lines,
)
from microgpt.generators import drain
from microgpt.tokenizer import CharTokenizer


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("emma", ["emma"]),
        ("emma\nolivia\n", ["emma", "olivia"]),
        ("emma\r\nolivia\r\n", ["emma", "olivia"]),
        ("\n\n  emma  \n \t\n\nolivia lee\n\n", ["emma", "olivia lee"]),
        ("\u00a0emma\u3000\n", ["emma"]),
        ("ana\u2028maria\nzoé", ["ana\u2028maria", "zoé"]),
        ("ada\nada\n", ["ada", "ada"]),
        ("aaaa", ["aaaa"]),
    ],
)
def test_a_document_is_a_line(text: str, documents: list[str]) -> None:
    assert split_lines(text) == documents


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n \r\n\t"])
def test_a_text_with_nothing_on_it(text: str) -> None:
    with pytest.raises(DataError, match="The text is empty: give at least one line"):
        split_lines(text)


@given(st.lists(st.text(), max_size=8))
def test_no_document_is_empty_or_has_space_around_it(lines: list[str]) -> None:
    text = "\n".join([*lines, "x"])
    documents = split_lines(text)
    assert documents
    assert all(document and document == document.strip() for document in documents)
    assert "".join("".join(documents).split()) == "".join(text.split())


documents_and_shares = st.tuples(st.lists(st.text(min_size=1), min_size=2), st.floats(0, 0.5))


@given(documents_and_shares, st.integers(0, 99))
def test_the_split_has_every_document_once(case: tuple[list[str], float], seed: int) -> None:
    documents, share = case
    dataset = make_dataset(documents, share, random.Random(seed))
    assert Counter(dataset.train) + Counter(dataset.held_out) == Counter(documents)
    assert dataset.documents == dataset.train + dataset.held_out
    assert dataset.characters == tuple(sorted(set("".join(documents))))
    assert dataset.train
    if share == 0:
        assert dataset.held_out == ()
    else:
        assert len(dataset.held_out) >= 1
        assert abs(len(dataset.held_out) - share * len(documents)) <= 1


@pytest.mark.parametrize(
    ("count", "share", "held"), [(1000, 0.1, 100), (30, 0.2, 6), (2, 0.01, 1), (2, 0.5, 1)]
)
def test_how_many_are_held_out(count: int, share: float, held: int) -> None:
    dataset = make_dataset([str(i) for i in range(count)], share, random.Random(1))
    assert (len(dataset.train), len(dataset.held_out)) == (count - held, held)
    assert not set(dataset.train) & set(dataset.held_out)


def test_one_shuffle_is_drawn_and_it_does_not_touch_the_callers_list() -> None:
    documents = [str(i) for i in range(50)]
    dataset = make_dataset(documents, 0.0, random.Random(42))
    expected = documents[:]
    random.Random(42).shuffle(expected)
    assert list(dataset.train) == expected != documents
    assert documents == [str(i) for i in range(50)]


def test_many_documents_are_shuffled_in_parts() -> None:
    documents = [str(i) for i in range(3 * PART)]
    rng, other = random.Random(42), random.Random(42)
    parts = make_in_parts(documents, 0.0, rng)
    assert sum(1 for _ in parts) >= 4
    other.shuffle(documents)
    assert rng.getstate() == other.getstate()


def test_the_same_documents_are_trained_on_whatever_is_held_out() -> None:
    documents = [str(i) for i in range(50)]
    whole, part = (make_dataset(documents, share, random.Random(1)) for share in (0.0, 0.1))
    assert part.documents == whole.train


def test_a_single_document() -> None:
    assert make_dataset(["emma"], 0.0, random.Random(1)).train == ("emma",)
    with pytest.raises(DataError, match="A single document cannot be split: set the held-out"):
        make_dataset(["emma"], 0.1, random.Random(1))


def dataset_of(*documents: str) -> Dataset:
    return make_dataset(documents, 0.0, random.Random(1))


def test_what_is_cut_can_be_counted_in_longer_tokens() -> None:
    dataset = dataset_of("emma", "olivia")
    (remark,) = dataset.remarks(5, lambda document: len(document) - 1)
    assert remark.startswith("50% of the documents are longer than the context length of 5")
    assert dataset.remarks(5, lambda document: len(document) // 2) == []


def test_a_document_ends_with_bos_and_a_piece_of_a_long_text_does_not() -> None:
    tokenizer = CharTokenizer("abc")
    assert sequences("abcab", tokenizer, 2, in_pieces=False) == [[3, 0, 1, 2, 0, 1, 3]]
    assert sequences("abcab", tokenizer, 5, in_pieces=True) == [[3, 0, 1, 2, 0, 1]]
    assert sequences("abcab", tokenizer, 2, in_pieces=True) == [[3, 0, 1], [3, 2, 0], [3, 1]]


@given(st.lists(st.text("ab c", min_size=1), min_size=1), st.integers(1, 9))
def test_a_long_text_loses_nothing_however_short_the_context(
    pieces: list[str], block_size: int
) -> None:
    tokenizer = BpeTokenizer("ab c", [(1, 2)])
    found = [sequences(piece, tokenizer, block_size, in_pieces=True) for piece in pieces]
    assert [tokenizer.decode(chain.from_iterable(several)) for several in found] == pieces
    lengths = drain(lengths_in_parts(pieces, tokenizer, block_size, in_pieces=True))
    assert lengths.cut(block_size) == (0, 0)
    assert lengths.documents == sum(map(len, found))


def test_of_many_documents_some_are_measured() -> None:
    dataset = dataset_of(*["abcdefgh", "aaaabbbb", "ab"] * 2 * LONG_ONES)
    looked_at = []

    def length(document: str) -> int:
        looked_at.append(document)
        return 8 if document == "abcdefgh" else 2

    (remark,) = dataset.remarks(4, length)
    assert len(looked_at) <= LONG_ONES
    share = int(remark.split("%")[0])
    assert share == pytest.approx(33, abs=2)


def test_nothing_is_to_be_said_of_ordinary_data() -> None:
    assert dataset_of("emma", "olivia").remarks(block_size=16) == []


@pytest.mark.parametrize(
    ("documents", "block_size", "remark"),
    [
        (["emma"], 16, "only one document"),
        (["aaaa", "aa"], 16, "only one character"),
        (["emma", "olivia"], 6, "50% of the documents are longer than the context length of 6"),
        (["abcdefgh"] * 3, 4, "100% of the documents are longer"),
        (["emma"] * 998 + ["olivia"] * 2, 6, "2 of the documents are longer"),
    ],
)
def test_odd_data_is_remarked_on(documents: list[str], block_size: int, remark: str) -> None:
    remarks = dataset_of(*documents).remarks(block_size)
    assert any(remark in sentence for sentence in remarks), remarks
    assert all(sentence.endswith(".") for sentence in remarks)


def test_one_document_of_many_that_is_cut() -> None:
    (remark,) = dataset_of(*["emma"] * 999, "olivia").remarks(block_size=6)
    assert remark.startswith("1 of the documents is longer than the context length of 6")


@pytest.mark.parametrize(("block_size", "cut"), [(4, True), (5, False)])
def test_a_document_is_cut_where_its_end_is_not_predicted(block_size: int, cut: bool) -> None:
    assert bool(dataset_of("emma", "ab").remarks(block_size)) is cut
