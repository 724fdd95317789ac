"""The incremental JSON parser: the values and the errors of Python's own, with short steps."""

from __future__ import annotations

import json
from itertools import pairwise
from json import JSONDecodeError
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from microgpt.corpus import json_parser
from microgpt.corpus.json_parser import (
    MAX_NESTING,
    NATIVE_NESTING,
    WINDOW_CHARS,
    JsonParser,
    NestingError,
)
from microgpt.generators import drain

NUMBERS = st.integers() | st.floats()
TEXTS = st.text(st.characters() | st.sampled_from('[]{}",:\\ \n'), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=40,
)
# Windows that end anywhere in a text, and one that leaves all of it to Python's parser.
WINDOWS = st.integers(1, 40) | st.just(WINDOW_CHARS)
# The tokens of JSON and a few others, to be combined at random.
TOKENS = ["[", "]", "{", "}", ",", ":", '"a"', '"', "\\", "1", "-", "null", " ", "\n", "\x0b", "é"]


def parsed(text: str) -> Any:
    return drain(JsonParser(text).parse())


def parse_natively(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 0, 3]), st.booleans(), WINDOWS)
@example({"": 1, "a": {"": [{}, [], ""]}}, 1, False, 3)
def test_values_match_pythons_parser(
    value: Any, indent: int | None, ascii_only: bool, window: int
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    with patch.object(json_parser, "WINDOW_CHARS", window):
        assert parsed(text) == parse_natively(text)
        if isinstance(value, list):
            batches = list(JsonParser(text).iter_items())
            assert [item for batch in batches for item in batch] == parse_natively(text)


def line_of(error: JSONDecodeError) -> int:
    """The line of an error; for an extra comma Python reports the comma or the bracket after it."""
    before = error.doc[: error.pos].rstrip()
    return error.doc.count("\n", 0, len(before) - 1 if before.endswith(",") else error.pos)


@st.composite
def nearly_json(draw: st.DrawFn) -> str:
    """Valid JSON with an additional token somewhere."""
    text = json.dumps(draw(VALUES), indent=1)
    position = draw(st.integers(0, len(text)))
    return text[:position] + draw(st.sampled_from(TOKENS)) + text[position:]


@settings(deadline=None)
@given(nearly_json() | st.lists(st.sampled_from(TOKENS), max_size=20).map("".join), WINDOWS)
@example("[1,\n2,\n]", 40)
@example('{"a": 1,\n}', 40)
@example('["a",\n"b"\n"c"]', 40)
@example("[1, 2}\n, 3]", 2)
@example('{"a": 1, 2: 3}', 2)
@example("[]\n[]", 40)
def test_errors_match_pythons_parser(text: str, window: int) -> None:
    outcomes = []
    for parse in (parse_natively, parsed):
        try:
            with patch.object(json_parser, "WINDOW_CHARS", window):
                outcomes.append(parse(text))
        except JSONDecodeError as error:
            outcomes.append(line_of(error))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(("opening", "close"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_deep_nesting_is_rejected(opening: str, close: str) -> None:
    levels = MAX_NESTING // (opening.count("[") + opening.count("{"))
    assert parsed(opening * levels + "1" + close * levels) is not None
    for ended in (close, ""):
        for before in ("", "[0,"):
            depth = levels + NATIVE_NESTING + 1
            deep = before + opening * depth + "1" + ended * depth
            with pytest.raises(NestingError):
                parsed(deep + "]" if before and ended else deep)
    with pytest.raises(NestingError):
        parsed(opening * 1_000_000)


RECORDS = [{"name": "Emma", "n": n, "tags": ["a", {"b": None}]} for n in range(20_000)]


@pytest.mark.parametrize(
    "value",
    [
        RECORDS,
        {"data": RECORDS},
        {"meta": 1, "data": {"names": ["Emma"] * 100_000}},
        {str(n): "Emma" for n in range(50_000)},
        {str(n): record for n, record in enumerate(RECORDS)},
    ],
    ids=["list", "in an object", "two levels down", "many fields", "object of objects"],
)
def test_no_step_is_longer_than_a_window(value: Any) -> None:
    text = json.dumps(value)
    fractions = [0.0, *(progress.fraction for progress in JsonParser(text).parse()), 1.0]
    assert fractions == sorted(fractions)
    assert max(b - a for a, b in pairwise(fractions)) <= 1.1 * WINDOW_CHARS / len(text)
