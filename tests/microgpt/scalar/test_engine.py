"""The scalar engine's own: graphs that come and go, and yield points inside a step."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator

import pytest

from microgpt.autograd import Value, backward_in_parts
from tests.support.models import BOS, DOCUMENTS, SMALL, engine_of, losses_of


@pytest.fixture
def looks_up_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine yields after every position and after every few edges of the graph."""

    def in_small_parts(root: Value, grad: float) -> Iterator[None]:
        return backward_in_parts(root, part=2000, grad=grad)

    monkeypatch.setattr("microgpt.scalar.engine.PRODUCTS_PER_YIELD", 1)
    monkeypatch.setattr("microgpt.scalar.engine.backward_in_parts", in_small_parts)


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


@pytest.mark.usefixtures("looks_up_often")
@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_step_that_is_given_up_has_not_happened(batch_size: int) -> None:
    expected = losses_of(engine_of(batch_size=batch_size).steps(0, 8))
    looks = 0
    while True:  # given up at the first look, at the second, and so on
        engine = engine_of(batch_size=batch_size)
        losses = losses_of(engine.steps(0, 4))
        before, moments = engine.weights(), engine.optimizer_state()
        steps = engine.steps(4, 4)
        parts = [next(steps) for _ in range(looks + 1)]
        if losses_of(parts):
            break
        assert isinstance(steps, Generator)
        steps.close()
        assert engine.weights() == before
        assert engine.optimizer_state() == moments
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
