"""Segments: settings that change in mid-run, in every engine, and runs that are repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microgpt.checkpoint import Checkpoint
from microgpt.config import TrainConfig
from microgpt.engine import Engine, create_engine
from microgpt.generators import drain
from microgpt.optimizer import OPTIMIZERS
from microgpt.run import Run, prepare_run
from microgpt.segments import Segment, first_segment, segment_at
from microgpt.training_record import segments_from_about, segments_to_about
from tests.support.models import DOCUMENTS, KINDS, SMALL, Kind, losses_of, weights_of

TRAINING = TrainConfig(num_steps=12, learning_rate=0.05)
FIRST = first_segment(TRAINING)
NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia"]


def run_of(kind: Kind, training: TrainConfig = TRAINING) -> Run:
    return prepare_run(NAMES, training, kind.name, kind.precision, n_embd=8, n_head=2, block_size=8)


def train(run: Run, start: int = 0, stop: int | None = None) -> list[float]:
    return [loss for progress in run.train(start, stop) for loss in progress.losses]


def checkpoint_of(run: Run, step: int) -> Checkpoint:
    engine, training = run.engine, segment_at(run.segments, max(0, step - 1)).training
    return Checkpoint(
        engine.config,
        run.tokenizer.characters,
        engine.weights(),
        segments_to_about(run.segments),
        engine.optimizer_state(),
        optimizer=OPTIMIZERS[training.optimizer],
    )


def changed(segment: Segment, step: int, **changes: float | str) -> Segment:
    return segment.then(step, replace(segment.training, **changes))  # type: ignore[arg-type]


def test_the_cursor_goes_on_where_the_batch_changes() -> None:
    second = changed(FIRST, 5, batch_size=4)
    third = changed(second, 8, batch_size=2)
    assert [FIRST.document(5), second.document(5), second.document(8)] == [5, 5, 17]
    assert [third.document(step) for step in (8, 9, 12)] == [17, 19, 25]


def test_a_schedule_goes_on_unless_another_begins() -> None:
    faster = changed(FIRST, 6, learning_rate=0.1)
    longer = faster.then(12, faster.training, schedule_begin=12, schedule_end=32)
    assert FIRST.learning_rate(3) == 0.05 * 0.75
    assert faster.learning_rate(6) == 0.1 * 0.5
    assert longer.learning_rate(12) == 0.1
    assert longer.learning_rate(22) == 0.1 * 0.5


def test_a_step_belongs_to_the_last_segment_that_has_begun() -> None:
    segments = [FIRST, changed(FIRST, 5, clip=1), changed(FIRST, 9, clip=2)]
    found = [segments.index(segment_at(segments, step)) for step in range(12)]
    assert found == [0] * 5 + [1] * 4 + [2] * 3


@pytest.mark.parametrize("steps", [[1], [11], [2, 3, 9]])
def test_segments_that_change_nothing_change_nothing(steps: list[int]) -> None:
    expected = train(run_of(KINDS[0]))
    run = run_of(KINDS[0])
    for step in steps:
        drain(run.add_segment(changed(run.segments[-1], step)))
    assert train(run) == expected


def test_rate_and_batch_change_from_a_step_on(kind: Kind) -> None:
    run = run_of(kind)
    plain = train(run_of(kind))
    losses = train(run, 0, 4)
    drain(run.add_segment(changed(run.segments[0], 4, learning_rate=0.5, batch_size=3)))
    losses += train(run, 4)
    assert losses[:4] == plain[:4]
    assert len(losses) == 12
    assert losses[4:] != plain[4:]
    assert run.learning_rate(6) == 0.5 * 0.5
    expected = run_of(Kind("scalar", "f64"))
    drain(expected.add_segment(run.segments[1]))
    assert losses == pytest.approx(train(expected), abs={"f32": 1e-3, "f64": 1e-10}[kind.precision])


def test_a_run_is_repeated_from_its_record(kind: Kind) -> None:
    run = run_of(kind)
    losses = train(run, 0, 3)
    drain(run.add_segment(changed(run.segments[-1], 3, batch_size=5, beta1=0.5)))
    losses += train(run, 3, 10)
    last = run.segments[-1]
    drain(run.add_segment(last.then(10, replace(last.training, batch_size=1), 10, 30)))
    losses += train(run, 10)
    again = run_of(kind)
    for segment in segments_from_about(segments_to_about(run.segments))[1:]:
        drain(again.add_segment(segment))
    assert train(again) == losses
    assert again.engine.weights() == run.engine.weights()
    assert len(losses) == 30


@pytest.mark.parametrize("step", [2, 5, 7])
def test_a_run_goes_on_from_any_of_its_checkpoints(kind: Kind, step: int) -> None:
    run = run_of(kind)
    drain(run.add_segment(changed(run.segments[-1], 5, batch_size=4)))
    losses = train(run, 0, step)
    checkpoint = checkpoint_of(run, step)
    rest = train(run, step)
    run.restore(step, checkpoint)
    assert train(run, step) == rest, "the same run goes back"
    other = run_of(kind)
    drain(other.add_segment(run.segments[1]))
    other.restore(step, checkpoint)
    assert train(other, step) == rest, "another one takes over"
    assert len(losses + rest) == 12


def test_whoever_goes_back_may_take_another_way() -> None:
    run = run_of(KINDS[0])
    train(run, 0, 4)
    checkpoint = checkpoint_of(run, 4)
    drain(run.add_segment(changed(run.segments[0], 8, learning_rate=1)))
    train(run, 4)
    drain(run.add_segment(changed(run.segments[0], 4, learning_rate=0.001)))
    assert [segment.first_step for segment in run.segments] == [0, 4]
    run.restore(4, checkpoint)
    assert len(train(run, 4)) == 8


def test_documents_are_encoded_as_far_as_a_segment_needs() -> None:
    names = [f"{'abc'[number % 3]}{'de'[number % 2]}" * (1 + number % 4) for number in range(50)]
    training = TrainConfig(num_steps=10)
    runs = [prepare_run(names, training, "scalar", n_embd=4, n_head=1) for _ in range(2)]
    drain(runs[0].add_segment(runs[0].segments[0].then(5, replace(training, batch_size=4))))
    whole = runs[1]
    encoded = [whole.tokenizer.encode(name) for name in whole.dataset.train]
    whole.engine.set_documents(encoded)
    whole.segments.append(runs[0].segments[1])
    assert train(runs[0]) == train(whole)


def test_an_engine_goes_on_with_other_documents(kind: Kind) -> None:
    def engine() -> Engine:
        made = create_engine(kind.name, SMALL, weights_of(SMALL), kind.precision)
        made.prepare(DOCUMENTS, TRAINING)
        return made

    one, other = engine(), engine()
    more = [*DOCUMENTS, DOCUMENTS[0][::-1], DOCUMENTS[1][::-1]]
    other.set_documents(more)
    known = len(DOCUMENTS)
    first = losses_of(one.steps(0, known))
    assert first == losses_of(other.steps(0, known))
    one.set_documents(more)
    assert losses_of(one.steps(known, 2)) == losses_of(other.steps(known, 2))
    assert one.optimizer_state() == other.optimizer_state()
