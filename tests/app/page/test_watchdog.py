"""A worker is taken for dead after three seconds of silence, and never because the page slept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.watchdog import (
    BOOT_SECONDS,
    MAX_SILENCE_SECONDS,
    TICK_SECONDS,
    Watchdog,
)


class WatchedWorker:
    """A worker, and the page's clock that looks at it.

    Args:
        boot: the seconds that it takes to start.
    """

    def __init__(self, boot: float = 1.5) -> None:
        self.now = 100.0
        self.pings = 0
        self.watchdog = Watchdog()
        self.start(boot)

    def start(self, boot: float) -> None:
        """Another worker starts."""
        self.watchdog.begin(self.now)
        self.now += boot
        self.watchdog.hear()
        self.watchdog.on_ready(self.now)

    def look(self, passed: float = TICK_SECONDS, hidden: bool = False) -> bool:
        """One look of the page; returns whether it takes the worker for dead."""
        self.now += passed
        dead = self.watchdog.look(passed, hidden)
        if not dead and self.watchdog.wants_ping():
            self.pings += 1
        return dead

    def is_silent(self, seconds: float, passed: float = TICK_SECONDS, hidden: bool = False) -> bool:
        """So much time passes without a message; returns whether the worker is taken for dead."""
        until = self.now + seconds
        while self.now + passed <= until + 1e-9:
            if self.look(passed, hidden):
                return True
        return False


def test_an_endless_loop_is_noticed_within_three_seconds() -> None:
    worker = WatchedWorker()
    assert worker.is_silent(3.0)


def test_a_worker_that_answers_lives() -> None:
    worker = WatchedWorker()
    for _ in range(1000):
        assert not worker.look()
        worker.watchdog.hear()
    assert worker.pings == 1000


def test_a_worker_with_something_to_say_is_not_pinged_besides() -> None:
    worker = WatchedWorker()
    for _ in range(5):
        assert not worker.look()
    assert worker.pings == 1, "one ping is enough until it answers"


@given(st.lists(st.floats(TICK_SECONDS, 1.8), max_size=20))
def test_a_second_of_work_is_no_death(pieces: list[float]) -> None:
    worker = WatchedWorker()
    for piece in pieces:
        assert not worker.is_silent(piece)
        worker.watchdog.hear()


@given(st.lists(st.floats(5.1, 1e6)), st.booleans())
def test_a_page_that_slept_takes_no_worker_for_dead(naps: list[float], pinged: bool) -> None:
    worker = WatchedWorker()
    if pinged:
        assert not worker.look()
    for nap in naps:
        assert not worker.look(nap)
    assert not worker.is_silent(2.0), "it has a moment to answer once the page is awake"


def test_a_busy_page_notices_it_later() -> None:
    """Its looks come late, so that a message may be waiting for it."""
    worker = WatchedWorker()
    assert not worker.is_silent(6.0, passed=1.5)
    assert worker.is_silent(6.0, passed=1.5)


def test_a_hidden_page_takes_no_worker_for_dead() -> None:
    worker = WatchedWorker()
    assert not worker.is_silent(600, passed=1.0, hidden=True)
    assert not worker.is_silent(600, hidden=True)
    assert worker.is_silent(3.0), "in sight again"


@pytest.mark.parametrize(("boot", "work"), [(4, 4), (10, 12), (60, 15)])
def test_a_slow_machine_has_more_time(boot: float, work: float) -> None:
    worker = WatchedWorker(boot)
    assert not worker.is_silent(work)
    assert worker.is_silent(MAX_SILENCE_SECONDS)


def test_what_took_long_once_may_take_longer_another_time() -> None:
    worker = WatchedWorker()
    assert not worker.is_silent(2.4)
    worker.watchdog.hear()
    assert not worker.is_silent(5.0)
    worker.start(1.5)
    assert not worker.is_silent(5.0), "nor is the machine faster with another worker"


def test_a_worker_that_starts_may_be_silent_for_long() -> None:
    worker = WatchedWorker()
    worker.watchdog.begin(worker.now)
    assert not worker.is_silent(BOOT_SECONDS - 1)
    assert worker.pings == 0, "it could not answer yet"
    assert worker.is_silent(2)
