"""How long documents are: a histogram, and what a context length cuts off.

It counts predictions, and knows neither documents nor what their tokens are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

from microgpt.settings import setting

BINS = 20


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of the histogram: documents of `first` to `last` predictions."""

    first: int
    last: int
    documents: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths of documents, one at least.

    A document's length is given in predictions, which is what the context length is compared with:
    each token is one, and the end is one more. The pieces of one long text have no end.
    """

    counts: tuple[tuple[int, int], ...]  # (predictions, how many documents), shortest first
    end: int  # predictions of a document that are its end: 1, or 0 for pieces

    @staticmethod
    def of(sizes: Mapping[int, int], in_pieces: bool) -> Lengths:
        """The lengths of documents: how many of them, by their tokens without the end."""
        end = 0 if in_pieces else 1
        return Lengths(tuple((size + end, count) for size, count in sorted(sizes.items())), end)

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return sum(count for _, count in self.counts)

    @property
    def predictions(self) -> int:
        """The predictions of all documents together."""
        return sum(length * count for length, count in self.counts)

    def quantile(self, share: float) -> int:
        """The predictions that this share of the documents does not exceed."""
        documents = self.documents
        sums = accumulate(count for _, count in self.counts)
        return next(
            length
            for (length, _), below in zip(self.counts, sums, strict=True)
            if below >= share * documents
        )

    def histogram(self) -> tuple[Bin, ...]:
        """At most `BINS` bars of the same width; the last takes in the longest percent too."""
        shortest, longest = self.counts[0][0], self.counts[-1][0]
        span = self.quantile(0.99) - shortest + 1
        width = -(-span // BINS)
        last = -(-span // width) - 1
        bars = Counter[int]()
        for length, count in self.counts:
            bars[min((length - shortest) // width, last)] += count
        return tuple(
            Bin(
                shortest + number * width,
                longest if number == last else shortest + (number + 1) * width - 1,
                bars[number],
            )
            for number in range(last + 1)
        )

    def cut(self, block_size: int) -> tuple[int, float]:
        """What a context length cuts off.

        Returns:
            How many documents are cut, and the share of all predictions that is lost, 0 to 1.
        """
        longer = [(length - block_size, count) for length, count in self.counts]
        documents = sum(count for over, count in longer if over > 0)
        lost = sum(over * count for over, count in longer if over > 0)
        return documents, lost / self.predictions

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the histogram, `end`, and what each stop of the page's slider cuts off.

        The latter are (stop, documents, share), so that the mark can move with the slider at once.
        """
        stops = [int(stop) for stop in setting("block_size").stops]
        return {
            "histogram": [asdict(bar) for bar in self.histogram()],
            "cut": [[stop, *self.cut(stop)] for stop in stops],
            "end": self.end,
        }
