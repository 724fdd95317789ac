"""What makes texts simpler: lower case, no accents, no digits; and Unicode's composed form.

Every text comes out in Unicode's normal form NFC, whatever the options, so that a letter is the
same character however it was written. The module knows nothing of documents or counts.
"""

from __future__ import annotations

import unicodedata

from microgpt.corpus.options import CorpusOptions

# The blocks of combining diacritical marks. Other marks are no accents: the voicing of kana and
# the vowels of many scripts are as good as letters, and U+20E3 and U+FE0F belong to emoji.
ACCENTS = frozenset(
    chr(code)
    for first, last in ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0xFE20, 0xFE2F))
    for code in range(first, last + 1)
)


class Cleaner:
    """Makes texts as the options want them.

    Args:
        options: `case`, `accents` and `digits` matter here.

    >>> Cleaner(ReadOptions(case="lower", accents="remove", digits="zero")).clean("Zoé 42")
    'zoe 00'
    """

    def __init__(self, options: CorpusOptions) -> None:
        self._lower = options.case == "lower"
        self._accents = options.accents == "remove"
        self._digits = options.digits != "keep"
        self._plain = _Plain(self._accents, {"zero": "0", "drop": ""}.get(options.digits))

    def clean(self, text: str) -> str:
        """`text` with nothing changed but letters, accents and digits."""
        if self._lower:
            text = text.lower()
        if self._digits or (self._accents and not text.isascii()):
            text = text.translate(self._plain)
        return unicodedata.normalize("NFC", text)


class _Plain(dict[int, str]):
    """What becomes of each character, found when it is first met.

    `str.translate` looks it up by its code point.
    """

    def __init__(self, accents: bool, digit: str | None) -> None:
        super().__init__()
        self._accents, self._digit = accents, digit

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if self._accents:
            character = _without_accents(character)
        if self._digit is not None and character.isdecimal():
            character = self._digit
        self[code] = character
        return character


def _without_accents(character: str) -> str:
    """A letter without its accents, composed again from all else; nothing of an accent itself."""
    if not (character.isalpha() or character in ACCENTS):
        return character
    parts = unicodedata.normalize("NFKD", character)
    kept = "".join(part for part in parts if part not in ACCENTS)
    return character if kept == parts else unicodedata.normalize("NFC", kept)
