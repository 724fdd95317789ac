"""A reading in words and bars, for people at a terminal.

The module knows what a reading holds, not how it came to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from microgpt.reading.portrait import Portrait
from microgpt.reading.reader import Reading

MOST = 30  # characters or pairs in one line
BAR = 40  # signs in the longest bar
SHOWN = 60  # characters of a document or an example


def in_words(reading: Reading) -> str:
    """All that `Reading.as_dict` has, as lines of text."""
    portrait = reading.portrait
    different = len(portrait.vocabulary)
    lines = [
        *(f"file: {name}, {encoding}" for name, encoding in _files(reading)),
        *_columns(reading),
        f"documents: {portrait.documents:,}, {portrait.duplicates:,} of them duplicates",
        f"shortest: {_shown(portrait.shortest)}",
        f"longest: {_shown(portrait.longest)}",
        f"characters: {portrait.characters:,}, {different:,} different",
        f"commonest: {_counted(portrait.vocabulary)}",
        f"commonest pairs: {_counted(portrait.bigrams)}",
    ]
    if reading.rare:
        below = reading.options.rare_below
        lines.append(f"fewer than {below:,} times: {_counted(reading.rare.items())}")
    lines += _lengths(portrait, reading.options.block_size)
    lines += [f"note: {remark}" for remark in reading.remarks]
    names = {name: name.replace("_", "-") for name in reading.suggestion} | {"num_steps": "steps"}
    suggested = (f"--{names[name]} {value}" for name, value in reading.suggestion.items())
    lines.append("suggested: " + " ".join(suggested))
    return "\n".join(lines)


def _files(reading: Reading) -> Iterator[tuple[str, str]]:
    for name, encoding, guessed in reading.encodings:
        yield name, f"probably {encoding}" if guessed else encoding


def _columns(reading: Reading) -> Iterator[str]:
    for column in reading.columns:
        taken = " (taken)" if column.name == reading.column else ""
        examples = ", ".join(map(_shown, column.examples))
        yield (
            f"column: {column.name}{taken}, {column.filled:,} of {column.rows:,} rows, such as "
            f"{examples}"
        )


def _lengths(portrait: Portrait, block_size: int) -> Iterator[str]:
    """The histogram with the context length marked in it."""
    yield "lengths, in characters and one for the end:"
    bars = portrait.lengths.histogram()
    most = max(bar.documents for bar in bars)
    for bar in bars:
        sign = "#" if bar.last <= block_size else "-"  # beyond the context
        drawn = sign * -(-BAR * bar.documents // most)
        width = f"{bar.first:,}" if bar.first == bar.last else f"{bar.first:,} to {bar.last:,}"
        yield f"{width:>16} | {drawn:{BAR}} {bar.documents:,}"
    documents, lost = portrait.lengths.cut(block_size)
    yield (
        f"with a context length of {block_size}, {documents:,} documents are cut, and "
        f"{lost:.1%} of the text is lost"
    )


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    """The first of some texts with their counts."""
    told = [f"{text if _is_plain(text) else repr(text)} {count:,}" for text, count in counts]
    return ", ".join(told[:MOST]) + (", …" if len(told) > MOST else "")


def _is_plain(text: str) -> bool:
    return text.isprintable() and text == text.strip() and "," not in text


def _shown(text: str) -> str:
    """A text on one line, its beginning where it is long."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
