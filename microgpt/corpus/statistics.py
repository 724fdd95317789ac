"""A portrait of documents: how many, how long, made of which characters.

It counts, and knows nothing of models or of how documents came to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from heapq import nlargest
from itertools import pairwise
from typing import Any

from microgpt.corpus.filtering import SEPARATOR, batches, count_characters, count_duplicates
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.progress import Progress, Work, part

MOST_BIGRAMS = 20
BIGRAM_SAMPLE = 100_000  # pairs to count at most: more would only take longer
SHOWN = 200  # characters of the longest document


@dataclass(frozen=True, slots=True)
class CorpusStatistics:
    """What documents look like."""

    documents: int
    characters: int
    duplicates: int  # documents that were there before
    vocabulary: tuple[tuple[str, int], ...]  # characters with counts, most frequent first
    lengths: Lengths  # where each character is a prediction
    bigrams: tuple[tuple[str, int], ...]  # the commonest pairs, with their counts in the sample
    bigram_sample: int  # how many pairs were counted
    shortest: str
    longest: str  # its beginning

    def as_dict(self, block_size: int) -> dict[str, Any]:
        """The statistics for JSON, with the context length marked on it."""
        cut_documents, cut_share = self.lengths.cut(block_size)
        fields = asdict(self)
        del fields["lengths"]  # of long texts there are thousands; the histogram tells
        return fields | {
            **self.lengths.as_dict(),
            "block_size": block_size,
            "cut_documents": cut_documents,
            "cut_share": cut_share,
        }


def draw(documents: Sequence[str], unique: bool, in_pieces: bool) -> Work[CorpusStatistics]:
    """The statistics of documents.

    Args:
        documents: at least one.
        unique: whether it is known that no two are the same; to find out takes time.
        in_pieces: whether they are pieces of one long text, which end nowhere.
    """
    counts = yield from part(count_characters(documents), 0.0, 0.5)
    duplicates = 0
    if not unique:
        duplicates = yield from part(count_duplicates(documents), 0.5, 0.8)
    lengths = Counter[int]()
    shortest = longest = documents[0]
    for share, batch in batches(documents):
        sizes = list(map(len, batch))
        lengths.update(sizes)
        if min(sizes) < len(shortest):
            shortest = batch[sizes.index(min(sizes))]
        if max(sizes) > len(longest):
            longest = batch[sizes.index(max(sizes))]
        yield Progress(0.8 + 0.2 * share, "Measuring documents")
    bigrams = _bigrams(documents, counts.total() + len(documents))
    yield Progress(1.0, "Counting pairs")
    return CorpusStatistics(
        documents=len(documents),
        characters=counts.total(),
        duplicates=duplicates,
        vocabulary=_most(counts, len(counts)),
        lengths=Lengths.of(lengths, in_pieces),
        bigrams=_most(bigrams, MOST_BIGRAMS),
        bigram_sample=bigrams.total(),
        shortest=shortest[:SHOWN],
        longest=longest[:SHOWN],
    )


def _bigrams(documents: Sequence[str], total: int) -> Counter[str]:
    """Pairs of characters within documents, in a sample from all over these `total` characters."""
    every = -(-total // BIGRAM_SAMPLE)
    sample = SEPARATOR.join(documents[::every])[:BIGRAM_SAMPLE]
    pairs = Counter(pairwise(sample))
    return Counter({a + b: count for (a, b), count in pairs.items() if SEPARATOR not in (a, b)})


def _most(counts: Counter[str], number: int) -> tuple[tuple[str, int], ...]:
    """The most frequent first; those as frequent in the order of their characters."""
    least = min(nlargest(number, counts.values()), default=0)
    most = [(text, count) for text, count in counts.items() if count >= least]
    return tuple(sorted(most, key=lambda item: (-item[1], item[0]))[:number])
