"""What is left out of documents for their own sake: rare characters, and duplicates.

The module knows nothing of where documents come from.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from microgpt.corpus.options import CorpusOptions
from microgpt.corpus.progress import Progress, Work, part
from microgpt.corpus.splitting import tidied

BATCH = 1 << 18  # characters between two chances to look up
MANY = 1 << 15  # documents of a batch at most, however short they are
FEW = 200  # different characters; so many are counted faster one by one
LOOKING = "Looking for duplicates"
SEPARATOR = "\0"  # between documents that are gone through at once: no text has it


@dataclass(frozen=True, slots=True)
class Filtered:
    """What is left, and what is not."""

    documents: list[str]
    rare: dict[str, int]  # the rare characters that were in the documents, and how often
    duplicates: int  # how many documents were left out as duplicates
    dropped: int  # how many were left out for their characters


def batches(documents: Sequence[str]) -> Iterator[tuple[float, Sequence[str]]]:
    """The documents in batches of about `BATCH` characters, each with the share before it."""
    for start in range(0, len(documents), MANY):
        some = documents[start : start + MANY]
        size = max(1, BATCH * len(some) // (sum(map(len, some)) or 1))
        for first in range(0, len(some), size):
            yield (start + first) / len(documents), some[first : first + size]


def count_characters(documents: Sequence[str]) -> Work[Counter[str]]:
    """How often each character is in the documents."""
    counts: Counter[str] = Counter()
    for share, batch in batches(documents):
        joined = "".join(batch)
        for start in range(0, len(joined), BATCH):
            _count(counts, joined[start : start + BATCH])
            yield Progress(share, "Counting characters")
    return counts


def _count(counts: Counter[str], text: str) -> None:
    """Add the characters of `text`; with few different ones faster than `Counter.update` is."""
    different = set(text)
    if len(different) > FEW:
        counts.update(text)
    else:
        counts.update({character: text.count(character) for character in different})


def count_duplicates(documents: Sequence[str]) -> Work[int]:
    """How many documents are there that were there before."""
    piles = yield from part(_in_piles(documents), 0.0, 0.5)
    number, duplicates = len(piles), 0
    while piles:
        pile = piles.pop()
        duplicates += len(pile) - len(set(pile))
        yield Progress(1 - 0.5 * len(piles) / number, LOOKING)
    return duplicates


def _in_piles(documents: Sequence[str]) -> Work[list[list[str]]]:
    """The documents in piles, equal ones in the same, that are small enough to look through.

    One table of a few million short documents would take as much memory as they do themselves.
    """
    piles: list[list[str]] = [[] for _ in range(1 + len(documents) // MANY)]
    put, number = [pile.append for pile in piles], len(piles)
    for share, batch in batches(documents):
        for document in batch:
            put[hash(document) % number](document)
        yield Progress(share, LOOKING)
    return piles


def rare_characters(counts: Mapping[str, int], below: int) -> dict[str, int]:
    """The characters that occur fewer than `below` times, with their counts, the rarest first."""
    rare = [(count, character) for character, count in counts.items() if count < below]
    return {character: count for count, character in sorted(rare)}


def filter_documents(documents: list[str], options: CorpusOptions) -> Work[Filtered]:
    """Do to rare characters and to duplicates what the options say.

    A character is rare by its count in all documents, duplicates among them. What the loss of
    characters makes empty is left out, and what it makes equal is a duplicate.

    Args:
        documents: clean ones; the list stays as it is.
        options: `rare`, `rare_below`, `rare_with` and `duplicates` matter here.
    """
    before = len(documents)
    rare: dict[str, int] = {}
    if options.rare != "keep":
        counts = yield from part(count_characters(documents), 0.0, 0.6)
        rare = rare_characters(counts, options.rare_below)
    if rare:
        documents = yield from part(_without(documents, rare, options), 0.6, 0.8)
    dropped = before - len(documents)
    duplicates = 0
    if options.duplicates == "drop":
        unique = yield from part(_unique(documents), 0.8, 1.0)
        duplicates = len(documents) - len(unique)
        documents = unique
    return Filtered(documents, rare, duplicates, dropped)


def _unique(documents: list[str]) -> Work[list[str]]:
    """The documents, each only where it is met first."""
    piles = yield from part(_in_piles(documents), 0.0, 0.4)
    number = len(piles)
    repeated: set[str] = set()
    while piles:
        counts = Counter(piles.pop())
        repeated.update(document for document, count in counts.items() if count > 1)
        yield Progress(0.8 - 0.4 * len(piles) / number, LOOKING)
    if not repeated:
        return documents
    met: set[str] = set()  # of those
    kept: list[str] = []
    for share, batch in batches(documents):
        for document in batch:
            if document not in met:
                kept.append(document)
                if document in repeated:
                    met.add(document)
        yield Progress(0.8 + 0.2 * share, LOOKING)
    return kept


def _without(
    documents: list[str], rare: Mapping[str, int], options: CorpusOptions
) -> Work[list[str]]:
    """The documents without rare characters."""
    pattern = re.compile(f"[{re.escape(''.join(rare))}]")
    becomes = options.rare_with if options.rare == "replace" else ""
    kept: list[str] = []
    for share, batch in batches(documents):
        joined = SEPARATOR.join(batch)
        if pattern.search(joined) is None:
            kept += batch
        elif options.rare == "document":
            kept += [document for document in batch if pattern.search(document) is None]
        else:
            changed = unicodedata.normalize("NFC", pattern.sub(becomes, joined))
            kept += tidied(changed.split(SEPARATOR), options.cut)
        yield Progress(share, "Leaving out rare characters")
    return kept
