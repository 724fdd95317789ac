"""Columns of tables: their texts, a description of each, and which one to use by default.

The module knows nothing of the files that tables come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

MAX_COLUMNS = 256
DESCRIBED_CELLS = 1_000  # a column is described by its first non-empty cells
MAX_EXAMPLES = 3
MAX_EXAMPLE_CHARS = 80
LETTER = re.compile(r"[^\W\d_]")
# URLs and hexadecimal keys contain letters too, but are not worth learning from.
URL_OR_HEX_KEY = re.compile(r"\w+://|www\.|[0-9a-fA-F-]{16,}$")
# Common names of the column that matters, most likely first.
USUAL_NAMES = ("text", "name", "title", "sentence", "content", "word", "message", "quote", "body")


@dataclass(frozen=True, slots=True)
class Column:
    """What helps the user to choose a column."""

    name: str
    filled: int  # rows with a non-empty cell
    rows: int
    is_text: bool  # whether most cells contain words
    different: int  # distinct values among the first `DESCRIBED_CELLS`
    examples: tuple[str, ...]  # the first few of these values, shortened


class Table:
    """The texts of each column; columns are in the order in which they were first added."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.rows = 0

    def add(self, name: str, text: str) -> None:
        """Append a stripped text to a column, unless it is empty.

        A new column is created, unless there are `MAX_COLUMNS` already.
        """
        if name in self.texts:
            if text:
                self.texts[name].append(text)
        elif len(self.texts) < MAX_COLUMNS:
            self.texts[name] = [text] if text else []

    def extend(self, name: str, texts: Iterable[str]) -> None:
        """Append many texts to a column, as `add` does."""
        self.add(name, "")
        if name in self.texts:
            self.texts[name].extend(filter(None, texts))

    def columns(self) -> tuple[Column, ...]:
        """Describe every column."""
        return tuple(_describe(name, texts, self.rows) for name, texts in self.texts.items())


def merge_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Merge the columns of several tables that have the same name."""
    merged: dict[str, Column] = {}
    for column in columns:
        known = merged.get(column.name)
        merged[column.name] = column if known is None else _merge(known, column)
    return tuple(merged.values())


def default_column(columns: Sequence[Column]) -> str:
    """Return the name of the column that the user most likely wants.

    Among the columns that contain words, this is one with a usual name that is filled in most rows,
    or else the one with the most distinct values.

    Args:
        columns: at least one.
    """
    candidates = [column for column in columns if column.is_text] or list(columns)
    for name in USUAL_NAMES:
        for column in candidates:
            if column.name.lower() == name and 2 * column.filled > column.rows:
                return column.name
    return max(candidates, key=lambda column: column.different).name


def _merge(one: Column, other: Column) -> Column:
    return replace(
        one,
        filled=one.filled + other.filled,
        rows=one.rows + other.rows,
        is_text=one.is_text or other.is_text,
    )


def _describe(name: str, texts: Sequence[str], rows: int) -> Column:
    sample = texts[:DESCRIBED_CELLS]
    distinct = list(dict.fromkeys(sample))
    with_words = sum(
        bool(LETTER.search(text)) and not URL_OR_HEX_KEY.match(text) for text in sample
    )
    return Column(
        name=name,
        filled=len(texts),
        rows=rows,
        is_text=2 * with_words > len(sample),
        different=len(distinct),
        examples=tuple(text[:MAX_EXAMPLE_CHARS] for text in distinct[:MAX_EXAMPLES]),
    )
