"""Documents as data to train on: shuffled, held out, measured; what is to be said of odd ones.

The module knows nothing of files or models, nor how tokens are made. Files that are more than UTF-8
text with a document a line are the matter of `reading/`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import chain

from microgpt.corpus.errors import DataError as DataError
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.remarks import ONE_CHARACTER, ONE_DOCUMENT, how_many_cut
from microgpt.corpus.splitting import tidied
from microgpt.generators import drain
from microgpt.settings import num_held_out
from microgpt.tokenizer import Tokenizer

LONG_ONES = 5_000  # of the long documents whose tokens are counted, at most
PART = 20_000  # documents between two chances to look up
MEASURED = 2_000_000  # characters of documents to measure, about; more tell little else
PIECE = 100  # documents that are measured between two chances to look up


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

    def __len__(self) -> int:
        return len(self.train) + len(self.held_out)

    def remarks(self, block_size: int | None, length: Callable[[str], int] = len) -> list[str]:
        """Sentences on what a beginner would want to know of this data before training.

        Args:
            block_size: the context length; None where it cuts nothing off.
            length: says how many tokens a document has: at most as many as it has characters. Of
                many documents some are measured.
        """
        remarks = []
        if len(self) == 1:
            remarks.append(ONE_DOCUMENT)
        if len(self.characters) == 1:
            remarks.append(ONE_CHARACTER)
        if block_size is None:
            return remarks
        # A document of n tokens has n + 1 predictions, the last one that it ends.
        all_of_them = chain(self.train, self.held_out)
        long = [document for document in all_of_them if len(document) + 1 > block_size]
        measured = long[:: 1 + len(long) // LONG_ONES]
        num_cut = sum(length(document) + 1 > block_size for document in measured)
        cut = round(len(long) * num_cut / (len(measured) or 1))
        if cut:
            remarks.append(f"{how_many_cut(cut, len(self), block_size)}.")
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
        rng: one shuffle is drawn from it.

    Raises:
        DataError: where a share is wanted of a single document.
    """
    return drain(make_in_parts(documents, eval_fraction, rng))


def make_in_parts(
    documents: Sequence[str], eval_fraction: float, rng: random.Random
) -> Generator[None, None, Dataset]:
    """The same; with millions of documents it takes seconds, and yields are chances to look up."""
    shuffled = list(documents)
    for last in range(len(shuffled) - 1, 0, -1):  # draw for draw what `rng.shuffle` does
        other = rng.randrange(last + 1)
        shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
        if last % PART == 0:
            yield
    if eval_fraction > 0 and len(shuffled) < 2:
        raise DataError(
            "A single document cannot be split: set the held-out share to 0, "
            "or give at least two lines."
        )
    characters = yield from characters_in_parts(documents)
    first_held = len(shuffled) - num_held_out(len(shuffled), eval_fraction)
    return Dataset(tuple(shuffled[:first_held]), tuple(shuffled[first_held:]), characters)


def characters_in_parts(documents: Sequence[str]) -> Generator[None, None, tuple[str, ...]]:
    """The characters in all documents, sorted; yields are chances to look up."""
    characters: set[str] = set()
    for start in range(0, len(documents), PART):
        if start:
            yield
        characters.update(*documents[start : start + PART])
    return tuple(sorted(characters))


def sequences(
    document: str, tokenizer: Tokenizer, block_size: int, in_pieces: bool
) -> list[list[int]]:
    """What a model is trained on of a document: tokens that follow BOS.

    Args:
        document: the text.
        tokenizer: makes its tokens.
        block_size: the context length.
        in_pieces: whether the document is a piece of one long text. Then no BOS is at its end,
            which is none, and what is longer than the context goes on in another sequence.
    """
    if not in_pieces:
        return [tokenizer.encode(document)]
    tokens = tokenizer.encode_prefix(document)
    starts = range(0, len(tokens), block_size)
    return [[tokenizer.bos, *tokens[start : start + block_size]] for start in starts]


def lengths_in_parts(
    documents: Sequence[str], tokenizer: Tokenizer, block_size: int, in_pieces: bool
) -> Generator[None, None, Lengths]:
    """How long the sequences are that documents become; yields are chances to look up.

    Args:
        documents: at least one; where they have many millions of characters, every so many of
            them are measured.
        tokenizer, block_size, in_pieces: as in `sequences`.
    """
    every = -(-sum(map(len, documents)) // MEASURED)
    sizes = Counter[int]()
    for number, document in enumerate(documents[::every]):
        if number % PIECE == 0:
            yield
        for sequence in sequences(document, tokenizer, block_size, in_pieces):
            sizes[len(sequence) - (1 if in_pieces else 2)] += 1  # without BOS at its ends
    return Lengths.of(sizes, in_pieces)
