"""Lengths of documents: a histogram, and what a context length truncates.

Lengths are numbers of predictions; the module knows neither documents nor tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

from microgpt.settings import setting

MAX_BINS = 20


@dataclass(frozen=True, slots=True)
class HistogramBin:
    """The number of documents that have `first` to `last` predictions."""

    first: int
    last: int
    documents: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths of one or more documents.

    The length of a document is the number of predictions that a model makes on it, since that is
    what the context length limits: one for each token, and one for the end. The windows of a long
    text have no end.
    """

    counts: tuple[tuple[int, int], ...]  # (predictions, documents of that length), shortest first
    end: int  # predictions for the end of each document: 1, or 0 for windows

    @staticmethod
    def from_token_counts(counts: Mapping[int, int], windowed: bool) -> Lengths:
        """Make lengths from the number of documents for each number of tokens.

        Args:
            counts: tokens of a document, without its end -> number of such documents.
            windowed: whether the documents are windows of one long text.
        """
        end = 0 if windowed else 1
        return Lengths(
            tuple((tokens + end, count) for tokens, count in sorted(counts.items())), end
        )

    @property
    def documents(self) -> int:
        """The number of documents."""
        return sum(count for _, count in self.counts)

    @property
    def predictions(self) -> int:
        """The number of predictions in all documents."""
        return sum(length * count for length, count in self.counts)

    def quantile(self, fraction: float) -> int:
        """Return the smallest length that this fraction of the documents does not exceed."""
        documents = self.documents
        cumulative = accumulate(count for _, count in self.counts)
        return next(
            length
            for (length, _), at_most in zip(self.counts, cumulative, strict=True)
            if at_most >= fraction * documents
        )

    def histogram(self) -> tuple[HistogramBin, ...]:
        """Return up to `MAX_BINS` bins of equal width; the last one includes the longest 1%."""
        shortest, longest = self.counts[0][0], self.counts[-1][0]
        span = self.quantile(0.99) - shortest + 1
        width = -(-span // MAX_BINS)
        last = -(-span // width) - 1
        documents = Counter[int]()  # by the index of the bin
        for length, count in self.counts:
            documents[min((length - shortest) // width, last)] += count
        return tuple(
            HistogramBin(
                shortest + index * width,
                longest if index == last else shortest + (index + 1) * width - 1,
                documents[index],
            )
            for index in range(last + 1)
        )

    def truncation(self, block_size: int) -> tuple[int, float]:
        """Return what a context length cuts off.

        Returns:
            The number of documents that are cut, and the fraction of all predictions that is lost.
        """
        excess = [(length - block_size, count) for length, count in self.counts]
        documents = sum(count for over, count in excess if over > 0)
        lost = sum(over * count for over, count in excess if over > 0)
        return documents, lost / self.predictions

    def as_dict(self) -> dict[str, Any]:
        """Return the histogram, `end`, and the truncation at each stop of the page's slider.

        The latter, (stop, documents, fraction), lets the page follow the slider at once. Everything
        can be written as JSON.
        """
        stops = [int(stop) for stop in setting("block_size").stops]
        return {
            "histogram": [asdict(each) for each in self.histogram()],
            "cut": [[stop, *self.truncation(stop)] for stop in stops],
            "end": self.end,
        }
