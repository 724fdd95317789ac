"""Tasks whose lines are right or wrong, so that what a model writes can be scored.

A line of a task is complete by itself, question and answer, so a checker needs only the line. The
module knows neither the model nor how the lines that it learns from are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable

SUM = re.compile(r"(0|[1-9][0-9]?)\+(0|[1-9][0-9]?)=([0-9]+)")
SORTING = re.compile(r"([a-z]+)>([a-z]+)")
PALINDROME = re.compile(r"[a-z]{3,}")
CLOSES = {")": "(", "]": "[", "}": "{"}


def is_sum(line: str) -> bool:
    """Whether `line` is a right sum with the answer's digits from the last to the first.

        line    = number "+" number "=" digits
        number  = one or two digits, without a zero in front

    >>> is_sum("12+7=91"), is_sum("12+7=19")
    (True, False)
    """
    match = SUM.fullmatch(line)
    return match is not None and match[3] == str(int(match[1]) + int(match[2]))[::-1]


def is_sorting(line: str) -> bool:
    """Whether `line` is letters, and behind ">" the same letters in the alphabet's order.

        line    = letters ">" letters
        letters = one or more of a to z

    >>> is_sorting("dab>abd"), is_sorting("dab>adb")
    (True, False)
    """
    match = SORTING.fullmatch(line)
    return match is not None and match[2] == "".join(sorted(match[1]))


def is_palindrome(line: str) -> bool:
    """Whether `line` is three or more letters that read the same from both ends.

        line    = three or more of a to z

    >>> is_palindrome("abcba"), is_palindrome("abcab")
    (True, False)
    """
    return bool(PALINDROME.fullmatch(line)) and line == line[::-1]


def is_balanced(line: str) -> bool:
    """Whether every bracket in `line` is closed by its own kind, and there is one at least.

        line    = pair, or several pairs one after another
        pair    = "(" line ")", "[" line "]" or "{" line "}", or with nothing in between

    >>> is_balanced("([]{})"), is_balanced("([)]")
    (True, False)
    """
    open_brackets: list[str] = []
    for bracket in line:
        if bracket in CLOSES.values():
            open_brackets.append(bracket)
        elif not open_brackets or open_brackets.pop() != CLOSES.get(bracket):
            return False
    return bool(line) and not open_brackets


# By the name of the data set: right(line) -> whether the line is right.
TASKS: dict[str, Callable[[str], bool]] = {
    "sums": is_sum,
    "sorting": is_sorting,
    "palindromes": is_palindrome,
    "brackets": is_balanced,
}

# What a question ends with, by the name of the data set, where a line has an answer behind it.
QUESTION_ENDS = {"sums": "=", "sorting": ">"}
