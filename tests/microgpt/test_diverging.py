"""Training that diverges: noticed at that step, and the weights before it are kept."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest

from microgpt.config import ModelConfig, TrainConfig
from microgpt.engine import Engine, create_engine
from microgpt.generators import drain
from microgpt.model import Weights
from microgpt.optimizer import OptimizerState
from microgpt.segments import first_segment
from microgpt.trainer import DivergedError, TrainProgress, train
from tests.support.models import BOS, DOCUMENTS, SMALL, Kind, losses_of, weights_of

ZEROS = [0.0] * SMALL.num_params

# With a learning rate of 0.35 this one breaks down after less than a dozen steps.
LARGE = ModelConfig(vocab_size=27, n_embd=16, n_head=4, n_layer=2, block_size=16)
STEPS, TOO_FAST = 200, 0.35
DICE = random.Random(5)
TEXTS = [[26, *(DICE.randrange(27) for _ in range(10))] for _ in range(20)]


def large(compiled: Kind, batch_size: int = 1, learning_rate: float = TOO_FAST) -> Engine:
    """A large model that is about to be trained too fast."""
    return compiled.engine(
        config=LARGE,
        documents=TEXTS,
        scale=1.0,
        num_steps=STEPS,
        learning_rate=learning_rate,
        batch_size=batch_size,
    )


def run_until_it_breaks(engine: Engine) -> tuple[list[list[float]], str]:
    """What the engine yields but for mere looks up, and what it says in the end."""
    parts: list[list[float]] = []
    with pytest.raises(FloatingPointError) as caught:
        parts.extend(losses for losses in engine.steps(0, STEPS) if losses)
    return parts, str(caught.value)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_break_in_the_middle_of_a_call_of_many_steps(
    compiled: Kind, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microgpt.wasm.runtime.pace.CALL_SECONDS", 1e9)
    monkeypatch.setattr("microgpt.wasm.runtime.pace.MAX_GROWTH", 4)  # calls of 1, 4 and 16 steps
    engine = large(compiled, batch_size)
    parts, words = run_until_it_breaks(engine)
    losses = losses_of(parts)
    done = len(losses)
    assert 5 < done < 21
    first = [1] * 5 if compiled.in_parts else [1, 4]
    assert [len(part) for part in parts] == first + [1] * (done - 5)
    assert all(map(math.isfinite, losses))
    assert words.startswith(f"step {done + 1}:")
    other = large(compiled, batch_size)
    assert losses_of(other.steps(0, done)) == losses
    assert state_of(engine) == state_of(other)
    for again in (engine, other):
        with pytest.raises(FloatingPointError, match=f"step {done + 1}:"):
            losses_of(again.steps(done, 1))
    assert state_of(engine) == state_of(other)


def state_of(engine: Engine) -> tuple[Weights, OptimizerState]:
    return engine.weights(), engine.optimizer_state()


def answers_on_the_way(engine: Engine) -> Iterator[list[float]]:
    """After each good part of a run, what the engine answers to the first token of a text."""
    context = engine.context()
    for losses in engine.steps(0, STEPS):
        if losses:
            context.rewind(0)
            yield context.feed(TEXTS[0][0])


def test_a_context_that_is_asked_between_the_last_good_steps(compiled: Kind) -> None:
    engine, other = large(compiled), large(compiled)
    answers: list[list[float]] = []
    with pytest.raises(FloatingPointError):
        answers.extend(answers_on_the_way(engine))
    assert len(answers) > 1
    done = len(losses_of(run_until_it_breaks(other)[0]))
    assert answers[-1] == other.context().feed(TEXTS[0][0]) != answers[-2]
    assert len(answers) <= done


@pytest.mark.parametrize("batch_size", [1, 3])
def test_after_a_break_the_engine_answers_and_can_be_restored(
    compiled: Kind, batch_size: int
) -> None:
    engine, other = (large(compiled, batch_size) for _ in range(2))
    context = engine.context()
    context.feed(TEXTS[0][0])
    done = len(losses_of(run_until_it_breaks(engine)[0]))
    losses_of(other.steps(0, done))
    expected = other.context()
    answers = [expected.feed(token) for token in TEXTS[0][:3]]
    assert [context.feed(token) for token in TEXTS[0][1:3]] == answers[1:]
    fresh = large(compiled, batch_size, learning_rate=0.001)
    training = TrainConfig(num_steps=STEPS, learning_rate=0.001, batch_size=batch_size)
    engine.restore(fresh.weights(), None)
    engine.prepare(TEXTS, training)
    assert losses_of(engine.steps(0, 20)) == losses_of(fresh.steps(0, 20))
    assert drain(engine.evaluate(TEXTS)) == drain(fresh.evaluate(TEXTS))


@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_trainer_names_the_step_and_what_to_do(compiled: Kind, batch_size: int) -> None:
    engine = large(compiled, batch_size)
    training = TrainConfig(num_steps=STEPS, learning_rate=TOO_FAST, batch_size=batch_size)
    told: list[TrainProgress] = []
    with pytest.raises(DivergedError) as caught:
        told.extend(train(engine, [first_segment(training)]))
    done = len(losses_of(progress.losses for progress in told))
    assert caught.value.step == done > 5
    assert str(caught.value) == (
        f"Training diverged at step {done + 1}: the numbers became too large. "
        "Try a learning rate well below 0.35."
    )
    other = large(compiled, batch_size)
    losses_of(other.steps(0, done))
    assert engine.weights() == other.weights()


def test_a_batch_of_which_a_part_breaks_leaves_no_gradient(compiled: Kind) -> None:
    """Of 64 documents not all fit a pass, and only the last one's losses diverge."""
    weights = weights_of(SMALL, scale=1.0)
    for row in weights["wte"]:
        row[0] = 10.0
    weights["lm_head"][3][0] = -1e4  # nobody would ever expect token 3
    good = [[BOS, 0, 1, 2, 0, 1, 2]] * 63
    training = TrainConfig(num_steps=10, batch_size=64)
    engine, fresh = (create_engine("wasm", SMALL, weights, compiled.precision) for _ in range(2))
    engine.prepare([*good, [BOS, 3, BOS]], training)
    with pytest.raises(FloatingPointError, match="step 1:"):
        losses_of(engine.steps(0, 1))
    for one in (engine, fresh):
        one.prepare(good, training)
    assert losses_of(engine.steps(0, 3)) == losses_of(fresh.steps(0, 3))
    assert engine.optimizer_state() == fresh.optimizer_state()


@pytest.mark.parametrize("learning_rate", [2, 10])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_all_engines_break_down_at_the_same_step(
    compiled: Kind, learning_rate: float, batch_size: int
) -> None:
    def steps_done(kind: Kind) -> int:
        engine = kind.engine(scale=1.0, learning_rate=learning_rate, batch_size=batch_size)
        return len(losses_of(run_until_it_breaks(engine)[0]))

    assert steps_done(compiled) == steps_done(Kind("scalar", "f64")) > 0


@pytest.mark.parametrize("batch_size", [1, 3])
def test_numbers_beyond_all_bounds_leave_the_weights_of_the_last_good_step(
    kind: Kind, batch_size: int
) -> None:
    engine = kind.engine(num_steps=100, learning_rate=10, batch_size=batch_size)
    for step in range(100):
        before, state = state_of(engine)
        try:
            (loss,) = losses_of(engine.steps(step, 1))
        except FloatingPointError:
            break
        assert math.isfinite(loss)
    else:
        pytest.fail("a learning rate of 10 went well")
    assert step > 0
    assert state_of(engine) == (before, state)
    assert all(math.isfinite(w) for matrix in before.values() for row in matrix for w in row)


def fails_at_once(kind: Kind, weights: Weights) -> None:
    """Training raises in its first step and leaves everything as it was."""
    engine = create_engine(kind.name, SMALL, weights, kind.precision)
    before = engine.weights()
    for batch_size in (1, 3):
        engine.prepare(DOCUMENTS, TrainConfig(batch_size=batch_size))
        with pytest.raises(FloatingPointError):
            losses_of(engine.steps(0, 3))
        assert engine.weights() == before
        assert engine.optimizer_state() == (ZEROS, ZEROS)


@pytest.mark.parametrize("scale", [1e5, 1e100, 1e200], ids="weights of {:g}".format)
def test_weights_that_are_too_large(kind: Kind, scale: float) -> None:
    fails_at_once(kind, weights_of(SMALL, scale=scale))


def test_a_loss_that_is_no_number(kind: Kind) -> None:
    weights = weights_of(SMALL)
    weights["lm_head"] = [[math.copysign(1e308, w) for w in row] for row in weights["lm_head"]]
    fails_at_once(kind, weights)


def test_a_gradient_that_is_too_large_though_the_loss_is_not(kind: Kind) -> None:
    """The square of a gradient is beyond all numbers, of 32 bits or of 64."""
    tiny, large = {"f32": (1e-18, 1e22), "f64": (1e-165, 1e160)}[kind.precision]
    weights = weights_of(SMALL)
    for name, matrix in weights.items():
        factor = tiny if name in ("wte", "wpe") else large if name == "lm_head" else 1e-3
        weights[name] = [[factor * weight for weight in row] for row in matrix]
    fails_at_once(kind, weights)


def test_evaluating_a_model_whose_numbers_are_too_large(kind: Kind) -> None:
    """Either it is said to be, or it is simply as bad as can be."""
    engine = kind.engine(scale=1e5)
    try:
        loss = drain(engine.evaluate(DOCUMENTS))
    except FloatingPointError:
        return
    assert loss == math.inf
