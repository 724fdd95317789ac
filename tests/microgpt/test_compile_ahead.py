"""Compiling ahead of time: what is compiled is what the engine then wants, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from microgpt.config import TrainConfig
from microgpt.engine import compile_ahead, create_engine
from microgpt.optimizer import OPTIMIZERS
from microgpt.wasm.runtime import hosts
from microgpt.wasm.runtime.instance import Instance
from tests.support.models import DOCUMENTS, SMALL, weights_of


class Listener:
    """A host that remembers which modules it was given."""

    name = "listener"

    def __init__(self, host: hosts.Host) -> None:
        self._host = host
        self.relaxed = host.relaxed
        self.compiled: list[bytes] = []
        self.started: list[bytes] = []

    def instantiate(self, module: bytes) -> Instance:
        self.started.append(module)
        return self._host.instantiate(module)

    async def compile(self, module: bytes) -> None:
        self.compiled.append(module)
        await self._host.compile(module)

    def validate(self, module: bytes) -> bool:
        return self._host.validate(module)


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    """The host of this interpreter, listened to."""
    host = hosts.find_host()
    if host is None:
        pytest.skip("nothing compiled runs here")
    listener = Listener(host)
    monkeypatch.setattr(hosts, "find_host", lambda: listener)
    return listener


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_an_engine_finds_everything_compiled(
    listener: Listener, precision: str, optimizer: str
) -> None:
    asyncio.run(compile_ahead("auto", SMALL, precision, OPTIMIZERS[optimizer]))
    assert listener.started == []
    engine = create_engine("auto", SMALL, weights_of(SMALL), precision, OPTIMIZERS[optimizer])
    engine.prepare(DOCUMENTS, TrainConfig(batch_size=4, optimizer=optimizer))
    assert listener.started == listener.compiled != []


def test_nothing_is_compiled_for_the_scalar_engine(listener: Listener) -> None:
    asyncio.run(compile_ahead("scalar", SMALL))
    assert listener.compiled == []


def test_where_nothing_compiled_can_run_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hosts, "find_host", lambda: None)
    asyncio.run(compile_ahead("auto", SMALL))
    assert create_engine("auto", SMALL, weights_of(SMALL)).name == "scalar"
