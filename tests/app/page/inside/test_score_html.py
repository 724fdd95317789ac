"""Scored lines as HTML and as a table."""

from __future__ import annotations

import csv
import io

from app.page.inside.score_html import LineScore, csv_text, line_html, mean_words, perplexity_words
from app.shared.scores import ScoredLine

VOCABULARY = ["a", "<"]


def scored(text: str, losses: list[float], own: bool = False) -> LineScore:
    tokens = [VOCABULARY.index(one) for one in text] + [2]
    line = ScoredLine(text=text, own=own, tokens=tokens, losses=losses, cut=False)
    return LineScore(line, line_html(VOCABULARY, line, {}))


def test_each_token_has_its_ink_and_its_words() -> None:
    html = scored("a<", [0.0, 100.0, 1.0]).html
    assert "--surprise: 0.00" in html
    assert "--surprise: 1.00" in html
    assert "“a”: expected with 100.0%, loss 0.000" in html
    assert "the end: expected with 36.8%, loss 1.000" in html


def test_the_means_are_over_tokens() -> None:
    scores = [scored("a", [1.0, 1.0]), scored("aaa", [4.0, 4.0, 4.0, 4.0], own=True)]
    words = mean_words([*scores, scored("aaa", [2.0, 2.0, 2.0, 2.0])])
    assert "Your 2 lines have a mean loss of 1.67" in words
    assert "Held-out lines of the data have 4.00, perplexity 54.6: more than yours." in words
    assert perplexity_words(800.0) == "over 1M"


def test_the_table_can_be_read() -> None:
    text = csv_text([scored("a", [1.0, 1.0]), scored("<a", [3.0, 3.0, 3.0], own=True)])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["line"], row["source"], float(row["loss"])) for row in rows] == [
        ("<a", "data", 3.0),
        ("a", "own", 1.0),
    ]
