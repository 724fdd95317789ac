"""Documents as a data set to train on: shuffled, with some of them held out.

The module knows nothing of files or models, nor of how tokens are made. Loading of other files than
UTF-8 text with one document per line is done by `corpus/`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, MutableSequence, Sequence
from dataclasses import dataclass
from typing import TypeVar

from microgpt.corpus import DataError as DataError
from microgpt.corpus.remarks import ONE_CHARACTER, ONE_DOCUMENT, describe_cut
from microgpt.corpus.splitting import strip_documents
from microgpt.generators import drain
from microgpt.sequences import estimate_num_cut
from microgpt.settings import num_held_out

Item = TypeVar("Item")

SHUFFLED_PER_YIELD = 20_000  # documents to process between two yield points


@dataclass(frozen=True, slots=True)
class Dataset:
    """Shuffled documents, split for training and evaluation, and the characters in all of them."""

    train: Sequence[str]
    held_out: Sequence[str]
    characters: tuple[str, ...]  # sorted

    @property
    def documents(self) -> tuple[str, ...]:
        """All documents, those for training first."""
        return (*self.train, *self.held_out)

    def __len__(self) -> int:
        return len(self.train) + len(self.held_out)

    def remarks(self, block_size: int | None, num_tokens: Callable[[str], int] = len) -> list[str]:
        """Return sentences that a beginner should read before training on this data.

        Args:
            block_size: the context length; None if it cuts no document.
            num_tokens: returns the number of tokens of a document, at most one per character.
        """
        remarks = []
        if len(self) == 1:
            remarks.append(ONE_DOCUMENT)
        if len(self.characters) == 1:
            remarks.append(ONE_CHARACTER)
        if block_size is not None:
            num_cut = estimate_num_cut((self.train, self.held_out), block_size, num_tokens)
            if num_cut:
                remarks.append(f"{describe_cut(num_cut, len(self), block_size)}.")
        return remarks


def split_lines(text: str) -> list[str]:
    """Return the documents of `text`: its lines, stripped, without empty ones.

    Raises `DataError` if no line is left.

    >>> split_lines("emma\\n\\n  olivia ")
    ['emma', 'olivia']
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    documents = strip_documents(lines, "lines")
    if not documents:
        raise DataError("The text is empty: enter at least one line that is not blank.")
    return documents


def make_dataset(documents: Sequence[str], eval_fraction: float, rng: random.Random) -> Dataset:
    """Shuffle the documents and hold some of them out.

    Args:
        documents: at least one; not modified.
        eval_fraction: the fraction to hold out, 0 to 0.5; if it is above 0, at least one document
            is held out.
        rng: used for one shuffle.

    Raises:
        DataError: if a single document is to be split.
    """
    return drain(make_dataset_incrementally(documents, eval_fraction, rng))


def make_dataset_incrementally(
    documents: Sequence[str], eval_fraction: float, rng: random.Random
) -> Generator[None, None, Dataset]:
    """Do what `make_dataset` does, with yield points: millions of documents take seconds."""
    shuffled = list(documents)
    yield from shuffle_incrementally(shuffled, rng)
    count = num_train(len(shuffled), eval_fraction)
    characters = yield from collect_characters(documents)
    return Dataset(tuple(shuffled[:count]), tuple(shuffled[count:]), characters)


def num_train(num_docs: int, eval_fraction: float) -> int:
    """How many documents are trained on; raises `DataError` if a single one is to be split."""
    if eval_fraction > 0 and num_docs < 2:
        raise DataError(
            "A single document cannot be split: set the held-out share to 0, "
            "or enter at least two lines."
        )
    return num_docs - num_held_out(num_docs, eval_fraction)


def shuffle_incrementally(
    items: MutableSequence[Item], rng: random.Random
) -> Generator[None, None, None]:
    """Do what `rng.shuffle` does, with the same draws, in less time and with yield points."""
    draw_bits = rng.getrandbits
    for last in range(len(items) - 1, 0, -1):
        bits = (last + 1).bit_length()
        other = draw_bits(bits)
        while other > last:  # as `random` draws an integer: again until it is small enough
            other = draw_bits(bits)
        items[last], items[other] = items[other], items[last]
        if last % SHUFFLED_PER_YIELD == 0:
            yield


def collect_characters(documents: Sequence[str]) -> Generator[None, None, tuple[str, ...]]:
    """Return the sorted characters of all documents; yields are yield points."""
    characters: set[str] = set()
    for start in range(0, len(documents), SHUFFLED_PER_YIELD):
        if start:
            yield
        characters.update(*documents[start : start + SHUFFLED_PER_YIELD])
    return tuple(sorted(characters))
