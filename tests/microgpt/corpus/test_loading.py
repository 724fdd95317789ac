"""Loading of corpora: bad input of every kind, plain text, several files, reused stages."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.config import ModelConfig
from microgpt.corpus import DataError
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import WINDOW_CONTEXTS, CorpusOptions
from microgpt.dataset import split_lines
from microgpt.generators import drain
from microgpt.settings import SettingError
from tests.support.corpus import choices, documents_of, load_all, load_one, zipped

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"))


OPTIONS = st.builds(
    CorpusOptions,
    format=choices("format"),
    encoding=choices("encoding"),
    cut=choices("cut"),
    case=choices("case"),
    accents=choices("accents"),
    digits=choices("digits"),
    rare=choices("rare"),
    rare_below=st.integers(2, 5),
    duplicates=choices("duplicates"),
    block_size=st.integers(1, 9),
)

# ---- bad input of every kind ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "The text is empty: enter at least one line"),
        (b"\xef\xbb\xbf", "The text is empty"),
        (b" \n\t\r\n \x0b\n", "The text is empty"),
        ("\u3000\u00a0\n".encode(), "The text is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "The text is not text; choose a file"),
        (bytes(range(256)) * 4, "The text is not text"),
        (random.Random(1).randbytes(5000), "The text is not text"),
        (b"emma\0olivia\n", "The text is not text"),
        (b"\xff\xfe\0", "cannot be read as Unicode (UTF-16)"),
        (gzip.compress(b"emma", mtime=0)[:-4], "is a damaged archive"),
        (zipped({"a.png": b"\x89PNG\0"}), "contains no text"),
    ],
)
def test_unusable_data_is_rejected_in_one_sentence(content: bytes, part: str) -> None:
    with pytest.raises(DataError) as caught:
        load_one(content)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "documents", "remark"),
    [
        (b"emma", ["emma"], "only one document"),
        (b"a\na\n", ["a", "a"], "only one character"),
        (b"a\rb\nc\r\nd\n\re", ["a", "b", "c", "d", "e"], ""),
        ("שלום\nמרחבא".encode(), ["שלום", "מרחבא"], "right to left"),
        ("e\u0301\nx\u0302".encode(), ["é", "x\u0302"], "marks"),
        ("👩\u200d👩\u200d👧\n❤️".encode(), ["👩\u200d👩\u200d👧", "❤️"], "joined into one picture"),
        ("zoé\nnoël".encode("latin-1"), ["zoé", "noël"], "read as Western European"),
        ("zoé\nnoël".encode() + b"\nx\xffy", ["zoé", "noël", "xy"], "could not be read as Unicode"),
        (b"x" * 2_000_000, ["x" * 2_000_000], "longer than the context length"),
    ],
)
def test_odd_data_is_loaded_with_remarks(content: bytes, documents: list[str], remark: str) -> None:
    corpus = load_one(content)
    assert corpus.documents == documents
    assert any(remark in sentence for sentence in corpus.remarks), corpus.remarks


def test_the_remark_on_too_many_characters_is_the_models_error_message() -> None:
    corpus = load_one("\n".join(map(chr, range(0x4E00, 0x4E00 + 10_000))))
    with pytest.raises(SettingError) as caught:
        ModelConfig(len(corpus.statistics.vocabulary) + 1)
    assert corpus.remarks[0] == str(caught.value)
    fewer = load_one(
        "一\n" * 3 + "\n".join(map(chr, range(0x4E00, 0x4E00 + 10_000))), rare="drop", rare_below=2
    )
    assert ModelConfig(len(fewer.statistics.vocabulary) + 1).vocab_size == 2


@given(
    st.binary() | TEXTS.map(str.encode), OPTIONS, st.sampled_from(["", "a.csv", "a.json", "a.gz"])
)
def test_any_bytes_are_loaded_or_rejected_in_one_sentence(
    content: bytes, options: CorpusOptions, name: str
) -> None:
    try:
        corpus = drain(load_corpus([(name, content)], options))
    except DataError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both outcomes are fine
    else:
        assert corpus.documents
        assert all(corpus.documents)
        assert json.dumps(corpus.as_dict())


# ---- plain text ----------------------------------------------------------------------------------


@given(st.lists(TEXTS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_plain_text_has_one_document_per_line(lines: list[str], codec: str) -> None:
    text = "\n".join(["x", *lines])
    assert documents_of(text.encode(codec), "a.txt") == split_lines(normalize("NFC", text))


def test_windows_of_one_long_text() -> None:
    text = "It was the best of times,\nit was the worst of times"
    corpus = load_one(text, cut="windows", block_size=10)
    assert "".join(corpus.documents) == text
    assert [len(document) for document in corpus.documents] == [10] * 5 + [1]
    assert not any("context length" in remark for remark in corpus.remarks)


def test_windows_are_longer_if_tokens_are() -> None:
    text = "It was the best of times,\nit was the worst of times" * 20
    corpus = load_one(text, cut="windows", block_size=10, tokenizer="bpe")
    assert "".join(corpus.documents) == text
    assert {len(document) for document in corpus.documents[:-1]} == {10 * WINDOW_CONTEXTS}
    assert not any("context length" in remark for remark in corpus.remarks)
    assert load_one("a\nb" * 9, tokenizer="bpe").documents == load_one("a\nb" * 9).documents


# ---- several files -------------------------------------------------------------------------------


def test_files_are_loaded_in_their_order() -> None:
    corpus = load_all(
        ("b.txt", b"emma\n"),
        ("a.csv", "name,n\nZoé,1\nAda,2\n".encode("cp1252")),
        ("c.jsonl.gz", gzip.compress(b'{"name": "Ida"}\n{"name": "Una"}', mtime=0)),
    )
    assert corpus.documents == ["emma", "Zoé", "Ada", "Ida", "Una"]
    assert corpus.encodings == (
        ("b.txt", "utf-8", False),
        ("a.csv", "cp1252", True),
        ("c.jsonl", "utf-8", False),
    )
    assert [(column.name, column.filled, column.rows) for column in corpus.columns] == [
        ("name", 4, 4),
        ("n", 2, 2),
    ]
    assert corpus.column == "name"


def test_other_tables_use_their_default_column() -> None:
    corpus = load_all(
        ("a.csv", b"name,town\nAda,Bern\nEva,Rome\n"),
        ("b.csv", b"name,n\nIda,1\nUna,2\n"),
        column="town",
    )
    assert corpus.documents == ["Bern", "Rome", "Ida", "Una"]


def test_binary_files_in_an_archive_are_left_out() -> None:
    corpus = load_one(
        zipped({"a.txt": b"emma\n", "b.png": b"\x89PNG\0", "c.txt": b"ida\n"}), "x.zip"
    )
    assert corpus.documents == ["emma", "ida"]
    assert "Left out: 'x.zip/b.png' is not text" in corpus.remarks[0]


def test_a_binary_file_among_several_is_named_in_the_error() -> None:
    with pytest.raises(DataError, match=r"'b\.png' is not text"):
        load_all(("a.txt", b"emma\n"), ("b.png", b"\x89PNG\0"))


# ---- stages --------------------------------------------------------------------------------------

TABLE = "name,town\nZoé,Bern\nZoé,Rome\nAda 1,Bern\nEva 22,Oslo\n".encode()
CHANGES: list[dict[str, Any]] = [
    {},
    {"column": "town"},
    {"cut": "windows", "block_size": 3},
    {"cut": "windows", "block_size": 4},
    {"case": "lower", "accents": "remove"},
    {"digits": "drop"},
    {"digits": "drop", "rare": "drop", "rare_below": 2},
    {"digits": "drop", "rare": "replace", "rare_below": 3},
    {"duplicates": "drop"},
    {"duplicates": "drop", "block_size": 5},
    {"leave_out": "*é"},
    {"digits": "drop", "leave_out": "*b, z*"},
    {"format": "text"},
    {"encoding": "cp1252"},
]


def are_equal(one: Corpus, other: Corpus) -> bool:
    return one.documents == other.documents and one.as_dict() == other.as_dict()


def test_reused_stages_do_not_change_the_result() -> None:
    files = [("a.csv", TABLE)]
    corpus = None
    for change in [*CHANGES, *reversed(CHANGES)]:
        options = CorpusOptions(**change)
        corpus = drain(load_corpus(files, options, corpus))
        assert are_equal(corpus, drain(load_corpus(files, options))), change


def test_unaffected_stages_are_reused() -> None:
    files = [("a.csv", TABLE)]
    first = drain(load_corpus(files, CorpusOptions()))
    longer = drain(load_corpus([], CorpusOptions(block_size=64), first))
    assert longer.documents is first.documents
    assert longer.statistics is first.statistics
    unique = drain(load_corpus([], CorpusOptions(duplicates="drop"), first))
    assert unique.cleaned is first.cleaned
    some = drain(load_corpus([], CorpusOptions(leave_out="*a*"), first))
    assert some.cleaned is first.cleaned
    again = drain(load_corpus([], CorpusOptions(leave_out=" *a*,, *a*"), some))
    assert again.statistics is some.statistics
    lower = drain(load_corpus([], CorpusOptions(case="lower"), first))
    assert lower.parsed is first.parsed
    assert (
        drain(load_corpus(files, CorpusOptions(encoding="utf-8"), first)).parsed is not first.parsed
    )


def test_progress_and_stopping() -> None:
    content = b"some words on a line\n" * 100_000
    progress = list(
        load_corpus([("a.txt", content)], CorpusOptions(rare="drop", duplicates="drop"))
    )
    fractions = [step.fraction for step in progress]
    assert len(fractions) > 20
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0
    assert fractions[-1] <= 1
    assert {"Reading", "Splitting into documents", "Counting characters"} <= {
        p.activity for p in progress
    }
    loading = load_corpus([("a.txt", content)], CorpusOptions())
    next(loading)
    loading.close()


def test_rare_characters_are_listed_whether_kept_or_removed() -> None:
    text = "anna\nnina\nzoe\nana\n"
    kept = load_one(text, rare_below=2)
    dropped = load_one(text, rare_below=2, rare="document")
    assert kept.rare == dropped.rare == {"e": 1, "i": 1, "o": 1, "z": 1}
    assert dropped.documents == ["anna", "ana"]
    assert "2 documents were left out because of their rare characters." in dropped.remarks


def test_duplicates_are_counted_whether_kept_or_removed() -> None:
    text = "ada\nida\nada\nada\n"
    assert load_one(text).statistics.duplicates == 2
    dropped = load_one(text, duplicates="drop")
    assert (dropped.documents, dropped.statistics.duplicates) == (["ada", "ida"], 0)
    assert "2 documents were left out as duplicates." in dropped.remarks


def test_what_a_pattern_leaves_out_is_counted() -> None:
    corpus = load_one("ada\nbo\nida\n", leave_out="*a")
    assert corpus.documents == ["bo"]
    assert corpus.remarks[0] == "2 of 3 documents were left out by *a."
    assert load_one("ada\nbo\n", leave_out="*x").remarks[0].startswith("0 of 2 documents were")
