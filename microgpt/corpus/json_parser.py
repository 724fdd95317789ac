"""JSON as Python's values, parsed in slices.

Python's own parser takes a text in one call, however long, and follows any nesting. So it is given
runs of items that a regular expression has found to be short and nested a few levels at most; the
rest is gone through by hand. The module knows nothing of files, nor of what values are for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from json import JSONDecodeError
from typing import Any, TypeAlias

from microgpt.corpus.progress import Progress, Work
from microgpt.generators import map_yields

MAX_NESTING = 100  # Python inside a browser dies of a few thousand, and no error can be caught
LEVELS = 8  # that are left to Python's parser
WINDOW = 1 << 16  # characters that it is given at most, but for a longer text in quotation marks
READING = "Reading the fields"

Batch: TypeAlias = list[Any] | dict[str, Any]
Items: TypeAlias = Generator[Batch, None, None]

STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
CONTAINER = STRING
for _ in range(LEVELS):  # which bracket closes which is left to Python's parser
    CONTAINER = rf'{STRING}|[\[{{](?:[^][{{}}"]++|{CONTAINER})*+[\]}}]'
VALUE = re.compile(CONTAINER, re.DOTALL)
# Items of a list or an object, each with the comma before it; what is cut off is not one of them.
ITEMS = re.compile(rf'(?:,\s*+(?:[^][{{}}",]++|{CONTAINER})++(?=[],}}]))++', re.DOTALL)
SPACE = re.compile(r"[ \t\n\r]*+")  # all that JSON takes for space
CLOSE = {"[": "]", "{": "}"}
# Numbers stay as they are written.
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


class NestingError(ValueError):
    """A text is nested more than `MAX_NESTING` deep."""


class Parser:
    """Goes through a JSON text once, from its beginning to its end.

    Args:
        text: all of it.

    Both ways through it raise `JSONDecodeError` for what is no JSON, and `NestingError`. Numbers
    are `str`.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._skip("")

    @property
    def share(self) -> float:
        """How much of the text has been gone through, 0 to 1."""
        return self._at / (len(self._text) or 1)

    @property
    def at_list(self) -> bool:
        """Whether a list comes next."""
        return self._text.startswith("[", self._at)

    def items(self) -> Items:
        """What the list or object is made of that the text is, in batches that may be empty."""
        yield from self._items(1)
        self._expect_end()

    def value(self) -> Work[Any]:
        """All that the text stands for."""
        parsed = yield from map_yields(self._value(0), lambda _: Progress(self.share, READING))
        self._expect_end()
        return parsed

    def _value(self, depth: int) -> Generator[Batch, None, Any]:
        """The next value, which lies within `depth` others."""
        opening = self._text[self._at : self._at + 1]
        if opening not in CLOSE or VALUE.match(self._text, self._at, self._at + WINDOW):
            value, self._at = DECODER.raw_decode(self._text, self._at)
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

    def _items(self, depth: int) -> Items:
        """What the next list or object holds, in batches."""
        if depth > MAX_NESTING:
            raise NestingError
        opening = self._text[self._at]
        close = CLOSE[opening]
        self._skip(opening)
        if self._text.startswith(close, self._at):
            self._skip(close)
            return
        while True:
            # The first item, or one that is too long or too deep for a run of them.
            if opening == "[":
                item = yield from self._value(depth)
                yield [item]
            else:
                key = self._key()
                item = yield from self._value(depth)
                yield {key: item}
            self._skip("")
            while run := self._run():
                yield self._parsed(run, opening)
            if self._text.startswith(close, self._at):
                self._skip(close)
                return
            self._skip(",")

    def _run(self) -> str:
        """As many items as can be told to be whole, each with the comma before it."""
        found = ITEMS.match(self._text, self._at, self._at + WINDOW)
        return found[0] if found else ""

    def _parsed(self, run: str, opening: str) -> Batch:
        """The items of a run."""
        try:
            batch: Batch = DECODER.decode(opening + run[1:] + CLOSE[opening])
        except JSONDecodeError as error:
            raise self._fault(error.msg, error.pos) from None
        self._skip(run)
        return batch

    def _key(self) -> str:
        """The key of the next field, with the colon behind it."""
        if not self._text.startswith('"', self._at):
            raise self._fault("Expecting property name enclosed in double quotes")
        key: str
        key, self._at = DECODER.raw_decode(self._text, self._at)
        self._skip("")
        self._skip(":")
        return key

    def _skip(self, sign: str) -> None:
        """Go past `sign`, which must come next, and the space behind it."""
        if not self._text.startswith(sign, self._at):
            raise self._fault(f"Expecting '{sign}' delimiter")
        space = SPACE.match(self._text, self._at + len(sign))
        self._at = space.end() if space else self._at

    def _expect_end(self) -> None:
        self._skip("")
        if self._at < len(self._text):
            raise self._fault("Extra data")

    def _fault(self, words: str, further: int = 0) -> JSONDecodeError:
        return JSONDecodeError(words, self._text, self._at + further)
