"""Neurons of an MLP: which are active, where each fires most, and what its output does.

A neuron is one number of the MLP's hidden vector, after the activation function. Its output is that
number times its column of the second matrix, so what it adds to a logit by itself is the number
times the product of this column with the token's row of `lm_head` (Geva et al., 2022, "Transformer
Feed-Forward Layers Build Predictions by Promoting Concepts in the Vocabulary Space").
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from operator import mul
from typing import NamedTuple


class Firing(NamedTuple):
    """A place in the data, and how much a neuron fires there."""

    activation: float
    document: int  # its number, from 0
    position: int  # of the token that the model has just read; 0 is BOS


def most_active(activations: Sequence[float], count: int) -> list[tuple[int, float]]:
    """The neurons with the largest activations by magnitude, (neuron, activation), without zeros.

    >>> most_active([0.0, 2.0, -3.0, 1.0], 2)
    [(2, -3.0), (1, 2.0)]
    """
    order = sorted(range(len(activations)), key=lambda i: abs(activations[i]), reverse=True)
    return [(neuron, activations[neuron]) for neuron in order[:count] if activations[neuron]]


def strongest_firings(
    documents: Iterable[Sequence[int]],
    activations_of: Callable[[Sequence[int]], Sequence[Sequence[float]]],
    count: int,
) -> Generator[list[list[Firing]], None, list[list[Firing]]]:
    """Find for each neuron the places where it fires most; yields after each document.

    What the model has read decides what a neuron does, so of documents that begin alike only the
    first counts. Activations of 0 or less do not.

    Args:
        documents: as token ids, BOS first.
        activations_of: returns the activations in a document, (t, neurons).
        count: the number of places to keep, at least 1.

    Returns:
        The same list as it yields, which grows better from document to document: for each neuron up
        to `count` firings, the strongest first; empty if there are no documents.
    """
    best: list[list[Firing]] = []
    floors: list[float] = []  # what a firing must exceed to be among the best
    read: set[tuple[int, ...]] = set()
    for number, tokens in enumerate(documents):
        for position, activations in enumerate(activations_of(tokens)):
            prefix = tuple(tokens[: position + 1])
            if prefix in read:
                continue
            read.add(prefix)
            if not best:
                best, floors = [[] for _ in activations], [0.0] * len(activations)
            for neuron, activation in enumerate(activations):
                if activation > floors[neuron]:
                    kept = best[neuron]
                    kept.append(Firing(activation, number, position))
                    kept.sort(key=_by_strength)
                    del kept[count:]
                    if len(kept) == count:
                        floors[neuron] = kept[-1].activation
        yield best
    return best


def _by_strength(firing: Firing) -> tuple[float, int, int]:
    """Sorts the strongest first, and of equal ones the earliest."""
    return -firing.activation, firing.document, firing.position


def pushes(
    lm_head: Sequence[Sequence[float]], mlp_fc2: Sequence[Sequence[float]], neuron: int
) -> list[float]:
    """What a neuron's output adds to each logit per unit of its activation, (vocab_size,).

    push[token] = sum over i of lm_head[token][i] * mlp_fc2[i][neuron]

    Args:
        lm_head: the output matrix, (vocab_size, n_embd).
        mlp_fc2: the second matrix of its MLP, (n_embd, neurons).
        neuron: its number.

    >>> pushes([[1.0, 0.0], [0.0, 1.0]], [[5.0, 2.0], [5.0, -3.0]], neuron=1)
    [2.0, -3.0]
    """
    column = [row[neuron] for row in mlp_fc2]
    return [sum(map(mul, row, column)) for row in lm_head]


def most_pushed(push: Sequence[float], count: int) -> tuple[list[int], list[int]]:
    """The tokens that are pushed up most and down most, the strongest first.

    >>> most_pushed([0.5, -2.0, 1.0, 0.0], 2)
    ([2, 0], [1])
    """
    order = sorted(range(len(push)), key=push.__getitem__, reverse=True)
    up = [token for token in order[:count] if push[token] > 0]
    down = [token for token in order[: -count - 1 : -1] if push[token] < 0]
    return up, down
