"""Which predictions of a document count: all, or those after a mark, such as the answer after "=".

The module knows tokens and texts, and neither models nor tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from microgpt.tokenizer import Tokenizer


class CountedDocuments(NamedTuple):
    """Documents to train on or to test with, as engines take them."""

    documents: list[list[int]]  # as token ids
    counted_from: list[int]  # for each the position from which on its predictions count; or none


def everything_counts(documents: list[list[int]]) -> CountedDocuments:
    """These documents, of which every prediction counts."""
    return CountedDocuments(documents, [])


class LossMask:
    """Finds where the predictions begin that count.

    Args:
        mark: what the first of them follows; empty if all count.
        tokenizer: of the documents.
        block_size: the context length; what lies beyond it does not count.

    >>> from microgpt.tokenizer import CharTokenizer
    >>> tokenizer = CharTokenizer("0123456789+=")
    >>> mask = LossMask("=", tokenizer, block_size=8)
    >>> mask.apply([tokenizer.encode("1+2=3"), tokenizer.encode("1234567+1")])[1]
    [4]
    """

    def __init__(self, mark: str, tokenizer: Tokenizer, block_size: int) -> None:
        self.mark, self._tokenizer, self._block_size = mark, tokenizer, block_size

    def first(self, document: Sequence[int]) -> int | None:
        """The position of the first prediction that counts; None if none does.

        With tokens of several characters, one that begins in the mark does not count.

        Args:
            document: as token ids, BOS first.
        """
        if not self.mark:
            return 0
        text = self._tokenizer.decode(document)
        place = text.find(self.mark)
        if place < 0:
            return None
        left = place + len(self.mark)  # characters up to the end of the mark
        for position, token in enumerate(document[: self._block_size]):
            left -= len(self._tokenizer.decode((token,)))
            if left <= 0:
                return position if position + 1 < len(document) else None
        return None

    @property
    def nothing_counts(self) -> str:
        """What to say where nothing counts at all."""
        return (
            f"No document has anything after {self.mark!r} within the context: choose another "
            "mark, or a longer context."
        )

    def remark(self, left_out: int, total: int) -> str:
        """What to say where `left_out` of `total` documents have nothing that counts."""
        return (
            f"{left_out:,} of {total:,} documents are left out: they have nothing after "
            f"{self.mark!r} within the context, which is all that counts."
        )

    def with_first(self, documents: Iterable[list[int]]) -> Iterator[tuple[list[int], int]]:
        """Those documents of which something counts, each with the position of the first."""
        for document in documents:
            first = self.first(document)
            if first is not None:
                yield document, first

    def apply(self, documents: Iterable[list[int]]) -> CountedDocuments:
        """Those documents of which something counts.

        The positions are empty without a mark: then everything counts.
        """
        if not self.mark:
            return everything_counts(list(documents))
        kept = list(self.with_first(documents))
        return CountedDocuments([document for document, _ in kept], [first for _, first in kept])
