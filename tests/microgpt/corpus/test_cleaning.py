"""Cleaning of texts, filtering of rare characters and duplicates, and the options for both."""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import translate
from unicodedata import normalize
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus import DataError, filtering
from microgpt.corpus.cleaning import Cleaner
from microgpt.corpus.filtering import (
    FilteredDocuments,
    count_characters,
    count_duplicates,
    filter_documents,
    rare_characters,
)
from microgpt.corpus.options import CorpusOptions
from microgpt.generators import drain
from microgpt.settings import DATA, SETTINGS, Setting, SettingError
from tests.support.corpus import documents_of

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"))
OPTIONS = st.builds(
    CorpusOptions,
    case=st.sampled_from(["keep", "lower"]),
    accents=st.sampled_from(["keep", "remove"]),
    digits=st.sampled_from(["keep", "drop", "zero"]),
)


def clean(text: str, **options: str) -> str:
    return Cleaner(CorpusOptions(**options)).clean(text)  # type: ignore[arg-type]


# ---- case, accents, digits -----------------------------------------------------------------------


@given(TEXTS)
def test_by_default_a_text_is_only_normalized(text: str) -> None:
    assert clean(text) == normalize("NFC", text)


@given(TEXTS, OPTIONS)
def test_cleaning_is_idempotent(text: str, options: CorpusOptions) -> None:
    once = Cleaner(options).clean(text)
    assert Cleaner(options).clean(once) == once
    assert normalize("NFC", once) == once


@given(st.lists(TEXTS, min_size=1), OPTIONS)
def test_joined_documents_can_be_cleaned_at_once(texts: list[str], options: CorpusOptions) -> None:
    joined = Cleaner(options).clean("\0".join(texts))
    assert joined.split("\0") == [Cleaner(options).clean(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Zoé", "Zoe"),
        ("Zoe\u0301", "Zoe"),
        ("Ångström", "Angstrom"),
        ("Nguyễn Thị", "Nguyen Thi"),
        ("naïve façade", "naive facade"),
        ("x\u0302 + \u0301", "x + "),
        ("Ώρα", "Ωρα"),
        ("ǆ ǅ", "dz Dz"),
        ("Łódź", "Łodz"),
    ],
)
def test_accents_are_removed(text: str, plain: str) -> None:
    assert clean(text, accents="remove") == plain


@pytest.mark.parametrize(
    "text",
    [
        "한국어",
        "がぎぐ パピプ",
        "ｶﾞ ﾊﾟ",
        "👩\u200d👩\u200d👧 ❤️ 👍🏽 🇨🇭 1️⃣ ™️ ‼️ ㊗️",
        "ß ø ł đ æ",
        "… ½ ﬁ ² Ａ ´ ¨ ～",
        "हिन्दी ไทย",
        "שלום עִבְרִית",
        "ʹ plain 'text'",
    ],
)
def test_other_marks_are_kept(text: str) -> None:
    composed = normalize("NFC", text)
    assert clean(text, accents="remove") == composed
    assert clean(normalize("NFD", text), accents="remove") == composed


@pytest.mark.parametrize(
    ("digits", "text"), [("keep", "a1 ٣²"), ("drop", "a ²"), ("zero", "a0 0²")]
)
def test_digits(digits: str, text: str) -> None:
    assert clean("a1 ٣²", digits=digits) == text


def test_lower_case() -> None:
    assert clean("ÉMMA Σας ΟΔΟΣ İ", case="lower") == "émma σας οδος i\u0307"
    assert clean("İ", case="lower", accents="remove") == "i"


def test_documents_that_become_empty_are_dropped() -> None:
    assert documents_of("1\n22\n3 a 4\n", digits="drop") == ["a"]
    with pytest.raises(DataError, match="The text is empty"):
        documents_of("1\n22\n", digits="drop")


# ---- rare characters and duplicates --------------------------------------------------------------

DOCUMENTS = st.lists(st.text("abcde 😀é", min_size=1).filter(lambda text: text == text.strip()))


def filtered(documents: list[str], **options: object) -> FilteredDocuments:
    return drain(filter_documents(documents, CorpusOptions(**options)))  # type: ignore[arg-type]


@given(st.lists(TEXTS))
def test_count_characters(documents: list[str]) -> None:
    assert drain(count_characters(documents)) == Counter("".join(documents))


def test_count_many_distinct_characters() -> None:
    documents = ["".join(map(chr, range(0x4E00, 0x4E00 + 5000))), "一" * 600_000]
    assert drain(count_characters(documents)) == Counter("".join(documents))


def test_rare_characters_are_sorted_rarest_first() -> None:
    assert list(rare_characters(Counter("aaabbccdd"), 3).items()) == [("b", 2), ("c", 2), ("d", 2)]
    assert list(rare_characters(Counter("aaabbc"), 3).items()) == [("c", 1), ("b", 2)]


NAMES = ["anna", "nina", "zoe", "noé", "x"]  # a and n are common, e, o, i, z, é and x are rare


@pytest.mark.parametrize(
    ("rare", "left"),
    [
        ("keep", NAMES),
        ("drop", ["anna", "nna", "n"]),
        ("replace", ["anna", "n_na", "___", "n__", "_"]),
        ("document", ["anna"]),
    ],
)
def test_treatments_of_rare_characters(rare: str, left: list[str]) -> None:
    result = filtered(NAMES, rare=rare, rare_below=3, rare_with="_")
    assert result.documents == left
    assert result.num_dropped == len(NAMES) - len(left)
    expected = {} if rare == "keep" else {"i": 1, "x": 1, "z": 1, "é": 1, "e": 1, "o": 2}
    assert result.rare == expected


@given(DOCUMENTS, st.sampled_from(["drop", "document"]), st.integers(2, 6))
def test_no_rare_character_is_left(documents: list[str], rare: str, below: int) -> None:
    before = list(documents)
    result = filtered(documents, rare=rare, rare_below=below)
    assert not set(result.rare) & set("".join(result.documents))
    assert result.rare == {c: n for c, n in Counter("".join(documents)).items() if n < below}
    assert documents == before
    if rare == "document":
        assert [d for d in documents if not set(result.rare) & set(d)] == result.documents


@given(DOCUMENTS, st.sampled_from(["keep", "drop", "replace"]))
def test_the_first_of_several_duplicates_is_kept(documents: list[str], rare: str) -> None:
    kept = filtered(documents, rare=rare, rare_below=3)
    unique = filtered(documents, rare=rare, rare_below=3, duplicates="drop")
    assert unique.documents == list(dict.fromkeys(kept.documents))
    assert unique.num_duplicates == len(kept.documents) - len(unique.documents)


@given(
    st.lists(st.text("abC", min_size=1, max_size=6)),
    st.lists(st.text("aBc**", min_size=1, max_size=5).filter(lambda text: text.strip("*"))),
)
def test_documents_are_left_out_as_a_naive_search_says(
    documents: list[str], patterns: list[str]
) -> None:
    result = filtered(documents, leave_out=", ".join(patterns))
    naive = re.compile("|".join(translate(pattern) for pattern in patterns) or "(?!)", re.I)
    assert result.documents == [text for text in documents if not naive.match(text)]
    assert result.num_left_out == len(documents) - len(result.documents)


def test_patterns_are_looked_for_in_any_case_and_in_what_rare_characters_leave() -> None:
    names = ["Zoë", "ROSA", "the end", "anna!", "STRASSE", "bob"]
    assert filtered(names, leave_out="zo\u0065\u0308, THE *, *ß*").documents == [
        *("ROSA", "anna!", "bob")
    ]
    rare = {"rare": "drop", "rare_below": 2, "leave_out": "*a"}
    assert not any(text.endswith(("a", "A")) for text in filtered(names, **rare).documents)


def test_a_pattern_that_matches_late_takes_no_longer() -> None:
    long = "a" * 100_000
    assert filtered([long, "b"], leave_out="*".join("a" * 200) + "b").documents == [long, "b"]


def test_windows_keep_their_whitespace() -> None:
    windows = documents_of(
        "ab ab ab z ab ab", cut="windows", block_size=3, rare="drop", rare_below=2
    )
    assert windows == ["ab ", "ab ", "ab ", " a", "b a", "b"]


def test_an_empty_result_is_an_error() -> None:
    with pytest.raises(DataError, match="Nothing is left of the text without rare characters"):
        documents_of("ab\ncd\n", rare="drop", rare_below=9)
    with pytest.raises(DataError, match=r"Nothing is left of the text without \*b, \*d"):
        documents_of("ab\ncd\n", leave_out="*b, *d")


# ---- the options themselves ----------------------------------------------------------------------


@pytest.mark.parametrize("row", DATA, ids=lambda row: row.name)
def test_every_setting_is_an_option(row: Setting) -> None:
    assert getattr(CorpusOptions(), row.name) == row.default
    assert row.help.endswith(".")
    for value in (row.default, *row.stops, *(word for word, _ in row.choices)):
        assert row.parse(str(value)) == value
        assert getattr(CorpusOptions(**{row.name: value}), row.name) == value  # type: ignore[arg-type]


def test_an_old_value_of_an_option_is_read_as_the_new_one() -> None:
    assert CorpusOptions(tokenizer="pairs") == CorpusOptions(tokenizer="bpe")


def test_names_and_labels_of_settings_are_unique() -> None:
    rows = {*SETTINGS, *DATA}
    assert len({row.name for row in rows}) == len({row.label for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"cut": "words"}, "Documents must be one of lines, paragraphs"),
        ({"encoding": "latin-1"}, "Encoding must be one of"),
        ({"rare_below": 1}, "Rare below must lie between 2 and 1000000"),
        ({"rare_with": ""}, "Replacement must be one character, not ''"),
        ({"rare_with": "ab"}, "Replacement must be one character, not 'ab'"),
        ({"block_size": 0}, "Context length must lie between"),
        ({"case": 1}, "Case must be text"),
        ({"leave_out": "q*, **"}, r"\* alone would leave everything out"),
        ({"leave_out": "q" * 501}, "Leave out has room for 500 characters"),
    ],
)
def test_invalid_options(options: dict[str, object], part: str) -> None:
    with pytest.raises(SettingError, match=part):
        CorpusOptions(**options)  # type: ignore[arg-type]


@given(st.lists(st.text("ab", max_size=3), max_size=40), st.integers(1, 4), st.integers(1, 9))
def test_duplicates_are_found_whatever_the_batch_size(
    documents: list[str], max_documents: int, chunk_size: int
) -> None:
    with (
        patch.object(filtering, "MAX_BATCH_DOCUMENTS", max_documents),
        patch.object(filtering, "CHUNK_SIZE", chunk_size),
    ):
        assert drain(count_duplicates(documents)) == len(documents) - len(set(documents))
        unique = filtered(documents, duplicates="drop")
    assert unique.documents == list(dict.fromkeys(documents))
    assert unique.num_duplicates == len(documents) - len(unique.documents)
