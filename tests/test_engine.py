"""The scalar engine behind the Engine protocol: training, asking, stopping, going on."""

from __future__ import annotations

import gc
import math
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import pairwise

import pytest

from microgpt.autograd import Value, backward_in_parts
from microgpt.config import TrainConfig
from microgpt.engine import Engine, create_engine
from microgpt.sampler import softmax
from microgpt.scalar.engine import ScalarEngine
from microgpt.settings import SettingError
from tests.models import BOS, DOCUMENTS, SMALL, engine_of, losses_of, result_of, weights_of


@pytest.fixture
def looks_up_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine yields after every position and after every few edges of the graph."""

    def in_small_parts(root: Value, grad: float) -> Iterator[None]:
        return backward_in_parts(root, part=2000, grad=grad)

    monkeypatch.setattr("microgpt.scalar.engine.PRODUCTS_A_PART", 1)
    monkeypatch.setattr("microgpt.scalar.engine.backward_in_parts", in_small_parts)


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_an_engine_is_made_by_name(precision: str) -> None:
    engine: Engine = create_engine("scalar", SMALL, weights_of(SMALL), precision)
    assert engine.name == "scalar"
    assert engine.config is SMALL
    assert engine.weights() == weights_of(SMALL)


def test_there_is_always_an_engine() -> None:
    engine = create_engine("auto", SMALL, weights_of(SMALL))
    assert engine.name in ("wasm", "scalar")
    assert engine.config == SMALL


def test_an_engine_that_there_is_not() -> None:
    with pytest.raises(SettingError, match="no engine called 'gpu'; use auto, wasm or scalar"):
        create_engine("gpu", SMALL, weights_of(SMALL))
    with pytest.raises(SettingError, match="Precision must be one of f32, f64, not 'f16'"):
        create_engine("scalar", SMALL, weights_of(SMALL), "f16")


def test_training_lowers_the_loss() -> None:
    engine = engine_of(num_steps=120, scale=1.0)
    losses = losses_of(engine.steps(0, 120))
    assert len(losses) == 120
    assert losses[0] == pytest.approx(math.log(SMALL.vocab_size), abs=0.3)
    assert sum(losses[-12:]) < 0.4 * sum(losses[:12])


def test_steps_take_the_documents_in_turn() -> None:
    losses = losses_of(engine_of(num_steps=1000, learning_rate=1e-6).steps(0, 6))
    assert losses[:3] == pytest.approx(losses[3:], abs=1e-3)
    assert len({round(loss, 2) for loss in losses}) == 3


def test_the_first_loss_is_the_mean_cross_entropy_cut_at_the_context_length() -> None:
    for document in DOCUMENTS:
        engine = engine_of(documents=[document])
        context = engine.context()
        pairs = list(pairwise(document))[: SMALL.block_size]
        by_hand = [-math.log(softmax(context.feed(token))[target]) for token, target in pairs]
        (loss,) = losses_of(engine.steps(0, 1))
        assert loss == pytest.approx(sum(by_hand) / len(by_hand))


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_batch_is_the_mean_over_its_documents(step: int) -> None:
    batch = [DOCUMENTS[index % 3] for index in (2 * step, 2 * step + 1)]
    alone = [engine_of(documents=[document]) for document in batch]
    losses = [losses_of(engine.steps(step, 1))[0] for engine in alone]
    engine = engine_of(batch_size=2)
    assert losses_of(engine.steps(step, 1)) == [(losses[0] + losses[1]) / 2]
    # After one step Adam's first moments are the gradient times a constant.
    gradients = zip(*(single.moments()[0] for single in alone), strict=True)
    means = [sum(pair) / 2 for pair in gradients]
    assert any(means)
    assert engine.moments()[0] == pytest.approx(means, rel=1e-9, abs=1e-15)


def test_a_batch_looks_up_after_each_document() -> None:
    assert [len(losses) for losses in engine_of(batch_size=4).steps(0, 2)] == [0, 0, 0, 1] * 2


@pytest.mark.usefixtures("looks_up_often")
def test_a_batch_never_has_more_than_one_graph() -> None:
    def most_nodes(batch_size: int) -> int:
        steps = engine_of(documents=DOCUMENTS[2:], batch_size=batch_size).steps(0, 1)
        return max(
            sum(isinstance(thing, Value) and bool(thing.children) for thing in gc.get_objects())
            for _ in steps
        )

    assert most_nodes(3) == most_nodes(1) > 100


def test_evaluate_is_the_mean_over_all_tokens() -> None:
    engine = engine_of()
    by_hand = []
    for document in DOCUMENTS:
        context = engine.context()
        for token, target in list(pairwise(document))[: SMALL.block_size]:
            by_hand.append(-math.log(softmax(context.feed(token))[target]))
    assert len(by_hand) == 2 + 4 + 6
    assert result_of(engine.evaluate(DOCUMENTS)) == pytest.approx(sum(by_hand) / len(by_hand))


def test_evaluating_changes_nothing() -> None:
    engine, other = engine_of(), engine_of()
    for step in range(4):
        result_of(engine.evaluate(DOCUMENTS))
        assert losses_of(engine.steps(step, 1)) == losses_of(other.steps(step, 1))


@pytest.mark.usefixtures("looks_up_often")
@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_step_that_is_given_up_has_not_happened(batch_size: int) -> None:
    expected = losses_of(engine_of(batch_size=batch_size).steps(0, 8))
    looks = 0
    while True:  # given up at the first look, at the second, and so on
        engine = engine_of(batch_size=batch_size)
        losses = losses_of(engine.steps(0, 4))
        before, moments = engine.weights(), engine.moments()
        steps = engine.steps(4, 4)
        parts = [next(steps) for _ in range(looks + 1)]
        if losses_of(parts):
            break
        assert isinstance(steps, Generator)
        steps.close()
        assert engine.weights() == before
        assert engine.moments() == moments
        assert losses + losses_of(engine.steps(4, 4)) == expected
        looks += 1
    assert looks > len(DOCUMENTS[1])  # some while going forward, some on the way back


@pytest.mark.usefixtures("looks_up_often")
@pytest.mark.parametrize("looks", [3, 12], ids=["forward", "backward"])
def test_a_step_that_is_given_up_leaves_no_chain_to_be_freed_at_once(looks: int) -> None:
    steps = engine_of(documents=DOCUMENTS[2:]).steps(0, 1)
    assert not any(next(steps) for _ in range(looks))
    graph = [thing for thing in gc.get_objects() if isinstance(thing, Value) and thing.children]
    assert len(graph) > 100
    assert isinstance(steps, Generator)
    steps.close()
    assert not any(value.children for value in graph)


@pytest.mark.usefixtures("looks_up_often")
@pytest.mark.parametrize("batch_size", [1, 3])
def test_looking_up_often_does_not_change_a_loss(
    monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    parts = list(engine_of(batch_size=batch_size).steps(0, 5))
    assert len(parts) > 20
    monkeypatch.undo()
    whole = list(engine_of(batch_size=batch_size).steps(0, 5))
    assert len(whole) == 5 * batch_size
    assert losses_of(parts) == losses_of(whole)


@pytest.mark.parametrize("done", [1, 5, 9])
def test_a_restored_run_goes_on_as_if_it_had_never_stopped(done: int) -> None:
    expected = losses_of(engine_of().steps(0, 10))
    first = engine_of()
    assert losses_of(first.steps(0, done)) == expected[:done]
    second = engine_of(seed=99)
    second.restore(first.weights(), first.moments())
    assert losses_of(second.steps(done, 10 - done)) == expected[done:]
    assert losses_of(first.steps(done, 10 - done)) == expected[done:]


def test_without_moments_the_optimizer_starts_afresh() -> None:
    engine = engine_of()
    losses_of(engine.steps(0, 5))
    zeros = [0.0] * SMALL.num_params
    assert engine.moments() != (zeros, zeros)
    engine.restore(weights_of(SMALL), None)
    assert engine.moments() == (zeros, zeros)
    assert losses_of(engine.steps(0, 5)) == losses_of(engine_of().steps(0, 5))


def test_to_prepare_anew_starts_the_optimizer_afresh() -> None:
    engine = engine_of()
    losses_of(engine.steps(0, 5))
    engine.prepare(DOCUMENTS, TrainConfig(num_steps=20, learning_rate=0.02))
    zeros = [0.0] * SMALL.num_params
    assert engine.moments() == (zeros, zeros)


def test_what_an_engine_gives_out_is_a_copy() -> None:
    engine = engine_of()
    losses_of(engine.steps(0, 3))
    weights, moments = engine.weights(), engine.moments()
    restored = engine_of()
    restored.restore(weights, moments)
    weights["wte"][0][0] = moments[0][0] = moments[1][0] = 1e9
    assert engine.weights() == restored.weights() != weights
    assert engine.moments() == restored.moments() != moments


def test_a_context_answers_with_the_weights_of_the_moment() -> None:
    engine = engine_of()
    tokens = [BOS, 0, 3, 1]
    context = engine.context()
    before = [context.feed(token) for token in tokens[:2]]
    losses_of(engine.steps(0, 3))
    fresh = engine.context()
    after = [fresh.feed(token) for token in tokens]
    assert before != after[:2]
    assert [context.feed(token) for token in tokens[2:]] == after[2:]
    context.rewind(1)
    assert context.feed(tokens[1]) == after[1]
    assert len(context) == 2


def test_contexts_do_not_disturb_each_other() -> None:
    engine = engine_of()
    one, other = engine.context(), engine.context()
    alone = [engine.context().feed(BOS), engine.context().feed(2)]
    assert [one.feed(BOS), other.feed(2)] == alone
    assert one.feed(1) != other.feed(1)


@pytest.mark.usefixtures("looks_up_often")
@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        states = [gc.isenabled() for _ in engine_of().steps(0, 2)]
        assert states == [enabled] * len(states)
        steps = engine_of(documents=[[BOS, 77]]).steps(0, 1)
        with pytest.raises(IndexError):
            losses_of(steps)
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


def test_training_leaves_nothing_for_the_collector() -> None:
    engine = engine_of()
    gc.collect()
    gc.disable()
    try:
        losses_of(engine.steps(0, 5))
        assert not any(isinstance(thing, Value) and thing.children for thing in gc.get_objects())
        alive = sum(isinstance(thing, Value) for thing in gc.get_objects())
    finally:
        gc.enable()
    assert alive == SMALL.num_params


def test_numbers_beyond_all_bounds_leave_the_weights_of_the_last_good_step() -> None:
    engine = engine_of(num_steps=100, learning_rate=10)
    for step in range(100):
        before = engine.weights()
        try:
            (loss,) = losses_of(engine.steps(step, 1))
        except FloatingPointError:
            break
        assert math.isfinite(loss)
    else:
        pytest.fail("a learning rate of 10 went well")
    assert engine.weights() == before
    assert all(math.isfinite(w) for matrix in before.values() for row in matrix for w in row)


@pytest.mark.parametrize("scale", [1e5, 1e100, 1e200], ids="weights of {:g}".format)
def test_weights_that_are_too_large(scale: float) -> None:
    engine = engine_of(scale=scale)
    with pytest.raises(FloatingPointError):
        losses_of(engine.steps(0, 3))
    assert engine.weights() == weights_of(SMALL, scale=scale)
    assert engine.moments() == ([0.0] * SMALL.num_params, [0.0] * SMALL.num_params)


def test_a_loss_that_is_no_number() -> None:
    weights = weights_of(SMALL)
    weights["lm_head"] = [[math.copysign(1e308, w) for w in row] for row in weights["lm_head"]]
    engine = ScalarEngine(SMALL, weights)
    engine.prepare(DOCUMENTS, TrainConfig())
    with pytest.raises(FloatingPointError):
        losses_of(engine.steps(0, 1))
    assert engine.weights() == weights


def test_a_gradient_that_is_too_large_though_the_loss_is_not() -> None:
    weights = weights_of(SMALL)
    tiny = ("wte", "wpe")
    for name, matrix in weights.items():
        factor = 1e-165 if name in tiny else 1e160 if name == "lm_head" else 1e-3
        weights[name] = [[factor * weight for weight in row] for row in matrix]
    engine = ScalarEngine(SMALL, weights)
    engine.prepare(DOCUMENTS, TrainConfig())
    with pytest.raises(FloatingPointError):
        losses_of(engine.steps(0, 1))
    assert engine.weights() == weights
    assert engine.moments() == ([0.0] * SMALL.num_params, [0.0] * SMALL.num_params)


def test_evaluating_a_model_whose_numbers_are_too_large() -> None:
    engine = engine_of(scale=1e5)
    with suppress(FloatingPointError):  # or it is simply as bad as can be
        assert result_of(engine.evaluate(DOCUMENTS)) == math.inf
