"""Tasks: data sets whose lines are right or wrong, so that what a model writes can be graded.

A line holds question and answer, so a checker needs nothing else. The module knows neither the
model nor how the data are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable

SUM_PATTERN = re.compile(r"(0|[1-9][0-9]?)\+(0|[1-9][0-9]?)=([0-9]+)")
SORTING_PATTERN = re.compile(r"([a-z]+)>([a-z]+)")
PALINDROME_PATTERN = re.compile(r"[a-z]{3,}")
OPENING_BRACKETS = {")": "(", "]": "[", "}": "{"}


def is_sum(line: str) -> bool:
    """Whether `line` is a correct sum, the digits of the answer in reverse order.

        line    = number "+" number "=" digits
        number  = one or two digits, no leading zero

    >>> is_sum("12+7=91"), is_sum("12+7=19")
    (True, False)
    """
    match = SUM_PATTERN.fullmatch(line)
    return match is not None and match[3] == str(int(match[1]) + int(match[2]))[::-1]


def is_sorting(line: str) -> bool:
    """Whether `line` is letters, ">" and the same letters in alphabetical order.

        line    = letters ">" letters
        letters = one or more of a to z

    >>> is_sorting("dab>abd"), is_sorting("dab>adb")
    (True, False)
    """
    match = SORTING_PATTERN.fullmatch(line)
    return match is not None and match[2] == "".join(sorted(match[1]))


def is_palindrome(line: str) -> bool:
    """Whether `line` is three or more letters that read the same backwards.

        line    = three or more of a to z

    >>> is_palindrome("abcba"), is_palindrome("abcab")
    (True, False)
    """
    return bool(PALINDROME_PATTERN.fullmatch(line)) and line == line[::-1]


def is_balanced(line: str) -> bool:
    """Whether `line` is brackets, each closed by its own kind; an empty line is not.

        line    = one or more pairs
        pair    = "()", "[]", "{}", "(" line ")", "[" line "]" or "{" line "}"

    >>> is_balanced("([]{})"), is_balanced("([)]")
    (True, False)
    """
    open_brackets: list[str] = []
    for bracket in line:
        if bracket in OPENING_BRACKETS.values():
            open_brackets.append(bracket)
        elif not open_brackets or open_brackets.pop() != OPENING_BRACKETS.get(bracket):
            return False
    return bool(line) and not open_brackets


# The checker of each task, by the name of its data set: is_right(line).
TASK_CHECKERS: dict[str, Callable[[str], bool]] = {
    "sums": is_sum,
    "sorting": is_sorting,
    "palindromes": is_palindrome,
    "brackets": is_balanced,
}

# What the question of a line ends with, by the name of the data set, for tasks that have one.
QUESTION_ENDS = {"sums": "=", "sorting": ">"}
