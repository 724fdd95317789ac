"""The tables of the controllers' states."""

from __future__ import annotations

import pytest

from app.page.states import (
    DATA_STATES,
    EMPTY,
    GENERATION_STATES,
    IDLE,
    MISSING,
    NO_MODEL,
    RUN_STATES,
    RUNNING,
    STARTING,
    StateMachine,
)

TABLES = [(MISSING, DATA_STATES), (IDLE, RUN_STATES), (NO_MODEL, GENERATION_STATES)]


@pytest.mark.parametrize(("first", "table"), TABLES)
def test_every_state_can_be_reached_and_left(first: str, table: dict[str, tuple[str, ...]]) -> None:
    reached, waiting = {first}, [first]
    while waiting:
        for state in table[waiting.pop()]:
            if state not in reached:
                reached.add(state)
                waiting.append(state)
    assert reached == table.keys()
    assert all(set(following) - {state} for state, following in table.items())


@pytest.mark.parametrize(("first", "table"), TABLES)
def test_a_machine_goes_where_the_table_leads_and_nowhere_else(
    first: str, table: dict[str, tuple[str, ...]]
) -> None:
    for state, following in table.items():
        for other in table:
            machine = StateMachine(state, table)
            if other in following:
                machine.enter(other)
                assert machine.is_in(other)
            else:
                with pytest.raises(ValueError, match=f"'{state}' does not lead to '{other}'"):
                    machine.enter(other)
                assert machine.state == state
    assert StateMachine(first, table).is_in(first)


def test_a_run_starts_before_it_runs() -> None:
    machine = StateMachine(IDLE, RUN_STATES)
    with pytest.raises(ValueError, match="idle"):
        machine.enter(RUNNING)
    machine.enter(STARTING)
    machine.enter(RUNNING)
    assert machine.is_in(STARTING, RUNNING)
    assert not machine.is_in(EMPTY)
