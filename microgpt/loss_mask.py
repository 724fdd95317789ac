"""Which predictions of a document count: all, or those after a mark, such as the answer after "=".

The module knows tokens and texts, and neither models nor tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from microgpt.tokenizer import Tokenizer


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
        self._mark, self._tokenizer, self._block_size = mark, tokenizer, block_size

    def first(self, document: Sequence[int]) -> int | None:
        """The position of the first prediction that counts; None if none does.

        With tokens of several characters, one that begins in the mark does not count.

        Args:
            document: as token ids, BOS first.
        """
        if not self._mark:
            return 0
        text = self._tokenizer.decode(document)
        place = text.find(self._mark)
        if place < 0:
            return None
        left = place + len(self._mark)  # characters up to the end of the mark
        for position, token in enumerate(document[: self._block_size]):
            left -= len(self._tokenizer.decode((token,)))
            if left <= 0:
                return position if position + 1 < len(document) else None
        return None

    def apply(self, documents: Iterable[list[int]]) -> tuple[list[list[int]], list[int]]:
        """Those documents of which something counts, and from which position on.

        The positions are empty without a mark: then everything counts.
        """
        if not self._mark:
            return list(documents), []
        found = [(document, self.first(document)) for document in documents]
        kept = [(document, first) for document, first in found if first is not None]
        return [document for document, _ in kept], [first for _, first in kept]
