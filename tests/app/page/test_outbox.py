"""Commands wait for what they need, and leave in their order."""

from __future__ import annotations

import pytest

from app.page.outbox import (
    DATA_LOADED,
    MODEL_LOADED,
    NEEDS,
    RUN_STARTED,
    WORKER_READY,
    Outbox,
)
from app.shared import commands
from app.shared.commands import Command, CommandHandlers


class Recorded:
    """An outbox, and what it has posted."""

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.outbox = Outbox(lambda message, give: self.posted.append(message["type"]))

    def send(self, *messages: Command) -> None:
        for message in messages:
            self.outbox.send(message, give=False)


PING = commands.PingCommand(type="ping")
PAUSE = commands.PauseCommand(type="pause")
RESUME = commands.ResumeCommand(type="resume")
GENERATE = commands.GenerateCommand(type="generate", count=1, seed=1)
START = commands.StartCommand(type="start", settings={}, paused=False, run=1, data="own")


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def test_everything_waits_for_the_worker_and_keeps_its_order(recorded: Recorded) -> None:
    recorded.send(START, PING, PAUSE)
    assert recorded.posted == []
    recorded.outbox.release(WORKER_READY)
    assert recorded.posted == ["start", "ping", "pause"]


def test_a_command_waits_for_all_that_it_needs(recorded: Recorded) -> None:
    recorded.outbox.hold(DATA_LOADED)
    recorded.outbox.hold(RUN_STARTED)
    recorded.send(START, PAUSE, PING)
    recorded.outbox.release(WORKER_READY)
    assert recorded.posted == ["ping"], "what needs nothing else does not wait for the rest"
    assert recorded.outbox.holds("start")
    recorded.outbox.release(RUN_STARTED)
    recorded.outbox.release(DATA_LOADED)
    assert recorded.posted == ["ping", "pause", "start"]
    assert not recorded.outbox.holds("start")


def test_what_is_dropped_is_never_sent(recorded: Recorded) -> None:
    recorded.outbox.release(WORKER_READY)
    for need in (DATA_LOADED, RUN_STARTED, MODEL_LOADED):
        recorded.outbox.hold(need)
    recorded.send(START, PAUSE, GENERATE)
    recorded.outbox.drop(DATA_LOADED, RUN_STARTED)
    for need in (DATA_LOADED, RUN_STARTED, MODEL_LOADED):
        recorded.outbox.release(need)
    assert recorded.posted == ["generate"]


def test_a_new_worker_gets_what_waited_for_more_than_the_old_one(recorded: Recorded) -> None:
    recorded.outbox.hold(RUN_STARTED)
    recorded.send(PING, PAUSE, RESUME)
    recorded.outbox.restart()
    recorded.outbox.release(WORKER_READY)
    assert recorded.posted == [], "the ping was for the worker that is gone"
    recorded.outbox.release(RUN_STARTED)
    assert recorded.posted == ["pause", "resume"]


def test_needs_are_those_of_commands_that_there_are() -> None:
    assert set(NEEDS) <= CommandHandlers.__annotations__.keys()
