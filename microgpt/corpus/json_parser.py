"""An incremental JSON parser.

Python's own parser processes a text in one call, however long, and recurses as deep as the text is
nested. So it is only given what is known to be short and not nested too deep: runs of items that a
regular expression has found, and values whose brackets were counted; the rest is parsed here. All
of it takes time in proportion to the text. The module knows nothing of files, nor of what the
values are for.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Generator
from json import JSONDecodeError
from typing import Any, TypeAlias

from microgpt.corpus.progress import LoadProgress, WithProgress
from microgpt.generators import map_yields

MAX_NESTING = 100  # a few thousand levels crash Python in a browser, beyond any exception handler
NATIVE_NESTING = 8  # levels of a run of items, found without counting brackets
WINDOW_CHARS = 1 << 16  # the most that it is given at once, except for one longer string
READING_FIELDS = "Reading the fields"

ItemBatch: TypeAlias = list[Any] | dict[str, Any]
ItemBatches: TypeAlias = Generator[ItemBatch, None, None]

STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
CONTAINER = STRING
for _ in range(NATIVE_NESTING):  # whether the brackets match is left to Python's parser
    CONTAINER = rf'{STRING}|[\[{{](?:[^][{{}}"]++|{CONTAINER})*+[\]}}]'
# Complete items of a list or an object, each with the comma before it; numbers many at a time.
ITEMS = re.compile(
    rf'(?:,[^][{{}}"]*(?=[],}}])|,\s*+(?:[^][{{}}",]++|{CONTAINER})++(?=[],}}]))++', re.DOTALL
)
# The next bracket outside of strings and of lists and objects that contain no further ones.
INNERMOST = rf'[\[{{](?:[^][{{}}"]++|{STRING})*+[\]}}]'
BRACKET = re.compile(rf'(?:[^][{{}}"]++|{STRING}|{INNERMOST})*+([][{{}}])', re.DOTALL)
WHITESPACE = re.compile(r"[ \t\n\r]*+")  # what JSON allows as such
CLOSING_BRACKETS = {"[": "]", "{": "}"}
# Numbers stay as they are written.
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


class NestingError(ValueError):
    """A text is nested more than `MAX_NESTING` levels deep."""


class JsonParser:
    """Parses a JSON text once, from beginning to end.

    Args:
        text: the whole text.

    Call either `parse` or `iter_items`. Both raise `JSONDecodeError` if the text is not JSON, and
    `NestingError`. Numbers are returned as `str`.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._counted = 0  # how far brackets were counted, which may be beyond the position
        self._open: list[int] = []  # where the lists and objects start that are open there
        self._skip("")

    @property
    def fraction(self) -> float:
        """The fraction of the text that has been parsed, 0 to 1."""
        return self._position / (len(self._text) or 1)

    @property
    def at_list(self) -> bool:
        """Whether a list comes next."""
        return self._text.startswith("[", self._position)

    def iter_items(self) -> ItemBatches:
        """Yield the items of the list or object that the text is, in batches (some empty)."""
        yield from self._items(1)
        self._expect_end()

    def parse(self) -> WithProgress[Any]:
        """Return the value of the whole text."""
        steps = map_yields(self._value(0), lambda _: LoadProgress(self.fraction, READING_FIELDS))
        value = yield from steps
        self._expect_end()
        return value

    def _value(self, depth: int) -> Generator[ItemBatch, None, Any]:
        """Parse the next value, which is nested in `depth` others."""
        opening = self._text[self._position : self._position + 1]
        if opening not in CLOSING_BRACKETS or self._is_short(depth):
            value, self._position = DECODER.raw_decode(self._text, self._position)
            return value
        items: list[Any] = []
        fields: dict[str, Any] = {}
        for batch in self._items(depth + 1):
            if isinstance(batch, list):
                items += batch
            else:
                fields |= batch
            yield []
        return items if opening == "[" else fields

    def _is_short(self, depth: int) -> bool:
        """Whether the list or object that comes next ends within a window.

        Brackets are counted once: what was counted for an outer value serves for those in it.
        """
        start = self._position
        if start >= self._counted:
            self._counted, self._open = start + 1, [start]
        outer = bisect_left(self._open, start)  # of the open ones contain it
        if self._open[outer : outer + 1] != [start]:
            return True  # it was closed before
        while len(self._open) > outer:
            found = BRACKET.match(self._text, self._counted, start + WINDOW_CHARS)
            if found is None:
                return False
            self._counted = found.end()
            if found[1] not in CLOSING_BRACKETS:
                self._open.pop()
            elif depth + len(self._open) - outer < MAX_NESTING:
                self._open.append(found.start(1))
            else:
                raise NestingError
        return True

    def _items(self, depth: int) -> ItemBatches:
        """Parse the next list or object, and yield its items in batches."""
        if depth > MAX_NESTING:
            raise NestingError
        opening = self._text[self._position]
        closing = CLOSING_BRACKETS[opening]
        self._skip(opening)
        if self._text.startswith(closing, self._position):
            self._skip(closing)
            return
        while True:
            # The first item, or one that is too long or nested too deep to be part of a run.
            if opening == "[":
                item = yield from self._value(depth)
                yield [item]
            else:
                key = self._key()
                item = yield from self._value(depth)
                yield {key: item}
            self._skip("")
            while run := self._match_run():
                yield self._parse_run(run, opening)
            if self._text.startswith(closing, self._position):
                self._skip(closing)
                return
            self._skip(",")

    def _match_run(self) -> str:
        """Return as many complete items as fit the window, each with the comma before it."""
        found = ITEMS.match(self._text, self._position, self._position + WINDOW_CHARS)
        return found[0] if found else ""

    def _parse_run(self, run: str, opening: str) -> ItemBatch:
        try:
            batch: ItemBatch = DECODER.decode(opening + run[1:] + CLOSING_BRACKETS[opening])
        except JSONDecodeError as error:
            raise self._error(error.msg, error.pos) from None
        self._skip(run)
        return batch

    def _key(self) -> str:
        """Parse the key of the next field and the colon after it."""
        if not self._text.startswith('"', self._position):
            raise self._error("Expecting property name enclosed in double quotes")
        key: str
        key, self._position = DECODER.raw_decode(self._text, self._position)
        self._skip("")
        self._skip(":")
        return key

    def _skip(self, expected: str) -> None:
        """Skip `expected`, which must come next, and the whitespace after it."""
        if not self._text.startswith(expected, self._position):
            raise self._error(f"Expecting '{expected}' delimiter")
        space = WHITESPACE.match(self._text, self._position + len(expected))
        self._position = space.end() if space else self._position

    def _expect_end(self) -> None:
        self._skip("")
        if self._position < len(self._text):
            raise self._error("Extra data")

    def _error(self, message: str, offset: int = 0) -> JSONDecodeError:
        return JSONDecodeError(message, self._text, self._position + offset)
