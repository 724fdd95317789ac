"""Tasks whose answers are right or wrong, generated at random from a fixed seed.

Each requires the model to generalize: no held-out document is in the training data in another form.
The answers are checked elsewhere, by `microgpt/tasks.py`.
"""

from __future__ import annotations

import random

TASK_SEED = 42
TASK_DOCUMENTS = 5000
TASK_LETTERS = "abcdefgh"
BRACKET_PAIRS = {"(": ")", "[": "]", "{": "}"}
MAX_BRACKET_PAIRS = 7  # 14 characters and the end of the document fit a context of 16
SORTING_LENGTHS = (3, 7)  # minimum and maximum number of letters to sort
PALINDROME_HALF_LENGTHS = (2, 5)  # minimum and maximum, including the middle letter
CODE_BOOK_DOCUMENTS = 8000  # too many to be learned by heart in place of the rule
CODE_BOOK_VALUES = "0123456789"  # the keys are `TASK_LETTERS`: so both are told apart at sight
CODE_BOOK_KEYS = 4  # different ones in a line
CODE_BOOK_PAIRS = 12
RESIDUES = "0123456789abcdefghijklmnopqrstu"  # one character each; their number, 31, is a prime


def make_sums() -> list[str]:
    """Make every sum of two numbers below 100 once: as 12+7=91 or as 7+12=91, never as both.

    The digits of the answer are reversed, so that each one depends only on what precedes it.
    """
    rng = random.Random(TASK_SEED)
    pairs = [[small, large] for large in range(100) for small in range(large + 1)]
    rng.shuffle(pairs)
    documents = []
    for pair in pairs:
        rng.shuffle(pair)
        first, second = pair
        documents.append(f"{first}+{second}={str(first + second)[::-1]}")
    return documents


def make_sorting() -> list[str]:
    """Make letters followed by the same letters sorted, as in dab>abd, each answer only once."""
    rng = random.Random(TASK_SEED)
    questions: dict[str, str] = {}  # by answer
    while len(questions) < TASK_DOCUMENTS:
        letters = rng.choices(TASK_LETTERS, k=rng.randint(*SORTING_LENGTHS))
        questions.setdefault("".join(sorted(letters)), "".join(letters))
    return [f"{question}>{answer}" for answer, question in questions.items()]


def make_palindromes() -> list[str]:
    """Make strings that read the same backwards, as abcba or abba."""
    rng = random.Random(TASK_SEED)
    documents: dict[str, None] = {}
    while len(documents) < TASK_DOCUMENTS:
        half = "".join(rng.choices(TASK_LETTERS, k=rng.randint(*PALINDROME_HALF_LENGTHS)))
        middle = rng.randrange(2)  # 1: the middle letter is not repeated
        documents[half + half[::-1][middle:]] = None
    return list(documents)


def make_brackets() -> list[str]:
    """Make balanced brackets of three kinds, as ([]{})."""
    rng = random.Random(TASK_SEED)
    documents: dict[str, None] = {}
    while len(documents) < TASK_DOCUMENTS:
        documents[_random_brackets(rng, rng.randint(1, MAX_BRACKET_PAIRS))] = None
    return list(documents)


def make_code_book() -> list[str]:
    """Make lines of pairs, a key and its value, whose code holds for one line: as b7e0b7a3...

    Each line has four keys in a random order, some of them more often than others, and a value of
    its own for each key.
    """
    rng = random.Random(TASK_SEED)
    documents: dict[str, None] = {}
    while len(documents) < CODE_BOOK_DOCUMENTS:
        keys = rng.sample(TASK_LETTERS, CODE_BOOK_KEYS)
        values = rng.sample(CODE_BOOK_VALUES, CODE_BOOK_KEYS)
        pairs = [key + value for key, value in zip(keys, values, strict=True)]
        line = pairs + rng.choices(pairs, k=CODE_BOOK_PAIRS - CODE_BOOK_KEYS)
        rng.shuffle(line)
        documents["".join(line)] = None
    return list(documents)


def make_modular_addition() -> list[str]:
    """Make every sum of two residues modulo 31 once, as in t+5=3 (29 + 5 = 34), in random order."""
    rng = random.Random(TASK_SEED)
    numbers = range(len(RESIDUES))
    documents = [
        f"{RESIDUES[one]}+{RESIDUES[other]}={RESIDUES[(one + other) % len(RESIDUES)]}"
        for one in numbers
        for other in numbers
    ]
    rng.shuffle(documents)
    return documents


def _random_brackets(rng: random.Random, pairs: int) -> str:
    """Return balanced brackets, opened and closed at random; `pairs` is their number."""
    written, closing = "", ""  # closing: the brackets that are still due, innermost first
    while pairs or closing:
        if pairs and (not closing or rng.random() < 0.5):
            bracket = rng.choice("([{")
            written += bracket
            closing = BRACKET_PAIRS[bracket] + closing
            pairs -= 1
        else:
            written += closing[0]
            closing = closing[1:]
    return written
