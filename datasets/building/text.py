"""What several lists of documents need to become plain and unique."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

PLAIN = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{EN DASH}": "-"})


def to_ascii(text: str) -> str:
    """Take accents off letters, and make typographic apostrophes and dashes plain.

    >>> to_ascii("Flabébé")
    'Flabebe'
    """
    plain = text.translate(PLAIN)
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode("ascii")


def unique(documents: Iterable[str]) -> list[str]:
    """Drop empty documents and what was there before; keep the order.

    >>> unique(["a", "", "b", "a"])
    ['a', 'b']
    """
    return [document for document in dict.fromkeys(documents) if document]
