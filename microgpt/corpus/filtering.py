"""Filtering of documents: rare characters, patterns that leave some out, duplicates.

The module knows nothing of where documents come from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from microgpt.corpus.cleaning import compose
from microgpt.corpus.options import CorpusOptions
from microgpt.corpus.progress import CHUNK_SIZE, LoadProgress, WithProgress, rescale
from microgpt.corpus.splitting import strip_documents
from microgpt.patterns import ANYTHING

MAX_BATCH_DOCUMENTS = 1 << 15  # however short they are
MAX_COUNTED_BY_SEARCH = 200  # distinct characters; more of them `Counter` counts faster
FINDING_DUPLICATES = "Looking for duplicates"
SEPARATOR = "\0"  # joins documents to process them at once; no text contains it


@dataclass(frozen=True, slots=True)
class FilteredDocuments:
    """The documents that are left, and what was removed."""

    documents: list[str]
    rare: dict[str, int]  # the rare characters of the unfiltered documents, with their counts
    num_duplicates: int  # documents removed as duplicates
    num_dropped: int  # documents removed because of rare characters
    num_left_out: int = 0  # documents removed because a pattern matches them


def iter_batches(documents: Sequence[str]) -> Iterator[tuple[float, Sequence[str]]]:
    """Yield batches of about `CHUNK_SIZE` characters, each with the fraction that precedes it."""
    for start in range(0, len(documents), MAX_BATCH_DOCUMENTS):
        some = documents[start : start + MAX_BATCH_DOCUMENTS]
        size = max(1, CHUNK_SIZE * len(some) // (sum(map(len, some)) or 1))
        for first in range(0, len(some), size):
            yield (start + first) / len(documents), some[first : first + size]


def count_characters(documents: Sequence[str]) -> WithProgress[Counter[str]]:
    """Count each character of the documents."""
    counts: Counter[str] = Counter()
    for fraction, batch in iter_batches(documents):
        joined = "".join(batch)
        for start in range(0, len(joined), CHUNK_SIZE):
            _add_counts(counts, joined[start : start + CHUNK_SIZE])
            yield LoadProgress(fraction, "Counting characters")
    return counts


def _add_counts(counts: Counter[str], text: str) -> None:
    """Do what `counts.update(text)` does, but faster if few characters are distinct."""
    distinct = set(text)
    if len(distinct) > MAX_COUNTED_BY_SEARCH:
        counts.update(text)
    else:
        counts.update({character: text.count(character) for character in distinct})


def count_duplicates(documents: Sequence[str]) -> WithProgress[int]:
    """Count the documents that are equal to an earlier one."""
    distinct = ((fraction, set(batch)) for fraction, batch in iter_batches(documents))
    buckets = yield from rescale(_hash_buckets(distinct, len(documents)), 0.0, 0.5)
    num_buckets, num_distinct = len(buckets), 0
    while buckets:
        num_distinct += len(set(buckets.pop()))
        yield LoadProgress(1 - 0.5 * len(buckets) / num_buckets, FINDING_DUPLICATES)
    return len(documents) - num_distinct


def _hash_buckets(
    batches: Iterable[tuple[float, Iterable[str]]], num_documents: int
) -> WithProgress[list[list[str]]]:
    """Distribute documents over buckets by their hash, so that equal ones share a bucket.

    One set of a few million short documents would need as much memory as the documents themselves;
    the sets of single buckets are small.
    """
    buckets: list[list[str]] = [[] for _ in range(1 + num_documents // MAX_BATCH_DOCUMENTS)]
    append, num_buckets = [bucket.append for bucket in buckets], len(buckets)
    for fraction, batch in batches:
        for document in batch:
            append[hash(document) % num_buckets](document)
        yield LoadProgress(fraction, FINDING_DUPLICATES)
    return buckets


def rare_characters(counts: Mapping[str, int], below: int) -> dict[str, int]:
    """Return the characters that occur fewer than `below` times with their counts, rarest first."""
    rare = [(count, character) for character, count in counts.items() if count < below]
    return {character: count for count, character in sorted(rare)}


def filter_documents(
    documents: list[str], options: CorpusOptions
) -> WithProgress[FilteredDocuments]:
    """Treat rare characters, patterns and duplicates as the options say.

    Whether a character is rare depends on its count in all documents, duplicates included. A
    document that is empty without its rare characters is dropped; documents that become equal
    without theirs are duplicates. Patterns are looked for in what is then left, so that no document
    that is returned matches one.

    Args:
        documents: clean documents; the list is not modified.
        options: only `cut`, `rare`, `rare_below`, `rare_with`, `leave_out` and `duplicates`
            are used.
    """
    num_documents = len(documents)
    rare: dict[str, int] = {}
    if options.rare != "keep":
        counts = yield from rescale(count_characters(documents), 0.0, 0.6)
        rare = rare_characters(counts, options.rare_below)
    if rare:
        documents = yield from rescale(_remove_rare(documents, rare, options), 0.6, 0.7)
    num_dropped = num_documents - len(documents)
    if options.patterns:
        documents = yield from rescale(_leave_out(documents, options.patterns), 0.7, 0.8)
    num_left_out = num_documents - num_dropped - len(documents)
    num_duplicates = 0
    if options.duplicates == "drop":
        unique = yield from rescale(_remove_duplicates(documents), 0.8, 1.0)
        num_duplicates = len(documents) - len(unique)
        documents = unique
    return FilteredDocuments(documents, rare, num_duplicates, num_dropped, num_left_out)


def _remove_duplicates(documents: list[str]) -> WithProgress[list[str]]:
    """Keep the first of equal documents."""
    batches = iter_batches(documents)
    buckets = yield from rescale(_hash_buckets(batches, len(documents)), 0.0, 0.4)
    num_buckets = len(buckets)
    repeated: set[str] = set()
    while buckets:
        counts = Counter(buckets.pop())
        repeated.update(document for document, count in counts.items() if count > 1)
        yield LoadProgress(0.8 - 0.4 * len(buckets) / num_buckets, FINDING_DUPLICATES)
    if not repeated:
        return documents
    seen: set[str] = set()  # of the repeated ones
    kept: list[str] = []
    for fraction, batch in iter_batches(documents):
        for document in batch:
            if document not in seen:
                kept.append(document)
                if document in repeated:
                    seen.add(document)
        yield LoadProgress(0.8 + 0.2 * fraction, FINDING_DUPLICATES)
    return kept


def _remove_rare(
    documents: list[str], rare: Mapping[str, int], options: CorpusOptions
) -> WithProgress[list[str]]:
    """Drop or replace rare characters, or drop the documents that contain them."""
    pattern = re.compile(f"[{re.escape(''.join(rare))}]")
    replacement = options.rare_with if options.rare == "replace" else ""
    kept: list[str] = []
    for fraction, batch in iter_batches(documents):
        joined = SEPARATOR.join(batch)
        if pattern.search(joined) is None:
            kept += batch
        elif options.rare == "document":
            kept += [document for document in batch if pattern.search(document) is None]
        else:
            changed = compose(pattern.sub(replacement, joined))
            kept += strip_documents(changed.split(SEPARATOR), options.cut)
        yield LoadProgress(fraction, "Removing rare characters")
    return kept


def _leave_out(documents: list[str], patterns: Sequence[str]) -> WithProgress[list[str]]:
    """Drop the documents that match one of the patterns, whatever their case."""
    matches = _matcher([compose(pattern).casefold().split(ANYTHING) for pattern in patterns])
    kept: list[str] = []
    for fraction, batch in iter_batches(documents):
        folded = SEPARATOR.join(batch).casefold().split(SEPARATOR)
        kept += [
            document for document, text in zip(batch, folded, strict=True) if not matches(text)
        ]
        yield LoadProgress(fraction, "Leaving documents out")
    return kept


def _matcher(patterns: Sequence[list[str]]) -> Callable[[str], bool]:
    """A function that says whether a text matches one of the patterns.

    Args:
        patterns: each as the pieces between which there may be anything; at least one of them is
            not empty.
    """
    whole = {pieces[0] for pieces in patterns if len(pieces) == 1}
    pairs = [pieces for pieces in patterns if len(pieces) == 2]
    # The commonest kinds are looked for together, which is several times as fast.
    first = tuple(start for start, end in pairs if not end)
    last = tuple(end for start, end in pairs if not start)
    others = [
        pieces for pieces in patterns if len(pieces) > 2 or (len(pieces) == 2 and all(pieces))
    ]

    def matches(text: str) -> bool:
        return (
            text.endswith(last)
            or text.startswith(first)
            or text in whole
            or any(_has_pieces(text, pieces) for pieces in others)
        )

    return matches


def _has_pieces(text: str, pieces: Sequence[str]) -> bool:
    """Whether `text` begins with the first piece, ends with the last and has all in their order.

    The earliest place of each piece leaves most room for those behind it, so none is tried twice.
    """
    first, *inner, last = pieces
    if not (text.startswith(first) and text.endswith(last)):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in inner:
        place = text.find(piece, place, end)
        if place < 0:
            return False
        place += len(piece)
    return place <= end
