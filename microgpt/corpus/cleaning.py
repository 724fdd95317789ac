"""Simplification of texts: lower case, no accents, no digits.

Whatever the options, every text is put into Unicode's composed normal form NFC, so that a letter is
the same character however it was typed. The module knows nothing of documents or counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from microgpt.corpus.options import CorpusOptions

# The blocks of combining diacritical marks. Other combining marks are not accents: the voicing
# marks of kana and the vowel signs of many scripts are as good as letters, and U+20E3 and U+FE0F
# belong to emoji.
COMBINING_ACCENTS = frozenset(
    chr(code)
    for first, last in ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0xFE20, 0xFE2F))
    for code in range(first, last + 1)
)
# Unicode's stream-safe format (UAX #15): an invisible combining grapheme joiner after each 30 marks
# in a row. To compose marks, Python sorts them, in a time that grows with their square.
GRAPHEME_JOINER = "\u034f"
MAX_MARKS = 30
PART_CHARS = 1 << 18  # to compose at a time
# Characters that are composed with none before them: ASCII, the joiner, the first parts of Korean
# syllables, ideographs and whole syllables.
UNATTACHED = re.compile("[\0-\x7f\u034f\u1100-\u1112\u4e00-\u9fff\uac00-\ud7a3]")


def compose(text: str) -> str:
    r"""Return a text in NFC, with a joiner after each `MAX_MARKS` combining marks in a row.

    >>> compose("e\u0301") == "\u00e9"
    True
    """
    return "".join(compose_in_parts(text))


def compose_in_parts(text: str) -> Iterator[str]:
    """Do what `compose` does, but yield the text in parts, some of them empty.

    The whole of a very long one takes seconds.
    """
    if text.isascii():
        yield text
        return
    characters = set[str]()
    for start in range(0, len(text), PART_CHARS):
        characters.update(text[start : start + PART_CHARS])
        yield ""
    # Those that begin with a mark once decomposed.
    marks = [mark for mark in characters if unicodedata.combining(_decomposed(mark)[0])]
    if marks:
        run = re.compile(f"[{''.join(marks)}]{{{MAX_MARKS + 1},}}")
        text = run.sub(_separate, text)
    start = 0
    while start < len(text):
        found = UNATTACHED.search(text, start + PART_CHARS)
        end = found.start() if found else len(text)
        yield unicodedata.normalize("NFC", text[start:end])
        start = end


def _decomposed(character: str) -> str:
    return unicodedata.normalize("NFD", character)


def _separate(run: re.Match[str]) -> str:
    marks = run[0]
    return GRAPHEME_JOINER.join(
        marks[start : start + MAX_MARKS] for start in range(0, len(marks), MAX_MARKS)
    )


class Cleaner:
    """Cleans texts as the options say.

    Args:
        options: only `case`, `accents` and `digits` are used.

    `separated` says whether a text had more than `MAX_MARKS` marks in a row.

    >>> Cleaner(CorpusOptions(case="lower", accents="remove", digits="zero")).clean("Zoé 42")
    'zoe 00'
    """

    def __init__(self, options: CorpusOptions) -> None:
        self.separated = False
        self._lower = options.case == "lower"
        self._accents = options.accents == "remove"
        self._digits = options.digits != "keep"
        self._table = _CharacterTable(self._accents, {"zero": "0", "drop": ""}.get(options.digits))

    def clean(self, text: str) -> str:
        """Return `text` cleaned; nothing but letters, accents and digits is changed."""
        return "".join(self.clean_in_parts(text))

    def clean_in_parts(self, text: str) -> Iterator[str]:
        """Do what `clean` does; yield the text in parts, since a long one takes seconds."""
        if self._lower:
            text = text.lower()
        if self._digits or (self._accents and not text.isascii()):
            text = text.translate(self._table)
        had_joiner = GRAPHEME_JOINER in text
        for part in compose_in_parts(text):
            self.separated |= not had_joiner and GRAPHEME_JOINER in part
            yield part


class _CharacterTable(dict[int, str]):
    """A table for `str.translate`, from code points to replacements, filled on demand."""

    def __init__(self, strip_accents: bool, digit: str | None) -> None:
        super().__init__()
        self._strip_accents, self._digit = strip_accents, digit

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if self._strip_accents:
            character = _strip_accents(character)
        if self._digit is not None and character.isdecimal():
            character = self._digit
        self[code] = character
        return character


def _strip_accents(character: str) -> str:
    """Return a letter without its accents, recomposed; "" for a combining accent."""
    if not (character.isalpha() or character in COMBINING_ACCENTS):
        return character
    parts = unicodedata.normalize("NFKD", character)
    kept = "".join(part for part in parts if part not in COMBINING_ACCENTS)
    return character if kept == parts else unicodedata.normalize("NFC", kept)
