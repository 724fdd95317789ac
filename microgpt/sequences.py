"""Documents as sequences of tokens: what a model is trained on, and how long it is.

The module does not know how tokens are made, or which documents are trained on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from itertools import accumulate, chain, islice

from microgpt.corpus.lengths import Lengths
from microgpt.tokenizer import Tokenizer

# Of held-out documents at the end of a run, where the figure is to be compared: subsets of 50
# scatter by 0.05.
MAX_FINAL_DOCUMENTS = 2000
MAX_FINAL_PRODUCTS = 2e9  # of numbers, in this evaluation: about a second of a compiled model
MAX_MEASURED_CHARS = 2_000_000  # about; longer texts are sampled
MEASURED_PER_YIELD = 100  # documents to encode between two yield points
MAX_MEASURED_CANDIDATES = 5_000  # of those that may be cut


def encode_document(
    document: str, tokenizer: Tokenizer, block_size: int, windowed: bool
) -> list[list[int]]:
    """Encode a document as the sequences to train on, each of which begins with BOS.

    Args:
        document: the text.
        tokenizer: encodes it.
        block_size: the context length.
        windowed: whether the document is a window of one long text. If not, it becomes a single
            sequence that ends with BOS. If so, BOS does not follow, since the text continues there,
            and tokens beyond the context length go into further sequences.
    """
    if not windowed:
        return [tokenizer.encode(document)]
    tokens = tokenizer.encode_prefix(document)
    starts = range(0, len(tokens), block_size)
    return [[tokenizer.bos, *tokens[start : start + block_size]] for start in starts]


def num_final(lengths: Iterable[int], num_params: int) -> int:
    """How many sequences of these lengths can be evaluated in a moment, by a compiled model."""
    most = MAX_FINAL_PRODUCTS / num_params
    ends = list(accumulate(islice(lengths, MAX_FINAL_DOCUMENTS)))
    return min(len(ends), bisect_right(ends, most) + 1)


def measure_lengths(
    documents: Sequence[str], tokenizer: Tokenizer, block_size: int, windowed: bool
) -> Generator[None, None, Lengths]:
    """Measure the sequences that documents are encoded as; yields are yield points.

    Args:
        documents: at least one; of more than `MAX_MEASURED_CHARS` every n-th one is measured.
        tokenizer, block_size, windowed: as in `encode_document`.
    """
    step = -(-sum(map(len, documents)) // MAX_MEASURED_CHARS)
    num_bos = 1 if windowed else 2
    token_counts = Counter[int]()
    for number, document in enumerate(documents[::step]):
        if number % MEASURED_PER_YIELD == 0:
            yield
        for sequence in encode_document(document, tokenizer, block_size, windowed):
            token_counts[len(sequence) - num_bos] += 1
    return Lengths.from_token_counts(token_counts, windowed)


def estimate_num_cut(
    splits: Iterable[Sequence[str]], block_size: int, num_tokens: Callable[[str], int]
) -> int:
    """Estimate how many documents the context length cuts; exact unless there are very many.

    Args:
        splits: all documents, in several parts.
        block_size: the context length.
        num_tokens: returns the number of tokens of a document, at most one per character.
    """
    # A document of n tokens has n + 1 predictions; the last one is its end.
    long = [documents for documents in splits if max(map(len, documents), default=0) >= block_size]
    documents = chain.from_iterable(long)
    candidates = [document for document in documents if len(document) + 1 > block_size]
    sample = candidates[:: 1 + len(candidates) // MAX_MEASURED_CANDIDATES]
    num_cut = sum(num_tokens(document) + 1 > block_size for document in sample)
    return round(len(candidates) * num_cut / (len(sample) or 1))
