"""Tasks whose answers are right or wrong, made by chance from a fixed seed.

Each leaves the model something to find out by itself: what is held out was never seen in another
guise either. The module does not know how an answer is judged; that is `microgpt/tasks.py`.
"""

from __future__ import annotations

import random

SEED = 42
DOCUMENTS = 5000
LETTERS = "abcdefgh"
BRACKETS = {"(": ")", "[": "]", "{": "}"}
MOST_PAIRS = 7  # of brackets; 14 signs fit a context of 16 with the end of the document
SORTED_LENGTHS = (3, 7)  # letters to sort, fewest and most
HALF_LENGTHS = (2, 5)  # letters of a palindrome's first half, its middle included


def sums() -> list[str]:
    """Every sum of two numbers below 100, once: as 12+7=91 or as 7+12=91, never as both.

    The answer is written backwards, so that each digit can be told from what stands before it.
    """
    rng = random.Random(SEED)
    pairs = [[small, large] for large in range(100) for small in range(large + 1)]
    rng.shuffle(pairs)
    documents = []
    for pair in pairs:
        rng.shuffle(pair)
        first, second = pair
        documents.append(f"{first}+{second}={str(first + second)[::-1]}")
    return documents


def sorting() -> list[str]:
    """Letters and the same letters in order, as dab>abd; no answer is there twice."""
    rng = random.Random(SEED)
    asked: dict[str, str] = {}
    while len(asked) < DOCUMENTS:
        letters = rng.choices(LETTERS, k=rng.randint(*SORTED_LENGTHS))
        asked.setdefault("".join(sorted(letters)), "".join(letters))
    return [f"{question}>{answer}" for answer, question in asked.items()]


def palindromes() -> list[str]:
    """Letters that read the same backwards, as abcba or abba."""
    rng = random.Random(SEED)
    documents: dict[str, None] = {}
    while len(documents) < DOCUMENTS:
        half = "".join(rng.choices(LETTERS, k=rng.randint(*HALF_LENGTHS)))
        middle = rng.randrange(2)  # whether the middle letter stands alone
        documents[half + half[::-1][middle:]] = None
    return list(documents)


def brackets() -> list[str]:
    """Brackets of three kinds, each closed by its own, as ([]{})."""
    rng = random.Random(SEED)
    documents: dict[str, None] = {}
    while len(documents) < DOCUMENTS:
        documents[_balanced(rng, rng.randint(1, MOST_PAIRS))] = None
    return list(documents)


def _balanced(rng: random.Random, pairs: int) -> str:
    """So many pairs of brackets, opened and closed by chance."""
    written, closing = "", ""  # closing: what closes those that are open, the innermost first
    while pairs or closing:
        if pairs and (not closing or rng.random() < 0.5):
            bracket = rng.choice("([{")
            written += bracket
            closing = BRACKETS[bracket] + closing
            pairs -= 1
        else:
            written += closing[0]
            closing = closing[1:]
    return written
