"""JSON and JSON Lines as columns of texts.

The module knows nothing of files, nor of what becomes of a column.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from microgpt.reading.columns import Table
from microgpt.reading.cutting import whole_lines
from microgpt.reading.errors import DataError
from microgpt.reading.progress import Progress, Work

MAX_NESTING = 100  # Python inside a browser dies of a few thousand, and no error can be caught
MANY = 20  # an object of more words than this is a list of pairs rather than one record
BATCH = 2_000  # records between two chances to look up
READING = "Reading the fields"
KEY, VALUE = "key", "value"  # columns of what has no name of its own
# Without its end too, or the search would begin anew at every quotation mark within it.
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
NO_BRACKETS = re.compile(r"[^\[\]{}]+")
DEPTH = {"[": 1, "{": 1, "]": -1, "}": -1}
NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what JSON can spell, but no text can hold


def read_json(pieces: Sequence[str], what: str) -> Work[Table]:
    """The columns of a JSON text: a list of texts or of objects, or an object of lists.

    What lies one level deeper is reached too, under a name with a dot: `author.name`. An object of
    objects is a list of these with one more column, `key`; one of many words is a list of pairs of
    `key` and `value`.

    Args:
        pieces: the text.
        what: the file as messages call it.

    Raises:
        DataError: for what is no JSON.
    """
    records = list(_records(_parse("".join(pieces), what)))
    yield Progress(0.5, READING)
    table = Table()
    for start in range(0, len(records), BATCH):
        for prefix, record in records[start : start + BATCH]:
            _add(table, prefix, record)
        yield Progress(0.5 + 0.5 * start / len(records), READING)
    table.rows = max(Counter(prefix for prefix, _ in records).values(), default=0)
    return table


def read_json_lines(pieces: Sequence[str], what: str) -> Work[tuple[Table, int]]:
    """The columns of JSON Lines, and how many lines were left out because they are no JSON.

    Args as in `read_json`.

    Raises:
        DataError: where more than half of the lines are no JSON.
    """
    table = Table()
    wrong = 0
    for number, piece in enumerate(whole_lines(pieces), start=1):
        for line in filter(str.strip, piece.split("\n")):
            try:
                record = _parse(line, what)
            except DataError:
                wrong += 1
            else:
                table.rows += 1
                _add(table, "", record)
        yield Progress(min(1.0, number / (len(pieces) or 1)), READING)
    if wrong > table.rows:
        raise DataError(f"{what} is not JSON Lines: most of its lines are not valid JSON.")
    return table, wrong


def is_json_lines(pieces: Sequence[str]) -> bool:
    """Whether the first two lines of a text are an object each."""
    first = next(whole_lines(pieces), "")
    lines = [line for line in first.split("\n", 4)[:4] if line.strip()][:2]
    try:
        return len(lines) == 2 and all(isinstance(_parse(line, ""), dict) for line in lines)
    except DataError:
        return False


def _parse(text: str, what: str) -> Any:
    brackets = NO_BRACKETS.sub("", STRING.sub("", text))
    if max(accumulate(map(DEPTH.__getitem__, brackets)), default=0) > MAX_NESTING:
        raise DataError(
            f"{what} is nested more than {MAX_NESTING} deep: choose a file with a simpler shape."
        )
    try:
        # Numbers stay as they are written.
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{what} is not valid JSON: line {error.lineno:,} cannot be understood. Mend it, or "
            "choose another format."
        ) from None


def _records(value: Any) -> Iterator[tuple[str, Any]]:
    """Each record in `value` with the name of the list that it is in, "" for the outermost."""
    if not isinstance(value, dict):
        yield from (("", item) for item in (value if isinstance(value, list) else [value]))
    elif len(value) > 1 and all(isinstance(inner, dict) for inner in value.values()):
        yield from (("", {KEY: key, **inner}) for key, inner in value.items())
    elif len(value) > MANY and not any(isinstance(x, list | dict) for x in value.values()):
        yield from (("", {KEY: key, VALUE: inner}) for key, inner in value.items())
    else:
        for key, inner in value.items():
            yield from _inner_records(key, inner)


def _inner_records(key: str, inner: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(inner, list):
        yield from ((key, item) for item in inner)
    elif isinstance(inner, dict):
        for name, item in inner.items():
            items = item if isinstance(item, list) else [item]
            yield from ((f"{key}.{name}", each) for each in items)
    else:
        yield key, inner


def _add(table: Table, prefix: str, record: Any) -> None:
    if not isinstance(record, dict):
        table.add(prefix or VALUE, _text(record))
        return
    start = f"{prefix}." if prefix else ""
    for name, value in record.items():
        if isinstance(value, dict):
            for inner, item in value.items():
                table.add(f"{start}{name}.{inner}", _text(item))
        else:
            table.add(start + name, _text(value))


def _text(value: Any) -> str:
    """A single value as text; those of a list one a line; nothing of what lies deeper."""
    if isinstance(value, str):
        text = value
        if not text.isprintable():
            text = NO_TEXT.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
        return text.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "\n".join(_text(item) for item in value if not isinstance(item, list | dict))
    return ""
