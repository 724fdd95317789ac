"""Statistics of documents: how many, how long, and made of which characters.

The module knows nothing of models, or of how the documents were loaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from heapq import nlargest
from itertools import pairwise
from typing import Any

from microgpt.corpus.filtering import SEPARATOR, count_characters, count_duplicates, iter_batches
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.progress import LoadProgress, WithProgress, rescale

MAX_BIGRAMS = 20
BIGRAM_SAMPLE_CHARS = 100_000  # more would take longer and hardly change the result
MAX_EXCERPT_CHARS = 200  # of the shortest and of the longest document


@dataclass(frozen=True, slots=True)
class CorpusStatistics:
    """Statistics of documents."""

    documents: int
    characters: int
    duplicates: int  # documents that are equal to an earlier one
    vocabulary: tuple[tuple[str, int], ...]  # characters with counts, most common first
    lengths: Lengths  # with a prediction for each character
    bigrams: tuple[tuple[str, int], ...]  # the most common ones, with their counts in the sample
    bigram_sample: int  # bigrams that were counted
    shortest: str
    longest: str  # the beginning of it

    def as_dict(self, block_size: int) -> dict[str, Any]:
        """Return the statistics, and what the context length truncates, for JSON."""
        cut_documents, cut_share = self.lengths.truncation(block_size)
        fields = asdict(self)
        del fields["lengths"]  # there may be thousands; the histogram summarizes them
        return fields | {
            **self.lengths.as_dict(),
            "block_size": block_size,
            "cut_documents": cut_documents,
            "cut_share": cut_share,
        }


def compute_statistics(
    documents: Sequence[str], unique: bool, windowed: bool
) -> WithProgress[CorpusStatistics]:
    """Compute the statistics of documents.

    Args:
        documents: at least one.
        unique: whether it is known that there are no duplicates; counting them takes time.
        windowed: whether the documents are windows of one long text, which have no end.
    """
    counts = yield from rescale(count_characters(documents), 0.0, 0.5)
    duplicates = 0
    if not unique:
        duplicates = yield from rescale(count_duplicates(documents), 0.5, 0.8)
    token_counts = Counter[int]()
    shortest = longest = documents[0]
    for fraction, batch in iter_batches(documents):
        sizes = list(map(len, batch))
        token_counts.update(sizes)
        fewest, most = min(sizes), max(sizes)
        if fewest < len(shortest):
            shortest = batch[sizes.index(fewest)]
        if most > len(longest):
            longest = batch[sizes.index(most)]
        yield LoadProgress(0.8 + 0.2 * fraction, "Measuring documents")
    bigrams = _count_bigrams(documents, counts.total() + len(documents))
    yield LoadProgress(1.0, "Counting pairs")
    return CorpusStatistics(
        documents=len(documents),
        characters=counts.total(),
        duplicates=duplicates,
        vocabulary=_most_common(counts, len(counts)),
        lengths=Lengths.from_token_counts(token_counts, windowed),
        bigrams=_most_common(bigrams, MAX_BIGRAMS),
        bigram_sample=bigrams.total(),
        shortest=shortest[:MAX_EXCERPT_CHARS],
        longest=longest[:MAX_EXCERPT_CHARS],
    )


def _count_bigrams(documents: Sequence[str], num_chars: int) -> Counter[str]:
    """Count pairs of characters within documents, in a sample spread over all `num_chars`."""
    step = -(-num_chars // BIGRAM_SAMPLE_CHARS)
    sample = SEPARATOR.join(documents[::step])[:BIGRAM_SAMPLE_CHARS]
    pairs = Counter(pairwise(sample))
    return Counter({a + b: count for (a, b), count in pairs.items() if SEPARATOR not in (a, b)})


def _most_common(counts: Counter[str], limit: int) -> tuple[tuple[str, int], ...]:
    """Do what `counts.most_common` does, but sort equally common texts by their characters."""
    least = min(nlargest(limit, counts.values()), default=0)
    common = [(text, count) for text, count in counts.items() if count >= least]
    return tuple(sorted(common, key=lambda item: (-item[1], item[0]))[:limit])
