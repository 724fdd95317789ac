"""Commands wait for what they need, and are posted in order."""

from __future__ import annotations

import pytest

from app.page.outbox import DATA_LOADED, MODEL_LOADED, NEEDS, RUN_STARTED, WORKER_LISTENS, Outbox
from app.shared import commands
from app.shared.commands import Command, CommandHandlers


class RecordingOutbox:
    """An outbox, and the types of the messages that it has posted."""

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
LOAD_MODEL = commands.LoadModelCommand(type="load_model", blob=b"")
START = commands.StartCommand(
    type="start", settings={}, code="", paused=False, run=1, data="own", continued=False, stops=[]
)


@pytest.fixture
def recording() -> RecordingOutbox:
    return RecordingOutbox()


def test_everything_waits_for_the_worker_and_keeps_its_order(recording: RecordingOutbox) -> None:
    recording.send(START, PING, PAUSE)
    assert recording.posted == []
    recording.outbox.release(WORKER_LISTENS)
    assert recording.posted == ["start", "ping", "pause"]


def test_a_command_waits_for_all_that_it_needs(recording: RecordingOutbox) -> None:
    recording.outbox.hold(DATA_LOADED)
    recording.outbox.hold(RUN_STARTED)
    recording.send(START, PAUSE, PING)
    recording.outbox.release(WORKER_LISTENS)
    assert recording.posted == ["ping"], "a command whose needs are met does not wait for others"
    assert recording.outbox.holds("start")
    recording.outbox.release(RUN_STARTED)
    recording.outbox.release(DATA_LOADED)
    assert recording.posted == ["ping", "pause", "start"]
    assert not recording.outbox.holds("start")


def test_dropped_commands_are_never_posted(recording: RecordingOutbox) -> None:
    recording.outbox.release(WORKER_LISTENS)
    for need in (DATA_LOADED, RUN_STARTED, MODEL_LOADED):
        recording.outbox.hold(need)
    recording.send(START, PAUSE, GENERATE)
    recording.outbox.drop(DATA_LOADED, RUN_STARTED)
    for need in (DATA_LOADED, RUN_STARTED, MODEL_LOADED):
        recording.outbox.release(need)
    assert recording.posted == ["generate"]


def test_a_new_worker_gets_what_waited_for_more_than_a_worker(recording: RecordingOutbox) -> None:
    recording.outbox.hold(RUN_STARTED)
    recording.send(PING, PAUSE, RESUME)
    recording.outbox.hold_all()
    recording.outbox.release(WORKER_LISTENS)
    assert recording.posted == [], "the ping was meant for the worker that is gone"
    recording.outbox.release(RUN_STARTED)
    assert recording.posted == ["pause", "resume"]


def test_only_existing_commands_have_needs() -> None:
    assert set(NEEDS) <= CommandHandlers.__annotations__.keys()


def test_what_needs_the_model_is_sent_behind_the_model(recording: RecordingOutbox) -> None:
    recording.outbox.hold(MODEL_LOADED)
    recording.send(GENERATE, LOAD_MODEL)
    recording.outbox.release(MODEL_LOADED)
    recording.outbox.release(WORKER_LISTENS)
    assert recording.posted == ["load_model", "generate"]


def test_a_refused_code_is_never_posted(recording: RecordingOutbox) -> None:
    recording.outbox.release(WORKER_LISTENS)
    recording.outbox.refused_code = "endless"
    recording.send(
        commands.WarmUpCommand(type="warm_up", settings={}, code="endless"),
        commands.WarmUpCommand(type="warm_up", settings={}, code="another"),
        START,
    )
    assert recording.posted == ["warm_up", "start"]
