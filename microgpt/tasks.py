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
CODE_BOOK_PATTERN = re.compile(r"([a-z][0-9]){12}")
CODE_BOOK_KEY_COUNT = 4  # different keys in a line
MODULUS = 31
MODULAR_PATTERN = re.compile(r"([0-9a-u])\+([0-9a-u])=([0-9a-u])")
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


def is_code_book(line: str) -> bool:
    """Whether `line` is twelve pairs of four keys, each key with the same value every time.

        line    = twelve pairs
        pair    = key value
        key     = a to z; four different ones in a line
        value   = 0 to 9

    >>> is_code_book("a1b2c3d4" * 3), is_code_book("a1b2c3d4a1b2c3d4a1b2c3d5")
    (True, False)
    """
    pairs = {line[start : start + 2] for start in range(0, len(line), 2)}
    keys = {pair[:1] for pair in pairs}
    matches = CODE_BOOK_PATTERN.fullmatch(line) is not None
    return matches and len(pairs) == len(keys) == CODE_BOOK_KEY_COUNT


def repeated_values(line: str) -> list[int]:
    """Where the value of a key stands in a line of the code book that has had this key before.

    >>> repeated_values("a1b2a1c3b2")
    [5, 9]
    """
    return [key + 1 for key in range(0, len(line), 2) if line[key] in line[:key:2]]


def is_modular_sum(line: str) -> bool:
    """Whether `line` is a correct sum modulo 31, each number one character: 0 to 9, then a to u.

        line    = residue "+" residue "=" residue

    >>> is_modular_sum("1+2=3"), is_modular_sum("t+5=3"), is_modular_sum("t+5=4")
    (True, True, False)
    """
    match = MODULAR_PATTERN.fullmatch(line)
    if match is None:
        return False
    one, other, total = (int(digit, MODULUS) for digit in match.groups())
    return (one + other) % MODULUS == total


# The checker of each task, by the name of its data set: is_right(line).
TASK_CHECKERS: dict[str, Callable[[str], bool]] = {
    "sums": is_sum,
    "sorting": is_sorting,
    "palindromes": is_palindrome,
    "brackets": is_balanced,
    "code-book": is_code_book,
    "modular-addition": is_modular_sum,
}

# By the name of the data set, for tasks that ask for an answer: what the question ends with.
QUESTION_ENDS = {"sums": "=", "sorting": ">"}

# Which characters of a line follow from those before them, as their indices, by the name of the
# data set: for tasks that are evaluated by these.
DETERMINED_CHARACTERS: dict[str, Callable[[str], list[int]]] = {
    "code-book": repeated_values,
    "modular-addition": lambda line: [len(line) - 1],
}

# The tasks that are evaluated on lines of the training data too: to see that a model which knows
# these by heart need not have understood.
TESTED_ON_TRAINING = ("modular-addition",)
