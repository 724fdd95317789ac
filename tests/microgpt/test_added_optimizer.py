"""An optimizer that is not the library's: a record with its scalar form, and its compiled form.

Each is trained with by both engines, to the same losses, weights and state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from microgpt.checkpoint import Checkpoint, from_bytes, to_bytes
from microgpt.config import TrainConfig
from microgpt.engine import Engine, create_engine
from microgpt.optimizer import OPTIMIZERS, Optimizer, OptimizerState
from microgpt.settings import SettingError, setting
from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.numbers import Numbers
from microgpt.wasm.compiler.optimizers import COMPILED_OPTIMIZERS, CompiledOptimizer
from tests.support.emitted import the_host
from tests.support.models import DOCUMENTS, SMALL, Kind, losses_of, weights_of

Update = tuple[list[float], OptimizerState]
CHARACTERS = ("a", "b", "c", "d")


def momentum(
    state: OptimizerState,
    _weights: Sequence[float],
    gradients: Sequence[float],
    rate: float,
    _step: int,
    *,
    beta1: float,
) -> Update:
    """DESCENT with momentum (Polyak, 1964): v = beta1 v + g, and v times the rate is subtracted."""
    (velocity,) = state
    after = [beta1 * v + g for v, g in zip(velocity, gradients, strict=True)]
    return [rate * v for v in after], (after,)


def descent(
    _state: OptimizerState,
    _weights: Sequence[float],
    gradients: Sequence[float],
    rate: float,
    _step: int,
) -> Update:
    return [rate * g for g in gradients], ()


def begin_momentum(
    _power: Function, _f: Function, settings: Mapping[str, Local], rate: Expression, _step: Local
) -> Mapping[str, Expression]:
    return {"beta1": settings["beta1"], "rate": rate}


def momentum_update(
    numbers: Numbers,
    f: Function,
    constants: Mapping[str, Local],
    _weights: Local,
    gradient: Local,
    slots: Sequence[Expression],
) -> tuple[Expression, Sequence[Local]]:
    velocity = f.let(numbers.multiply_add(slots[0], constants["beta1"], gradient))
    return velocity * constants["rate"], (velocity,)


MOMENTUM = Optimizer("momentum", ("velocity",), ("beta1",), momentum)
DESCENT = Optimizer("descent", (), (), descent)
COMPILED = {
    "momentum": CompiledOptimizer(
        MOMENTUM,
        ("beta1", "rate"),
        begin_momentum,
        momentum_update,
        flush_below={"f32": (1e-36,), "f64": (1e-290,)},
    ),
    "descent": CompiledOptimizer(
        DESCENT,
        ("rate",),
        lambda _power, _f, _settings, rate, _step: {"rate": rate},
        lambda _numbers, _f, constants, _weights, gradient, _slots: (
            gradient * constants["rate"],
            (),
        ),
        flush_below={"f32": (), "f64": ()},
    ),
}
every_optimizer = pytest.mark.parametrize("optimizer", [MOMENTUM, DESCENT], ids=lambda o: o.name)


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enters the optimizers in the tables."""
    row = setting("optimizer")
    names = [("momentum", "Momentum"), ("descent", "Descent")]
    monkeypatch.setattr(row, "choices", (*row.choices, *names))
    for optimizer in (MOMENTUM, DESCENT):
        monkeypatch.setitem(OPTIMIZERS, optimizer.name, optimizer)
        monkeypatch.setitem(COMPILED_OPTIMIZERS, optimizer.name, COMPILED[optimizer.name])


def engine_of(kind: Kind, optimizer: Optimizer, batch_size: int = 1) -> Engine:
    engine = create_engine(kind.name, SMALL, weights_of(SMALL), kind.precision, optimizer)
    training = TrainConfig(
        num_steps=200,
        learning_rate=0.05,
        beta1=0.9,
        batch_size=batch_size,
        optimizer=optimizer.name,
    )
    engine.prepare(DOCUMENTS, training)
    return engine


def flat(engine: Engine) -> list[float]:
    return [weight for matrix in engine.weights().values() for row in matrix for weight in row]


@every_optimizer
@pytest.mark.parametrize("batch_size", [1, 3])
def test_both_engines_train_alike(compiled: Kind, optimizer: Optimizer, batch_size: int) -> None:
    expected = engine_of(Kind("scalar", "f64"), optimizer, batch_size)
    found = engine_of(compiled, optimizer, batch_size)
    losses = losses_of(expected.steps(0, 70))
    tolerance = {"f32": 1e-3, "f64": 1e-10}[compiled.precision]
    assert losses_of(found.steps(0, 70)) == pytest.approx(losses, abs=tolerance)
    assert flat(found) == pytest.approx(flat(expected), abs=tolerance)
    states = found.optimizer_state(), expected.optimizer_state()
    assert len(states[0]) == len(states[1]) == len(optimizer.slots)
    for one, other in zip(*states, strict=True):
        assert one == pytest.approx(other, abs=tolerance)
        assert any(one)
    assert losses[-3:] < losses[:3]


@every_optimizer
def test_training_continues_from_weights_and_state(kind: Kind, optimizer: Optimizer) -> None:
    whole, first, second = (engine_of(kind, optimizer) for _ in range(3))
    expected = losses_of(whole.steps(0, 20))
    losses = losses_of(first.steps(0, 9))
    second.restore(first.weights(), first.optimizer_state())
    assert losses + losses_of(second.steps(9, 11)) == expected
    assert second.optimizer_state() == whole.optimizer_state()


def test_a_checkpoint_holds_the_slots_by_name() -> None:
    engine = engine_of(Kind("scalar", "f64"), MOMENTUM)
    losses_of(engine.steps(0, 3))
    checkpoint = Checkpoint(
        SMALL,
        CHARACTERS,
        engine.weights(),
        optimizer_state=engine.optimizer_state(),
        optimizer=MOMENTUM,
    )
    data = to_bytes(checkpoint)
    assert b'"momentum.velocity"' in data
    assert b'"adam.' not in data
    again = from_bytes(data)
    assert (again.optimizer, again.optimizer_state) == (MOMENTUM, engine.optimizer_state())


def test_a_checkpoint_of_an_optimizer_without_slots_holds_weights_alone() -> None:
    engine = engine_of(Kind("scalar", "f64"), DESCENT)
    checkpoint = Checkpoint(SMALL, CHARACTERS, engine.weights())
    with_state = replace(checkpoint, optimizer=DESCENT, optimizer_state=engine.optimizer_state())
    assert to_bytes(with_state) == to_bytes(checkpoint)


def test_an_optimizer_without_a_compiled_form_is_named() -> None:
    the_host()
    unknown = Optimizer("lion", ("m",), (), descent)
    with pytest.raises(SettingError, match="no optimizer 'lion': use the scalar engine"):
        create_engine("wasm", SMALL, weights_of(SMALL), optimizer=unknown)
