"""Tables of rows and cells (CSV, TSV and their kin) as columns.

The module knows nothing of files, nor of what becomes of a column.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import chain, islice, zip_longest

from microgpt.corpus.columns import MAX_COLUMNS, USUAL_NAMES, Table
from microgpt.corpus.progress import Progress, Work
from microgpt.corpus.splitting import whole_lines

DELIMITERS = "\t;|,"  # where two cut as well, the later is the likelier to be part of a text
NO_DELIMITER = "\x1f"  # no text has it: every line is one cell
SAMPLE = 200  # lines that the delimiter is told from
CONSISTENT = 0.5  # more of these must have the same number of cells
BATCH = 2_000  # rows between two chances to look up
NUMBER = re.compile(r"[-+]?[\d.,]+%?$")


def read_table(pieces: Sequence[str], head: bool | None) -> Work[Table]:
    """The columns of a table whose rows are lines.

    The delimiter is the one that cuts the first lines into the same number of cells most
    consistently; where none does, every line is a single cell.

    Args:
        pieces: the text.
        head: whether the first row names the columns; None finds out.
    """
    # Where quotation marks do not pair up they are part of the text: taken for the limits of a
    # cell, one of them would swallow all that follows.
    quoted = sum(piece.count('"') for piece in pieces) % 2 == 0
    length = sum(piece.count("\n") for piece in pieces) + 1
    table = Table()
    with _cells_up_to(sum(map(len, pieces))):
        delimiter, first = _delimiter(list(islice(_lines(pieces), SAMPLE)), quoted)
        if head is None:
            head = _is_head(first)
        reader = _reader(_lines(pieces), delimiter, quoted)
        names = _names(next(reader, []) if head else [])
        while rows := list(islice(reader, BATCH)):
            table.rows += len(rows)
            cells = zip_longest(*(row[:MAX_COLUMNS] for row in rows), fillvalue="")
            for name, column in zip(names, cells, strict=False):
                table.add_all(name, map(str.strip, column))
            yield Progress(min(1.0, table.rows / length), "Reading the columns")
    return table


@contextmanager
def _cells_up_to(size: int) -> Iterator[None]:
    """Lets a cell have `size` characters; the limit of the standard library is the process's."""
    before = csv.field_size_limit(size)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _lines(pieces: Sequence[str]) -> Iterator[str]:
    return chain.from_iterable(map(StringIO, whole_lines(pieces)))


def _reader(lines: Iterable[str], delimiter: str, quoted: bool) -> Iterator[list[str]]:
    if quoted:
        return csv.reader(lines, delimiter=delimiter)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _delimiter(lines: Sequence[str], quoted: bool) -> tuple[str, list[list[str]]]:
    """The delimiter, and the rows that it makes of `lines`."""
    best, best_rows, most = NO_DELIMITER, [[line.strip()] for line in lines], (0.0, 0)
    for delimiter in DELIMITERS:
        rows = [row for row in _reader(lines, delimiter, quoted) if row]
        if not rows:
            continue
        width, count = Counter(map(len, rows)).most_common(1)[0]
        # Cut in the wrong places, cells keep the marks that they were written in.
        marks = sum(cell.count('"') for row in rows for cell in row)
        score = (count / len(rows), -marks)
        if len(rows[0]) == width > 1 and count / len(rows) > CONSISTENT and score > most:
            best, best_rows, most = delimiter, rows, score
    return best, best_rows


def _is_head(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row looks as if it named the columns.

    Of a single column it must be a usual name. Of several, which mostly have a head, it must be
    different words, none of which is met again below.
    """
    if not rows:
        return False
    head = [cell.strip() for cell in rows[0]]
    if len(head) == 1:
        return head[0].strip('"').lower() in USUAL_NAMES
    named = [cell for cell in head if cell]
    below = list(zip_longest(*rows[1:], fillvalue=""))
    return (
        len(named) == len(set(named)) >= len(head) - 1
        and not any(NUMBER.match(cell) for cell in named)
        and not any(cell and cell in column for cell, column in zip(head, below, strict=False))
    )


def _names(head: Sequence[str]) -> list[str]:
    """A name for each column that there may be, no two the same."""
    names: dict[str, None] = {}
    for number in range(1, MAX_COLUMNS + 1):
        given = head[number - 1].strip() if number <= len(head) else ""
        name = given if given and given not in names else f"{given or 'column'} {number}"
        while name in names:
            name += "'"
        names[name] = None
    return list(names)
