"""The probabilities of the next token, and a moment in words."""

from __future__ import annotations

import pytest

from app.page.distribution import Distribution, moment_words
from app.page.document import Document
from app.shared.events import MAX_TOLD_TOKENS

PROBS = [0.2, 0.5, 0.2, 0.1]
UPCOMING = Distribution({"model": PROBS, "adjusted": PROBS}, None)


def test_the_rank_counts_the_likelier_tokens() -> None:
    assert [UPCOMING.rank(token) for token in range(4)] == [2, 1, 2, 4]
    assert UPCOMING.likeliest() == 1
    assert UPCOMING.order() == [1, 0, 2, 3]
    assert UPCOMING.tokens == [0, 1, 2, 3]


def test_of_a_large_vocabulary_only_the_likeliest_tokens_are_known() -> None:
    # The likeliest are sent best first; 900 follows in the text, though it is not among them.
    tokens = [*range(700, 700 - MAX_TOLD_TOKENS, -1), 900]
    model = [1 / (place + 2) for place in range(MAX_TOLD_TOKENS + 1)]
    distribution = Distribution({"tokens": tokens, "model": model, "adjusted": model}, 900)
    assert distribution.likeliest() == 700
    places = [distribution.index(token) for token in (700, 698, 900, 3)]
    assert places == [0, 2, MAX_TOLD_TOKENS, -1]
    assert [distribution.rank(token) for token in (700, 698, 900, 3)] == [1, 3, 0, 0]
    assert distribution.order() == distribution.tokens == tokens


@pytest.mark.parametrize(
    ("tokens", "newest", "words"),
    [
        ([], None, "What comes first? “b” is likeliest with 50.0%."),
        (
            [0],
            (0.123, 3),
            "“a”: 12.3%, the third likeliest of 4. What comes next? “b” is likeliest with 50.0%.",
        ),
        (
            [0, 3],
            (0.01, 4),
            "The line ends here: 1.00%, number 4 of 4. "
            "What comes first? “b” is likeliest with 50.0%.",
        ),
    ],
)
def test_a_moment_in_words(tokens: list[int], newest: tuple[float, int] | None, words: str) -> None:
    text = Document(["a", "b", "c"], 8)
    for token in tokens:
        text.press(token)
    assert moment_words(text, newest, UPCOMING) == words


def test_a_full_context_in_words() -> None:
    text = Document(["a", "b", "c"], 2, "ab")
    assert moment_words(text, (0.9, 1), None) == (
        "“b”: 90.0%, the likeliest of 4. The context of 2 tokens is full: nothing can follow."
    )
