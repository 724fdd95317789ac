"""Files that nobody wrote, and whole ones: loaded, or refused in a sentence, at a bounded cost."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable

import pytest

from microgpt.settings import DATA
from tests.support.corpus import load_or_refuse
from tests.support.work import Work, with_peak_memory

NUM_FILES = 1_000
NUM_GROUPS = 8  # of which each is a test
MAX_MEMORY_BYTES = 8_000_000  # the same; most of it is what is imported the first time
MAX_CALLS = 400_000  # for a file of a few kB; some 100 times what one takes

Make = Callable[[random.Random], bytes]

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
        corpus, memory = with_peak_memory(
            lambda: load_or_refuse(name, content, work, **options)  # noqa: B023 (called at once)
        )
        assert memory <= MAX_MEMORY_BYTES, (number, name, options)
        assert work.total <= MAX_CALLS, (number, name, options)
        if isinstance(corpus, str):
            assert corpus.endswith("."), corpus
            inside = name.removesuffix(".gz")  # the name of what is in it, as of a file in a zip
            assert f"'{inside}" in corpus, corpus
            continue
        loaded += 1
        assert corpus.documents
        assert all(corpus.documents)
        text = "".join(corpus.documents)
        assert "\0" not in text
        text.encode()  # so there is no half of a character
        json.dumps(corpus.as_dict())
    assert loaded > NUM_FILES // NUM_GROUPS // 8
