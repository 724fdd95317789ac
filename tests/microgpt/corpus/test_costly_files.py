"""Files made to cost time: it grows no faster than they do, or they are refused at once."""

from __future__ import annotations

import gzip
import struct
import unicodedata
from collections.abc import Callable
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus.archives import MAX_ARCHIVE_PARTS, MAX_TOTAL_BYTES
from microgpt.corpus.cleaning import GRAPHEME_JOINER, MAX_MARKS, PART_CHARS, compose
from microgpt.corpus.loading import Corpus
from tests.support.corpus import load_one, load_or_refuse, zipped
from tests.support.work import Work, with_peak_memory

MEMORY_PER_BYTE = 30  # of a file; and what every file takes, such as a chunk of text:
MEMORY_BESIDES = 4_000_000
CALLS_PER_YIELD = 100_000  # some 20 ms in Python outside a browser, 60 ms inside

DEEP = '{"a":' + "[" * 89 + "1" + "]" * 89 + "}"
COSTLY: dict[str, Callable[[int], str]] = {
    "numbers.json": lambda n: "[" + "1," * n + "1]",
    "lists.json": lambda n: "[" + "[]," * n + "[]]",
    "objects.json": lambda n: "[" + "{}," * n + "{}]",
    "in a field.json": lambda n: '{"a":[' + "1," * n + "1]}",
    "nested.jsonl": lambda n: (DEEP + "\n") * (n // 400),
    "nested.json": lambda n: "[" + (DEEP + ",") * (n // 400) + "1]",
    "one after another.json": lambda n: (
        "[" + ("[" * 89 + "[]," * 99 + "1" + "]" * 89 + ",") * (n // 500) + "1]"
    ),
    "wide.csv": lambda n: ("," * 1000 + "\n") * (n // 200),
    "lines.txt": lambda n: "1\n" * n,
}


@pytest.mark.parametrize("name", COSTLY)
def test_work_grows_with_the_size_and_is_done_in_short_parts(name: str) -> None:
    small, large = Work(), Work()
    load_or_refuse(name, COSTLY[name](40_000).encode(), small)
    load_or_refuse(name, COSTLY[name](160_000).encode(), large)
    assert large.total <= 5 * small.total + 10_000
    assert large.longest <= CALLS_PER_YIELD


@pytest.mark.parametrize("name", COSTLY)
def test_memory_grows_with_the_size(name: str) -> None:
    content = COSTLY[name](160_000).encode()
    _, memory = with_peak_memory(lambda: load_or_refuse(name, content, Work()))
    assert memory <= MEMORY_PER_BYTE * len(content) + MEMORY_BESIDES


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", ""])
@pytest.mark.parametrize("row", ["{}", "[]", "null"])
def test_very_many_empty_rows(name: str, row: str) -> None:
    begin, between, end = ("", "\n", "") if name == "rows.jsonl" else ("[", ",", "]")
    work, more = Work(), Work()
    with patch("microgpt.corpus.json_files.MAX_EMPTY_ROWS", 1_000):
        for count, counted in ((30_000, work), (90_000, more)):
            content = f"{begin}{(row + between) * count}{row}{end}".encode()
            refused = load_or_refuse(name, content, counted)
            assert isinstance(refused, str)
            assert "has no text in its first 1,000 rows: choose another file" in refused
    assert more.total < 1.1 * work.total


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"a": content})])
def test_a_small_archive_fills_no_memory(pack: Callable[[bytes], bytes]) -> None:
    content = pack(bytes(4 * MAX_TOTAL_BYTES))
    refused, memory = with_peak_memory(lambda: load_or_refuse("bomb", content, Work()))
    assert isinstance(refused, str)
    assert refused.startswith("'bomb' unpacks to more than 50 MB")
    assert memory <= MAX_TOTAL_BYTES + 2 * len(content) + MEMORY_BESIDES


@given(st.text(st.sampled_from("ae\u0301\u0316\u0344\u0f73\u00e9\u1e17\u3099"), max_size=300))
def test_marks_are_composed_as_always_and_sorted_a_few_at_a_time(text: str) -> None:
    composed = compose(text)
    assert unicodedata.is_normalized("NFC", composed)
    assert compose(composed) == composed
    assert composed.replace(GRAPHEME_JOINER, "") == compose(text).replace(GRAPHEME_JOINER, "")
    marks = longest = 0
    for character in unicodedata.normalize("NFD", composed):
        marks = marks + 1 if unicodedata.combining(character) else 0
        longest = max(longest, marks)
    assert longest <= 3 * MAX_MARKS + 3  # a character may consist of several
    if GRAPHEME_JOINER not in composed:
        assert composed == unicodedata.normalize("NFC", text)


@given(
    st.text(max_size=60),
    st.text("a \u1100\u1161\u11a8\uac00\u0301\u0bc6\u0bbe\u4e00"),
    st.integers(1, 5),
)
def test_a_long_text_is_composed_in_parts_as_it_is_in_one(one: str, other: str, size: int) -> None:
    text = one + other
    whole = compose(text)
    with patch("microgpt.corpus.cleaning.PART_CHARS", size):
        assert compose(text) == whole
    if GRAPHEME_JOINER not in whole:
        assert whole == unicodedata.normalize("NFC", text)


def test_a_long_line_is_composed_in_short_parts() -> None:
    line = "é" + "e\u0301\u0316" * PART_CHARS
    with patch("unicodedata.normalize", wraps=unicodedata.normalize) as normalize:
        corpus = load_or_refuse("line.txt", line.encode(), work := Work())
    assert isinstance(corpus, Corpus)
    assert max(len(call.args[1]) for call in normalize.mock_calls) <= PART_CHARS + 3
    assert work.yields > len(line) / PART_CHARS


def test_a_letter_with_very_many_marks() -> None:
    lengths = []
    normalize = unicodedata.normalize

    def watched(form: str, text: str) -> str:
        marks = "".join("m" if unicodedata.combining(each) else " " for each in text)
        lengths.append(max(map(len, marks.split()), default=0))
        return normalize(form, text)  # type: ignore[arg-type]

    content = "a" + "\u0301\u0316" * 20_000 + "\nb\n"
    with patch("unicodedata.normalize", watched):
        corpus = load_or_refuse("marks.txt", content.encode(), Work())
    assert isinstance(corpus, Corpus)
    assert max(lengths) <= MAX_MARKS
    (remark,) = [remark for remark in corpus.remarks if "in a row" in remark]
    assert remark.startswith("'marks.txt' has letters with more than 30 accents")


def test_a_letter_loses_its_base_and_still_has_no_long_run() -> None:
    content = ("\u0301" * 25 + "x") * 2 + "\u0301" * 25 + "\nb\n"
    corpus = load_one(content, rare="drop", rare_below=3)
    assert GRAPHEME_JOINER in corpus.documents[0]


def test_very_many_empty_gzip_members() -> None:
    work = Work()
    refused = load_or_refuse("members.gz", gzip.compress(b"") * (3 * MAX_ARCHIVE_PARTS), work)
    assert isinstance(refused, str)
    assert refused.startswith("'members.gz' is packed in more than 20,000 parts")
    assert work.yields <= 2 * MAX_ARCHIVE_PARTS
    assert work.longest <= CALLS_PER_YIELD


def test_as_many_gzip_members_as_a_log_has() -> None:
    packed = b"".join(gzip.compress(f"line {n}\n".encode()) for n in range(5_000))
    corpus = load_or_refuse("log.gz", packed, Work())
    assert isinstance(corpus, Corpus)
    assert len(corpus.documents) == 5_000


def many_entries(count: int) -> bytes:
    """A zip whose directory names one file many times."""
    file = b"PK\x03\x04" + struct.pack("<5H3I2H", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, 20, *[0] * 7, 1, *[0] * 6) + b"a"
    wide = struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, count, count, count * len(entry), len(file))
    end = struct.pack("<IQI", 0, len(file) + count * len(entry), 1) + b"PK\x05\x06"
    end += struct.pack("<4H2IH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return file + entry * count + b"PK\x06\x06" + wide + b"PK\x06\x07" + end


def test_very_many_entries_of_a_zip() -> None:
    work = Work()
    refused = load_or_refuse("entries.zip", many_entries(1_000_000), work)
    assert isinstance(refused, str)
    assert refused.startswith("'entries.zip' is packed in more than 20,000 parts")
    assert work.total < 1_000
    few = load_or_refuse("entries.zip", many_entries(1_500), Work())
    assert few == (
        "'entries.zip' contains 1,500 files, but at most 1,000 can be read: choose an archive with "
        "fewer files."
    )
