"""Gradients without training, their norms, and histograms of weights."""

from __future__ import annotations

import random

import pytest

from microgpt.diagnostics import (
    HISTOGRAM_BINS,
    GradientProbe,
    gradient_norms,
    weight_histogram,
)
from microgpt.generators import drain
from microgpt.model import Weights
from tests.support.models import DOCUMENTS, SMALL, Kind, losses_of, strays

COUNTED_FROM = [1, 2, 4]


def flat(matrices: Weights) -> dict[str, list[float]]:
    return {name: [x for row in matrix for x in row] for name, matrix in matrices.items()}


@pytest.mark.parametrize("counted_from", [[], COUNTED_FROM])
def test_the_engines_agree_on_a_gradient(kind: Kind, counted_from: list[int]) -> None:
    expected = drain(
        GradientProbe(Kind("scalar", "f64").engine()).gradient(DOCUMENTS, counted_from)
    )
    found = drain(GradientProbe(kind.engine()).gradient(DOCUMENTS, counted_from))
    assert strays(flat(found), flat(expected), kind.precision) == {}


def test_a_gradient_is_the_slope_of_the_loss(kind: Kind) -> None:
    """Its product with a small change of the weights is the change of the loss."""
    if kind.precision != "f64":
        pytest.skip("differences of 32 bit losses are noise")
    engine, step = kind.engine(), 1e-6
    gradient = drain(GradientProbe(engine).gradient(DOCUMENTS[1:2]))
    rng, weights = random.Random(2), engine.weights()
    for name in ("wte", "layer0.attn_wq", "lm_head"):
        row, column = rng.randrange(len(weights[name])), rng.randrange(len(weights[name][0]))
        losses = []
        for sign in (1, -1):
            changed = engine.weights()
            changed[name][row][column] += sign * step
            other = kind.engine()
            other.restore(changed, None)
            losses.append(drain(other.evaluate(DOCUMENTS[1:2])))
        slope = (losses[0] - losses[1]) / (2 * step)
        assert gradient[name][row][column] == pytest.approx(slope, rel=1e-4, abs=1e-8)


def test_a_probe_changes_nothing(kind: Kind) -> None:
    engine, untouched = kind.engine(), kind.engine()
    probe = GradientProbe(engine)
    losses = []
    for step in range(4):
        drain(probe.gradient(DOCUMENTS))
        losses += losses_of(engine.steps(step, 1))
    assert losses == losses_of(untouched.steps(0, 4))
    assert engine.weights() == untouched.weights()
    assert engine.optimizer_state() == untouched.optimizer_state()


def test_a_probe_follows_the_weights(kind: Kind) -> None:
    engine = kind.engine(learning_rate=0.5)
    probe = GradientProbe(engine)
    before = gradient_norms(drain(probe.gradient(DOCUMENTS)))
    losses_of(engine.steps(0, 3))
    after = gradient_norms(drain(probe.gradient(DOCUMENTS)))
    assert list(after.matrices) == [name for name, _ in SMALL.shapes]
    assert after.whole != pytest.approx(before.whole, rel=1e-3)
    assert after.whole**2 == pytest.approx(sum(norm**2 for norm in after.matrices.values()))


def test_a_histogram_counts_every_weight() -> None:
    rng = random.Random(1)
    matrix = [[rng.gauss(0.5, 0.1) for _ in range(100)] for _ in range(50)]
    histogram = weight_histogram(matrix)
    assert sum(histogram.counts) == 5000
    assert len(histogram.counts) == HISTOGRAM_BINS
    assert histogram.limit == max(abs(x) for row in matrix for x in row)
    assert histogram.mean == pytest.approx(0.5, abs=0.01)
    assert histogram.deviation == pytest.approx(0.1, abs=0.01)
    assert histogram.counts[-1] > 0
    assert sum(histogram.counts[: HISTOGRAM_BINS // 2]) == 0, "hardly any is negative"


def test_a_matrix_of_zeros_has_a_histogram() -> None:
    assert weight_histogram([[0.0, 0.0]]).counts[HISTOGRAM_BINS // 2] == 2
