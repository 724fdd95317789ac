"""Helpers for several data sets: plain ASCII text and unique documents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

ASCII_PUNCTUATION = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{EN DASH}": "-"})


def to_ascii(text: str) -> str:
    """Strip accents, and replace typographic apostrophes and dashes.

    >>> to_ascii("Flabébé")
    'Flabebe'
    """
    plain = text.translate(ASCII_PUNCTUATION)
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode("ascii")


def unique(documents: Iterable[str]) -> list[str]:
    """Drop empty and duplicate documents; keep the order.

    >>> unique(["a", "", "b", "a"])
    ['a', 'b']
    """
    return [document for document in dict.fromkeys(documents) if document]
