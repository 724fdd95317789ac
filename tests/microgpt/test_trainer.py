"""The training loop: what it yields in which order, whatever the engine."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.activations import Activations
from microgpt.config import ModelConfig, TrainConfig
from microgpt.engine import Context, LanguageModel
from microgpt.loss_mask import CountedDocuments
from microgpt.model import Weights
from microgpt.optimizer import OptimizerState
from microgpt.segments import Segment, first_segment
from microgpt.trainer import DivergedError, TrainProgress, train
from tests.support.models import DOCUMENTS, SMALL, engine_of

HELD_OUT = CountedDocuments([[4, 0, 4], [4, 1, 4]], [])
FEW = CountedDocuments(list(DOCUMENTS[:1]), [])


class CountingEngine:
    """An engine that learns nothing: the loss of a step is its number.

    It yields two losses at a time with a yield point before each, and overflows at step
    `overflows_at`.
    """

    name = "counting"
    precision = "f64"
    config: ModelConfig = SMALL

    def __init__(self, overflows_at: int | None = None) -> None:
        self.overflows_at = overflows_at
        self.done = 0
        self.evaluated_at: list[int] = []
        self.begun: list[tuple[int, Segment]] = []  # with the number of steps done before

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        for start in range(first, first + count, 2):
            yield []
            batch = range(start, min(start + 2, first + count))
            if self.overflows_at in batch:
                raise FloatingPointError
            self.done = batch[-1] + 1
            yield [float(step) for step in batch]

    def evaluate(
        self, documents: Sequence[Sequence[int]], _counted_from: Sequence[int] = ()
    ) -> Generator[None, None, float]:
        for _ in documents:
            yield
        self.evaluated_at.append(self.done)
        return -float(self.done)

    def begin_segment(self, segment: Segment) -> None:
        if not self.begun or segment != self.begun[-1][1]:
            self.begun.append((self.done, segment))

    def prepare(self, *_: object) -> None:
        raise AssertionError("a trainer does not prepare an engine")

    def set_documents(self, *_: object) -> None:
        raise AssertionError("a trainer does not choose documents")

    def context(self) -> Context:
        raise AssertionError("a trainer does not run the model")

    def logits_after(self, *_: object) -> Iterator[list[float]]:
        raise AssertionError("a trainer does not run the model")

    def activations(self, *_: object) -> Activations:
        raise AssertionError("a trainer does not run the model")

    def patched(self, *_: object) -> LanguageModel:
        raise AssertionError("a trainer does not change the model")

    def weights(self) -> Weights:
        raise AssertionError("a trainer does not read weights")

    def optimizer_state(self) -> OptimizerState:
        raise AssertionError("a trainer does not look at the optimizer")

    def restore(self, *_: object) -> None:
        raise AssertionError("a trainer does not set weights")

    @property
    def state_format(self) -> str:
        raise AssertionError("a trainer keeps no states")

    def saved_state(self) -> bytes:
        raise AssertionError("a trainer keeps no states")

    def load_state(self, _: bytes) -> None:
        raise AssertionError("a trainer keeps no states")


def segments(num_steps: int, learning_rate: float = 0.01) -> list[Segment]:
    return [first_segment(TrainConfig(num_steps=num_steps, learning_rate=learning_rate))]


def losses(progress: list[TrainProgress]) -> list[float]:
    return [loss for part in progress for loss in part.losses]


def evaluations(progress: list[TrainProgress]) -> list[tuple[int, float]]:
    return [(p.step, p.held_out_loss) for p in progress if p.held_out_loss is not None]


@given(st.integers(1, 60), st.integers(1, 25))
def test_every_step_is_yielded_once_and_in_order(num_steps: int, eval_every: int) -> None:
    progress = list(train(CountingEngine(), segments(num_steps), HELD_OUT, eval_every))
    assert losses(progress) == [float(step) for step in range(num_steps)]
    steps = 0
    for part in progress:
        steps += len(part.losses)
        assert part.step == steps


@given(st.integers(1, 60), st.integers(1, 25))
def test_evaluations_are_regular_and_at_the_end(num_steps: int, eval_every: int) -> None:
    engine = CountingEngine()
    progress = list(train(engine, segments(num_steps), HELD_OUT, eval_every))
    wanted = sorted({*range(eval_every, num_steps + 1, eval_every), num_steps})
    assert evaluations(progress) == [(step, -float(step)) for step in wanted]
    assert engine.evaluated_at == wanted


def test_task_evaluations_are_limited_in_number_and_at_the_end() -> None:
    for num_steps, wanted in (
        (10, [5, 10]),
        (101, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 101]),
        (1000, range(50, 1001, 50)),
    ):
        engine = CountingEngine()
        task_eval = partial(engine.evaluate, *HELD_OUT)
        progress = list(train(engine, segments(num_steps), eval_every=5, task_eval=task_eval))
        accuracies = [(part.step, part.accuracy) for part in progress if part.accuracy is not None]
        assert accuracies == [(step, -float(step)) for step in wanted]
        assert evaluations(progress) == []
        assert losses(progress) == [float(step) for step in range(num_steps)]


def test_without_held_out_documents_nothing_is_evaluated() -> None:
    engine = CountingEngine()
    assert evaluations(list(train(engine, segments(10), eval_every=5))) == []
    assert engine.evaluated_at == []


@given(st.data(), st.integers(1, 60), st.integers(1, 25))
def test_a_run_in_parts_yields_the_same(data: st.DataObject, num_steps: int, every: int) -> None:
    whole = list(train(CountingEngine(), segments(num_steps), HELD_OUT, every))
    stops = sorted(data.draw(st.sets(st.integers(0, num_steps), max_size=5)) | {num_steps})
    engine, parts, start = CountingEngine(), list[TrainProgress](), 0
    for stop in stops:
        parts += train(engine, segments(num_steps), HELD_OUT, every, start, stop)
        assert engine.done == stop
        start = stop
    assert losses(parts) == losses(whole)
    assert evaluations(parts) == evaluations(whole)


def test_training_in_parts_is_the_same() -> None:
    whole = list(train(engine_of(), segments(12, 0.02), FEW, eval_every=5))
    engine = engine_of()
    parts = [
        part
        for start, stop in ((0, 1), (1, 7), (7, 12))
        for part in train(engine, segments(12, 0.02), FEW, 5, start, stop)
    ]
    assert losses(parts) == losses(whole)
    assert evaluations(parts) == evaluations(whole)
    assert [step for step, _ in evaluations(whole)] == [5, 10, 12]


def test_a_run_does_not_go_beyond_its_end() -> None:
    assert len(losses(list(train(CountingEngine(), segments(10), stop=99)))) == 10
    assert list(train(CountingEngine(), segments(10), start=10)) == []


def test_there_are_yield_points() -> None:
    progress = list(train(CountingEngine(), segments(4), HELD_OUT))
    empty = [p.step for p in progress if not p.losses and p.held_out_loss is None]
    assert empty == [0, 2, 4, 4]  # before each batch, and while evaluating


def test_a_run_that_diverges_names_the_step_and_what_to_do() -> None:
    with pytest.raises(DivergedError) as caught:
        list(train(CountingEngine(overflows_at=6), segments(10, 0.5)))
    assert caught.value.step == 6
    assert str(caught.value) == (
        "Training diverged at step 7: the numbers became too large. "
        "Try a learning rate well below 0.5."
    )


def test_the_steps_before_divergence_are_yielded() -> None:
    run = train(CountingEngine(overflows_at=6), segments(10, 0.5))
    progress = [next(run) for _ in range(7)]
    assert losses(progress) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    with pytest.raises(DivergedError):
        next(run)


def test_an_evaluation_that_overflows() -> None:
    """Either the run has diverged, or the loss is infinite."""
    run = train(
        engine_of(learning_rate=10), segments(1, 10.0), CountedDocuments(list(DOCUMENTS), [])
    )
    with suppress(DivergedError):
        assert evaluations(list(run)) == [(1, math.inf)]


def test_each_segment_begins_when_its_first_step_comes() -> None:
    first = first_segment(TrainConfig(num_steps=250))
    faster = first.then(130, replace(first.training, learning_rate=0.02))
    longer = faster.then(250, faster.training, schedule_begin=250, schedule_end=310)
    engine = CountingEngine()
    progress = list(train(engine, [first, faster, longer], HELD_OUT))
    assert engine.begun == [(0, first), (130, faster), (250, longer)]
    assert losses(progress) == [float(step) for step in range(310)]
    assert engine.evaluated_at == [100, 200, 300, 310]
    list(train(engine, [first, faster], start=0, stop=5))
    assert engine.begun[-1] == (310, first), "whoever goes back finds the settings from then"


def test_divergence_tells_the_learning_rate_of_the_segment() -> None:
    first = first_segment(TrainConfig(num_steps=10))
    second = first.then(4, replace(first.training, learning_rate=0.5))
    with pytest.raises(DivergedError, match=r"step 7: .* well below 0\.5\."):
        list(train(CountingEngine(overflows_at=6), [first, second]))
