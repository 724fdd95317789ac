"""What tests of runs that are steered have in common."""

from __future__ import annotations

from typing import Any

import pytest

from app.shared.experiment import STEERED_SETTINGS
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import FakeWorker, Message, losses_of, training

ENGINES = [
    ("scalar", "f64"),
    *(
        pytest.param(
            "wasm",
            precision,
            marks=pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here"),
        )
        for precision in ("f32", "f64")
    ),
]


def finished(settings: Message, tick: float = 0.001) -> FakeWorker:
    """A worker that has done such a run."""
    worker = training(settings, tick)
    worker.work()
    assert worker.state() == "done"
    return worker


def steered(settings: Message, **changes: Any) -> Message:
    """The settings of `change_training`: those of a run, but for changes."""
    return {name: settings[name] for name in STEERED_SETTINGS} | changes


def all_losses(worker: FakeWorker) -> list[float]:
    """The loss of each step, the newest where one was done more than once."""
    losses: list[float] = []
    for posted in worker.posted:
        if posted.message["type"] == "progress":
            new, _ = losses_of(posted)
            losses[posted.message["step"] - len(new) :] = new
    return losses
