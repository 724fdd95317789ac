"""What counting comes to: checked against the formula, and against what is known of it."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log

import pytest

from microgpt.baselines import NGRAM_NAMES, NgramCounts, measure_baselines
from microgpt.config import TrainConfig
from microgpt.generators import drain
from microgpt.run import prepare_run

BOS = 3
DOCUMENTS = [[BOS, 0, 1, 0, BOS], [BOS, 0, 0, BOS], [BOS, 2, 1, 0, 1, BOS]]
ALL = [(document, 0) for document in DOCUMENTS]


def witten_bell(history: tuple[int, ...] | None, token: int, events: list[list[int]]) -> Fraction:
    """The formula in plain words: counts by scanning, exact fractions; None: no history at all."""
    if history is None:
        return Fraction(1, 4)
    shorter = witten_bell(history[1:] if history else None, token, events)
    length = len(history)
    followers = [
        document[end]
        for document in events
        for end in range(max(1, length), len(document))
        if tuple(document[end - length : end]) == history
    ]
    if not followers:
        return shorter
    kinds = len(set(followers))
    return (followers.count(token) + kinds * shorter) / (len(followers) + kinds)


@pytest.mark.parametrize("order", range(3))
def test_the_losses_are_those_of_the_formula(order: int) -> None:
    held_out = [[BOS, 0, 2, 2, 1, BOS], [BOS, BOS]]
    losses = drain(measure_baselines(ALL, [(text, 0) for text in held_out], 4, 16))
    expected = [
        -log(witten_bell(tuple(text[max(0, end - order) : end]), text[end], DOCUMENTS))
        for text in held_out
        for end in range(1, len(text))
    ]
    assert losses[NGRAM_NAMES[order]] == pytest.approx(sum(expected) / len(expected), rel=1e-12)


def test_probabilities_of_all_tokens_sum_to_one() -> None:
    counts = NgramCounts(4, 16)
    for _ in counts.count(ALL):
        pass
    for history in ([BOS], [BOS, 0], [BOS, 0, 1], [BOS, 2, 2], [BOS, 1, 2]):
        place = len(history) - 1
        one_token = [drain(counts.losses([([*history, token], place)])) for token in range(4)]
        for name in NGRAM_NAMES:
            total = sum(exp(-losses[name]) for losses in one_token)
            assert total == pytest.approx(1)


def test_only_what_counts_is_counted() -> None:
    """Beyond the context and before the first place that counts nothing matters."""
    plain = drain(measure_baselines([([BOS, 0, 1], 0)], [([BOS, 1, 0], 0)], 4, 8))
    long = drain(measure_baselines([([BOS, 0, 1, 1, 1], 0)], [([BOS, 1, 0, 2, 2], 0)], 4, 2))
    assert long == plain
    masked = drain(measure_baselines([([BOS, 0, 1], 1)], [([BOS, 0, 1], 1)], 4, 8))
    assert masked["unigram"] == pytest.approx(-log((1 + 1 / 4) / 2))


def test_without_a_token_to_predict_there_is_no_loss() -> None:
    with pytest.raises(ValueError, match="no token"):
        drain(measure_baselines(ALL, [([BOS, 0], 1)], 4, 8))


def test_counting_longer_histories_is_better_and_a_model_is_compared_on_the_same() -> None:
    """Words of two syllables: what follows is known from one letter, better from two."""
    documents = [
        first + second for first in ("ma", "to", "mi", "ki") for second in ("la", "ne", "no")
    ]
    run = prepare_run(documents * 4, TrainConfig(eval_fraction=0.25), "scalar", n_embd=4)
    losses = drain(run.baselines())
    assert losses["unigram"] > losses["bigram"] > losses["trigram"]
    untrained = drain(run.engine.evaluate(*run.held_out))
    assert losses["unigram"] < untrained


def test_with_nothing_held_out_there_are_none() -> None:
    run = prepare_run(["ab", "ba"], TrainConfig(), "scalar", n_embd=4)
    assert drain(run.baselines()) == {}
