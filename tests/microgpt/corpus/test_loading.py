"""Files as data: bad input of every kind, several files, stages that are kept, round trips."""

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
from microgpt.corpus.errors import DataError
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import CONTEXTS, CorpusOptions
from microgpt.dataset import split_lines
from microgpt.generators import drain
from microgpt.settings import SettingError
from tests.support.corpus import choices, documents_of, read_all, read_one, zipped

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
        (b"", "The text is empty: give at least one line"),
        (b"\xef\xbb\xbf", "The text is empty"),
        (b" \n\t\r\n \x0b\n", "The text is empty"),
        ("\u3000\u00a0\n".encode(), "The text is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "The text is not text; choose a file"),
        (bytes(range(256)) * 4, "The text is not text"),
        (random.Random(1).randbytes(5000), "The text is not text"),
        (b"emma\0olivia\n", "The text is not text"),
        (b"\xff\xfe\0", "cannot be read as Unicode (UTF-16)"),
        (gzip.compress(b"emma")[:-4], "is a damaged archive"),
        (zipped({"a.png": b"\x89PNG\0"}), "The archive holds no text"),
    ],
)
def test_what_is_refused_in_one_sentence(content: bytes, part: str) -> None:
    with pytest.raises(DataError) as caught:
        read_one(content)
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
def test_what_is_odd_but_works(content: bytes, documents: list[str], remark: str) -> None:
    reading = read_one(content)
    assert reading.documents == documents
    assert any(remark in sentence for sentence in reading.remarks), reading.remarks


def test_more_characters_than_a_model_can_have_are_remarked_on_in_the_models_words() -> None:
    reading = read_one("\n".join(map(chr, range(0x4E00, 0x4E00 + 10_000))))
    with pytest.raises(SettingError) as caught:
        ModelConfig(len(reading.statistics.vocabulary) + 1)
    assert reading.remarks[0] == str(caught.value)
    fewer = read_one(
        "一\n" * 3 + "\n".join(map(chr, range(0x4E00, 0x4E00 + 10_000))), rare="drop", rare_below=2
    )
    assert ModelConfig(len(fewer.statistics.vocabulary) + 1).vocab_size == 2


@given(
    st.binary() | TEXTS.map(str.encode), OPTIONS, st.sampled_from(["", "a.csv", "a.json", "a.gz"])
)
def test_any_bytes_are_data_or_one_sentence(
    content: bytes, options: CorpusOptions, name: str
) -> None:
    try:
        reading = drain(load_corpus([(name, content)], options))
    except DataError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either way is right
    else:
        assert reading.documents
        assert all(reading.documents)
        assert json.dumps(reading.as_dict())


# ---- plain text ----------------------------------------------------------------------------------


@given(st.lists(TEXTS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_plain_text_is_a_document_a_line(lines: list[str], codec: str) -> None:
    text = "\n".join(["x", *lines])
    assert documents_of(text.encode(codec), "a.txt") == split_lines(normalize("NFC", text))


def test_one_long_text_in_pieces() -> None:
    text = "It was the best of times,\nit was the worst of times"
    reading = read_one(text, cut="windows", block_size=10)
    assert "".join(reading.documents) == text
    assert [len(document) for document in reading.documents] == [10] * 5 + [1]
    assert not any("context length" in remark for remark in reading.remarks)


def test_pieces_are_longer_where_tokens_are() -> None:
    text = "It was the best of times,\nit was the worst of times" * 20
    reading = read_one(text, cut="windows", block_size=10, tokenizer="bpe")
    assert "".join(reading.documents) == text
    assert {len(document) for document in reading.documents[:-1]} == {10 * CONTEXTS}
    assert not any("context length" in remark for remark in reading.remarks)
    assert read_one("a\nb" * 9, tokenizer="bpe").documents == read_one("a\nb" * 9).documents


# ---- several files -------------------------------------------------------------------------------


def test_several_files_follow_each_other() -> None:
    reading = read_all(
        ("b.txt", b"emma\n"),
        ("a.csv", "name,n\nZoé,1\nAda,2\n".encode("cp1252")),
        ("c.jsonl.gz", gzip.compress(b'{"name": "Ida"}\n{"name": "Una"}')),
    )
    assert reading.documents == ["emma", "Zoé", "Ada", "Ida", "Una"]
    assert reading.encodings == (
        ("b.txt", "utf-8", False),
        ("a.csv", "cp1252", True),
        ("c.jsonl", "utf-8", False),
    )
    assert [(column.name, column.filled, column.rows) for column in reading.columns] == [
        ("name", 4, 4),
        ("n", 2, 2),
    ]
    assert reading.column == "name"


def test_a_column_that_only_some_tables_have() -> None:
    reading = read_all(
        ("a.csv", b"name,town\nAda,Bern\nEva,Rome\n"),
        ("b.csv", b"name,n\nIda,1\nUna,2\n"),
        column="town",
    )
    assert reading.documents == ["Bern", "Rome", "Ida", "Una"]


def test_pictures_beside_texts_in_an_archive_are_left_out() -> None:
    reading = read_one(
        zipped({"a.txt": b"emma\n", "b.png": b"\x89PNG\0", "c.txt": b"ida\n"}), "x.zip"
    )
    assert reading.documents == ["emma", "ida"]
    assert "Left out: 'x.zip/b.png' is not text" in reading.remarks[0]


def test_one_file_of_several_that_is_no_text_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"'b\.png' is not text"):
        read_all(("a.txt", b"emma\n"), ("b.png", b"\x89PNG\0"))


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
    {"format": "text"},
    {"encoding": "cp1252"},
]


def same(one: Corpus, other: Corpus) -> bool:
    return one.documents == other.documents and one.as_dict() == other.as_dict()


def test_other_options_give_what_they_give_on_their_own() -> None:
    files = [("a.csv", TABLE)]
    reading = None
    for change in [*CHANGES, *reversed(CHANGES)]:
        options = CorpusOptions(**change)
        reading = drain(load_corpus(files, options, reading))
        assert same(reading, drain(load_corpus(files, options))), change


def test_what_other_options_do_not_change_is_kept() -> None:
    files = [("a.csv", TABLE)]
    first = drain(load_corpus(files, CorpusOptions()))
    longer = drain(load_corpus([], CorpusOptions(block_size=64), first))
    assert longer.documents is first.documents
    assert longer.statistics is first.statistics
    unique = drain(load_corpus([], CorpusOptions(duplicates="drop"), first))
    assert unique.cut is first.cut
    lower = drain(load_corpus([], CorpusOptions(case="lower"), first))
    assert lower.sources is first.sources
    assert (
        drain(load_corpus(files, CorpusOptions(encoding="utf-8"), first)).sources
        is not first.sources
    )


def test_how_far_it_is_and_that_it_can_be_stopped() -> None:
    content = b"some words on a line\n" * 100_000
    progress = list(
        load_corpus([("a.txt", content)], CorpusOptions(rare="drop", duplicates="drop"))
    )
    shares = [step.share for step in progress]
    assert len(shares) > 20
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] <= 1
    assert {"Reading", "Cutting into documents", "Counting characters"} <= {
        p.what for p in progress
    }
    work = load_corpus([("a.txt", content)], CorpusOptions())
    next(work)
    work.close()


def test_what_is_rare_is_shown_whatever_becomes_of_it() -> None:
    text = "anna\nnina\nzoe\nana\n"
    kept = read_one(text, rare_below=2)
    dropped = read_one(text, rare_below=2, rare="document")
    assert kept.rare == dropped.rare == {"e": 1, "i": 1, "o": 1, "z": 1}
    assert dropped.documents == ["anna", "ana"]
    assert "2 documents were left out for their rare characters." in dropped.remarks


def test_duplicates_are_counted_whatever_becomes_of_them() -> None:
    text = "ada\nida\nada\nada\n"
    assert read_one(text).statistics.duplicates == 2
    dropped = read_one(text, duplicates="drop")
    assert (dropped.documents, dropped.statistics.duplicates) == (["ada", "ida"], 0)
    assert "2 documents were left out for being there already." in dropped.remarks
