"""The statistics of the data as text, SVG and HTML."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.views.statistics_html import (
    HISTOGRAM_WIDTH,
    cut_words,
    facts,
    facts_html,
    histogram_svg,
    ink_html,
    line_of_figures,
    pairs_html,
)
from app.shared.statistics import DataStatistics
from app.worker.corpus_loader import data_loaded
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.loading import load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.generators import drain

# The excluded two are valid in HTML but not in XML, as which the tests parse it.
CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"
)
TEXTS = st.lists(st.text(CHARACTERS), min_size=1)


def statistics_of(*documents: str) -> DataStatistics:
    """The statistics of these documents as the worker sends them."""
    content = "\n".join(documents).encode()
    corpus = drain(load_corpus([("", content)], CorpusOptions()))
    return data_loaded(1, "own", corpus)["statistics"]


def bar_widths(statistics: DataStatistics, block_size: int) -> dict[str, float]:
    """The total width of the bars that are kept, and of those that are lost."""
    svg = ElementTree.fromstring(histogram_svg(statistics, block_size))
    result = {"kept": 0.0, "lost": 0.0}
    for bar in svg.iter("rect"):
        assert float(bar.attrib["width"]) > 0
        assert 0 <= float(bar.attrib["x"]) <= HISTOGRAM_WIDTH
        result[bar.attrib["class"]] += float(bar.attrib["width"])
    return result


@pytest.mark.parametrize(
    ("block_size", "kept", "lost"), [(1, False, True), (3, True, True), (64, True, False)]
)
def test_bars_beyond_the_context_length_are_lost(block_size: int, kept: bool, lost: bool) -> None:
    widths = bar_widths(statistics_of("a", "ab", "abc", "abcd"), block_size)
    assert (widths["kept"] > 0, widths["lost"] > 0) == (kept, lost)


@given(lengths=st.lists(st.integers(1, 300), min_size=1), block_size=st.integers(1, 512))
def test_bars_are_lost_exactly_where_documents_are_cut(lengths: list[int], block_size: int) -> None:
    statistics = statistics_of(*("x" * length for length in lengths))
    assert (bar_widths(statistics, block_size)["lost"] > 0) == (max(lengths) + 1 > block_size)


def test_what_the_context_length_cuts_is_stated() -> None:
    statistics = statistics_of(*["x" * 20] * 10, *["abc"] * 30)
    assert cut_words(statistics, 32, "line") == "All lines fit the context length."
    words = cut_words(statistics, 16, "line")
    assert words.startswith("25% of the lines are longer")
    assert "15% of the text" in words


def test_with_bpe_what_is_cut_is_measured_in_tokens() -> None:
    statistics = statistics_of(*["x" * 20] * 10, *["abc"] * 30)
    lengths = Lengths(((3, 30), (11, 10)), end=1)
    in_tokens: Any = {"documents": lengths.documents, **lengths.as_dict()}
    assert cut_words(statistics, 16, "line", in_tokens) == "All lines fit the context length."
    words = cut_words(statistics, 8, "line", in_tokens)
    assert words.startswith("25% of the lines are longer")
    assert "15% of the tokens are lost" in words
    in_tokens["documents"] = 20
    assert "of the 20 lines that were measured" in cut_words(statistics, 8, "line", in_tokens)
    svg = histogram_svg(in_tokens, 16, "token")
    assert "Lengths from 2 to 10 tokens; the context length is 16" in svg
    assert "characters" not in svg


def test_almost_everything_is_not_called_everything() -> None:
    words = cut_words(statistics_of("x" * 100_000), 16, "line")
    assert words.startswith("The line is longer than the context length and cut")
    assert "over 99% of the text is lost" in words


def test_no_context_length_is_marked_where_it_counts_other_tokens() -> None:
    statistics = statistics_of("ab", "abcdef")
    svg = histogram_svg(statistics, None)
    assert "context" not in svg
    assert "mark" not in svg
    assert "lost" not in svg
    assert "Lengths from 2 to 6 characters" in svg


def test_a_single_character_is_no_plural() -> None:
    svg = histogram_svg(statistics_of("a", "b"), 16)
    assert "Lengths from 1 to 1 character;" in svg
    assert "1 character</text>" in svg


def test_a_single_long_document_among_many_is_counted() -> None:
    statistics = statistics_of("x" * 20, *["abc"] * 300)
    assert cut_words(statistics, 16, "name").startswith("1 of the names is longer")


def test_the_line_of_figures_is_singular_or_plural() -> None:
    assert line_of_figures(statistics_of("aa"), "line") == "1 line · 1 different character"
    assert line_of_figures(statistics_of("aa"), "line", 0).startswith("1 line, 0 left out · ")
    assert line_of_figures(statistics_of("ab", "c"), "word") == "2 words · 3 different characters"


@pytest.mark.parametrize(
    ("count", "share", "held_out"),
    [(100, 0.1, "10 lines"), (3, 0.1, "1 line"), (1, 0.1, "0 lines")],
)
def test_the_held_out_documents_are_counted(count: int, share: float, held_out: str) -> None:
    rows = dict(facts(statistics_of(*["abc"] * count), "line", share))
    assert rows["Held out to test with"] == held_out
    assert rows["There more than once"].split()[0] == str(count - 1)


def test_the_ink_is_as_high_as_its_character_is_frequent() -> None:
    items = ElementTree.fromstring(f"<ul>{ink_html([('a', 4), (' ', 1)])}</ul>")
    heights = [str(ink.get("data-style")) for ink in items.iter("i")]
    assert heights == ["--now: 1.000", "--now: 0.250"]
    assert [item.get("title") for item in items] == ["a: 4", "space: 1"]


@given(texts=TEXTS)
def test_no_text_is_interpreted_as_html(texts: list[str]) -> None:
    documents = [text for text in texts if text.strip()] or ["<img>"]
    statistics = statistics_of(*documents)
    shown = [
        ink_html(statistics["vocabulary"]),
        pairs_html(statistics["bigrams"], statistics["bigram_sample"]),
        facts_html(facts(statistics, "line", 0.1)),
    ]
    for html in shown:
        tags = {element.tag for element in ElementTree.fromstring(f"<p>{html}</p>").iter()}
        assert tags <= {"p", "li", "span", "i", "dt", "dd"}
