"""The scalar engine gives the very figures of microgpt.py by Andrej Karpathy, to the last bit.

On CPython the first 100 steps; all 1,000 and the samples with FULL_ORACLE=1 in the environment.
In a browser, which is slower, the first 30, and but for the last bit: exp, pow and the sine and
cosine behind the first weights come from another C library there, which at times rounds otherwise.
"""

from __future__ import annotations

import os
import sys

import pytest

from microgpt.run import Run
from tests.support.models import losses_of
from tests.support.oracle import FIGURES, samples_of, the_run

IN_A_BROWSER = sys.platform == "emscripten"
full = pytest.mark.skipif("FULL_ORACLE" not in os.environ, reason="takes long; set FULL_ORACLE=1")


@pytest.fixture
def run() -> Run:
    return the_run("scalar")


def test_the_table_of_figures_is_whole() -> None:
    assert len(FIGURES["losses"]) == FIGURES["num_steps"] == 1000
    assert len(FIGURES["samples"]) == 20


def test_the_model_is_as_large(run: Run) -> None:
    assert len(run.dataset.documents) == FIGURES["num_docs"]
    assert run.tokenizer.vocab_size == FIGURES["vocab_size"]
    assert run.engine.config.num_params == FIGURES["num_params"]


@pytest.mark.skipif(IN_A_BROWSER, reason="another C library, which rounds otherwise")
def test_the_losses_are_equal(run: Run) -> None:
    losses = losses_of(progress.losses for progress in run.train(stop=100))
    assert losses == FIGURES["losses"][:100]


@pytest.mark.skipif(not IN_A_BROWSER, reason="outside a browser the losses are equal")
def test_the_losses_are_equal_but_for_the_last_bit(run: Run) -> None:
    losses = losses_of(progress.losses for progress in run.train(stop=30))
    assert losses == pytest.approx(FIGURES["losses"][:30], rel=2e-15, abs=0)
    assert losses[:11] == FIGURES["losses"][:11]


@full
def test_all_losses_and_samples_are_equal(run: Run) -> None:
    losses = losses_of(progress.losses for progress in run.train())
    assert losses == FIGURES["losses"]
    assert samples_of(run) == FIGURES["samples"]
