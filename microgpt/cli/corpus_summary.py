"""A reading in words and bars, for people at a terminal.

The module knows what a reading holds, not how it came to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from microgpt.corpus.lengths import Lengths
from microgpt.corpus.loading import Corpus
from microgpt.corpus.recommendation import recommend_context
from microgpt.corpus.remarks import remarks_on_lengths

MOST = 30  # characters or pairs in one line
BAR = 40  # signs in the longest bar
SHOWN = 60  # characters of a document or an example


@dataclass(frozen=True, slots=True)
class InTokens:
    """What becomes of the documents where several characters make a token."""

    vocab_size: int
    made: tuple[str, ...]  # the tokens of several characters, those that were learnt first in front
    lengths: Lengths  # of the documents, in tokens

    def as_dict(self) -> dict[str, Any]:
        """For JSON, with the context length that suits."""
        fields = {"vocab_size": self.vocab_size, "made": list(self.made)}
        return fields | self.lengths.as_dict() | {"block_size": recommend_context(self.lengths)}


def in_words(reading: Corpus, held_out: int = 0, in_tokens: InTokens | None = None) -> str:
    """All that `Corpus.as_dict` has, as lines of text.

    Args:
        reading: what was read.
        held_out: how many of its documents would be held out.
        in_tokens: how long they are in tokens, where these are not characters.
    """
    statistics = reading.statistics
    different = len(statistics.vocabulary)
    lines = [
        *(f"file: {name}, {encoding}" for name, encoding in _files(reading)),
        *_columns(reading),
        f"documents: {statistics.documents:,}, {statistics.duplicates:,} of them duplicates, "
        f"{held_out:,} held out",
        f"shortest: {_shown(statistics.shortest)}",
        f"longest: {_shown(statistics.longest)}",
        f"characters: {statistics.characters:,}, {different:,} different",
        f"commonest: {_counted(statistics.vocabulary)}",
        f"commonest pairs: {_counted(statistics.bigrams)}",
    ]
    if reading.rare:
        below = reading.options.rare_below
        lines.append(f"fewer than {below:,} times: {_counted(reading.rare.items())}")
    block_size, recommendation, remarks = (
        reading.options.block_size,
        reading.recommendation,
        reading.remarks,
    )
    if in_tokens is None:
        lines += _lengths(statistics.lengths, "characters", block_size)
    else:
        lines.append(f"tokens: {in_tokens.vocab_size:,}, {_first(in_tokens.made)}")
        lines += _lengths(in_tokens.lengths, "tokens", block_size)
        if not reading.options.in_pieces:
            recommendation["block_size"] = recommend_context(in_tokens.lengths)
        lengths = remarks_on_lengths(in_tokens.lengths, block_size)
        remarks = [*reading.remarks_but_on_lengths, *lengths]
    lines += [f"note: {remark}" for remark in remarks]
    names = {name: name.replace("_", "-") for name in recommendation} | {"num_steps": "steps"}
    suggested = (f"--{names[name]} {value}" for name, value in recommendation.items())
    lines.append("suggested: " + " ".join(suggested))
    return "\n".join(lines)


def _files(reading: Corpus) -> Iterator[tuple[str, str]]:
    for name, encoding, guessed in reading.encodings:
        yield name, f"probably {encoding}" if guessed else encoding


def _columns(reading: Corpus) -> Iterator[str]:
    for column in reading.columns:
        taken = " (taken)" if column.name == reading.column else ""
        examples = ", ".join(map(_shown, column.examples))
        yield (
            f"column: {column.name}{taken}, {column.filled:,} of {column.rows:,} rows, such as "
            f"{examples}"
        )


def _lengths(lengths: Lengths, unit: str, block_size: int) -> Iterator[str]:
    """The histogram with the context length marked in it."""
    yield f"lengths, in {unit}{' and one for the end' if lengths.end else ''}:"
    bars = lengths.histogram()
    most = max(bar.documents for bar in bars)
    for bar in bars:
        sign = "#" if bar.last <= block_size else "-"  # beyond the context
        drawn = sign * -(-BAR * bar.documents // most)
        width = f"{bar.first:,}" if bar.first == bar.last else f"{bar.first:,} to {bar.last:,}"
        yield f"{width:>16} | {drawn:{BAR}} {bar.documents:,}"
    documents, lost = lengths.cut(block_size)
    yield (
        f"with a context length of {block_size}, {documents:,} documents are cut, and "
        f"{lost:.1%} of the text is lost"
    )


def _first(made: tuple[str, ...]) -> str:
    """The first tokens that were made."""
    if not made:
        return "none of more than one character"
    some = ", ".join(map(repr, made[:MOST])) + (", …" if len(made) > MOST else "")
    return f"{len(made):,} of more than one character: {some}"


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    """The first of some texts with their counts."""
    told = [f"{text if _is_plain(text) else repr(text)} {count:,}" for text, count in counts]
    return ", ".join(told[:MOST]) + (", …" if len(told) > MOST else "")


def _is_plain(text: str) -> bool:
    return text.isprintable() and text == text.strip() and "," not in text


def _shown(text: str) -> str:
    """A text on one line, its beginning where it is long."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
