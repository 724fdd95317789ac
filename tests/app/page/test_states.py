"""The state tables of the controllers."""

from __future__ import annotations

import pytest

from app.page.states import (
    DATA_STATES,
    EMPTY,
    IDLE,
    MISSING,
    RUN_STATES,
    RUNNING,
    STARTING,
    StateMachine,
)

TABLES = [(MISSING, DATA_STATES), (IDLE, RUN_STATES)]


@pytest.mark.parametrize(("initial", "table"), TABLES)
def test_every_state_can_be_reached_and_left(
    initial: str, table: dict[str, tuple[str, ...]]
) -> None:
    reached, unexplored = {initial}, [initial]
    while unexplored:
        for state in table[unexplored.pop()]:
            if state not in reached:
                reached.add(state)
                unexplored.append(state)
    assert reached == table.keys()
    assert all(set(successors) - {state} for state, successors in table.items())


@pytest.mark.parametrize(("initial", "table"), TABLES)
def test_a_machine_allows_exactly_the_transitions_of_its_table(
    initial: str, table: dict[str, tuple[str, ...]]
) -> None:
    for state, successors in table.items():
        for other in table:
            machine = StateMachine(state, table)
            if other in successors:
                machine.enter(other)
                assert machine.is_in(other)
            else:
                with pytest.raises(ValueError, match=f"'{state}' does not lead to '{other}'"):
                    machine.enter(other)
                assert machine.state == state
    assert StateMachine(initial, table).is_in(initial)


def test_a_run_starts_before_it_runs() -> None:
    machine = StateMachine(IDLE, RUN_STATES)
    with pytest.raises(ValueError, match="idle"):
        machine.enter(RUNNING)
    machine.enter(STARTING)
    machine.enter(RUNNING)
    assert machine.is_in(STARTING, RUNNING)
    assert not machine.is_in(EMPTY)
