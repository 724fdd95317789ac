"""A run's losses for the chart and the readouts."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.series import SPIKE_SHARE, LossSeries, duration, introduction, loss_range
from app.page.vocabulary import Vocabulary
from app.shared.smoothing import Smoothing
from tests.support.page_events import merges

# The logarithm of the smallest probability that a float can hold is about -744.
LOSS = st.floats(0, 744)


def series_of(
    raw: list[float], held_out: list[tuple[int, float]] | None = None, num_steps: int = 1000
) -> LossSeries:
    series = LossSeries(27, num_steps)
    series.add(raw[0], raw[-1], Smoothing().add(raw)[-1])
    series.add_evaluations(held_out or [], [], [])
    return series


def test_an_earlier_moment_is_told_as_it_was() -> None:
    series = series_of([3.0, 2.0], [(100, 2.5), (200, 2.25)], num_steps=200)
    series.all_held_out = (2.2, 900)
    earlier = series.at(150, 2.75)
    assert (earlier.loss, earlier.held_out_loss, earlier.num_steps) == (2.75, 2.5, 200)
    assert (series.loss, series.held_out_loss) == (2.0, 2.2), "nothing is lost"
    assert not series.at(0, None).known


# ---- losses --------------------------------------------------------------------------------------


def test_the_loss_of_guessing_is_the_logarithm_of_the_vocabulary_size() -> None:
    assert LossSeries(27, 1000).guessing == pytest.approx(3.2958, abs=1e-4)


def test_the_first_loss_stays_and_the_newest_changes() -> None:
    series = LossSeries(27, 1000)
    assert not series.known
    series.add(3.0, 2.5, 2.75)
    series.add(2.0, 1.5, 2.25)
    assert series.known
    assert (series.first, series.loss, series.smoothed) == (3.0, 1.5, 2.25)


def test_the_introduction_gives_the_loss_of_guessing_for_the_current_vocabulary() -> None:
    vocabulary = Vocabulary(26)
    assert "next character. Guessing blindly costs 3.30;" in introduction(vocabulary)
    vocabulary.configure(True, 256, (42, 0.1))
    assert "next token. Guessing blindly costs at most 5.55;" in introduction(vocabulary)
    vocabulary.add_merges(merges(0, [("a", "n", 9, 40)], 28))
    assert "next token. Guessing blindly costs 3.33;" in introduction(vocabulary)
    vocabulary.add_merges(merges(0, [], problem="There are too many."))
    assert introduction(vocabulary).endswith("next token. There are too many.")


@given(step=st.integers(0, 12))
def test_truncating_removes_the_later_held_out_losses(step: int) -> None:
    series = series_of([3.0], [(evaluated_at, 1.0) for evaluated_at in range(1, 11)])
    series.truncate(step)
    assert series.held_out == [(evaluated_at, 1.0) for evaluated_at in range(1, min(step, 10) + 1)]


def test_the_loss_of_all_held_out_documents_is_that_of_the_end() -> None:
    series = series_of([3.0, 2.0])
    series.all_held_out = (2.5, 2000)
    series.truncate(series.num_steps)
    assert series.all_held_out == (2.5, 2000)
    series.truncate(series.num_steps - 1)
    assert series.all_held_out is None


# ---- the scale of the chart ----------------------------------------------------------------------

GUESSING = log(27)


def spread(values: list[float], share: float = 0.0) -> tuple[float, float] | None:
    """The lowest, and the highest but for a share, as `static/curves.mjs` has it."""
    ordered = sorted(values)
    return (ordered[0], ordered[int((1 - share) * (len(ordered) - 1))]) if ordered else None


FALLING = [2.2 + 1.1 * 0.99**step for step in range(500)]


@given(
    vocab_size=st.integers(2, 10_000),
    smoothed=st.lists(LOSS, max_size=700),
    held_out=st.lists(LOSS, max_size=20),
)
def test_the_line_of_guessing_is_always_in_sight(
    vocab_size: int, smoothed: list[float], held_out: list[float]
) -> None:
    guessing = log(vocab_size)
    low, high = loss_range(guessing, spread(smoothed, SPIKE_SHARE), spread(held_out))
    assert 0 <= low < guessing < high
    assert high - low >= min(1.0, guessing)
    assert high < 4 * guessing + 1
    assert low <= min([guessing, *smoothed, *held_out])


def test_a_run_that_learns_is_all_in_sight() -> None:
    low, high = loss_range(GUESSING, spread(FALLING, SPIKE_SHARE), (2.3, 5.7))
    assert low < min(FALLING)
    assert max(FALLING) < high
    assert 5.7 < high < 6.2, "held-out points are in sight, though they rise"


@pytest.mark.parametrize("at", [10, 250, 450])
@pytest.mark.parametrize("spike", [20.0, 744.0])
def test_a_single_spike_does_not_squash_the_chart(at: int, spike: float) -> None:
    smoothed = Smoothing().add([*FALLING[:at], spike, *FALLING[at:]])
    assert loss_range(GUESSING, spread(smoothed, SPIKE_SHARE), None) == pytest.approx(
        loss_range(GUESSING, spread(FALLING, SPIKE_SHARE), None), abs=0.6
    )


def test_what_is_far_above_guessing_is_cut_off() -> None:
    _, high = loss_range(GUESSING, (100.0, 100.0), (200.0, 200.0))
    assert high < 4 * GUESSING


def test_truncating_removes_the_later_accuracies() -> None:
    series = series_of([log(27)] + [1.0] * 200)
    series.add_evaluations([], [(100, 0.25), (200, 0.5), (300, 0.75)], [])
    series.truncate(200)
    assert series.accuracy == [(100, 0.25), (200, 0.5)]


# ---- durations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 ms"),
        (0.0123, "12 ms"),
        (0.42, "0.4 s"),
        (9.94, "9.9 s"),
        (12.3, "12 s"),
        (59.4, "59 s"),
        (60.0, "1 min 0 s"),
        (185.2, "3 min 5 s"),
        (3599.9, "1 h 0 min"),
        (7530.0, "2 h 5 min"),
    ],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@given(seconds=st.floats(0, 1e6))
def test_no_duration_has_sixty_seconds_or_minutes(seconds: float) -> None:
    words = duration(seconds).split()
    amounts = dict(zip(words[1::2], map(float, words[::2]), strict=True))
    assert amounts.keys() <= {"ms", "s", "min", "h"}
    assert amounts.get("ms", 0) <= 100
    assert amounts.get("s", 0) < 60
    assert amounts.get("min", 0) < 60
