"""What a head of attention looks at: scores of four patterns, measured over documents.

A score is the mean attention that a head pays to the places of a pattern, 0 to 1, over those
positions that have such places. For a position t of the tokens x they are

- previous: t - 1, the token before;
- first: 0, where BOS stands;
- same: every j < t with x[j] = x[t], earlier occurrences of the same token;
- induction: every j < t with x[j - 1] = x[t], what followed earlier occurrences of this token.

Positions 0 and 1 count for neither of the first two, which are the same place there. An induction
head finds what came next the last time; Elhage et al. (2021), "A Mathematical Framework for
Transformer Circuits", describe it, Olsson et al. (2022), "In-context Learning and Induction Heads",
measure it by this score. In a document where the pattern is one of several that lead to the same
place, as in "aba", a head that follows another one gets a share of the score.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

PATTERNS = ("previous", "first", "same", "induction")

# More than half of the attention. Heads that are not trained score up to 0.25, and up to 0.3 for
# induction in a single layer, which cannot do it; the induction heads of two layers on the code
# book score 0.54 to 0.63, since they look elsewhere from where a value stands.
MIN_LABEL_SCORE = 0.5

# The weights of one layer in a document: for each position those of each head for the positions up
# to it, (t, n_head, position + 1).
LayerAttention = Sequence[Sequence[Sequence[float]]]


class HeadScorer:
    """The scores of one layer's heads over the documents so far."""

    def __init__(self) -> None:
        self._sums: dict[str, list[float]] = {}  # attention paid by each head, by pattern
        self._counts: dict[str, int] = {}  # positions where a pattern is defined

    def add(self, tokens: Sequence[int], attention: LayerAttention) -> None:
        """Take the attention in one more document into account.

        Args:
            tokens: the document, BOS first.
            attention: of this layer, for as many of its positions as there are.
        """
        for heads, places in zip(attention, pattern_places(tokens), strict=False):
            for pattern, keys in places.items():
                sums = self._sums.setdefault(pattern, [0.0] * len(heads))
                self._counts[pattern] = self._counts.get(pattern, 0) + 1
                for head, weights in enumerate(heads):
                    sums[head] += sum([weights[key] for key in keys])

    def scores(self) -> list[dict[str, float]]:
        """Of each head its scores, 0 to 1, by pattern; without patterns that did not occur."""
        means = {
            pattern: [total / self._counts[pattern] for total in self._sums[pattern]]
            for pattern in PATTERNS
            if pattern in self._sums
        }
        heads = range(len(next(iter(means.values()), [])))
        return [{pattern: means[pattern][head] for pattern in means} for head in heads]


def pattern_places(tokens: Sequence[int]) -> list[dict[str, list[int]]]:
    """For each position the places of every pattern that is defined there.

    >>> pattern_places([9, 1, 2, 1])[3]
    {'previous': [2], 'first': [0], 'same': [1], 'induction': [2]}
    """
    seen: dict[int, list[int]] = {}  # where each token has occurred
    result = []
    for position, token in enumerate(tokens):
        earlier = seen.setdefault(token, [])
        places = {"previous": [position - 1], "first": [0]} if position > 1 else {}
        if earlier:
            places["same"] = earlier[:]
        followed = [place + 1 for place in earlier if place + 1 < position]
        if followed:
            places["induction"] = followed
        result.append(places)
        earlier.append(position)
    return result


def score_heads(
    documents: Iterable[Sequence[int]],
    attention_of: Callable[[Sequence[int]], Sequence[LayerAttention]],
) -> Generator[None, None, list[list[dict[str, float]]]]:
    """Score every head over documents; yields after each of them.

    Args:
        documents: as token ids, BOS first; held-out ones.
        attention_of: returns the attention of each layer in a document.

    Returns:
        The scores by pattern, [layer][head]; empty if there are no documents.
    """
    scorers: list[HeadScorer] = []
    for tokens in documents:
        layers = attention_of(tokens)
        scorers = scorers or [HeadScorer() for _ in layers]
        for scorer, attention in zip(scorers, layers, strict=True):
            scorer.add(tokens, attention)
        yield
    return [scorer.scores() for scorer in scorers]


def label(scores: Mapping[str, float]) -> tuple[str, float] | None:
    """The pattern that a head follows, and its score; None if none is followed clearly.

    >>> label({"previous": 0.9, "first": 0.05})
    ('previous', 0.9)
    >>> label({"previous": 0.2, "first": 0.3}) is None
    True
    """
    pattern = max(scores, key=scores.__getitem__, default="")
    if not pattern or scores[pattern] < MIN_LABEL_SCORE:
        return None
    return pattern, scores[pattern]
