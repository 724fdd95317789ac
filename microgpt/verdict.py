"""What a model's samples say of it: how many stand in the data, how different they are, what is
nearest to each; and whether it memorises.

The module knows texts and losses, and neither models nor where samples come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import combinations
from typing import NamedTuple

MAX_INDEXED_CHARS = 2_000_000  # about; of more data every n-th line is looked at
INDEXED_PER_YIELD = 1000  # lines
MAX_EDITED = 50  # lines whose edit distance is computed for a sample
MAX_COMPARED = 50  # samples that are compared with each other
COMPARED_PER_YIELD = 200  # pairs
BOUNDARY = "\0"  # before and after a line, so that its first and last letters count as pairs too
# By how much of itself the held-out loss lies above that of the training documents. Of the runs
# that the data sets suggest, US names, words and dinosaurs are at 0% to 2%, places and molecules at
# 8% to 10%; those of few documents are above: birds 37%, countries 60%, fifty names 87%.
LEARNING_GAP, MEMORISING_GAP = 0.05, 0.15


class NearestLine(NamedTuple):
    """A line of the data, and by how many edits another text differs from it."""

    text: str
    distance: int  # 0: it is the same


class LineIndex:
    """Lines that can be searched for the one nearest to a text.

    Make one with `index_lines`.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._known = set(lines)
        self._with_pair: dict[
            str, list[int]
        ] = {}  # the numbers of the lines with a pair of letters
        self._num_pairs: list[int] = []  # of each line: how many different ones it has

    def add_lines(self) -> Iterator[None]:
        """Index all lines; yields are yield points."""
        for number, line in enumerate(self._lines):
            if number % INDEXED_PER_YIELD == 0:
                yield
            pairs = _letter_pairs(line)
            self._num_pairs.append(len(pairs))
            for pair in pairs:
                self._with_pair.setdefault(pair, []).append(number)

    def nearest(self, text: str) -> Generator[None, None, NearestLine]:
        """The line with the smallest edit distance from `text`; yields are yield points.

        Looked for among the `MAX_EDITED` lines that are most similar by the pairs of letters in
        both (Dice's coefficient, as in Adamson and Boreham, 1974).
        """
        if text in self._known:
            return NearestLine(text, 0)
        pairs = _letter_pairs(text)
        common: Counter[int] = Counter()
        for pair in pairs:
            common.update(self._with_pair.get(pair, ()))
            yield
        sizes, own = self._num_pairs, len(pairs)
        candidates = nlargest(
            MAX_EDITED, common, key=lambda number: common[number] / (own + sizes[number])
        )
        lines = [self._lines[number] for number in candidates] or self._lines[:MAX_EDITED]
        found = [NearestLine(line, edit_distance(text, line)) for line in lines]
        return min(found, key=lambda line: line.distance)


def index_lines(lines: Sequence[str]) -> Generator[None, None, LineIndex]:
    """Index lines, at least one, for `LineIndex.nearest`; yields are yield points."""
    step = -(-sum(map(len, lines)) // MAX_INDEXED_CHARS) or 1
    index = LineIndex(lines[::step])
    yield from index.add_lines()
    return index


@dataclass(frozen=True, slots=True)
class SamplesVerdict:
    """What can be said of a number of samples, as shares from 0 to 1."""

    count: int
    in_data: float  # the share that stands in the data
    different: float  # different samples of all
    diversity: float  # the mean distance of two of them, see `diversity`
    data_diversity: float  # the same of as many lines of the data


def judge_samples(
    samples: Sequence[str], known: Collection[str], lines: Sequence[str]
) -> Generator[None, None, SamplesVerdict]:
    """What can be said of samples; yields are yield points.

    Args:
        samples: at least one.
        known: all documents of the data; a set, so that looking up is fast.
        lines: the same in a random order.
    """
    return SamplesVerdict(
        len(samples),
        sum(sample in known for sample in samples) / len(samples),
        len(set(samples)) / len(samples),
        (yield from diversity(samples)),
        (yield from diversity(lines[: len(samples)])),
    )


def diversity(texts: Sequence[str]) -> Generator[None, None, float]:
    """The mean distance of two of the first `MAX_COMPARED` texts, 0 to 1; yields are yield points.

    A distance is the number of edits divided by the length of the longer text: 0 for the same text
    twice, 1 for two that have no letter in the same place. Of less than two texts it is 0.
    """
    total, count = 0.0, 0
    for one, other in combinations(texts[:MAX_COMPARED], 2):
        if count % COMPARED_PER_YIELD == 0:
            yield
        count += 1
        total += edit_distance(one, other) / (max(len(one), len(other)) or 1)
    return total / (count or 1)


def judge_gap(train_loss: float, held_out_loss: float) -> str:
    """`learning`, `memorising`, or `between`: by the gap between two losses of the same kind.

    Args:
        train_loss: of training documents, after training.
        held_out_loss: of documents that the model has never seen.

    >>> judge_gap(2.2, 2.25), judge_gap(0.5, 4.0), judge_gap(2.0, 2.2)
    ('learning', 'memorising', 'between')
    """
    gap = held_out_loss - train_loss
    if gap <= LEARNING_GAP * held_out_loss:
        return "learning"
    return "memorising" if gap >= MEMORISING_GAP * held_out_loss else "between"


def edit_distance(one: str, other: str) -> int:
    """How many characters must be added, left out or replaced to make `other` of `one`.

    Levenshtein's distance, a column of its table at a time as bits of two numbers (Myers, "A fast
    bit-vector algorithm for approximate string matching", 1999, as in Hyyrö, 2003).

    >>> edit_distance("kitten", "sitting")
    3
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}  # of each character of `one`, as bits
    for place, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << place
    full, last, distance = (1 << len(one)) - 1, 1 << len(one) - 1, len(one)
    higher, lower = full, 0  # where the column rises and falls by one from row to row
    for character in other:
        equal = places.get(character, 0) | lower
        diagonal = ((equal & higher) + higher ^ higher) | equal  # where the diagonal stays the same
        rises, falls = lower | ~(diagonal | higher), diagonal & higher  # from column to column
        distance += bool(rises & last) - bool(falls & last)
        rises, falls = rises << 1 | 1, falls << 1
        higher, lower = (falls | ~(diagonal | rises)) & full, rises & diagonal & full
    return distance


def _letter_pairs(text: str) -> set[str]:
    """The different pairs of characters that stand side by side."""
    bounded = BOUNDARY + text + BOUNDARY
    return {bounded[start : start + 2] for start in range(len(text) + 1)}
