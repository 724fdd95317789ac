"""The optimizers and clipping, against their formulas in fifty digits and values of others."""

from __future__ import annotations

import doctest
import math
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

import microgpt.optimizer
from microgpt.optimizer import ADAM, ADAMW, OPTIMIZERS, SGD, OptimizerState, clipped
from microgpt.settings import setting

BETA1, BETA2, EPS = 0.85, 0.99, 1e-8


def reference(gradients: list[float], learning_rate: float) -> list[float]:
    """Algorithm 1 of the paper for one weight: what is subtracted at each step."""
    rate, beta1, beta2, eps = map(Decimal, (learning_rate, BETA1, BETA2, EPS))
    m = v = Decimal(0)
    updates = []
    with localcontext() as context:
        context.prec = 50
        for t, gradient in enumerate(map(Decimal, gradients), start=1):
            m = beta1 * m + (1 - beta1) * gradient
            v = beta2 * v + (1 - beta2) * gradient**2
            updates.append(rate * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps))
    return [float(update) for update in updates]


gradient_lists = st.lists(st.floats(-100, 100), min_size=4, max_size=4)


def adam(
    state: OptimizerState,
    gradients: list[float],
    learning_rate: float,
    step: int,
    beta1: float = BETA1,
    beta2: float = BETA2,
    eps: float = EPS,
) -> tuple[list[float], OptimizerState]:
    settings = {"beta1": beta1, "beta2": beta2, "eps": eps}
    weights = [0.0] * len(gradients)
    return ADAM.step(state, weights, gradients, learning_rate, step, **settings)


@given(st.lists(gradient_lists, min_size=1, max_size=3), st.floats(1e-4, 1))
def test_updates_are_those_of_the_paper(by_weight: list[list[float]], rate: float) -> None:
    state = ADAM.initial_state(len(by_weight))
    for step in range(4):
        updates, state = adam(state, [gradients[step] for gradients in by_weight], rate, step)
        expected = [reference(gradients, rate)[step] for gradients in by_weight]
        assert updates == pytest.approx(expected, rel=1e-9, abs=1e-14)


@given(st.floats(0.001, 1000))
def test_the_first_step_is_the_learning_rate_whatever_the_gradient(gradient: float) -> None:
    updates, _ = adam(ADAM.initial_state(3), [gradient, -gradient, 0.0], 0.01, 0)
    assert updates == pytest.approx([0.01, -0.01, 0.0], rel=1e-4)


def test_known_values() -> None:
    updates, state = adam(ADAM.initial_state(1), [2.0], 1.0, 0, 0.5, 0.5, 0.0)
    assert updates == [1.0]
    # m = 1 / 2, v = 1: corrected by 3 / 4 to 2 / 3 and 4 / 3
    (update,), state = adam(state, [0.0], 1.0, 1, 0.5, 0.5, 0.0)
    assert update == pytest.approx((2 / 3) / (4 / 3) ** 0.5)
    assert state == ([0.5], [1.0])


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan, 1e200])
def test_an_update_that_is_not_finite_is_an_error_and_the_state_stays(bad: float) -> None:
    state = ADAM.initial_state(2)
    with pytest.raises(OverflowError):
        adam(state, [1.0, bad], 0.01, 0)
    assert state == ([0.0, 0.0], [0.0, 0.0])


def trained(
    name: str, weights: list[float], gradients: list[list[float]], rate: float, **settings: float
) -> list[list[float]]:
    """The weights after each step with these gradients."""
    optimizer, after = OPTIMIZERS[name], []
    state = optimizer.initial_state(len(weights))
    for step, gradient in enumerate(gradients):
        updates, state = optimizer.step(state, weights, gradient, rate, step, **settings)
        weights = [w - update for w, update in zip(weights, updates, strict=True)]
        after.append(weights)
    return after


def test_adamw_has_the_values_of_keras() -> None:
    """Those that its own tests expect, of a single step and of five."""
    settings = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-7, "weight_decay": 0.004}
    (found,) = trained("adamw", [1.0, 2.0, 3.0, 4.0], [[1.0, 6.0, 7.0, 2.0]], 0.5, **settings)
    assert found == pytest.approx([0.4980, 1.4960, 2.494, 3.492], abs=1e-4)
    (decayed,) = trained("adamw", [2.0], [[0.0]], 1.0, **settings)
    assert decayed == pytest.approx([2 - 0.004 * 2])
    weights, state = [1.0, 1.0], ADAMW.initial_state(2)
    gradients = [[0.01, 0.01], *[[0.1, 1.0]] * 4]
    golden = [[0.4998, 0.4998], [0.2486, 0.2382], [0.1223, 0.1003]]
    golden += [[0.0586, 0.0258], [0.0263, -0.0159]]
    for step, (gradient, expected) in enumerate(zip(gradients, golden, strict=True)):
        # Keras adds eps before it corrects the bias, which is the same with another eps.
        settings |= {"eps": 2 / (1 - 0.999 ** (step + 1)) ** 0.5, "weight_decay": 0.5}
        updates, state = ADAMW.step(state, weights, gradient, 1.0, step, **settings)
        weights = [w - update for w, update in zip(weights, updates, strict=True)]
        assert weights == pytest.approx(expected, abs=1e-4)


@given(gradient_lists, st.floats(-10, 10), st.floats(1e-4, 1), st.floats(0, 10))
def test_adamw_is_adam_and_a_decay_of_its_own(
    gradients: list[float], weight: float, rate: float, weight_decay: float
) -> None:
    """Algorithm 2 of the paper: the decay does not go through the moments."""
    settings = {"beta1": BETA1, "beta2": BETA2, "eps": EPS, "weight_decay": weight_decay}
    found = trained("adamw", [weight], [[gradient] for gradient in gradients], rate, **settings)
    for (after,), update in zip(found, reference(gradients, rate), strict=True):
        weight -= update + rate * weight_decay * weight
        assert after == pytest.approx(weight, rel=1e-9, abs=1e-9)


def test_sgd_has_the_values_of_keras() -> None:
    gradients = [[1.0, 6.0, 7.0, 2.0]]
    (found,) = trained("sgd", [1.0, 2.0, 3.0, 4.0], gradients, 0.5, momentum=0.0)
    assert found == pytest.approx([0.5, -1.0, -0.5, 3.0])


@given(st.floats(0, 0.99), st.floats(0.01, 10))
def test_momentum_adds_up_as_a_geometric_series(momentum: float, gradient: float) -> None:
    """PyTorch's form: after n steps the velocity is g (1 - m**n) / (1 - m)."""
    state, weights = SGD.initial_state(1), [0.0]
    for step in range(20):
        updates, state = SGD.step(state, weights, [gradient], 0.1, step, momentum=momentum)
        velocity = gradient * (1 - momentum ** (step + 1)) / (1 - momentum)
        assert updates == pytest.approx([0.1 * velocity])
    assert SGD.tensors == ("sgd.velocity",)


def test_a_long_gradient_is_clipped_to_its_norm_and_keeps_its_direction() -> None:
    assert clipped([100.0, 100.0], 1.0) == pytest.approx([2**0.5 / 2] * 2)
    assert clipped([3.0, -4.0], 0.5) == pytest.approx([0.3, -0.4], rel=1e-6)


@given(st.lists(st.floats(-1e3, 1e3), max_size=5), st.floats(1e-3, 10))
def test_no_norm_is_longer_than_the_clip(gradients: list[float], clip: float) -> None:
    found = clipped(gradients, clip)
    assert math.hypot(*found) <= clip
    if math.hypot(*gradients) < clip - 1e-6:
        assert found == gradients


@pytest.mark.parametrize("bad", [math.inf, math.nan, 1e200])
def test_a_norm_that_is_not_finite_is_an_error(bad: float) -> None:
    with pytest.raises(OverflowError):
        clipped([1.0, bad], 1.0)
    assert clipped([1.0, 1e200], 0.0) == [1.0, 1e200]


def test_the_example_in_the_docstrings() -> None:
    assert doctest.testmod(microgpt.optimizer) == (0, 1)


def test_an_optimizer_names_its_slots() -> None:
    assert ADAM.tensors == ("adam.m", "adam.v")
    assert ADAM.initial_state(3) == ([0.0] * 3, [0.0] * 3)
    assert ADAMW.tensors == ("adamw.m", "adamw.v")
    assert list(OPTIMIZERS) == [name for name, _ in setting("optimizer").choices]
    for name, optimizer in OPTIMIZERS.items():
        assert name == optimizer.name
