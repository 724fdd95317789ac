"""Texts cut into documents: lines, paragraphs, sentences, or pieces of one length.

Texts come in pieces and leave as batches of documents, so that a large one is cut with chances to
look up. The module knows nothing of where texts come from, or of what is cleaned of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import itemgetter

BLANK_LINE = re.compile(r"\n\s*\n")
LONGEST_SENTENCE = 1 << 18  # characters; a text without any end of a sentence is cut there
SIGNS = ".!?…؟۔।॥"  # these end a sentence before a space
WIDE_SIGNS = "。！？｡"  # and these anywhere, in scripts that set no space
CLOSING = "[\"'”’»›)\\]}」』）】〉》]*+"
# Signs and what closes after them. It begins with a plain set of characters, because such a search
# is many times faster; and only at the first of several signs, or a million dots would take hours.
SENTENCE_END = re.compile(
    rf"[{SIGNS}{WIDE_SIGNS}](?:(?<=[{WIDE_SIGNS}])[{WIDE_SIGNS}]*+{CLOSING}"
    rf"|(?<![{SIGNS}].)[{SIGNS}]*+{CLOSING}(?=\s))",
    re.DOTALL,
)
NEXT = re.compile(r"\s*(\S)")
LETTERS = re.compile(r"[^\W\d_]+$")
LONGEST_WORD = 12  # characters before a dot that are looked at
# Words that end in a dot in the middle of a sentence; so do single letters, as in U.S. and J. S.
ABBREVIATIONS = {
    *("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "mt", "lt", "col", "gen", "capt", "sgt"),
    *("vs", "etc", "cf", "ca", "approx", "dept", "est", "inc", "ltd", "corp", "co", "vol", "pp"),
    *("fig", "messrs", "mme", "mlle", "bzw", "nr", "usw", "sog", "inkl", "ggf"),
    *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
}


def whole_lines(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in pieces that end where lines do."""
    return _whole(pieces, "\n")


def cut_lines(pieces: Iterable[str]) -> Iterator[list[str]]:
    """The lines of a text, in batches."""
    return (piece.split("\n") for piece in whole_lines(pieces))


def cut_paragraphs(pieces: Iterable[str]) -> Iterator[list[str]]:
    """What stands between blank lines, in batches; lines within a paragraph stay lines."""
    return (BLANK_LINE.split(piece) for piece in _whole(pieces, "\n\n"))


def cut_sentences(pieces: Iterable[str]) -> Iterator[list[str]]:
    """The sentences of a text, in batches, each on one line.

    A sentence ends at . ! ? … or their kin in other scripts, with the quotation marks and brackets
    that close there, where a space follows; at a blank line; and where it has become longer than
    any sentence. A dot ends none after a single letter or an abbreviation; a quotation or an
    ellipsis ends none where a small letter follows.
    """
    rest = ""
    for piece in pieces:
        text = rest + piece
        # Whether the last words end a sentence hangs on what follows.
        known = len(text.rstrip())
        ends = [end for end in _sentence_ends(text) if end < known]
        if len(text) - (ends[-1] if ends else 0) > LONGEST_SENTENCE:
            ends.append(len(text))
        starts = [0, *ends]
        yield [_one_line(text[start:end]) for start, end in zip(starts, ends, strict=False)]
        rest = text[starts[-1] :]
    ends = [*_sentence_ends(rest), len(rest)]
    yield [_one_line(rest[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def cut_windows(pieces: Iterable[str], size: int) -> Iterator[list[str]]:
    """One long text in pieces of `size` characters, in batches; the last one may be shorter.

    Every piece is a document, so BOS stands before it. Of `size` + 1 predictions a model with a
    context length of `size` makes all but the last: that BOS follows, that is, that the text ends
    there. So it learns to go on with a text that begins anywhere, and never to end one. Space at
    the edges of a piece belongs to the text and stays; line breaks do too.
    """
    rest = ""
    for piece in pieces:
        text = rest + piece
        end = len(text) - len(text) % size
        yield [text[start : start + size] for start in range(0, end, size)]
        rest = text[end:]
    yield [rest]


def tidied(documents: Iterable[str], cut: str) -> list[str]:
    """The documents without surrounding space, empty ones left out.

    Where `cut` is `windows`, the space belongs to the text and stays.
    """
    if cut == "windows":
        return [document for document in documents if not document.isspace() and document]
    return list(filter(None, map(str.strip, documents)))


def _whole(pieces: Iterable[str], boundary: str) -> Iterator[str]:
    """The same text in pieces that end with `boundary`, but for the last one."""
    waiting: list[str] = []
    for piece in pieces:
        head, found, tail = piece.rpartition(boundary)
        if found:
            yield "".join([*waiting, head, found])
            waiting = [tail]
        else:
            waiting.append(piece)
    yield "".join(waiting)


def _sentence_ends(text: str) -> Iterator[int]:
    """Where sentences end in `text`, after the signs that end them; in order."""
    signs = [(match.end(), match) for match in SENTENCE_END.finditer(text)]
    blanks = [(match.end(), None) for match in BLANK_LINE.finditer(text)]
    for end, sign in sorted([*signs, *blanks], key=itemgetter(0)):
        if sign is None or not _goes_on(text, sign):
            yield end


def _goes_on(text: str, sign: re.Match[str]) -> bool:
    """Whether a sentence goes on after a sign that may end it."""
    if sign.group() == ".":
        start = sign.start()
        word = LETTERS.search(text[max(0, start - LONGEST_WORD) : start])
        return word is not None and (len(word[0]) == 1 or word[0].lower() in ABBREVIATIONS)
    quoted_or_open = len(sign.group().rstrip(".!?")) > 0 or sign.group().startswith("..")
    following = NEXT.match(text, sign.end())
    return quoted_or_open and following is not None and following[1].islower()


def _one_line(sentence: str) -> str:
    return " ".join(sentence.split())
