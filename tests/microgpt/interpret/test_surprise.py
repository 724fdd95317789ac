"""How surprising a text is: the losses are those of training, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.config import TrainConfig
from microgpt.generators import drain
from microgpt.interpret.surprise import (
    entropy,
    equivalent_choices,
    loss_of,
    perplexity,
    token_losses,
)
from microgpt.run import Run, prepare_run
from microgpt.sampler import softmax

NAMES = ["anna", "hannah", "nan", "ah", "a", "hanna-annabanana"]
logits_lists = st.lists(st.floats(-30, 30), min_size=1, max_size=9)


def trained_run(engine: str) -> Run:
    training = TrainConfig(num_steps=20, learning_rate=0.02)
    run = prepare_run(NAMES, training, engine, n_embd=8, n_head=2, n_layer=2, block_size=8)
    for _ in run.train():
        pass
    return run


@pytest.fixture(params=["scalar", "wasm"])
def run(request: pytest.FixtureRequest) -> Run:
    return trained_run(request.param)


def test_the_mean_of_the_losses_is_the_loss_of_the_document(run: Run) -> None:
    precision = 1e-12 if run.engine.precision == "f64" else 1e-5
    for name in NAMES:
        tokens = run.tokenizer.encode(name)
        losses = token_losses(run.engine, tokens)
        assert len(losses) == min(len(name) + 1, 8), "the end counts, the rest is cut"
        expected = drain(run.engine.evaluate([tokens]))
        assert fmean(losses) == pytest.approx(expected, rel=precision)


def test_the_mean_of_the_losses_is_what_a_step_of_training_reports() -> None:
    training = TrainConfig(num_steps=1)
    run = prepare_run(["hanna"], training, "scalar", n_embd=8, n_head=2, n_layer=1, block_size=8)
    losses = token_losses(run.engine, run.tokenizer.encode("hanna"))
    steps: Iterator[list[float]] = run.engine.steps(0, 1)
    (loss,) = [loss for part in steps for loss in part]
    assert fmean(losses) == pytest.approx(loss, rel=1e-12)


def test_a_text_without_an_end_is_scored_without_it(run: Run) -> None:
    tokens = run.tokenizer.encode("anna")
    assert token_losses(run.engine, tokens[:-1]) == token_losses(run.engine, tokens)[:-1]
    assert token_losses(run.engine, tokens[:1]) == []


@given(logits_lists)
def test_a_loss_is_minus_the_logarithm_of_the_probability(logits: list[float]) -> None:
    for token, probability in enumerate(softmax(logits)):
        assert exp(-loss_of(logits, token)) == pytest.approx(probability, rel=1e-9)


def test_an_impossible_token_has_a_finite_loss() -> None:
    assert loss_of([0.0, -1000.0], 1) == 1000.0
    assert loss_of([0.0, -1000.0], 0) == 0.0


@given(logits_lists)
def test_the_entropy_lies_between_certainty_and_guessing(logits: list[float]) -> None:
    probs = softmax(logits)
    choices = equivalent_choices(entropy(probs))
    assert 1 - 1e-9 <= choices <= len(probs) + 1e-9
    assert equivalent_choices(entropy([1 / len(probs)] * len(probs))) == pytest.approx(len(probs))


def test_the_entropy_is_the_mean_loss_of_what_one_expects() -> None:
    logits = [0.3, -1.0, 2.0]
    losses = [loss_of(logits, token) for token in range(3)]
    expected = sum(p * loss for p, loss in zip(softmax(logits), losses, strict=True))
    assert entropy(softmax(logits)) == pytest.approx(expected)


def test_a_choice_of_eight_is_three_bits_and_a_perplexity_of_eight() -> None:
    assert perplexity([log(8)] * 5) == pytest.approx(8)
    assert str(entropy([1.0])) == "0.0"
