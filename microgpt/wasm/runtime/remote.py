"""A compiled model whose instances run elsewhere: what to write to their memory, where results lie.

Whoever runs an instance needs neither Python nor this module: only bytes and addresses.
"""

from __future__ import annotations

from microgpt.config import ModelConfig
from microgpt.model import Weights
from microgpt.optimizer import OPTIMIZERS, Optimizer
from microgpt.segments import Segment
from microgpt.wasm.compiler.load import load_module
from microgpt.wasm.runtime.hosts import find_host
from microgpt.wasm.runtime.instance import Export
from microgpt.wasm.runtime.storage import Storage

# What whoever runs an instance reads and writes, by the names of the control block.
RUN_FIELDS = (
    *("documents", "document_count", "held_out", "held_out_count"),
    *("held_out_loss", "tokens_seen"),
)


class RemoteModel:
    """A module, and its memory as seen from afar.

    Args:
        config, precision: of the model. Those who run it are taken to be like the host here.
        optimizer: how it is trained.

    Raises:
        SettingError: the model does not fit into memory, or the optimizer is not compiled.
    """

    def __init__(self, config: ModelConfig, precision: str, optimizer: Optimizer) -> None:
        self.config, host = config, find_host()
        relaxed = host is not None and host.relaxed
        self.module, self._interface = load_module(config, precision, relaxed, optimizer)
        self._image = _Image()
        self._storage = Storage(self._interface, config, self._image)

    def addresses(self) -> dict[str, int]:
        """Where things lie in memory: those of `RUN_FIELDS`, and these.

        `end`: the first byte that is free; `losses`: of the last call of `train`; `weights`, and
        how many bytes they have, `weight_bytes`, and the optimizer's state behind them,
        `state_bytes`.
        """
        interface = self._interface
        return {
            **{name: interface.control[name] for name in RUN_FIELDS},
            "end": interface.end,
            "losses": interface.losses,
            "weights": interface.weights,
            "weight_bytes": interface.state_size,
            "state_bytes": interface.slots * interface.state_size,
        }

    def weight_bytes(self, weights: Weights) -> bytes:
        """Weights as they lie in memory."""
        self._storage.set_state(weights, None)
        ((_, written),) = self._image.take()
        return written[: self._interface.state_size]

    def state(self, weight_bytes: bytes) -> bytes:
        """What `Engine.load_state` takes so that an engine of this model has these weights."""
        return weight_bytes + bytes(self._interface.slots * self._interface.state_size)

    def segment_writes(self, segment: Segment) -> list[tuple[int, bytes]]:
        """What to write where, so that `train` goes on as a segment says."""
        self._storage.set_segment(segment, OPTIMIZERS[segment.training.optimizer])
        return self._image.take()


class _Image:
    """Stands in for an instance, and notes what is written to its memory."""

    def __init__(self) -> None:
        self._written: list[tuple[int, bytes]] = []

    def take(self) -> list[tuple[int, bytes]]:
        """What was written since it was last asked, as (address, bytes)."""
        written, self._written = self._written, []
        return written

    def bind(self, name: str) -> Export:
        """A function that is never called: nothing runs here."""

        def call(*_: float) -> int:
            raise NotImplementedError(f"{name} runs elsewhere")

        return call

    def read(self, address: int, size: int) -> bytes:
        """Nothing is here to be read."""
        raise NotImplementedError(f"{size} bytes at {address} lie elsewhere")

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Note what is to be written."""
        self._written.append((address, bytes(data)))

    def close(self) -> None:
        """There is nothing to free."""
