"""Which documents taught a model something: many models, each trained on a random half of them.

The mean of what is measured, over the models that were trained with a document, less that over
those without it: so Feldman and Zhang, "What neural networks memorize and why" (2020), and Ilyas
et al., "Datamodels: predicting predictions from training data" (2022), for whom this is the
simplest of their estimates. Leaving out one document alone changes less than another seed does.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from typing import NamedTuple

from microgpt.dataset import num_train, shuffle_incrementally
from microgpt.generators import drain
from microgpt.lab.statistics import difference

MIN_MODELS = 2  # with a document, and without it: one has no spread


class Influence(NamedTuple):
    """What a document did to what is measured."""

    document: int  # its number in the data
    difference: float  # with it less without it
    error: float  # the standard error of that

    @property
    def is_clear(self) -> bool:
        """Whether it is more than three times its standard error away from none.

        Of a hundred documents without influence that says one in four hundred, by chance.
        """
        return abs(self.difference) > 3 * self.error


def training_documents(
    num_documents: int, seed: int, eval_fraction: float, num_docs: int
) -> list[int]:
    """The numbers of the documents that a run is trained on, in their order.

    Args:
        num_documents: how many the data have.
        seed, eval_fraction: of the run.
        num_docs: how many of those that are not held out it takes, 0 for all.

    >>> training_documents(6, 1, 0.0, 3)
    [5, 0, 4]
    """
    order = list(range(num_documents))
    drain(shuffle_incrementally(order, random.Random(seed)))
    count = num_train(num_documents, eval_fraction)
    return order[: min(count, num_docs or count)]


def influences(
    num_documents: int, trained_on: Sequence[Collection[int]], measured: Sequence[float]
) -> list[Influence]:
    """The influence of each document that can be judged, the lowest difference first.

    If a loss is measured, the first ones are those that made it lower: what taught the model.

    Args:
        num_documents: how many the data have.
        trained_on: for each model the numbers of its documents.
        measured: for each model what was measured.
    """
    found = []
    members = [frozenset(documents) for documents in trained_on]
    for document in range(num_documents):
        with_it: list[float] = []
        without: list[float] = []
        for numbers, value in zip(members, measured, strict=True):
            (with_it if document in numbers else without).append(value)
        if min(len(with_it), len(without)) >= MIN_MODELS:
            found.append(Influence(document, *difference(with_it, without)))
    return sorted(found, key=lambda influence: influence.difference)
