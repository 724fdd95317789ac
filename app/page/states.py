"""The states of the page's controllers, and what leads from one to another.

Plain Python; the controllers in `*_controller.py` enter the states and show them.
"""

# Data: what the worker trains on.
EMPTY = "empty"  # the user has no text yet
FETCHING = "fetching"  # the page is getting the bytes
LOADING = "loading"  # the worker has them and is loading them
LOADED = "loaded"  # what is chosen is what the worker trains on
MISSING = "missing"  # there is nothing, not even to go back to
LOST = "lost"  # the worker died with them

DATA_STATES = {
    EMPTY: (EMPTY, FETCHING, LOST),
    FETCHING: (EMPTY, FETCHING, LOADING, LOADED, MISSING, LOST),
    LOADING: (EMPTY, FETCHING, LOADING, LOADED, MISSING, LOST),
    LOADED: (EMPTY, FETCHING, LOADING, LOST),
    MISSING: (EMPTY, FETCHING, LOST),
    LOST: (EMPTY, FETCHING, MISSING, LOST),
}

# The run.
IDLE = "idle"  # there is none
STARTING = "starting"  # its start waits for the worker, the data or the vocabulary
RUNNING = "running"
PAUSED = "paused"
DONE = "done"

RUN_STATES = {
    IDLE: (IDLE, STARTING),
    STARTING: (IDLE, STARTING, RUNNING, PAUSED, DONE),
    RUNNING: (IDLE, STARTING, RUNNING, PAUSED, DONE),
    PAUSED: (IDLE, STARTING, RUNNING, PAUSED, DONE),
    DONE: (IDLE, STARTING, RUNNING, PAUSED, DONE),  # it is trained longer, or has gone back
}


class StateMachine:
    """The state that a controller is in.

    Args:
        state: the first one.
        table: for each state those that may follow it.
    """

    def __init__(self, state: str, table: dict[str, tuple[str, ...]]) -> None:
        self.state = state
        self._table = table

    def enter(self, state: str) -> None:
        """Go to `state`; `ValueError` where nothing leads there."""
        if state not in self._table[self.state]:
            raise ValueError(f"'{self.state}' does not lead to '{state}'")
        self.state = state

    def is_in(self, *states: str) -> bool:
        """Whether the current state is one of these."""
        return self.state in states
