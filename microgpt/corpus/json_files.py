"""JSON and JSON Lines as tables.

The module knows nothing of files, nor of what columns are used for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from json import JSONDecodeError
from typing import Any, TypeAlias

from microgpt.corpus import DataError, FormatError
from microgpt.corpus.columns import Table
from microgpt.corpus.json_parser import MAX_NESTING, READING_FIELDS, JsonParser, NestingError
from microgpt.corpus.progress import LoadProgress, WithProgress, rescale
from microgpt.corpus.splitting import rechunk_at_lines
from microgpt.generators import drain

MAX_RECORD_FIELDS = 20  # an object of more plain values is a list of key-value pairs, not a record
MAX_EMPTY_ROWS = 100_000  # a file with more of them before any text is refused, to save time
RECORDS_PER_YIELD = 2_000
CHARS_PER_YIELD = 1 << 14  # of JSON Lines, which may be nested deep
KEY_COLUMN, VALUE_COLUMN = "key", "value"  # for keys, and for values without a key
INVALID_CHARACTERS = re.compile("[\0\ud800-\udfff]")  # JSON can escape these; a text has none

# Records in one list, with its path, which is "" at the top; of a batch, the fraction that is done.
Records: TypeAlias = tuple[str, Iterable[Any]]
RecordBatches: TypeAlias = Iterator[tuple[float, list[tuple[str, list[Any]]]]]


def read_json(chunks: Sequence[str], label: str) -> WithProgress[Table]:
    """Read a JSON text: a list of strings or objects, or an object of lists.

    Values one level deeper get a dotted column name: `author.name`. An object of objects is read as
    a list of these, with their keys in an extra column `key`; an object of many plain values as a
    list of rows with the columns `key` and `value`.

    Args:
        chunks: the text.
        label: what messages call the file.

    Raises:
        FormatError: if the text is not JSON.
        DataError: if it begins with very many empty rows.
    """
    parser = JsonParser("".join(chunks))
    table = Table()
    rows = Counter[str]()
    try:
        batches = yield from _record_batches(parser)
        for fraction, batch in batches:
            for path, records in batch:
                _add_records(table, path, records)
                rows[path] += len(records)
                _check_for_text(table, rows[path], label)
            yield LoadProgress(fraction, READING_FIELDS)
    except (JSONDecodeError, NestingError) as error:
        raise _not_json(error, label) from None
    table.rows = max(rows.values(), default=0)
    return table


def read_json_lines(chunks: Sequence[str], label: str) -> WithProgress[tuple[Table, int]]:
    """Read JSON Lines; also return the number of lines left out because they are not JSON.

    Args:
        chunks: the text.
        label: what messages call the file.

    Raises:
        FormatError: if more than half of the lines are not JSON.
        DataError: if the text begins with very many empty rows.
    """
    table = Table()
    num_invalid = 0
    size = 0
    for number, chunk in enumerate(rechunk_at_lines(chunks), start=1):
        fraction = min(1.0, number / (len(chunks) or 1))
        for line in filter(str.strip, chunk.split("\n")):
            size += len(line)
            if size > CHARS_PER_YIELD:
                size = 0
                _check_for_text(table, table.rows, label)
                yield LoadProgress(fraction, READING_FIELDS)
            try:
                value = _parse(line)
            except (JSONDecodeError, NestingError):
                num_invalid += 1
            else:
                table.rows += 1
                _add_record(table, "", value)
        yield LoadProgress(fraction, READING_FIELDS)
    if num_invalid > table.rows:
        raise FormatError(f"{label} is not JSON Lines: most of its lines are not valid JSON.")
    return table, num_invalid


def is_json_lines(chunks: Sequence[str]) -> bool:
    """Whether each of the first two lines of a text is a JSON object."""
    first = next(rechunk_at_lines(chunks), "")
    lines = [line for line in first.split("\n", 4)[:4] if line.strip()][:2]
    try:
        return len(lines) == 2 and all(isinstance(_parse(line), dict) for line in lines)
    except (JSONDecodeError, NestingError):
        return False


def _parse(text: str) -> Any:
    return drain(JsonParser(text).parse())


def _record_batches(parser: JsonParser) -> WithProgress[RecordBatches]:
    """Return the records of a text in batches.

    A list is parsed lazily, since the whole of it would need much memory. An object is parsed
    first, since how to read it depends on everything in it.
    """
    if parser.at_list:
        return ((parser.fraction, [("", list(items))]) for items in parser.iter_items())
    value = yield from rescale(parser.parse(), 0.0, 0.5)
    is_record = isinstance(value, dict) and len(value) <= MAX_RECORD_FIELDS
    lists = list(value.values()) if is_record else [value]
    expected = 1 + sum(len(each) for each in lists if isinstance(each, list | dict))
    return _batches(_records(value), expected)


def _batches(groups: Iterable[Records], expected: int) -> RecordBatches:
    """Yield batches of `RECORDS_PER_YIELD` records, of about `expected` in all."""
    batch: list[tuple[str, list[Any]]] = []
    size = done = 0
    for path, records in groups:
        rest = iter(records)
        while some := list(islice(rest, RECORDS_PER_YIELD - size)):
            batch.append((path, some))
            size += len(some)
            if size == RECORDS_PER_YIELD:
                done += size
                yield min(1.0, 0.5 + 0.5 * done / expected), batch
                batch, size = [], 0
    yield 1.0, batch


def _check_for_text(table: Table, rows: int, label: str) -> None:
    if rows > MAX_EMPTY_ROWS and not any(table.texts.values()):
        raise DataError(
            f"{label} has no text in its first {MAX_EMPTY_ROWS:,} rows: choose another file."
        )


def _not_json(error: JSONDecodeError | NestingError, label: str) -> FormatError:
    if isinstance(error, NestingError):
        return FormatError(
            f"{label} is nested more than {MAX_NESTING} levels deep: choose a file with a simpler "
            "structure."
        )
    return FormatError(
        f"{label} is not valid JSON: line {error.lineno:,} cannot be understood. Fix it, or choose "
        "another format."
    )


def _records(value: Any) -> Iterator[Records]:
    kinds = set(map(type, value.values())) if isinstance(value, dict) else set()
    if not isinstance(value, dict):
        yield "", value if isinstance(value, list) else [value]
    elif len(value) > 1 and kinds == {dict}:
        yield "", ({KEY_COLUMN: key, **inner} for key, inner in value.items())
    elif len(value) > MAX_RECORD_FIELDS and not kinds & {list, dict}:
        yield "", ({KEY_COLUMN: key, VALUE_COLUMN: inner} for key, inner in value.items())
    else:
        for key, inner in value.items():
            yield from _inner_records(key, inner)


def _inner_records(key: str, inner: Any) -> Iterator[Records]:
    if isinstance(inner, list):
        yield key, inner
    elif isinstance(inner, dict):
        for name, item in inner.items():
            yield f"{key}.{name}", item if isinstance(item, list) else [item]
    else:
        yield key, [inner]


def _add_records(table: Table, path: str, records: list[Any]) -> None:
    """Add the records of one list, many at once if none of them is an object."""
    kinds = set(map(type, records))
    if dict in kinds or not records:
        for record in records:
            _add_record(table, path, record)
    elif kinds == {str} and "".join(records).isprintable():
        table.extend(path or VALUE_COLUMN, map(str.strip, records))
    else:
        table.extend(path or VALUE_COLUMN, map(_text, records))


def _add_record(table: Table, path: str, record: Any) -> None:
    if not isinstance(record, dict):
        table.add(path or VALUE_COLUMN, _text(record))
        return
    prefix = f"{path}." if path else ""
    for name, value in record.items():
        if isinstance(value, dict):
            for inner_name, inner in value.items():
                table.add(f"{prefix}{name}.{inner_name}", _text(inner))
        else:
            table.add(prefix + name, _text(value))


def _text(value: Any) -> str:
    """Return a plain value as text, a list as lines of text, and "" for anything nested deeper."""
    if isinstance(value, str):
        text = value
        if not text.isprintable():
            text = INVALID_CHARACTERS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
        return text.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        if not value:
            return ""
        return "\n".join([_text(item) for item in value if not isinstance(item, list | dict)])
    return ""
