"""Statistics of documents, and the remarks on them."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus.lengths import MAX_BINS
from microgpt.corpus.remarks import remarks_on, remarks_on_lengths
from microgpt.corpus.statistics import (
    BIGRAM_SAMPLE_CHARS,
    MAX_BIGRAMS,
    CorpusStatistics,
    compute_statistics,
)
from microgpt.generators import drain
from tests.support.corpus import load_one

DOCUMENTS = st.lists(st.text("abcdé😀 ", min_size=1, max_size=40), min_size=1, max_size=60)


def statistics_of(*documents: str) -> CorpusStatistics:
    return drain(compute_statistics(documents, unique=False, windowed=False))


def remarks(*documents: str, block_size: int = 16) -> list[str]:
    statistics = statistics_of(*documents)
    return [*remarks_on(statistics), *remarks_on_lengths(statistics.lengths, block_size)]


# ---- the statistics ------------------------------------------------------------------------------


@given(DOCUMENTS)
def test_counts(documents: list[str]) -> None:
    statistics = statistics_of(*documents)
    text = "".join(documents)
    assert statistics.documents == len(documents)
    assert statistics.characters == len(text)
    assert dict(statistics.vocabulary) == Counter(text)
    counts = [count for _, count in statistics.vocabulary]
    assert counts == sorted(counts, reverse=True)
    assert dict(statistics.lengths.counts) == Counter(len(document) + 1 for document in documents)
    assert statistics.duplicates == len(documents) - len(set(documents))
    pairs = Counter(a + b for document in documents for a, b in pairwise(document))
    assert statistics.bigrams == tuple(
        sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:MAX_BIGRAMS]
    )
    assert statistics.bigram_sample == pairs.total()
    assert len(statistics.longest) == max(map(len, documents))
    assert len(statistics.shortest) == min(map(len, documents))


@given(DOCUMENTS, st.integers(1, 50))
def test_truncation_by_a_context_length(documents: list[str], block_size: int) -> None:
    excess = [len(document) + 1 - block_size for document in documents]
    lost = sum(over for over in excess if over > 0)
    total = sum(len(document) + 1 for document in documents)
    assert statistics_of(*documents).lengths.truncation(block_size) == (
        sum(over > 0 for over in excess),
        lost / total,
    )


@given(DOCUMENTS)
def test_the_histogram_counts_every_document_once(documents: list[str]) -> None:
    bins = statistics_of(*documents).lengths.histogram()
    lengths = [len(document) + 1 for document in documents]
    assert 1 <= len(bins) <= MAX_BINS
    assert (bins[0].first, bins[-1].last) == (min(lengths), max(lengths))
    assert all(one.last + 1 == other.first for one, other in pairwise(bins))
    assert [each.documents for each in bins] == [
        sum(each.first <= length <= each.last for length in lengths) for each in bins
    ]


def test_a_few_very_long_documents_do_not_flatten_the_histogram() -> None:
    bins = statistics_of(*["x" * (n % 10 + 1) for n in range(1000)], "y" * 5000).lengths.histogram()
    assert [each.documents for each in bins] == [100] * 9 + [101]
    assert bins[-1].last == 5001


@given(DOCUMENTS, st.floats(0.01, 1))
def test_quantile(documents: list[str], fraction: float) -> None:
    lengths = [len(document) + 1 for document in documents]
    found = statistics_of(*documents).lengths.quantile(fraction)
    assert found in lengths
    assert sum(length <= found for length in lengths) >= fraction * len(lengths)
    assert sum(length < found for length in lengths) < fraction * len(lengths)


def test_bigrams_are_counted_in_a_sample_of_large_data() -> None:
    documents = ["ab"] * 200_000 + ["cd"] * 200_000
    statistics = statistics_of(*documents)
    (one, ones), (other, others) = statistics.bigrams
    assert {one, other} == {"ab", "cd"}
    assert abs(ones - others) <= 1
    assert 0 < statistics.bigram_sample <= BIGRAM_SAMPLE_CHARS


def test_as_dict_can_be_written_as_json() -> None:
    fields = statistics_of("emma", "olivia", "emma", "😀" * 400).as_dict(6)
    assert json.loads(json.dumps(fields))["documents"] == 4
    assert (fields["block_size"], fields["cut_documents"]) == (6, 2)
    assert fields["cut_share"] == pytest.approx((1 + 395) / (5 + 7 + 5 + 401))
    assert sum(each["documents"] for each in fields["histogram"]) == 4
    assert len(fields["longest"]) < 400


def test_statistics_of_documents_known_to_be_unique() -> None:
    documents = ["emma", "olivia"]
    assert drain(compute_statistics(documents, unique=True, windowed=False)) == statistics_of(
        *documents
    )


# ---- remarks -------------------------------------------------------------------------------------

ORDINARY = [f"name {chr(97 + n)}{m}" for n in range(26) for m in range(2)]


def test_no_remarks_on_ordinary_data() -> None:
    assert remarks(*ORDINARY) == []


@pytest.mark.parametrize(
    ("documents", "part"),
    [
        (["emma"], "There is only one document, so"),
        (["emma", "mia"], "There are only 2 documents, so"),
        (["aaa"] * 30, "There is only one character, so"),
        (["emma"] * 30 + ORDINARY, "35% of the documents are duplicates of others."),
        (["שלום", *ORDINARY], "written from right to left"),
        (["مرحبا", *ORDINARY], "written from right to left"),
        (["नमस्ते", *ORDINARY], "marks that are characters of their own"),
        (["x\u0302", *ORDINARY], "marks that are characters of their own"),
        (["👩\u200d👧", *ORDINARY], "several characters joined into one picture"),
        ([*ORDINARY, "x" * 40], "2% of the documents are longer than the context length of 16"),
        (ORDINARY * 20 + ["x" * 40], "1 of the documents is longer than the context length of 16"),
        (
            ["".join(map(chr, range(0x4E00 + n, 0x4E00 + n + 100))) for n in range(0, 10_000, 100)],
            "The vocabulary must have 2 to 10,000 tokens, but has 10,001",
        ),
    ],
)
def test_remarks_on_odd_data(documents: list[str], part: str) -> None:
    sentences = remarks(*documents)
    assert any(part in sentence for sentence in sentences), sentences
    assert all(sentence.endswith((".", "characters.")) for sentence in sentences)


def test_the_context_does_not_cut_windows_of_its_own_length() -> None:
    text = "".join(f"{number:016}" for number in range(50))
    assert load_one(text, cut="windows", block_size=16).remarks == []
    assert "The document is longer" in load_one(text, block_size=16).remarks[-1]
