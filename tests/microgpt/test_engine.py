"""What every engine promises by the Engine protocol: training, asking, stopping, going on."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from microgpt.config import TrainConfig
from microgpt.engine import can_compile, create_engine
from microgpt.generators import drain
from microgpt.sampler import softmax
from microgpt.settings import SettingError
from tests.support.models import BOS, DOCUMENTS, SMALL, Kind, losses_of, weights_of

ZEROS = [0.0] * SMALL.num_params


def test_an_engine_is_made_by_name(kind: Kind) -> None:
    engine = create_engine(kind.name, SMALL, weights_of(SMALL), kind.precision)
    assert (engine.name, engine.precision) == (kind.name, kind.precision)
    assert engine.config is SMALL
    for name, matrix in engine.weights().items():
        assert matrix == [kind.near(row) for row in weights_of(SMALL)[name]]
    assert engine.optimizer_state() == (ZEROS, ZEROS)


def test_there_is_always_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("auto", SMALL, weights_of(SMALL))
    assert engine.name == ("wasm" if can_compile() else "scalar")
    monkeypatch.setattr("microgpt.wasm.runtime.hosts.find_host", lambda: None)
    assert create_engine("auto", SMALL, weights_of(SMALL)).name == "scalar"
    with pytest.raises(SettingError, match=r"needs WebAssembly with SIMD.*use the scalar engine"):
        create_engine("wasm", SMALL, weights_of(SMALL))


def test_an_engine_that_there_is_not() -> None:
    with pytest.raises(SettingError, match="no engine called 'gpu'; use auto, wasm or scalar"):
        create_engine("gpu", SMALL, weights_of(SMALL))
    with pytest.raises(SettingError, match="Precision must be one of f32, f64, not 'f16'"):
        create_engine("scalar", SMALL, weights_of(SMALL), "f16")


def test_training_lowers_the_loss(kind: Kind) -> None:
    engine = kind.engine(num_steps=120, scale=1.0)
    losses = losses_of(engine.steps(0, 120))
    assert len(losses) == 120
    assert losses[0] == pytest.approx(math.log(SMALL.vocab_size), abs=0.3)
    assert sum(losses[-12:]) < 0.4 * sum(losses[:12])


def test_steps_take_the_documents_in_turn(kind: Kind) -> None:
    losses = losses_of(kind.engine(num_steps=1000, learning_rate=1e-6).steps(0, 6))
    assert losses[:3] == pytest.approx(losses[3:], abs=1e-3)
    assert len({round(loss, 2) for loss in losses}) == 3


def test_no_steps_are_no_losses(kind: Kind) -> None:
    assert losses_of(kind.engine().steps(3, 0)) == []


def test_the_first_loss_is_the_mean_cross_entropy_cut_at_the_context_length(kind: Kind) -> None:
    for document in DOCUMENTS:
        engine = kind.engine(documents=[document])
        context = engine.context()
        pairs = list(pairwise(document))[: SMALL.block_size]
        by_hand = [-math.log(softmax(context.feed(token))[target]) for token, target in pairs]
        (loss,) = losses_of(engine.steps(0, 1))
        assert loss == kind.near(sum(by_hand) / len(by_hand))


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_batch_is_the_mean_over_its_documents(kind: Kind, step: int) -> None:
    batch = [DOCUMENTS[index % 3] for index in (2 * step, 2 * step + 1)]
    alone = [kind.engine(documents=[document]) for document in batch]
    losses = [losses_of(engine.steps(step, 1))[0] for engine in alone]
    engine = kind.engine(batch_size=2)
    assert losses_of(engine.steps(step, 1)) == [kind.near((losses[0] + losses[1]) / 2)]
    # After one step Adam's first moments are the gradient times a constant.
    gradients = zip(*(single.optimizer_state()[0] for single in alone), strict=True)
    means = [sum(pair) / 2 for pair in gradients]
    assert any(means)
    assert engine.optimizer_state()[0] == kind.near(means)


def test_evaluate_is_the_mean_over_all_tokens(kind: Kind) -> None:
    engine = kind.engine()
    by_hand = []
    for document in DOCUMENTS:
        context = engine.context()
        for token, target in list(pairwise(document))[: SMALL.block_size]:
            by_hand.append(-math.log(softmax(context.feed(token))[target]))
    assert len(by_hand) == 2 + 4 + 6
    mean = sum(by_hand) / len(by_hand)
    assert drain(engine.evaluate(DOCUMENTS)) == kind.near(mean)
    assert drain(engine.evaluate(DOCUMENTS * 7)) == kind.near(mean)


def test_evaluating_needs_no_preparation(kind: Kind) -> None:
    engine = create_engine(kind.name, SMALL, weights_of(SMALL), kind.precision)
    expected = drain(kind.engine().evaluate(DOCUMENTS))
    assert drain(engine.evaluate(DOCUMENTS)) == expected


@pytest.mark.parametrize("batch_size", [1, 3])
def test_evaluating_changes_nothing(kind: Kind, batch_size: int) -> None:
    engine, other = kind.engine(batch_size=batch_size), kind.engine(batch_size=batch_size)
    for step in range(4):
        drain(engine.evaluate(DOCUMENTS))
        assert losses_of(engine.steps(step, 1)) == losses_of(other.steps(step, 1))


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("done", [1, 5, 9])
def test_a_restored_run_goes_on_as_if_it_had_never_stopped(
    kind: Kind, done: int, batch_size: int
) -> None:
    expected = losses_of(kind.engine(batch_size=batch_size).steps(0, 10))
    first = kind.engine(batch_size=batch_size)
    assert losses_of(first.steps(0, done)) == expected[:done]
    second = kind.engine(seed=99, batch_size=batch_size)
    second.restore(first.weights(), first.optimizer_state())
    assert losses_of(second.steps(done, 10 - done)) == expected[done:]
    assert losses_of(first.steps(done, 10 - done)) == expected[done:]
    assert second.weights() == first.weights()
    assert second.optimizer_state() == first.optimizer_state()


def test_without_a_state_the_optimizer_is_a_fresh_one(kind: Kind) -> None:
    engine = kind.engine()
    losses_of(engine.steps(0, 5))
    assert engine.optimizer_state() != (ZEROS, ZEROS)
    engine.restore(weights_of(SMALL), None)
    assert engine.optimizer_state() == (ZEROS, ZEROS)
    assert losses_of(engine.steps(0, 5)) == losses_of(kind.engine().steps(0, 5))


@pytest.mark.parametrize("batch_size", [1, 4])
def test_prepare_resets_the_optimizer(kind: Kind, batch_size: int) -> None:
    engine = kind.engine()
    losses_of(engine.steps(0, 5))
    weights = engine.weights()
    training = TrainConfig(num_steps=30, learning_rate=0.01, batch_size=batch_size)
    engine.prepare(DOCUMENTS[1:], training)
    assert engine.optimizer_state() == (ZEROS, ZEROS)
    assert engine.weights() == weights
    other = create_engine(kind.name, SMALL, weights, kind.precision)
    other.prepare(DOCUMENTS[1:], training)
    assert losses_of(engine.steps(0, 5)) == losses_of(other.steps(0, 5))


def test_what_an_engine_gives_out_is_a_copy(kind: Kind) -> None:
    engine = kind.engine()
    losses_of(engine.steps(0, 3))
    weights, moments = engine.weights(), engine.optimizer_state()
    restored = kind.engine()
    restored.restore(weights, moments)
    weights["wte"][0][0] = moments[0][0] = moments[1][0] = 1e9
    assert engine.weights() == restored.weights() != weights
    assert engine.optimizer_state() == restored.optimizer_state() != moments


def test_a_context_answers_with_the_weights_of_the_moment(kind: Kind) -> None:
    engine = kind.engine()
    tokens = [BOS, 0, 3, 1]
    context = engine.context()
    before = [context.feed(token) for token in tokens[:2]]
    losses_of(engine.steps(0, 3))
    fresh = engine.context()
    after = [fresh.feed(token) for token in tokens]
    assert before != after[:2]
    other = kind.engine(seed=9)
    other.restore(engine.weights(), None)
    same = other.context()
    assert [same.feed(token) for token in tokens] == after
    assert [context.feed(token) for token in tokens[2:]] == after[2:]
    context.rewind(1)
    assert context.feed(tokens[1]) == after[1]
    assert len(context) == 2


def test_a_context_answers_with_restored_weights(kind: Kind) -> None:
    engine, other = kind.engine(seed=2), kind.engine()
    context, expected = engine.context(), other.context()
    context.feed(BOS)
    engine.restore(other.weights(), other.optimizer_state())
    expected.feed(BOS)
    assert context.feed(2) == expected.feed(2)


def test_contexts_do_not_disturb_each_other(kind: Kind) -> None:
    engine = kind.engine()
    one, other = engine.context(), engine.context()
    alone = [engine.context().feed(BOS), engine.context().feed(2)]
    assert [one.feed(BOS), other.feed(2)] == alone
    assert one.feed(1) != other.feed(1)


def test_a_context_is_not_disturbed_by_an_evaluation_that_is_on(kind: Kind) -> None:
    engine = kind.engine()
    fresh = engine.context()
    expected = [fresh.feed(token) for token in (3, 1, 2)]
    evaluation = engine.evaluate(DOCUMENTS * 20)
    next(evaluation)
    context = engine.context()
    answers = [context.feed(token) for token in (3, 1)]
    assert drain(evaluation) == kind.near(drain(engine.evaluate(DOCUMENTS)))
    answers.append(context.feed(2))
    assert answers == expected


def test_a_context_refuses_what_it_cannot_read(kind: Kind) -> None:
    engine = kind.engine()
    fresh, context = engine.context(), engine.context()
    answers = [fresh.feed(token) for token in (BOS, 1, 0, 0, 2, 3)]
    context.feed(BOS)
    with pytest.raises(IndexError):
        context.feed(SMALL.vocab_size)
    assert len(context) == 1
    assert [context.feed(token) for token in (1, 0, 0, 2, 3)] == answers[1:]
    with pytest.raises(IndexError):
        context.feed(1)
    assert len(context) == SMALL.block_size
    context.rewind(5)
    assert context.feed(3) == answers[5]


@pytest.mark.parametrize("batch_size", [1, 3])
def test_what_comes_after_many_documents_is_what_comes_after_each(
    kind: Kind, batch_size: int
) -> None:
    engine = kind.engine(batch_size=batch_size)
    lines = [[BOS, *line] for line in ([], [0], [1, 2], [3, 0, 1], [2])] * 12
    for _ in range(2):  # the second time with other weights
        for _ in range(2):  # the second time a token longer
            answers = list(engine.logits_after(lines))
            assert len(answers) == len(lines)
            for line, logits in zip(lines[:7], answers, strict=False):
                context = engine.context()
                alone = [context.feed(token) for token in line]
                assert logits == kind.near(alone[-1])
            assert answers[:5] == [kind.near(logits) for logits in answers[-5:]]
            lines = [[*line, 1] for line in lines]
        lines = [line[:-2] for line in lines]
        losses_of(engine.steps(0, 3))


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("line", [[BOS] * 7, [BOS] * 200, [BOS, 5]], ids=len)
def test_what_comes_after_what_cannot_be_read(kind: Kind, line: list[int], batch_size: int) -> None:
    engine = kind.engine(batch_size=batch_size)
    before = list(engine.logits_after([[BOS, 1]]))
    with pytest.raises(IndexError):
        list(engine.logits_after([[BOS, 1], line]))
    assert list(engine.logits_after([[BOS, 1]])) == before


@pytest.mark.parametrize("batch_size", [1, 3])
def test_to_ask_after_many_documents_changes_no_run(kind: Kind, batch_size: int) -> None:
    asked, left_alone = (kind.engine(batch_size=batch_size) for _ in range(2))
    for step in range(4):
        assert losses_of(asked.steps(step, 1)) == losses_of(left_alone.steps(step, 1))
        assert len(list(asked.logits_after([[BOS], [BOS, 1]]))) == 2
    assert asked.weights() == left_alone.weights()
