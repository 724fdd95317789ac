"""What was typed into a text box, as the difference that it makes; offsets in its own units.

Plain Python that MicroPython understands.
"""

from app.page.views.tiles import name

MAX_NAMED_CHARACTERS = 40


def to_units(text: str, offset: int) -> int:
    """The offset of a code point in UTF-16 units, in which JavaScript counts.

    >>> to_units("🂡a", 1)
    2
    """
    return sum([2 if ord(character) > 0xFFFF else 1 for character in text[:offset]])


def to_code_points(text: str, units: int) -> int:
    """The offset of the code point at, or around, an offset in UTF-16 units.

    >>> to_code_points("🂡a", 2)
    1
    """
    passed = 0
    for offset, character in enumerate(text):
        if passed >= units:
            return offset
        passed += 2 if ord(character) > 0xFFFF else 1
    return len(text)


def difference(old: str, new: str, caret: int) -> "tuple[int, int, str]":
    """The edit that made `new` of `old`, and left the caret where it is.

    Returns the characters of `old` that were replaced, from `start` to `end`, and by what.

    >>> difference("anna", "annna", 3)
    (2, 2, 'n')
    """
    kept = len(new) - caret  # characters behind the caret
    if kept > len(old) or old[len(old) - kept :] != new[caret:]:
        kept = 0
        while kept < min(len(old), len(new)) and old[-1 - kept] == new[-1 - kept]:
            kept += 1
    end = len(old) - kept
    last = len(new) - kept
    start = 0
    while start < min(end, last) and old[start] == new[start]:
        start += 1
    return start, end, new[start:last]


def refused_words(refused: list[str], vocabulary: list[str]) -> str:
    """A sentence on characters that were typed, but are not in the vocabulary."""
    named = ", ".join([f"'{name(character)}'" for character in refused if character != "\n"])
    words = []
    if named:
        noun = "characters" if ", " in named else "character"
        known = [text for text in vocabulary if len(text) == 1]
        sample = "".join(known[:MAX_NAMED_CHARACTERS])
        more = "…" if len(known) > MAX_NAMED_CHARACTERS else ""
        words.append(f"The model does not know the {noun} {named}; it knows only: {sample}{more}")
    if "\n" in refused:
        words.append("A text is one line: its line breaks were left out.")
    return " ".join(words)
