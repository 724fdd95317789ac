"""JSON and JSON Lines as columns of texts.

The module knows nothing of files, nor of what becomes of a column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from json import JSONDecodeError
from typing import Any, TypeAlias

from microgpt.corpus.columns import Table
from microgpt.corpus.errors import DataError
from microgpt.corpus.json_parser import MAX_NESTING, READING, NestingError, Parser
from microgpt.corpus.progress import Progress, Work, part
from microgpt.corpus.splitting import whole_lines
from microgpt.generators import drain

MANY = 20  # an object of more words than this is a list of pairs rather than one record
BATCH = 2_000  # records between two chances to look up
KEY, VALUE = "key", "value"  # columns of what has no name of its own
NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what JSON can spell, but no text can hold

Record: TypeAlias = tuple[str, Any]  # behind the name of its list, "" for the outermost
Batches: TypeAlias = Iterator[tuple[float, list[Record]]]  # behind how much of the work is done


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
    parser = Parser("".join(pieces))
    table = Table()
    rows = Counter[str]()
    try:
        batches = yield from _batches(parser)
        for share, records in batches:
            for prefix, record in records:
                _add(table, prefix, record)
            rows.update(prefix for prefix, _ in records)
            yield Progress(share, READING)
    except (JSONDecodeError, NestingError) as error:
        raise _no_json(error, what) from None
    table.rows = max(rows.values(), default=0)
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
                record = _parse(line)
            except (JSONDecodeError, NestingError):
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
        return len(lines) == 2 and all(isinstance(_parse(line), dict) for line in lines)
    except (JSONDecodeError, NestingError):
        return False


def _parse(text: str) -> Any:
    return drain(Parser(text).value())


def _batches(parser: Parser) -> Work[Batches]:
    """The records of a text in batches, each with the name of its list; and how much is done.

    Those of a list are parsed as they are wanted, since the whole of it would need much memory.
    What to make of an object is told by all that is in it.
    """
    if parser.at_list:
        return ((parser.share, [("", item) for item in items]) for items in parser.items())
    value = yield from part(parser.value(), 0.0, 0.5)
    lists = list(value.values()) if isinstance(value, dict) and len(value) <= MANY else [value]
    expected = 1 + sum(len(each) for each in lists if isinstance(each, list | dict))
    records = _records(value)
    return (
        (min(1.0, 0.5 + 0.5 * number * BATCH / expected), batch)
        for number, batch in enumerate(iter(lambda: list(islice(records, BATCH)), []))
    )


def _no_json(error: JSONDecodeError | NestingError, what: str) -> DataError:
    if isinstance(error, NestingError):
        return DataError(
            f"{what} is nested more than {MAX_NESTING} deep: choose a file with a simpler shape."
        )
    return DataError(
        f"{what} is not valid JSON: line {error.lineno:,} cannot be understood. Mend it, or "
        "choose another format."
    )


def _records(value: Any) -> Iterator[Record]:
    """Each record in `value` with the name of the list that it is in, "" for the outermost."""
    kinds = set(map(type, value.values())) if isinstance(value, dict) else set()
    if not isinstance(value, dict):
        yield from (("", item) for item in (value if isinstance(value, list) else [value]))
    elif len(value) > 1 and kinds == {dict}:
        yield from (("", {KEY: key, **inner}) for key, inner in value.items())
    elif len(value) > MANY and not kinds & {list, dict}:
        yield from (("", {KEY: key, VALUE: inner}) for key, inner in value.items())
    else:
        for key, inner in value.items():
            yield from _inner_records(key, inner)


def _inner_records(key: str, inner: Any) -> Iterator[Record]:
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
