"""A portrait of documents, what is remarked on it, and the settings that it suggests."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.config import ModelConfig, TrainConfig
from microgpt.corpus.lengths import BINS
from microgpt.corpus.recommendation import SIZES, recommend
from microgpt.corpus.remarks import remarks_on, remarks_on_lengths
from microgpt.corpus.statistics import BIGRAM_SAMPLE, MOST_BIGRAMS, CorpusStatistics, draw
from microgpt.generators import drain
from microgpt.settings import setting
from tests.support.corpus import read_one

DOCUMENTS = st.lists(st.text("abcdé😀 ", min_size=1, max_size=40), min_size=1, max_size=60)


def statistics_of(*documents: str) -> CorpusStatistics:
    return drain(draw(documents, unique=False, in_pieces=False))


def remarks(*documents: str, block_size: int = 16) -> list[str]:
    statistics = statistics_of(*documents)
    return [*remarks_on(statistics), *remarks_on_lengths(statistics.lengths, block_size)]


# ---- the statistics ------------------------------------------------------------------------------


@given(DOCUMENTS)
def test_it_counts_what_is_there(documents: list[str]) -> None:
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
        sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:MOST_BIGRAMS]
    )
    assert statistics.bigram_sample == pairs.total()
    assert len(statistics.longest) == max(map(len, documents))
    assert len(statistics.shortest) == min(map(len, documents))


@given(DOCUMENTS, st.integers(1, 50))
def test_what_a_context_length_cuts(documents: list[str], block_size: int) -> None:
    over = [len(document) + 1 - block_size for document in documents]
    lost = sum(more for more in over if more > 0)
    total = sum(len(document) + 1 for document in documents)
    assert statistics_of(*documents).lengths.cut(block_size) == (
        sum(more > 0 for more in over),
        lost / total,
    )


@given(DOCUMENTS)
def test_the_histogram_has_every_document_once(documents: list[str]) -> None:
    bars = statistics_of(*documents).lengths.histogram()
    lengths = [len(document) + 1 for document in documents]
    assert 1 <= len(bars) <= BINS
    assert (bars[0].first, bars[-1].last) == (min(lengths), max(lengths))
    assert all(one.last + 1 == other.first for one, other in pairwise(bars))
    assert [bar.documents for bar in bars] == [
        sum(bar.first <= length <= bar.last for length in lengths) for bar in bars
    ]


def test_a_few_very_long_documents_do_not_flatten_the_histogram() -> None:
    bars = statistics_of(*["x" * (n % 10 + 1) for n in range(1000)], "y" * 5000).lengths.histogram()
    assert [bar.documents for bar in bars] == [100] * 9 + [101]
    assert bars[-1].last == 5001


@given(DOCUMENTS, st.floats(0.01, 1))
def test_a_quantile(documents: list[str], share: float) -> None:
    lengths = [len(document) + 1 for document in documents]
    found = statistics_of(*documents).lengths.quantile(share)
    assert found in lengths
    assert sum(length <= found for length in lengths) >= share * len(lengths)
    assert sum(length < found for length in lengths) < share * len(lengths)


def test_pairs_are_counted_in_a_sample_from_all_over_large_data() -> None:
    documents = ["ab"] * 200_000 + ["cd"] * 200_000
    statistics = statistics_of(*documents)
    (one, ones), (other, others) = statistics.bigrams
    assert {one, other} == {"ab", "cd"}
    assert abs(ones - others) <= 1
    assert 0 < statistics.bigram_sample <= BIGRAM_SAMPLE


def test_it_becomes_json() -> None:
    fields = statistics_of("emma", "olivia", "emma", "😀" * 400).as_dict(6)
    assert json.loads(json.dumps(fields))["documents"] == 4
    assert (fields["block_size"], fields["cut_documents"]) == (6, 2)
    assert fields["cut_share"] == pytest.approx((1 + 395) / (5 + 7 + 5 + 401))
    assert sum(bar["documents"] for bar in fields["histogram"]) == 4
    assert len(fields["longest"]) < 400


def test_nothing_is_looked_for_among_unique_documents() -> None:
    documents = ["emma", "olivia"]
    assert drain(draw(documents, unique=True, in_pieces=False)) == statistics_of(*documents)


# ---- remarks -------------------------------------------------------------------------------------

ORDINARY = [f"name {chr(97 + n)}{m}" for n in range(26) for m in range(2)]


def test_nothing_is_to_be_said_of_ordinary_data() -> None:
    assert remarks(*ORDINARY) == []


@pytest.mark.parametrize(
    ("documents", "part"),
    [
        (["emma"], "There is only one document, so"),
        (["emma", "mia"], "There are only 2 documents, so"),
        (["aaa"] * 30, "There is only one character, so"),
        (["emma"] * 30 + ORDINARY, "35% of the documents are there more than once."),
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
def test_odd_data_is_remarked_on(documents: list[str], part: str) -> None:
    said = remarks(*documents)
    assert any(part in remark for remark in said), said
    assert all(remark.endswith((".", "characters.")) for remark in said)


def test_pieces_as_long_as_the_context_are_not_cut_by_it() -> None:
    text = "".join(f"{number:016}" for number in range(50))
    assert read_one(text, cut="windows", block_size=16).remarks == []
    assert "100% of the documents are longer" in read_one(text, block_size=16).remarks[-1]


# ---- suggestions ---------------------------------------------------------------------------------


def sized(predictions: int, length: int = 9) -> CorpusStatistics:
    """A portrait of so many predictions at least."""
    return statistics_of(*["x" * length] * (predictions // (length + 1) + 1))


@pytest.mark.parametrize(
    ("predictions", "embedding", "layers"),
    [(10, 16, 1), (2_000, 16, 1), (20_000, 32, 1), (100_000, 32, 2), (1_000_000, 64, 2)],
)
def test_more_data_want_a_larger_model(predictions: int, embedding: int, layers: int) -> None:
    suggested = recommend(sized(predictions))
    assert (suggested["n_embd"], suggested["n_layer"]) == (embedding, layers)


@pytest.mark.parametrize(
    ("length", "block_size"), [(1, 8), (7, 8), (8, 16), (15, 16), (16, 32), (60, 64), (900, 64)]
)
def test_the_context_is_long_enough_for_most(length: int, block_size: int) -> None:
    documents = ["x" * length] * 95 + ["x" * 2000] * 5
    assert recommend(statistics_of(*documents))["block_size"] == block_size


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.predictions}")
def test_every_suggestion_is_one_that_the_page_can_show(size: Any) -> None:
    suggested = recommend(sized(size.predictions))
    assert suggested["num_steps"] == size.num_steps
    for name, value in suggested.items():
        row = setting(name)
        assert row.check(value) == value
        if row.span:
            first, last, step = row.span
            assert first <= value <= last
            assert (value - first) % step == 0
        else:
            assert value in row.stops
    training = {name: suggested[name] for name in ("num_steps", "batch_size", "learning_rate")}
    shape = {name: int(suggested[name]) for name in ("n_embd", "n_layer", "block_size")}
    assert ModelConfig(27, **shape).n_head == 4
    assert TrainConfig(**training).num_steps == size.num_steps  # type: ignore[arg-type]


@pytest.mark.parametrize("tokenizer", ["characters", "bpe"])
def test_the_more_there_is_of_a_long_text_the_longer_a_context_suits_it(tokenizer: str) -> None:
    for times, context in ((100, 16), (2_000, 32), (20_000, 64)):
        for block_size in (8, 128):  # which it was cut to
            reading = read_one(
                "one long text " * times, cut="windows", block_size=block_size, tokenizer=tokenizer
            )
            assert reading.recommendation["block_size"] == context
