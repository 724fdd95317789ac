"""The columns of tables: the texts in each, what is to be said of them, and which to take first.

The module knows nothing of the files that columns come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

MAX_COLUMNS = 256
SAMPLE = 1_000  # cells of a column that are looked at to judge it
EXAMPLES, EXAMPLE_WIDTH = 3, 80
LETTER = re.compile(r"[^\W\d_]")
# Addresses and hexadecimal keys have letters too, but are nothing to learn from.
NO_WORDS = re.compile(r"\w+://|www\.|[0-9a-fA-F-]{16,}$")
# What people call the column that matters, the likeliest first.
USUAL_NAMES = ("text", "name", "title", "sentence", "content", "word", "message", "quote", "body")


@dataclass(frozen=True, slots=True)
class Column:
    """What a person wants to know of a column before taking it."""

    name: str
    filled: int  # how many rows have something there
    rows: int
    is_text: bool  # whether most of what is there has letters
    different: int  # how many of the first filled cells differ
    examples: tuple[str, ...]  # the first few of these, shortened


class Table:
    """Texts by column; the order of the columns is that in which they were met."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.rows = 0

    def add(self, name: str, text: str) -> None:
        """Put a text without surrounding space into a column, unless it is empty.

        A column that is not there yet is made; those beyond `MAX_COLUMNS` are left out.
        """
        if name in self.texts:
            if text:
                self.texts[name].append(text)
        elif len(self.texts) < MAX_COLUMNS:
            self.texts[name] = [text] if text else []

    def add_all(self, name: str, texts: Iterable[str]) -> None:
        """`add` for many texts."""
        self.add(name, "")
        if name in self.texts:
            self.texts[name].extend(filter(None, texts))

    def columns(self) -> tuple[Column, ...]:
        """What there is to take."""
        return tuple(_describe(name, texts, self.rows) for name, texts in self.texts.items())


def together(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns of several tables, those of one name as one."""
    merged: dict[str, Column] = {}
    for column in columns:
        before = merged.get(column.name, column)
        if before is not column:
            column = replace(  # noqa: PLW2901 - the same column, of more tables
                before,
                filled=before.filled + column.filled,
                rows=before.rows + column.rows,
                is_text=before.is_text or column.is_text,
            )
        merged[column.name] = column
    return tuple(merged.values())


def first_choice(columns: Sequence[Column]) -> str:
    """The name of the column that a person is likeliest to want; there must be one.

    Among those with words: one with a usual name that is filled in most rows, else the one whose
    cells differ most.
    """
    candidates = [column for column in columns if column.is_text] or list(columns)
    for name in USUAL_NAMES:
        for column in candidates:
            if column.name.lower() == name and 2 * column.filled > column.rows:
                return column.name
    return max(candidates, key=lambda column: column.different).name


def _describe(name: str, texts: Sequence[str], rows: int) -> Column:
    sample = texts[:SAMPLE]
    different = list(dict.fromkeys(sample))
    words = sum(bool(LETTER.search(text)) and not NO_WORDS.match(text) for text in sample)
    return Column(
        name=name,
        filled=len(texts),
        rows=rows,
        is_text=2 * words > len(sample),
        different=len(different),
        examples=tuple(text[:EXAMPLE_WIDTH] for text in different[:EXAMPLES]),
    )
