"""Tables of delimited text (CSV, TSV and the like).

The module knows nothing of files, nor of what columns are used for.
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
from microgpt.corpus.progress import CHUNK_SIZE, LoadProgress, WithProgress
from microgpt.corpus.splitting import rechunk_at_lines

DELIMITERS = "\t;|,"  # the later of two that fit equally well is more likely to be part of a text
NO_DELIMITER = "\x1f"  # no text contains it, so every line is one cell
SAMPLE_LINES = 200  # for detecting the delimiter
MIN_CONSISTENCY = 0.5  # more than this fraction of the sample must have equally many cells
ROWS_PER_YIELD = 2_000
CELLS_PER_YIELD = 200_000
NUMBER = re.compile(r"[-+]?[\d.,]+%?$")


def read_table(chunks: Sequence[str], header: bool | None) -> WithProgress[Table]:
    """Read a table with one row per line.

    The delimiter is the one that splits the first lines most consistently into the same number of
    cells; if none does, every line is a single cell.

    Args:
        chunks: the text.
        header: whether the first row names the columns; None detects it.
    """
    # Quotation marks that are not paired are part of the text: as delimiters of a cell, a single
    # one would swallow the rest of the file.
    quoted = sum(chunk.count('"') for chunk in chunks) % 2 == 0
    num_lines = sum(chunk.count("\n") for chunk in chunks) + 1
    table = Table()
    with _field_size_limit(sum(map(len, chunks))):
        sample = _sample(_lines(chunks))
        delimiter, sample_rows = _detect_delimiter(sample, quoted)
        if header is None:
            header = _has_header(sample_rows)
        rows = _rows(_lines(chunks), delimiter, quoted)
        names = _column_names(next(rows, []) if header else [])
        for batch in _batches_of_rows(rows):
            table.rows += len(batch)
            columns = zip_longest(*batch, fillvalue="")
            for name, cells in zip(names, columns, strict=False):
                table.extend(name, map(str.strip, cells))
            yield LoadProgress(min(1.0, table.rows / num_lines), "Reading the columns")
    return table


@contextmanager
def _field_size_limit(size: int) -> Iterator[None]:
    """Allow cells of `size` characters; the limit of the `csv` module is global, so restore it."""
    before = csv.field_size_limit(size)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _lines(chunks: Sequence[str]) -> Iterator[str]:
    return chain.from_iterable(map(StringIO, rechunk_at_lines(chunks)))


def _sample(lines: Iterable[str]) -> list[str]:
    """Return the first lines, fewer if they are long."""
    sample: list[str] = []
    size = 0
    for line in islice(lines, SAMPLE_LINES):
        sample.append(line)
        size += len(line)
        if size > CHUNK_SIZE:
            break
    return sample


def _batches_of_rows(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """Yield rows in batches, without the cells beyond `MAX_COLUMNS`."""
    batch: list[list[str]] = []
    cells = 0
    for row in rows:
        batch.append(row[:MAX_COLUMNS])
        cells += len(row)
        if len(batch) == ROWS_PER_YIELD or cells >= CELLS_PER_YIELD:
            yield batch
            batch, cells = [], 0
    if batch:
        yield batch


def _rows(lines: Iterable[str], delimiter: str, quoted: bool) -> Iterator[list[str]]:
    if quoted:
        return csv.reader(lines, delimiter=delimiter)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _detect_delimiter(lines: Sequence[str], quoted: bool) -> tuple[str, list[list[str]]]:
    """Return the delimiter, and the rows that it splits `lines` into."""
    best, best_rows, best_score = NO_DELIMITER, [[line.strip()] for line in lines], (0.0, 0)
    for delimiter in DELIMITERS:
        rows = [row for row in _rows(lines, delimiter, quoted) if row]
        if not rows:
            continue
        width, count = Counter(map(len, rows)).most_common(1)[0]
        # Cells that are split in the wrong places keep their quotation marks.
        num_marks = sum("".join(row).count('"') for row in rows)
        consistency = count / len(rows)
        score = (consistency, -num_marks)
        if len(rows[0]) == width > 1 and consistency > MIN_CONSISTENCY and score > best_score:
            best, best_rows, best_score = delimiter, rows, score
    return best, best_rows


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row seems to name the columns.

    The header of a single column must be a usual name. Several columns mostly have a header: it
    must consist of distinct words, none of which occurs again below it.
    """
    if not rows:
        return False
    header = [cell.strip() for cell in rows[0]]
    if len(header) == 1:
        return header[0].strip('"').lower() in USUAL_NAMES
    names = [cell for cell in header if cell]
    columns = list(zip_longest(*rows[1:], fillvalue=""))
    return (
        len(names) == len(set(names)) >= len(header) - 1
        and not any(NUMBER.match(name) for name in names)
        and not any(cell and cell in column for cell, column in zip(header, columns, strict=False))
    )


def _column_names(header: Sequence[str]) -> list[str]:
    """Return distinct names for `MAX_COLUMNS` columns."""
    names: dict[str, None] = {}
    for number in range(1, MAX_COLUMNS + 1):
        given = header[number - 1].strip() if number <= len(header) else ""
        name = given if given and given not in names else f"{given or 'column'} {number}"
        while name in names:
            name += "'"
        names[name] = None
    return list(names)
