"""Data sets: split into lines, shuffled, held out, and the remarks on odd ones."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.dataset import (
    SHUFFLED_PER_YIELD,
    DataError,
    Dataset,
    make_dataset,
    make_dataset_incrementally,
    split_lines,
)
from microgpt.sequences import MAX_MEASURED_CANDIDATES


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
def test_a_blank_text_is_rejected(text: str) -> None:
    with pytest.raises(DataError, match="The text is empty: enter at least one line"):
        split_lines(text)


@given(st.lists(st.text(), max_size=8))
def test_documents_are_stripped_and_not_empty(lines: list[str]) -> None:
    text = "\n".join([*lines, "x"])
    documents = split_lines(text)
    assert documents
    assert all(document and document == document.strip() for document in documents)
    assert "".join("".join(documents).split()) == "".join(text.split())


documents_and_fractions = st.tuples(st.lists(st.text(min_size=1), min_size=2), st.floats(0, 0.5))


@given(documents_and_fractions, st.integers(0, 99))
def test_the_split_has_every_document_once(case: tuple[list[str], float], seed: int) -> None:
    documents, fraction = case
    dataset = make_dataset(documents, fraction, random.Random(seed))
    assert Counter(dataset.train) + Counter(dataset.held_out) == Counter(documents)
    assert dataset.documents == (*dataset.train, *dataset.held_out)
    assert dataset.characters == tuple(sorted(set("".join(documents))))
    assert dataset.train
    if fraction == 0:
        assert dataset.held_out == ()
    else:
        assert len(dataset.held_out) >= 1
        assert abs(len(dataset.held_out) - fraction * len(documents)) <= 1


@pytest.mark.parametrize(
    ("count", "fraction", "num_held_out"),
    [(1000, 0.1, 100), (30, 0.2, 6), (2, 0.01, 1), (2, 0.5, 1)],
)
def test_number_of_held_out_documents(count: int, fraction: float, num_held_out: int) -> None:
    dataset = make_dataset([str(i) for i in range(count)], fraction, random.Random(1))
    assert (len(dataset.train), len(dataset.held_out)) == (count - num_held_out, num_held_out)
    assert not set(dataset.train) & set(dataset.held_out)


def test_documents_are_shuffled_once_and_not_in_place() -> None:
    documents = [str(i) for i in range(50)]
    dataset = make_dataset(documents, 0.0, random.Random(42))
    expected = documents[:]
    random.Random(42).shuffle(expected)
    assert list(dataset.train) == expected != documents
    assert documents == [str(i) for i in range(50)]


def test_shuffling_of_many_documents_has_yield_points() -> None:
    documents = [str(i) for i in range(3 * SHUFFLED_PER_YIELD)]
    rng, other = random.Random(42), random.Random(42)
    parts = make_dataset_incrementally(documents, 0.0, rng)
    assert sum(1 for _ in parts) >= 4
    other.shuffle(documents)
    assert rng.getstate() == other.getstate()


def test_the_order_does_not_depend_on_the_held_out_fraction() -> None:
    documents = [str(i) for i in range(50)]
    whole, part = (make_dataset(documents, fraction, random.Random(1)) for fraction in (0.0, 0.1))
    assert part.documents == whole.train


def test_a_single_document() -> None:
    assert make_dataset(["emma"], 0.0, random.Random(1)).train == ("emma",)
    with pytest.raises(DataError, match="A single document cannot be split: set the held-out"):
        make_dataset(["emma"], 0.1, random.Random(1))


def dataset_of(*documents: str) -> Dataset:
    return make_dataset(documents, 0.0, random.Random(1))


def test_cut_documents_are_counted_in_tokens() -> None:
    dataset = dataset_of("emma", "olivia")
    (remark,) = dataset.remarks(5, lambda document: len(document) - 1)
    assert remark.startswith("50% of the documents are longer than the context length of 5")
    assert dataset.remarks(5, lambda document: len(document) // 2) == []


def test_a_sample_of_many_documents_is_measured() -> None:
    dataset = dataset_of(*["abcdefgh", "aaaabbbb", "ab"] * 2 * MAX_MEASURED_CANDIDATES)
    measured = []

    def num_tokens(document: str) -> int:
        measured.append(document)
        return 8 if document == "abcdefgh" else 2

    (remark,) = dataset.remarks(4, num_tokens)
    assert len(measured) <= MAX_MEASURED_CANDIDATES
    fraction = int(remark.split("%")[0])
    assert fraction == pytest.approx(33, abs=2)


def test_no_remarks_on_ordinary_data() -> None:
    assert dataset_of("emma", "olivia").remarks(block_size=16) == []


@pytest.mark.parametrize(
    ("documents", "block_size", "remark"),
    [
        (["emma"], 16, "only one document"),
        (["emma"], 4, "The document is longer than the context length of 4 and is cut."),
        (["aaaa", "aa"], 16, "only one character"),
        (["emma", "olivia"], 6, "50% of the documents are longer than the context length of 6"),
        (["abcdefgh"] * 3, 4, "100% of the documents are longer"),
        (["emma"] * 998 + ["olivia"] * 2, 6, "2 of the documents are longer"),
    ],
)
def test_remarks_on_odd_data(documents: list[str], block_size: int, remark: str) -> None:
    remarks = dataset_of(*documents).remarks(block_size)
    assert any(remark in sentence for sentence in remarks), remarks
    assert all(sentence.endswith(".") for sentence in remarks)


def test_one_of_many_documents_is_cut() -> None:
    (remark,) = dataset_of(*["emma"] * 999, "olivia").remarks(block_size=6)
    assert remark.startswith("1 of the documents is longer than the context length of 6")


@pytest.mark.parametrize(("block_size", "cut"), [(4, True), (5, False)])
def test_a_document_is_cut_if_its_end_is_not_predicted(block_size: int, cut: bool) -> None:
    assert bool(dataset_of("emma", "ab").remarks(block_size)) is cut
