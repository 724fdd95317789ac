"""Splitting of texts into documents: lines, paragraphs, sentences, or windows of equal length.

Texts come in chunks, which may end anywhere, and documents leave in batches, so that there are
yield points within a long text. The module knows nothing of where texts come from, or of cleaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import itemgetter

BLANK_LINE = re.compile(r"\n\s*\n")
MAX_SENTENCE_CHARS = 1 << 18  # a text is split after this many if no sentence ends before
TERMINATORS = ".!?…؟۔।॥"  # these end a sentence if a space follows
WIDE_TERMINATORS = "。！？｡"  # these always do: their scripts have no spaces
CLOSING_MARKS = "[\"'”’»›)\\]}」』）】〉》]*+"
# Terminators and closing marks. The pattern starts with a plain character set, since it is found
# many times faster that way, and matches only at the first of several terminators, since otherwise
# a million dots would take hours.
SENTENCE_END = re.compile(
    rf"[{TERMINATORS}{WIDE_TERMINATORS}]"
    rf"(?:(?<=[{WIDE_TERMINATORS}])[{WIDE_TERMINATORS}]*+{CLOSING_MARKS}"
    rf"|(?<![{TERMINATORS}].)[{TERMINATORS}]*+{CLOSING_MARKS}(?=\s))",
    re.DOTALL,
)
NEXT_CHARACTER = re.compile(r"\s*(\S)")
TRAILING_LETTERS = re.compile(r"[^\W\d_]+$")
MAX_ABBREVIATION_CHARS = 12  # this many before a dot are searched for an abbreviation
# Abbreviations that do not end a sentence; single letters do not either, as in U.S. and J. S.
ABBREVIATIONS = {
    *("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "mt", "lt", "col", "gen", "capt", "sgt"),
    *("vs", "etc", "cf", "ca", "approx", "dept", "est", "inc", "ltd", "corp", "co", "vol", "pp"),
    *("fig", "messrs", "mme", "mlle", "bzw", "nr", "usw", "sog", "inkl", "ggf"),
    *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
}


def rechunk_at_lines(chunks: Iterable[str]) -> Iterator[str]:
    """Yield the same text in chunks that end at line breaks."""
    return _rechunk(chunks, "\n")


def split_into_lines(chunks: Iterable[str]) -> Iterator[list[str]]:
    """Yield the lines of a text, in batches."""
    return (chunk.split("\n") for chunk in rechunk_at_lines(chunks))


def split_into_paragraphs(chunks: Iterable[str]) -> Iterator[list[str]]:
    """Yield the paragraphs of a text, which blank lines separate, in batches."""
    return (BLANK_LINE.split(chunk) for chunk in _rechunk(chunks, "\n\n"))


def split_into_sentences(chunks: Iterable[str]) -> Iterator[list[str]]:
    """Yield the sentences of a text, in batches, each sentence on one line.

    A sentence ends at . ! ? … or their counterparts in other scripts, including the quotation marks
    and brackets that close there, if a space follows; at a blank line; and when it is longer than
    `MAX_SENTENCE_CHARS`. A dot after a single letter or an abbreviation does not end it, nor does a
    quotation or an ellipsis that a lower-case letter follows.
    """
    rest = ""
    for chunk in chunks:
        text = rest + chunk
        # Whether a sentence ends after the last word depends on the next chunk.
        known = len(text.rstrip())
        ends = [end for end in _sentence_ends(text) if end < known]
        if len(text) - (ends[-1] if ends else 0) > MAX_SENTENCE_CHARS:
            ends.append(len(text))
        starts = [0, *ends]
        yield [_one_line(text[start:end]) for start, end in zip(starts, ends, strict=False)]
        rest = text[starts[-1] :]
    ends = [*_sentence_ends(rest), len(rest)]
    yield [_one_line(rest[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def split_into_windows(chunks: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield windows of `size` characters, in batches; the last window may be shorter.

    Each window is a document, so BOS precedes it. A model whose context length is `size` makes all
    of its `size` + 1 predictions except the last: that BOS follows, which would mean that the text
    ends there. So it learns to continue a text from anywhere, and never to end it. Whitespace at
    the edges of a window belongs to the text and is kept, line breaks included.
    """
    rest = ""
    for chunk in chunks:
        text = rest + chunk
        end = len(text) - len(text) % size
        yield [text[start : start + size] for start in range(0, end, size)]
        rest = text[end:]
    yield [rest]


def strip_documents(documents: Iterable[str], cut: str) -> list[str]:
    """Strip whitespace around documents and drop empty ones.

    Args:
        documents: as they were split.
        cut: how; with `windows`, whitespace belongs to the text, so only blank ones are dropped.
    """
    if cut == "windows":
        return [document for document in documents if not document.isspace() and document]
    return list(filter(None, map(str.strip, documents)))


def _rechunk(chunks: Iterable[str], boundary: str) -> Iterator[str]:
    """Yield the same text in chunks that end with `boundary`, except for the last one."""
    pending: list[str] = []
    for chunk in chunks:
        head, found, tail = chunk.rpartition(boundary)
        if found:
            yield "".join([*pending, head, found])
            pending = [tail]
        else:
            pending.append(chunk)
    yield "".join(pending)


def _sentence_ends(text: str) -> Iterator[int]:
    """Yield the positions in `text` after each sentence, in order."""
    candidates = [(match.end(), match) for match in SENTENCE_END.finditer(text)]
    blank_lines = [(match.end(), None) for match in BLANK_LINE.finditer(text)]
    for end, match in sorted([*candidates, *blank_lines], key=itemgetter(0)):
        if match is None or not _continues(text, match):
            yield end


def _continues(text: str, end: re.Match[str]) -> bool:
    """Whether a sentence continues after a match of `SENTENCE_END`."""
    if end.group() == ".":
        start = end.start()
        word = TRAILING_LETTERS.search(text[max(0, start - MAX_ABBREVIATION_CHARS) : start])
        return word is not None and (len(word[0]) == 1 or word[0].lower() in ABBREVIATIONS)
    quoted_or_ellipsis = len(end.group().rstrip(".!?")) > 0 or end.group().startswith("..")
    following = NEXT_CHARACTER.match(text, end.end())
    return quoted_or_ellipsis and following is not None and following[1].islower()


def _one_line(sentence: str) -> str:
    return " ".join(sentence.split())
