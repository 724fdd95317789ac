"""Optimizers, schedules, clipping and large batches: the compiled engine trains as the scalar."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import chain

import pytest

from microgpt.config import TrainConfig
from microgpt.engine import Engine, create_engine
from microgpt.generators import drain
from microgpt.optimizer import OPTIMIZERS
from microgpt.run import prepare_run
from microgpt.segments import first_segment
from microgpt.settings import setting
from microgpt.trainer import DivergedError, train
from tests.support.models import DOCUMENTS, SMALL, Kind, losses_of, weights_of

NUM_STEPS = 70  # more than between two flushes of the optimizer
PLAIN = TrainConfig(num_steps=NUM_STEPS, learning_rate=0.05)
WAYS = {
    "adamw": {"optimizer": "adamw", "weight_decay": 0.3},
    "sgd": {"optimizer": "sgd", "momentum": 0.8},
    "sgd without momentum": {"optimizer": "sgd", "momentum": 0.0},
    "cosine": {"schedule": "cosine"},
    "constant": {"schedule": "constant"},
    "wsd": {"schedule": "wsd", "warmup": 0.2, "decay": 0.35},
    "clip": {"clip": 0.3},
    "a clip that is seldom reached": {"clip": 3.0, "batch_size": 3},
    "betas": {"beta1": 0.5, "beta2": 0.9},
    "all": {"optimizer": "adamw", "schedule": "cosine", "clip": 0.5, "batch_size": 2},
}
SCALAR = Kind("scalar", "f64")


def engine_of(kind: Kind, training: TrainConfig) -> Engine:
    optimizer = OPTIMIZERS[training.optimizer]
    engine = create_engine(kind.name, SMALL, weights_of(SMALL), kind.precision, optimizer)
    engine.prepare(DOCUMENTS, training)
    return engine


def flat(engine: Engine) -> list[float]:
    return [weight for matrix in engine.weights().values() for row in matrix for weight in row]


def check_alike(found: Engine, expected: Engine) -> None:
    tolerance = {"f32": 1e-3, "f64": 1e-10}[found.precision]
    losses = losses_of(expected.steps(0, NUM_STEPS))
    assert losses_of(found.steps(0, NUM_STEPS)) == pytest.approx(losses, abs=tolerance)
    assert flat(found) == pytest.approx(flat(expected), abs=tolerance)
    for one, other in zip(found.optimizer_state(), expected.optimizer_state(), strict=True):
        assert one == pytest.approx(other, abs=tolerance)
        assert any(one)


@pytest.mark.parametrize("way", WAYS)
def test_the_compiled_engine_trains_as_the_scalar_one(compiled: Kind, way: str) -> None:
    training = replace(PLAIN, **WAYS[way])  # type: ignore[arg-type]
    check_alike(engine_of(compiled, training), engine_of(SCALAR, training))


@pytest.mark.parametrize("way", WAYS)
def test_each_way_matters_and_learns(way: str) -> None:
    training = replace(PLAIN, **WAYS[way])  # type: ignore[arg-type]
    losses = losses_of(engine_of(SCALAR, training).steps(0, NUM_STEPS))
    assert losses != losses_of(engine_of(SCALAR, PLAIN).steps(0, NUM_STEPS))
    assert sum(losses[-10:]) < sum(losses[:10])


@pytest.mark.parametrize("name", [name for name, _ in setting("schedule").choices])
def test_a_schedule_that_begins_in_mid_run(compiled: Kind, name: str) -> None:
    training = replace(PLAIN, schedule=name, warmup=0.3, learning_rate=0.01)
    segment = first_segment(training).then(0, training, schedule_begin=20, schedule_end=NUM_STEPS)
    engines = [engine_of(kind, training) for kind in (compiled, SCALAR)]
    losses = []
    for engine in engines:
        engine.begin_segment(segment)
        losses.append(losses_of(engine.steps(20, 40)))
    tolerance = {"f32": 1e-3, "f64": 1e-10}[compiled.precision]
    assert losses[0] == pytest.approx(losses[1], abs=tolerance)


@pytest.mark.parametrize("kind", [SCALAR, Kind("wasm", "f64"), Kind("wasm", "f32")], ids=str)
def test_another_optimizer_is_fresh_and_counts_its_own_steps(kind: Kind) -> None:
    first = first_segment(replace(PLAIN, optimizer="sgd"))
    second = first.then(9, replace(PLAIN, optimizer="adam"))
    assert second.optimizer_begin == 9
    engine = engine_of(kind, first.training)
    losses_of(engine.steps(0, 9))
    before = engine.weights()
    engine.begin_segment(second)
    assert engine.weights() == before
    assert engine.optimizer_state() == OPTIMIZERS["adam"].initial_state(len(flat(engine)))
    losses_of(engine.steps(9, 1))
    changes = [
        abs(one - other)
        for one, other in zip(chain.from_iterable(_rows(before)), flat(engine), strict=True)
    ]
    # The first step of Adam is the learning rate for every weight that has a gradient.
    assert max(changes) == pytest.approx(second.learning_rate(9), rel=1e-3)


def _rows(weights: dict[str, list[list[float]]]) -> list[list[float]]:
    return [row for matrix in weights.values() for row in matrix]


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_gradient_too_large_for_its_norm_is_divergence(kind: Kind, batch_size: int) -> None:
    """Clipping hides no number that is not finite."""
    training = replace(
        PLAIN, optimizer="sgd", learning_rate=10.0, clip=1000.0, batch_size=batch_size
    )
    weights = weights_of(SMALL, scale=1e3)
    engine = create_engine(kind.name, SMALL, weights, kind.precision, OPTIMIZERS["sgd"])
    engine.prepare(DOCUMENTS, training)
    try:
        for _ in train(engine, [first_segment(training)]):
            pass
    except DivergedError:
        pass
    assert all(map(math.isfinite, flat(engine)))


@pytest.mark.parametrize("batch_size", [40, 4096])
def test_a_batch_may_be_larger_than_the_data(batch_size: int) -> None:
    """Its documents are taken again and again, so its loss is that of all of them."""
    names = ["ab", "ba", "aab", "bab"]
    kinds = ["scalar"] if batch_size == 40 else ["wasm"]
    for name in kinds:
        training = TrainConfig(num_steps=2, batch_size=batch_size)
        run = prepare_run(names, training, name, "f64", n_embd=4, n_head=1, block_size=4)
        before = drain(_mean_loss(run.engine, [run.encode(n)[0] for n in run.dataset.train]))
        losses = [loss for progress in run.train() for loss in progress.losses]
        assert losses[0] == pytest.approx(before, rel=1e-9)


def _mean_loss(engine: Engine, documents: list[list[int]]):  # type: ignore[no-untyped-def]
    """The mean over documents of the mean over their tokens."""
    total = 0.0
    for document in documents:
        total += yield from engine.evaluate([document])
    return total / len(documents)


@pytest.mark.parametrize("init_std", [0.02, 0.3])
def test_the_spread_of_the_initial_weights(init_std: float) -> None:
    training = TrainConfig(num_steps=1, init_std=init_std)
    run = prepare_run(["ab", "ba"], training, "scalar", n_embd=32, n_layer=1)
    numbers = flat(run.engine)
    assert math.sqrt(sum(x * x for x in numbers) / len(numbers)) == pytest.approx(
        init_std, rel=0.05
    )
    plain = flat(prepare_run(["ab", "ba"], TrainConfig(), "scalar", n_embd=32, n_layer=1).engine)
    assert numbers == pytest.approx([x * init_std / 0.08 for x in plain])
