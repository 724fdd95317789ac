"""Documents as data to train on: shuffled, held out; and what is to be said of odd ones.

The module knows nothing of files, tokens or models. Files that are more than UTF-8 text with a
document a line are the matter of `reading/`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microgpt.reading.cutting import tidied
from microgpt.reading.errors import DataError as DataError


@dataclass(frozen=True, slots=True)
class Dataset:
    """Documents, shuffled and split, and the characters in all of them."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]
    characters: tuple[str, ...]

    @property
    def documents(self) -> tuple[str, ...]:
        """All documents, those for training first."""
        return self.train + self.held_out

    def remarks(self, block_size: int, length: Callable[[str], int] = len) -> list[str]:
        """Sentences on what a beginner would want to know of this data before training.

        `length` says how many tokens a document has: at most as many as it has characters.
        """
        remarks = []
        if len(self.documents) == 1:
            remarks.append("There is only one document, so the model will learn it by heart.")
        if len(self.characters) == 1:
            remarks.append("There is only one character, so there is little to learn.")
        # A document of n tokens has n + 1 predictions, the last one that it ends.
        long = [document for document in self.documents if len(document) + 1 > block_size]
        cut = sum(length(document) + 1 > block_size for document in long)
        # Pieces of one long text are as long as the context, and lose nothing but ends.
        pieces = sum(len(document) == block_size for document in long)
        if cut and pieces < 0.9 * len(self.documents):
            share = 100 * cut / len(self.documents)
            which = f"{share:.0f}%" if share >= 1 else f"{cut:,}"
            are = "is" if cut == 1 and share < 1 else "are"
            remarks.append(
                f"{which} of the documents {are} longer than the context length of "
                f"{block_size} and {are} cut."
            )
        return remarks


def split_lines(text: str) -> list[str]:
    """The documents of `text`: its lines without surrounding space, empty ones left out.

    Raises `DataError` where nothing is left.

    >>> split_lines("emma\\n\\n  olivia ")
    ['emma', 'olivia']
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    documents = tidied(lines, "lines")
    if not documents:
        raise DataError("The text is empty: give at least one line with something on it.")
    return documents


def make_dataset(documents: Sequence[str], eval_fraction: float, rng: random.Random) -> Dataset:
    """Shuffle the documents and hold a share of them out.

    Args:
        documents: at least one.
        eval_fraction: the share to hold out, 0 to 0.5; 0 holds none, more holds at least one.
        rng: one `shuffle` is drawn from it.

    Raises:
        DataError: where a share is wanted of a single document.
    """
    shuffled = list(documents)
    rng.shuffle(shuffled)
    held = round(len(shuffled) * eval_fraction)
    if eval_fraction > 0:
        held = max(1, held)
        if len(shuffled) < 2:
            raise DataError(
                "A single document cannot be split: set the held-out share to 0, "
                "or give at least two lines."
            )
    first_held = len(shuffled) - held
    return Dataset(
        train=tuple(shuffled[:first_held]),
        held_out=tuple(shuffled[first_held:]),
        characters=tuple(sorted(set().union(*shuffled))),
    )
