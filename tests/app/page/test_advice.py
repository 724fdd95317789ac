"""What is said of a finished run, and the change that is offered."""

from __future__ import annotations

from math import log
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.page.advice import advise, rounded, verdict
from app.page.series import LossSeries
from app.shared.smoothing import Smoothing
from microgpt.settings import MODEL, TRAINING, setting

LOSS = st.floats(0, 744)  # the logarithm of the smallest probability is about -744
SETTINGS: dict[str, Any] = {row.name: row.page_default for row in MODEL + TRAINING}
BASELINES = [("unigram", 2.84), ("bigram", 2.46), ("trigram", 2.2)]
LEARNED = {
    "gap": "learning",
    "train_loss": 2.29,
    "held_out_loss": 2.31,
    "whole": True,
    "count": 50,
    "in_data": 0.04,
    "different": 1.0,
    "diversity": 0.8,
    "data_diversity": 0.82,
}


def said(series: LossSeries) -> str:
    return verdict(series, SETTINGS)


def series_of(
    raw: list[float], held_out: list[tuple[int, float]] | None = None, num_steps: int = 1000
) -> LossSeries:
    series = LossSeries(27, num_steps)
    series.add(raw[0], raw[-1], Smoothing().add(raw)[-1])
    series.add_evaluations(held_out or [], [], [])
    return series


def test_with_bpe_the_verdict_also_gives_the_loss_per_character() -> None:
    series = series_of([3.0])
    assert "characters instead of 27" in said(series)
    assert "each character" not in said(series)
    series.chars_per_token = 2.5
    assert "tokens instead of 27" in said(series)
    assert "a loss of 1.20 for each character, the figure to compare" in said(series)


def test_the_verdict_compares_runs_on_different_tokens_per_character() -> None:
    series = series_of([3.0])
    series.other_tokens_loss = 1.25
    assert "3.00 for each character; the last run on other tokens came to 1.25" in said(series)
    series.chars_per_token = 2.5
    assert "1.20 for each character; the last run on other tokens came to 1.25" in said(series)


@given(
    raw=st.lists(LOSS, min_size=1, max_size=30),
    held_out=st.lists(st.tuples(st.integers(0, 10_000), LOSS), max_size=8),
    vocab_size=st.integers(2, 10_000),
    num_steps=st.integers(1, 1_000_000),
)
@example(raw=[744.0], held_out=[], vocab_size=27, num_steps=100)
def test_there_is_a_verdict_on_every_run(
    raw: list[float], held_out: list[tuple[int, float]], vocab_size: int, num_steps: int
) -> None:
    series = LossSeries(vocab_size, num_steps)
    series.add(raw[0], raw[-1], Smoothing().add(raw)[-1])
    series.add_evaluations(held_out, [], [])
    words = said(series)
    assert f" from {raw[0]:.2f} to {series.smoothed:.2f}" in words
    assert words.endswith(".")
    assert 15 < len(words.split()) < 60


def plateau(loss: float) -> list[float]:
    """Losses that start at that of guessing and have long stayed at `loss`."""
    return [log(27)] + [loss] * 200


@pytest.mark.parametrize(
    ("series", "words"),
    [
        (series_of(plateau(3.4)), "no better than guessing"),
        (series_of(plateau(1.5), [(1000, 2.5)]), "by heart"),
        (series_of(plateau(2.2), [(500, 2.2), (1000, 2.4)]), "fewer steps"),
        (series_of(plateau(2.2), num_steps=200), "more steps"),
        (series_of(plateau(2.8)), "more to learn"),
        (series_of(plateau(2.2), [(500, 2.3), (1000, 2.25)]), "step through what it writes"),
        (series_of(plateau(2.2)), "step through what it writes"),
    ],
)
def test_the_verdict_says_what_to_do_next(series: LossSeries, words: str) -> None:
    assert words in said(series)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([0.0, 0.5, 0.95], "95% was right. It has found the rule"),
        ([0.0, 0.9, 0.6], "60% was right. Before, it was 90%"),
        ([0.0, 0.1, 0.4], "40% was right. More steps"),
        ([0.0], "0% was right. More steps"),
    ],
)
def test_on_a_task_the_verdict_gives_the_share_of_right_answers(
    shares: list[float], words: str
) -> None:
    series = series_of(plateau(1.0))
    series.add_evaluations(
        [], [(100 * number, share) for number, share in enumerate(shares, start=1)], []
    )
    assert words in said(series)


def test_what_a_task_s_data_are_known_by_heart_is_told() -> None:
    series = series_of(plateau(1.0))
    series.add_evaluations([], [(100, 0.1)], [(100, 1.0)])
    assert "10% was right. Of what it has learned from it knows 100%, by heart so far" in said(
        series
    )
    series.add_evaluations([], [(200, 0.95)], [(200, 1.0)])
    assert "It has found the rule" in said(series)
    assert "by heart" not in said(series)


def test_the_verdict_says_between_how_many_characters_the_model_wavers() -> None:
    assert "about 5 characters instead of 27" in said(series_of(plateau(log(5))))


def test_a_loss_that_rose_is_not_said_to_have_fallen() -> None:
    assert "fell" not in said(series_of([log(27)] + [4.0] * 200))


# ---- baselines, and whether it memorises ---------------------------------------------------------


@pytest.mark.parametrize(
    ("held_out", "words"),
    [
        ([(80, 2.9)], "knows less yet than how often each token comes"),
        (
            [(80, 2.9), (160, 2.7), (240, 2.6)],
            "It has passed the unigrams at step 160.",
        ),
        (
            [(80, 2.7), (240, 2.4), (320, 2.3)],
            "It has passed the bigrams at step 240.",
        ),
        ([(80, 2.1)], "It has passed the trigrams at step 80. "),
    ],
)
def test_the_verdict_says_which_baseline_was_passed_and_when(
    held_out: list[tuple[int, float]], words: str
) -> None:
    series = series_of(plateau(2.3), held_out)
    assert "passed" not in said(series)
    series.baselines = BASELINES
    assert words in said(series)


def test_the_verdict_says_whether_it_memorises() -> None:
    series = series_of(plateau(2.3), [(1000, 2.31)])
    series.learned = dict(LEARNED)
    assert "It learns, and does not memorise: 4% of the lines that it writes" in said(series)
    series.learned = LEARNED | {"gap": "memorising", "held_out_loss": 4.0, "in_data": 0.9}
    assert "It memorises: unseen lines cost 4.00, seen ones 2.29; 90% of" in said(series)
    assert "More data or a smaller model would help" in said(series)
    series.learned = LEARNED | {"gap": "", "whole": True}
    assert "4% of the lines that it writes stand in the data" in said(series)
    series.learned = LEARNED | {"gap": "", "whole": False}
    assert "lines" not in said(series)


# ---- the change that is offered ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "changed", "label", "changes"),
    [
        (series_of(plateau(3.4)), {}, "Try learning rate 0.005", {"learning_rate": 0.005}),
        (
            series_of(plateau(3.4)),
            {"learning_rate": 0.0005},
            "Try learning rate 0.01",
            {"learning_rate": 0.01},
        ),
        (
            series_of(plateau(1.5), [(1000, 2.5)]),
            {"n_embd": 64},
            "Try an embedding of 32",
            {"n_embd": 32},
        ),
        (
            series_of(plateau(2.2), [(500, 2.2), (1000, 2.4)]),
            {},
            "Try 500 steps",
            {"num_steps": 500},
        ),
        (
            series_of(plateau(2.2), num_steps=200),
            {},
            "Train 1,000 more steps",
            {"num_steps": 1000},
        ),
        (series_of(plateau(2.8)), {}, "Try an embedding of 32", {"n_embd": 32}),
        (series_of(plateau(2.8)), {"n_embd": 64}, "Try 2,000 steps", {"num_steps": 2000}),
        (series_of(plateau(2.2)), {"n_embd": 64}, "", {}),
    ],
)
def test_one_change_is_offered(
    series: LossSeries, changed: dict[str, float], label: str, changes: dict[str, float]
) -> None:
    advice = advise(series, SETTINGS | changed)
    assert (advice.label, advice.changes) == (label, changes)
    for name, value in changes.items():
        assert setting(name).check(value) == value


def test_no_embedding_is_offered_that_its_heads_do_not_divide() -> None:
    assert advise(series_of(plateau(2.8)), SETTINGS | {"n_head": 8, "n_embd": 8}).changes == {
        "n_embd": 16
    }
    smallest = series_of(plateau(1.5), [(1000, 2.5)])
    assert advise(smallest, SETTINGS | {"n_head": 8, "n_embd": 8}).label == ""


def test_a_task_that_is_not_solved_is_trained_on() -> None:
    series = series_of(plateau(1.0))
    series.add_evaluations([], [(1000, 0.4)], [])
    advice = advise(series, SETTINGS)
    assert (advice.label, advice.longer) == ("Train 1,000 more steps", True)
    series.add_evaluations([], [(1000, 0.95)], [])
    assert advise(series, SETTINGS).label == ""


def test_as_many_steps_are_offered_as_can_be_set() -> None:
    assert [rounded(steps) for steps in (30, 9_960, 10_100, 60_000, 2_000_000)] == [
        100,
        10_000,
        20_000,
        100_000,
        1_000_000,
    ]
