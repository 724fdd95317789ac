"""How surprising the tokens of a text are: what training would call their loss."""

from __future__ import annotations

import math

import pytest

from microgpt.interpret.surprise import token_losses
from microgpt.sampler import softmax
from tests.support.models import BOS, DOCUMENTS, SMALL, Kind, losses_of


@pytest.mark.parametrize("document", DOCUMENTS, ids=len)
def test_their_mean_is_the_loss_of_training(document: list[int], kind: Kind) -> None:
    engine = kind.engine(documents=[document])
    losses = token_losses(engine, document)
    assert len(losses) == min(len(document) - 1, SMALL.block_size)
    (expected,) = losses_of(engine.steps(0, 1))
    assert sum(losses) / len(losses) == kind.near(expected)


def test_each_is_minus_the_log_of_its_probability(kind: Kind) -> None:
    engine, document = kind.engine(), [BOS, 1, 2, BOS]
    context = engine.context()
    by_hand = [
        -math.log(softmax(context.feed(token))[target])
        for token, target in ((BOS, 1), (1, 2), (2, BOS))
    ]
    assert token_losses(engine, document) == kind.near(by_hand)
