"""The compiled engine's own: runs that are cut anywhere, looked at in between, and refused data.

What it has in common with every engine is in `test_engine.py`.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Generator
from itertools import pairwise
from typing import Any

import pytest

from microgpt.config import TrainConfig
from microgpt.engine import Context, Engine
from microgpt.generators import drain
from microgpt.run import Run, prepare_run
from microgpt.settings import SettingError
from microgpt.wasm.compiler.optimizers import COMPILED_ADAM
from microgpt.wasm.runtime.engine import WasmEngine
from microgpt.wasm.runtime.instance import HostError
from tests.support.emitted import the_host
from tests.support.models import BOS, DOCUMENTS, SMALL, Kind, losses_of, weights_of

# Token 2 is seen in the first step only, so that the moments of its embedding fade away.
FADING = ([BOS, 2, BOS], *([BOS, token, 1 - token, BOS] for token in (0, 1) for _ in range(600)))
NAMES = ["ada", "bo", "cleo", "dan", "eve", "fay", "gus", "hal", "ida", "jon"]

IN_PARTS = [Kind("wasm", precision, in_parts=True) for precision in ("f32", "f64")]
in_parts = pytest.mark.parametrize("compiled", IN_PARTS, indirect=True, ids=str)


def fading(compiled: Kind, batch_size: int = 1) -> Engine:
    """An engine whose moments fade away within some hundred steps."""
    engine = compiled.engine()
    training = TrainConfig(num_steps=1200, batch_size=batch_size, beta1=0.5, beta2=0.5)
    engine.prepare(FADING, training)
    return engine


def state(engine: Engine) -> tuple[Any, Any]:
    return engine.weights(), engine.optimizer_state()


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_run_is_the_same_wherever_it_is_cut(compiled: Kind, batch_size: int) -> None:
    """Each stretch in an engine of its own, beyond the steps at which denormals are flushed."""
    whole = fading(compiled, batch_size)
    expected = losses_of(whole.steps(0, 200))
    previous = fading(compiled, batch_size)
    losses = []
    for start, stop in pairwise([0, 1, 2, 9, 63, 64, 65, 127, 130, 192, 200]):
        engine = fading(compiled, batch_size)
        engine.restore(*state(previous))
        losses += losses_of(engine.steps(start, stop - start))
        previous = engine
    assert losses == expected
    assert state(previous) == state(whole)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_run_is_the_same_in_calls_of_any_length(
    compiled: Kind, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    for seconds in (0.0, 1e9):  # as little as can be a call, and ever more
        monkeypatch.setattr("microgpt.wasm.runtime.pace.CALL_SECONDS", seconds)
        engine = compiled.engine(batch_size=batch_size, num_steps=100)
        losses = losses_of(engine.steps(0, 100))
        seen.append((losses, state(engine), drain(engine.evaluate(DOCUMENTS * 9))))
    assert seen[0] == seen[1]


def test_moments_that_decay_are_flushed_to_0(compiled: Kind) -> None:
    """Numbers next to 0 would make every step many times slower."""
    engine = fading(compiled)
    losses_of(engine.steps(0, {"f32": 192, "f64": 1088}[compiled.precision]))
    start, end = 2 * SMALL.n_embd, 3 * SMALL.n_embd  # of token 2's embedding
    limits = COMPILED_ADAM.flush_below[compiled.precision]
    for moments, tiny in zip(engine.optimizer_state(), limits, strict=True):
        assert moments[start:end] == [0.0] * SMALL.n_embd
        assert all(abs(moment) > tiny for moment in moments if moment)
        assert sum(map(bool, moments)) > 0.5 * SMALL.num_params


@pytest.mark.parametrize(("batch_size", "count"), [(1, 70), (3, 20)])
def test_weights_after_many_steps_are_the_scalar_engine_s(
    compiled: Kind, batch_size: int, count: int
) -> None:
    options: dict[str, Any] = {"batch_size": batch_size, "num_steps": count, "scale": 1.0}
    engine, scalar = compiled.engine(**options), Kind("scalar", "f64").engine(**options)
    tolerance = {"f32": 1e-3, "f64": 1e-11}[compiled.precision]
    losses = losses_of(scalar.steps(0, count))
    assert losses_of(engine.steps(0, count)) == pytest.approx(losses, abs=tolerance)
    for name, matrix in scalar.weights().items():
        for row, expected in zip(engine.weights()[name], matrix, strict=True):
            assert row == pytest.approx(expected, abs=tolerance), name


def run_of(kind: Kind) -> Run:
    training = TrainConfig(seed=7, num_steps=30, eval_fraction=0.3)
    return prepare_run(NAMES, training, kind.name, kind.precision, n_embd=8, block_size=4)


def test_the_same_seed_is_the_same_run_in_every_engine(compiled: Kind) -> None:
    run, scalar = run_of(compiled), run_of(Kind("scalar", "f64"))
    assert run.dataset == scalar.dataset
    typecode = {"f32": "f", "f64": "d"}[compiled.precision]
    for name, matrix in scalar.engine.weights().items():
        assert run.engine.weights()[name] == [list(array(typecode, row)) for row in matrix]
    tolerance = {"f32": 1e-4, "f64": 1e-11}[compiled.precision]
    for progress, expected in zip(progress_of(run), progress_of(scalar), strict=True):
        assert progress == pytest.approx(expected, abs=tolerance)
    assert run.rng.getstate() == scalar.rng.getstate()


def test_the_same_seed_twice_is_the_same_to_the_last_bit(compiled: Kind) -> None:
    one, other = run_of(compiled), run_of(compiled)
    assert progress_of(one) == progress_of(other)
    assert state(one.engine) == state(other.engine)


def progress_of(run: Run) -> tuple[list[float], list[float]]:
    """A run's losses, and those of its held-out documents."""
    progress = list(run.train())
    held_out = [part.held_out_loss for part in progress if part.held_out_loss is not None]
    assert held_out
    return losses_of(part.losses for part in progress), held_out


@in_parts
@pytest.mark.parametrize(("batch_size", "passes"), [(1, 1), (40, 2)])
def test_a_step_that_is_given_up_has_not_happened(
    compiled: Kind, batch_size: int, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "microgpt.wasm.runtime.pace.CALL_SECONDS", 0.0
    )  # a yield point after each operation
    expected = losses_of(compiled.engine(batch_size=batch_size).steps(0, 8))
    engine = compiled.engine(batch_size=batch_size)
    assert losses_of(engine.steps(0, 4)) == expected[:4]
    before = state(engine)
    looks = 0
    while True:  # given up at the first look, at the second, and so on
        steps = engine.steps(4, 1)
        if losses := losses_of(next(steps) for _ in range(looks + 1)):
            break
        assert isinstance(steps, Generator)
        steps.close()
        if looks % 2:  # else the next attempt follows at once
            assert state(engine) == before
        looks += 1
    assert losses == expected[4:5]
    assert looks > 50 * passes  # operations forward and backward
    assert losses_of(engine.steps(5, 3)) == expected[5:]


@in_parts
@pytest.mark.parametrize("look", [0, 1, 30, 55])
def test_a_step_that_is_looked_into_begins_again(
    compiled: Kind, look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("microgpt.wasm.runtime.pace.CALL_SECONDS", 0.0)
    uses: list[Callable[[Engine], object]] = [
        lambda engine: engine.weights(),
        lambda engine: engine.optimizer_state(),
        lambda engine: engine.context().feed(BOS),
        lambda engine: drain(engine.evaluate(DOCUMENTS)),
    ]
    undisturbed = compiled.engine()
    expected = losses_of(undisturbed.steps(0, 4))
    before = compiled.engine()
    losses_of(before.steps(0, 3))
    for use in uses:
        engine = compiled.engine()
        losses_of(engine.steps(0, 3))
        steps = engine.steps(3, 1)
        assert losses_of(next(steps) for _ in range(look + 1)) == []
        assert use(engine) == use(before)
        assert losses_of(steps) == expected[3:]
        assert state(engine) == state(undisturbed)


def test_texts_that_need_more_memory(compiled: Kind) -> None:
    short = [[BOS, 1, 1, 3, 1, 1, 1], *DOCUMENTS]
    long = [[*short[0], *[1] * 100_000], *DOCUMENTS]  # the same, cut at the context length
    engine, other = compiled.engine(documents=long), compiled.engine(documents=short)
    assert losses_of(engine.steps(0, 8)) == losses_of(other.steps(0, 8))
    expected = drain(other.evaluate(short))
    longer = [[*long[0], *[1] * 100_000], *DOCUMENTS]
    for documents in (short, long, short, longer):
        assert drain(engine.evaluate(documents)) == expected
    assert state(engine) == state(other)
    assert losses_of(engine.steps(8, 8)) == losses_of(other.steps(8, 8))


def test_documents_are_evaluated_as_they_are_now(compiled: Kind) -> None:
    engine = compiled.engine()
    alone = [drain(engine.evaluate([document])) for document in DOCUMENTS]
    assert [drain(engine.evaluate([document])) for document in DOCUMENTS[::-1]] == alone[::-1]
    assert len(set(alone)) == 3
    losses_of(engine.steps(0, 3))
    assert drain(engine.evaluate(DOCUMENTS[2:])) != alone[2]


@pytest.mark.parametrize("batch_size", [1, 3])
def test_contexts_by_turns(compiled: Kind, batch_size: int) -> None:
    """Whatever is fed and forgotten, the answer is that to the tokens that are left."""
    engine, scalar = compiled.engine(batch_size=batch_size), Kind("scalar", "f64").engine()
    contexts: list[tuple[Context, list[int]]] = [(engine.context(), []) for _ in range(3)]
    dice = random.Random(3)
    for _ in range(100):
        context, tokens = dice.choice(contexts)
        position = len(tokens)
        if position == SMALL.block_size or dice.random() < 0.3:
            position = dice.randrange(SMALL.block_size)
        context.rewind(position)
        tokens[position:] = [dice.randrange(SMALL.vocab_size)]
        fresh = scalar.context()
        expected = [fresh.feed(token) for token in tokens]
        assert context.feed(tokens[-1]) == pytest.approx(expected[-1], abs=1e-5)
        assert len(context) == len(tokens)


@pytest.mark.parametrize(
    ("documents", "error", "words"),
    [
        ([[BOS, 0, BOS], [BOS, 5]], IndexError, "there are 5 tokens, from 0 on"),
        ([[BOS, 70_000, BOS]], IndexError, "there are 5 tokens, from 0 on"),
        ([[BOS, -1, BOS]], IndexError, "there are 5 tokens, from 0 on"),
        ([[BOS, 0, BOS], [BOS]], ValueError, "needs 2 tokens, but has 1"),
        ([[]], ValueError, "needs 2 tokens, but has 0"),
        ([], ValueError, "there are no documents"),
    ],
    ids=repr,
)
def test_documents_that_are_none(
    compiled: Kind, documents: list[list[int]], error: type[Exception], words: str
) -> None:
    engine, other = compiled.engine(), compiled.engine()
    losses_of(engine.steps(0, 3))
    losses_of(other.steps(0, 3))
    with pytest.raises(error, match=words):
        engine.prepare(documents, TrainConfig())
    with pytest.raises(error, match=words):
        drain(engine.evaluate(documents))
    assert drain(engine.evaluate(DOCUMENTS)) == drain(other.evaluate(DOCUMENTS))
    assert losses_of(engine.steps(3, 3)) == losses_of(other.steps(3, 3))


@pytest.mark.parametrize("token", [5, -1, 70_000])
def test_tokens_that_are_none(compiled: Kind, token: int) -> None:
    context = compiled.engine().context()
    with pytest.raises(IndexError, match="there are 5 tokens, from 0 on"):
        context.feed(token)
    assert len(context) == 0


def test_a_context_that_is_full(compiled: Kind) -> None:
    context = compiled.engine().context()
    for _ in range(SMALL.block_size):
        context.feed(BOS)
    with pytest.raises(IndexError, match="the context holds 6 tokens"):
        context.feed(0)


def test_no_memory_for_the_model(compiled: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: bytes) -> None:
        raise HostError("It needs 7 GB: make the model smaller.")

    monkeypatch.setattr(the_host(), "instantiate", refuse)
    with pytest.raises(SettingError, match="needs 7 GB: make the model smaller"):
        compiled.engine()


def test_no_memory_for_the_texts(compiled: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    host = the_host()
    make = host.instantiate

    def without_growth(module: bytes) -> Any:
        instance = make(module)
        bind = instance.bind
        monkeypatch.setattr(
            instance, "bind", lambda name: (lambda _: -1) if name == "grow" else bind(name)
        )
        return instance

    monkeypatch.setattr(host, "instantiate", without_growth)
    engine = WasmEngine(SMALL, weights_of(SMALL), host, compiled.precision)
    with pytest.raises(SettingError, match="MB of memory"):
        engine.prepare(DOCUMENTS * 50_000, TrainConfig())
