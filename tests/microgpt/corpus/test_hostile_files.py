"""Files made to cost time or a traceback: loaded within bounds, or refused in a sentence."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus import DataError
from microgpt.corpus.archives import MAX_ARCHIVE_PARTS
from microgpt.corpus.cleaning import GRAPHEME_JOINER, MAX_MARKS, compose
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.generators import drain
from microgpt.settings import DATA
from tests.support.work import Work

NUM_FILES = 1_000
NUM_GROUPS = 8  # of which each is a test
MAX_CALLS = 400_000  # for a file of a few kB; some 100 times what one takes
CALLS_PER_YIELD = 100_000  # some 20 ms in Python outside a browser, 60 ms inside

Make = Callable[[random.Random], bytes]


def load(name: str, content: bytes, work: Work, **options: str) -> Corpus | str:
    """The corpus in a file, or the sentence that refuses it."""
    try:
        return work.run(load_corpus([(name, content)], CorpusOptions(**options)))  # type: ignore[arg-type]
    except DataError as error:
        return str(error)


# ---- what takes long -----------------------------------------------------------------------------

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
    load(name, COSTLY[name](40_000).encode(), small)
    load(name, COSTLY[name](160_000).encode(), large)
    assert large.total <= 5 * small.total + 10_000
    assert large.longest <= CALLS_PER_YIELD


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


def test_a_letter_with_very_many_marks() -> None:
    lengths = []
    normalize = unicodedata.normalize

    def watched(form: str, text: str) -> str:
        marks = "".join("m" if unicodedata.combining(each) else " " for each in text)
        lengths.append(max(map(len, marks.split()), default=0))
        return normalize(form, text)  # type: ignore[arg-type]

    content = "a" + "\u0301\u0316" * 20_000 + "\nb\n"
    with patch("unicodedata.normalize", watched):
        corpus = load("marks.txt", content.encode(), Work())
    assert isinstance(corpus, Corpus)
    assert max(lengths) <= MAX_MARKS
    (remark,) = [remark for remark in corpus.remarks if "in a row" in remark]
    assert remark.startswith("'marks.txt' has letters with more than 30 accents")


def test_a_letter_loses_its_base_and_still_has_no_long_run() -> None:
    content = ("\u0301" * 25 + "x") * 2 + "\u0301" * 25 + "\nb\n"
    options = {"rare": "drop", "rare_below": 3}
    corpus = drain(load_corpus([("", content.encode())], CorpusOptions(**options)))  # type: ignore[arg-type]
    assert GRAPHEME_JOINER in corpus.documents[0]


def test_very_many_empty_gzip_members() -> None:
    work = Work()
    refused = load("members.gz", gzip.compress(b"") * (3 * MAX_ARCHIVE_PARTS), work)
    assert isinstance(refused, str)
    assert refused.startswith("'members.gz' is packed in more than 20,000 parts")
    assert work.yields <= 2 * MAX_ARCHIVE_PARTS
    assert work.longest <= CALLS_PER_YIELD


def test_as_many_gzip_members_as_a_log_has() -> None:
    packed = b"".join(gzip.compress(f"line {n}\n".encode()) for n in range(5_000))
    corpus = load("log.gz", packed, Work())
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
    refused = load("entries.zip", many_entries(1_000_000), work)
    assert isinstance(refused, str)
    assert refused.startswith("'entries.zip' is packed in more than 20,000 parts")
    assert work.total < 1_000
    few = load("entries.zip", many_entries(1_500), Work())
    assert few == (
        "'entries.zip' contains 1,500 files, but at most 1,000 can be read: choose an archive with "
        "fewer files."
    )


# ---- anything ------------------------------------------------------------------------------------

WORDS = [
    "emma",
    "Zoë",
    "don't",
    "\u4f60\u597d",
    "\u05e9\u05dc\u05d5\u05dd",
    "\U0001f468\u200d\U0001f469",
    "e\u0301\u0316" * 40,
]
STRANGE = [
    "\0",
    "\x1b[2J",
    "\x9b",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\ufffe",
    "\r",
    "\x0b",
    "\x85",
    '"',
    "'",
    ",",
    ";",
    "\t",
    "|",
    "\n\n",
    " ",
]
ENCODINGS = [
    "utf-8",
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "cp1252",
    "shift_jis",
    "koi8-r",
]
JSON_TOKENS = [
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"',
    "\\",
    "\\ud800",
    "\\u0000",
    "1e999",
    "-",
    "NaN",
    "[" * 200,
    "null",
]
EXTENSIONS = ["txt", "csv", "tsv", "json", "jsonl", "gz", "zip", "", "\u202etxt", "exe"]


def words(rng: random.Random) -> str:
    return "".join(
        rng.choice(WORDS if rng.random() < 0.7 else STRANGE) + rng.choice([" ", "", "\n"])
        for _ in range(rng.randrange(60))
    )


def encoded(rng: random.Random, text: str) -> bytes:
    return text.encode(rng.choice(ENCODINGS), "replace")


def make_text(rng: random.Random) -> bytes:
    return encoded(rng, words(rng))


def make_bytes(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(300))


def make_table(rng: random.Random) -> bytes:
    mark = rng.choice(",;\t|")
    rows = [[words(rng)[:30] for _ in range(rng.randrange(1, 6))] for _ in range(rng.randrange(20))]
    rows.append(["x"] * rng.choice([1, 3, 400]))
    return encoded(rng, "\n".join(mark.join(row) for row in rows))


def value(rng: random.Random, depth: int = 0) -> object:
    kind = rng.randrange(7 if depth < 4 else 4)
    if kind >= 4:
        size = rng.randrange(6)
        if kind == 4:
            return {words(rng)[:8]: value(rng, depth + 1) for _ in range(size)}
        return [value(rng, depth + 1) for _ in range(size)]
    return [words(rng)[:20], rng.randrange(-9, 10**20), rng.random(), None][kind]


def damaged(rng: random.Random, text: str) -> str:
    for _ in range(rng.randrange(4)):
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(JSON_TOKENS) + text[place + rng.randrange(3) :]
    return text


def make_json(rng: random.Random) -> bytes:
    return encoded(rng, damaged(rng, json.dumps(value(rng), ensure_ascii=rng.random() < 0.5)))


def make_json_lines(rng: random.Random) -> bytes:
    lines = [damaged(rng, json.dumps({"a": value(rng, 2)})) for _ in range(rng.randrange(30))]
    return encoded(rng, "\n".join(lines))


def make_gzip(rng: random.Random) -> bytes:
    members = [gzip.compress(anything(rng), 1) for _ in range(rng.randrange(1, 4))]
    return mutated(rng, (b"\0" * rng.choice([0, 0, 5])).join(members))


def make_zip(rng: random.Random) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", rng.choice([0, 8, 12])) as archive:
        for number in range(rng.randrange(4)):
            name = rng.choice(["", "../", "/", "a\\", ".", "\x1b", "__MACOSX/"]) + f"{number}."
            archive.writestr(name + rng.choice(EXTENSIONS), anything(rng))
    return mutated(rng, packed.getvalue())


def mutated(rng: random.Random, content: bytes) -> bytes:
    """The same with a few bytes changed, left out, or repeated; often as it was."""
    changed = bytearray(content)
    for _ in range(rng.choice([0, 0, 1, 3])):
        place = rng.randrange(len(changed) + 1)
        size = rng.choice([0, 1, 1, 4, 50])
        with_what = [
            rng.randbytes(size),
            b"",
            b"\xff" * size,
            bytes(changed[place : place + size]) * 2,
        ]
        changed[place : place + size] = rng.choice(with_what)
    return bytes(changed)


PLAIN: list[Make] = [make_text, make_bytes, make_table, make_json, make_json_lines]
ALL: list[Make] = [*PLAIN, make_gzip, make_zip]


def anything(rng: random.Random) -> bytes:
    """What an archive contains: mostly a plain file."""
    return rng.choice(PLAIN if rng.random() < 0.9 else ALL)(rng)


def chosen_options(rng: random.Random) -> dict[str, str]:
    """Options for loading, a few of which differ from their defaults."""
    rows = [row for row in DATA if row.choices and rng.random() < 0.2]
    options = {row.name: rng.choice(row.choices)[0] for row in rows}
    return options | ({"column": rng.choice(["name", "key", "a.b"])} if rng.random() < 0.1 else {})


@pytest.mark.parametrize("seed", range(NUM_GROUPS))
def test_any_file_is_loaded_or_refused_in_a_sentence(seed: int) -> None:
    rng = random.Random(seed)
    loaded = 0
    for number in range(NUM_FILES // NUM_GROUPS):
        content = mutated(rng, ALL[number % len(ALL)](rng))
        name = f"{number}.{rng.choice(EXTENSIONS)}"
        options = chosen_options(rng)
        work = Work()
        corpus = load(name, content, work, **options)
        assert work.total <= MAX_CALLS, (number, name, options)
        if isinstance(corpus, str):
            assert corpus.endswith("."), corpus
            continue
        loaded += 1
        assert corpus.documents
        assert all(corpus.documents)
        text = "".join(corpus.documents)
        assert "\0" not in text
        text.encode()  # so there is no half of a character
        json.dumps(corpus.as_dict())
    assert loaded > NUM_FILES // NUM_GROUPS // 8
