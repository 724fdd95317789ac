"""What is left out of documents for their own sake: rare characters, and duplicates.

The module knows nothing of where documents come from.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from microgpt.reading.cutting import tidied
from microgpt.reading.options import ReadOptions
from microgpt.reading.progress import Progress, Work, part

BATCH = 1 << 18  # characters between two chances to look up
FEW = 200  # different characters; so many are counted faster one by one
SEPARATOR = "\0"  # between documents that are gone through at once: no text has it


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left, and what is not."""

    documents: list[str]
    rare: dict[str, int]  # the rare characters that were in the documents, and how often
    duplicates: int  # how many documents were left out as duplicates
    dropped: int  # how many were left out for their characters


def batches(documents: Sequence[str]) -> Iterator[tuple[float, Sequence[str]]]:
    """The documents in batches of about `BATCH` characters, each with the share before it."""
    characters = sum(map(len, documents)) or 1
    size = max(1, BATCH * len(documents) // characters)
    for start in range(0, len(documents), size):
        yield start / len(documents), documents[start : start + size]


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


def rare_characters(counts: Mapping[str, int], below: int) -> dict[str, int]:
    """The characters that occur fewer than `below` times, with their counts, the rarest first."""
    rare = [(count, character) for character, count in counts.items() if count < below]
    return {character: count for count, character in sorted(rare)}


def sift(documents: list[str], options: ReadOptions) -> Work[Sifted]:
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
        first: dict[str, None] = {}
        for share, batch in batches(documents):
            first.update(dict.fromkeys(batch))
            yield Progress(0.8 + 0.2 * share, "Looking for duplicates")
        duplicates = len(documents) - len(first)
        documents = list(first)
    return Sifted(documents, rare, duplicates, dropped)


def _without(
    documents: list[str], rare: Mapping[str, int], options: ReadOptions
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
