"""What counting comes to: the loss of n-gram models on the documents that a model is tested on.

A model that has learned more than how often tokens follow one or two others is below these lines.
The counts are smoothed as Witten and Bell have it ("The zero-frequency problem", 1991, method C),
interpolated as in Chen and Goodman ("An empirical study of smoothing techniques for language
modeling", 1999, section 2.4):

    p(token | history) = (count(history, token) + kinds p(token | shorter history))
                         / (count(history) + kinds)

where `kinds` is how many different tokens have followed the history; the shortest history of all
gives every token 1 / vocab_size. The module knows tokens only as ids, and no model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from math import log

NGRAM_NAMES = ("unigram", "bigram", "trigram")  # with 0, 1 and 2 tokens of history
PREDICTIONS_PER_YIELD = 4000  # about 2 ms of CPython

Counted = tuple[Sequence[int], int]  # a document, BOS first, and the first place that counts
History = tuple[int, ...]
Prediction = tuple[list[History], int]  # histories, the shortest first, and what follows


class NgramCounts:
    """How often each token follows each history of up to two tokens.

    Args:
        vocab_size: the number of different tokens.
        block_size: the context length; what lies beyond it is neither counted nor predicted, as in
            training.
    """

    def __init__(self, vocab_size: int, block_size: int) -> None:
        self._vocab_size, self._block_size = vocab_size, block_size
        self._followers: dict[History, Counter[int]] = {}
        self._totals: Counter[History] = Counter()

    def count(self, documents: Iterable[Counted]) -> Iterator[None]:
        """Count the tokens of more documents; yields are yield points."""
        for number, (histories, token) in enumerate(self._predictions(documents)):
            if number % PREDICTIONS_PER_YIELD == 0:
                yield
            for history in histories:
                self._totals[history] += 1
                followers = self._followers.get(history)
                if followers is None:
                    followers = self._followers[history] = Counter()
                followers[token] += 1

    def losses(self, documents: Iterable[Counted]) -> Generator[None, None, dict[str, float]]:
        """The mean loss per token of documents, in nats, for each of `NGRAM_NAMES`.

        The first token of a document has one token of history, BOS. Yields are yield points.

        Raises:
            ValueError: no token of the documents counts.
        """
        sums, number = [0.0] * len(NGRAM_NAMES), 0
        for number, (histories, token) in enumerate(self._predictions(documents), start=1):
            if number % PREDICTIONS_PER_YIELD == 0:
                yield
            for order, probability in enumerate(self._probabilities(histories, token)):
                sums[order] -= log(probability)
        if not number:
            raise ValueError("there is no token to predict")
        return {name: total / number for name, total in zip(NGRAM_NAMES, sums, strict=True)}

    def _probabilities(self, histories: Sequence[History], token: int) -> list[float]:
        """What each of the models says of a token after these histories, (len(NGRAM_NAMES),)."""
        probability = 1 / self._vocab_size
        found = []
        for history in histories:
            followers = self._followers.get(history)
            if followers:
                kinds = len(followers)
                seen = followers.get(token, 0) + kinds * probability
                probability = seen / (self._totals[history] + kinds)
            found.append(probability)
        # A model whose history would be longer than the document goes by what there is.
        return found + [probability] * (len(NGRAM_NAMES) - len(found))

    def _predictions(self, documents: Iterable[Counted]) -> Iterator[Prediction]:
        """The tokens that count, each after its histories of 0, 1 and 2 tokens."""
        for document, counted_from in documents:
            tokens = tuple(document[: self._block_size + 1])
            for end in range(counted_from + 1, len(tokens)):
                starts = range(end, max(-1, end - len(NGRAM_NAMES)), -1)
                yield [tokens[start:end] for start in starts], tokens[end]


def measure_baselines(
    train: Iterable[Counted], held_out: Iterable[Counted], vocab_size: int, block_size: int
) -> Generator[None, None, dict[str, float]]:
    """The losses of counting in `train` on the documents `held_out`; yields are yield points.

    Args:
        train: the training documents as token ids, each with the place from which on its
            predictions count (0: all of them).
        held_out: the same of those to test on, at least one.
        vocab_size, block_size: of the model to compare with.

    Returns:
        For each of `NGRAM_NAMES` the mean loss per token, in nats; what `Engine.evaluate` returns
        for the same documents can be compared with it.

    Raises:
        ValueError: no token of `held_out` counts.

    >>> from microgpt.generators import drain
    >>> losses = drain(measure_baselines([([2, 0, 1, 2], 0)], [([2, 0, 1, 2], 0)], 3, 8))
    >>> {name: round(loss, 3) for name, loss in losses.items()}
    {'unigram': 1.099, 'bigram': 0.405, 'trigram': 0.257}
    """
    counts = NgramCounts(vocab_size, block_size)
    yield from counts.count(train)
    return (yield from counts.losses(held_out))
