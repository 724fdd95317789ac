"""Adam against its formula in fifty decimal digits."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.optimizer import ADAM, OPTIMIZERS, OptimizerState

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
    return ADAM.step(state, gradients, learning_rate, step, **settings)


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


def test_an_optimizer_names_its_slots() -> None:
    assert ADAM.tensors == ("adam.m", "adam.v")
    assert ADAM.initial_state(3) == ([0.0] * 3, [0.0] * 3)
    for name, optimizer in OPTIMIZERS.items():
        assert name == optimizer.name
