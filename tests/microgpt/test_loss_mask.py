"""The loss mask: which predictions count, and that both engines count just these."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.bpe import BpeTokenizer
from microgpt.config import ModelConfig, TrainConfig
from microgpt.engine import Engine, can_compile, create_engine
from microgpt.generators import drain
from microgpt.loss_mask import LossMask
from microgpt.sampler import softmax
from microgpt.tokenizer import CharTokenizer
from tests.support.models import (
    BOS,
    DOCUMENTS,
    SMALL,
    Kind,
    losses_of,
    strays,
    weights_of,
)

COUNTED_FROM = [1, 2, 4]  # of DOCUMENTS: the end alone, half, and the last two of six
TOKENIZER = CharTokenizer("0123456789+=")


@pytest.mark.parametrize(
    ("document", "first"),
    [("1+2=3", 4), ("=", 1), ("1=", 2), ("1=2=3", 2), ("12345678=", None), ("123+4=7", 6)],
)
def test_what_follows_the_first_mark_counts(document: str, first: int | None) -> None:
    mask = LossMask("=", TOKENIZER, block_size=8)
    assert mask.first(TOKENIZER.encode(document)) == first


def test_the_end_counts_but_not_beyond_the_context() -> None:
    tokens = TOKENIZER.encode("12=")
    assert LossMask("=", TOKENIZER, 4).first(tokens) == 3
    assert tokens[3 + 1] == TOKENIZER.bos
    assert LossMask("=", TOKENIZER, 3).first(tokens) is None


def test_a_piece_that_ends_with_the_mark_has_nothing_to_count() -> None:
    assert LossMask("=", TOKENIZER, 8).first(TOKENIZER.encode("12=")[:-1]) is None


def test_a_mark_of_several_characters() -> None:
    mask = LossMask("+=", TOKENIZER, 16)
    assert mask.first(TOKENIZER.encode("1=2+=3")) == 5


def test_tokens_that_begin_in_the_mark_do_not_count() -> None:
    """Of `1`, `+1=`, `2` and `3` that follows; and of `=2`, whose half is the mark."""
    characters = "+123="  # 0 to 4
    across = BpeTokenizer(characters, [(4, 2)])  # "=2"
    tokens = across.encode("1=23")
    assert [across.decode([token]) for token in tokens] == ["", "1", "=2", "3", ""]
    assert LossMask("=", across, 8).first(tokens) == 2


def test_documents_without_anything_that_counts_are_left_out() -> None:
    documents = [TOKENIZER.encode(text) for text in ("1+1=2", "11", "3=3")]
    mask = LossMask("=", TOKENIZER, 8)
    assert mask.apply(documents) == ([documents[0], documents[2]], [4, 2])
    assert LossMask("", TOKENIZER, 8).apply(documents) == (documents, [])


def masked(kind: Kind, batch_size: int = 1, config: ModelConfig = SMALL) -> Engine:
    engine = create_engine(kind.name, config, weights_of(config), kind.precision)
    training = TrainConfig(num_steps=20, batch_size=batch_size, learning_rate=0.02)
    engine.prepare(DOCUMENTS, training, COUNTED_FROM)
    return engine


def flat(engine: Engine) -> dict[str, list[float]]:
    weights = engine.weights().items()
    return {name: [number for row in matrix for number in row] for name, matrix in weights}


def counted_losses(engine: Engine) -> list[list[float]]:
    """The losses that count, of each document, by the model's own probabilities."""
    found = []
    for document, first in zip(DOCUMENTS, COUNTED_FROM, strict=True):
        context = engine.context()
        pairs = list(pairwise(document))[: SMALL.block_size]
        losses = [-math.log(softmax(context.feed(token))[target]) for token, target in pairs]
        found.append(losses[first:])
    return found


def test_a_step_s_loss_is_the_mean_over_what_counts(kind: Kind) -> None:
    engine = masked(kind, batch_size=3)
    means = [sum(losses) / len(losses) for losses in counted_losses(engine)]
    assert losses_of(engine.steps(0, 1)) == [kind.near(sum(means) / 3)]


def test_an_evaluation_divides_by_the_tokens_that_count(kind: Kind) -> None:
    engine = masked(kind)
    losses = [loss for document in counted_losses(engine) for loss in document]
    assert len(losses) == 5
    documents = list(DOCUMENTS)
    assert drain(engine.evaluate(documents, COUNTED_FROM)) == kind.near(sum(losses) / 5)
    everything = drain(engine.evaluate(documents))
    assert everything == kind.near(drain(engine.evaluate(list(DOCUMENTS), [0, 0, 0])))
    assert drain(engine.evaluate(documents, COUNTED_FROM)) == kind.near(sum(losses) / 5)


def test_counting_everything_changes_nothing(kind: Kind) -> None:
    plain, zeros = kind.engine(batch_size=2), kind.engine(batch_size=2)
    zeros.prepare(DOCUMENTS, TrainConfig(num_steps=20, batch_size=2, learning_rate=0.02), [0, 0, 0])
    assert losses_of(plain.steps(0, 5)) == losses_of(zeros.steps(0, 5))
    assert plain.weights() == zeros.weights()


@pytest.mark.parametrize("batch_size", [1, 2, 3])
@pytest.mark.skipif(not can_compile(), reason="needs WebAssembly")
def test_both_engines_agree(batch_size: int) -> None:
    scalar, compiled = (masked(Kind(name, "f64"), batch_size) for name in ("scalar", "wasm"))
    assert losses_of(scalar.steps(0, 12)) == pytest.approx(
        losses_of(compiled.steps(0, 12)), rel=1e-10
    )
    assert strays(flat(compiled), flat(scalar), "f64") == {}


@pytest.mark.skipif(not can_compile(), reason="needs WebAssembly")
@given(st.randoms(use_true_random=False))
def test_both_engines_agree_on_any_documents(rng: random.Random) -> None:
    documents, counted_from = [], []
    for _ in range(rng.randint(1, 4)):
        tokens = rng.choices(range(BOS), k=rng.randint(1, 8))
        documents.append([BOS, *tokens, BOS])
        counted_from.append(rng.randrange(min(len(tokens) + 1, SMALL.block_size)))
    results = []
    for name in ("scalar", "wasm"):
        engine = create_engine(name, SMALL, weights_of(SMALL), "f64")
        engine.prepare(documents, TrainConfig(num_steps=9, batch_size=2), counted_from)
        losses = losses_of(engine.steps(0, 3))
        results.append([*losses, drain(engine.evaluate(documents, counted_from))])
    assert results[0] == pytest.approx(results[1], rel=1e-10)


def test_an_infinite_loss_that_does_not_count_adds_nothing(kind: Kind) -> None:
    """After BOS, and nowhere else, token 0 is all but impossible."""
    weights = {
        name: [[0.0] * columns for _ in range(rows)] for name, (rows, columns) in SMALL.shapes
    }
    weights["wte"][BOS][3] = weights["wte"][0][0] = weights["wte"][1][1] = 1.0
    weights["lm_head"][0][3] = -1e4
    engine = create_engine(kind.name, SMALL, weights, kind.precision)
    documents = [[BOS, 0, 1, 0, 0]]
    with pytest.raises(FloatingPointError):
        drain(engine.evaluate(documents))
    assert drain(engine.evaluate(documents, [1])) == kind.near(math.log(SMALL.vocab_size))
    engine.prepare(documents, TrainConfig(num_steps=1), [1])
    assert losses_of(engine.steps(0, 1)) == [kind.near(math.log(SMALL.vocab_size))]


@pytest.mark.parametrize("counted_from", [[2, 0, 0], [0, -1, 0], [0, 0, 6]])
@pytest.mark.skipif(not can_compile(), reason="needs WebAssembly")
def test_the_compiled_engine_refuses_what_would_divide_by_zero(counted_from: list[int]) -> None:
    engine = create_engine("wasm", SMALL, weights_of(SMALL), "f64")
    with pytest.raises(ValueError, match="no prediction of a document counts"):
        engine.prepare(DOCUMENTS, TrainConfig(), counted_from)
    with pytest.raises(ValueError, match="no prediction of a document counts"):
        drain(engine.evaluate(DOCUMENTS, counted_from))
