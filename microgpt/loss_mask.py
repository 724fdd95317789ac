"""Which predictions of a document count: all, or those after a mark, such as the answer after "=".

The module knows tokens and texts, and neither models nor tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from microgpt.tokenizer import Tokenizer

ENCODED_DOCUMENTS_PER_YIELD = 1000


class CountedDocuments(NamedTuple):
    """Documents to train on or to test with, as engines take them."""

    documents: list[list[int]]  # as token ids
    counted_from: list[int]  # for each the position from which on its predictions count; or none

    def first(self, number: int) -> CountedDocuments:
        """The first of them, at most `number`."""
        return CountedDocuments(self.documents[:number], self.counted_from[:number])


def everything_counts(documents: list[list[int]]) -> CountedDocuments:
    """These documents, of which every prediction counts."""
    return CountedDocuments(documents, [])


def first_counted(
    document: Sequence[int],
    mark: str,
    decode: Callable[[Sequence[int]], str],
    block_size: int,
) -> int | None:
    """The position of the first prediction behind the mark; None if nothing comes behind it.

    Args:
        document: as token ids, BOS first.
        mark: at least one character.
        decode: from token ids to their text.
        block_size: the context length; what lies beyond it does not count.
    """
    place = decode(document).find(mark)
    if place < 0:
        return None
    left = place + len(mark)  # characters up to the end of the mark
    for position, token in enumerate(document[:block_size]):
        left -= len(decode((token,)))
        if left <= 0:
            return position if position + 1 < len(document) else None
    return None


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
        return first_counted(document, self.mark, self._tokenizer.decode, self._block_size)

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

    def gather(
        self, documents: Sequence[str], encode: Callable[[str], list[list[int]]], needed: int
    ) -> Generator[None, None, tuple[CountedDocuments, int, int]]:
        """The first sequences of documents of which something counts; yields are yield points.

        Args:
            documents: the texts.
            encode: what a text becomes, as sequences of token ids.
            needed: how many sequences there are to be at least, unless the documents have fewer.

        Returns:
            The sequences; how many documents that took; how many sequences were left out, since
            nothing of them counts.
        """
        gathered, taken, left_out = CountedDocuments([], []), 0, 0
        while taken < len(documents) and len(gathered.documents) < needed:
            wanted = min(needed - len(gathered.documents), ENCODED_DOCUMENTS_PER_YIELD)
            texts = documents[taken : taken + wanted]
            sequences = list(chain.from_iterable(map(encode, texts)))
            counted = self.apply(sequences)
            left_out += len(sequences) - len(counted.documents)
            gathered.documents.extend(counted.documents)
            gathered.counted_from.extend(counted.counted_from)
            taken += wanted
            yield
        return gathered, taken, left_out
