"""Stands in for the pool's workers: does in wasmtime what `pool_worker.mjs` does in a browser.

A run is done at once, in one call of its module, unless a test holds the workers back.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Callable, Mapping
from typing import Any

from microgpt.wasm.assembler import PAGE_BYTES
from microgpt.wasm.runtime.hosts import find_host
from microgpt.wasm.runtime.instance import Instance

Message = dict[str, Any]


class FakePool:
    """The workers that were started; `held` keeps them from doing anything."""

    def __init__(self) -> None:
        self.workers: list[FakePoolWorker] = []
        self.held = False

    def start(self, receive: Callable[[Message], None]) -> FakePoolWorker:
        """Start a worker."""
        self.workers.append(FakePoolWorker(self, receive))
        return self.workers[-1]


class FakePoolWorker:
    """One of them."""

    def __init__(self, pool: FakePool, receive: Callable[[Message], None]) -> None:
        self._pool, self.receive = pool, receive
        self.posted: list[Message] = []
        self.ended = False
        self._models: dict[int, tuple[bytes, dict[str, int]]] = {}
        self._tables: dict[int, tuple[array[int], array[int], array[int]]] = {}

    def post(self, message: Mapping[str, Any], blob: bytes) -> None:
        """Take a message."""
        assert not self.ended
        self.posted.append(dict(message))
        if message["type"] == "model":
            self._models[message["name"]] = blob, message["at"]
        elif message["type"] == "table":
            starts_size = 4 * (message["sequences"] + 1)
            counted_size = 4 * message["sequences"]
            starts = array("I", blob[:starts_size])
            counted = array("I", blob[starts_size : starts_size + counted_size])
            self._tables[message["name"]] = (
                starts,
                counted,
                array("H", blob[starts_size + counted_size :]),
            )
        elif message["type"] == "run" and not self._pool.held:
            self.receive(self.result(message, blob))

    def end(self) -> None:
        """Be ended."""
        self.ended = True

    def runs(self) -> list[Message]:
        """The runs that it was given."""
        return [message for message in self.posted if message["type"] == "run"]

    def result(self, run: Mapping[str, Any], blob: bytes) -> Message:
        """What comes of a run."""
        module, at = self._models[run["model"]]
        host = find_host()
        assert host is not None
        instance = host.instantiate(module)
        numbers = array("I", blob[: 4 * (run["order"] + run["evaluated"])])
        begin = 4 * len(numbers)
        for address, size in run["writes"]:
            instance.write(address, blob[begin : begin + size])
            begin += size
        instance.bind("transpose_weights")()
        table = self._tables[run["table"]]
        end = _place(instance, table, numbers[: run["order"]], at, "documents", at["end"])
        _place(instance, table, numbers[run["order"] :], at, "held_out", end)
        losses, evaluated, kept = array("d"), [], b""
        for step, first, last, keeps, _ in run["stages"]:
            self._train(instance, run, at, step, losses)
            if len(losses) < step:
                break
            evaluated.append(_evaluate(instance, at, first, last))
            kept += instance.read(at["weights"], at["weight_bytes"]) if keeps else b""
        kept += instance.read(at["weights"], at["weight_bytes"]) if run["weights"] else b""
        return {
            "type": "ended",
            "run": run["run"],
            "steps": len(losses),
            "seconds": 0.01,
            "evaluated": evaluated,
            "diverged": len(losses) < run["steps"],
            "blob": losses.tobytes() + kept,
        }

    def _train(
        self,
        instance: Instance,
        run: Mapping[str, Any],
        at: Message,
        end: int,
        losses: array[float],
    ) -> None:
        train, finite = instance.bind("train"), instance.bind("all_finite")
        for step in range(len(losses), end):
            instance.bind("snapshot")()
            if train(step, 1, step * run["batch"] % run["order"]) != 1 or not finite():
                instance.bind("restore")()
                break
            losses.frombytes(instance.read(at["losses"], 8))


def _place(
    instance: Instance,
    table: tuple[array[int], array[int], array[int]],
    numbers: array[int],
    at: Message,
    field: str,
    address: int,
) -> int:
    """As in `pool_worker.mjs`."""
    starts, counted, tokens = table
    pieces = [tokens[starts[number] : starts[number + 1]] for number in numbers]
    ends = array("I", [0])
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    content = b"".join(
        (ends.tobytes(), array("I", [counted[n] for n in numbers]).tobytes())
    ) + b"".join(piece.tobytes() for piece in pieces)
    address = -(-address // 8) * 8
    instance.bind("grow")(1 + len(content) // PAGE_BYTES)
    instance.write(address, content)
    count = "document_count" if field == "documents" else f"{field}_count"
    instance.write(at[field], struct.pack("<I", address))
    instance.write(at[count], struct.pack("<I", len(numbers)))
    return address + len(content) + 8


def _evaluate(instance: Instance, at: Message, first: int, last: int) -> float | None:
    if first == last:
        return None
    instance.write(at["held_out_loss"], bytes(8))
    instance.write(at["tokens_seen"], bytes(4))
    instance.bind("evaluate")(first, last)
    (loss,) = struct.unpack("<d", instance.read(at["held_out_loss"], 8))
    (seen,) = struct.unpack("<I", instance.read(at["tokens_seen"], 4))
    assert math.isfinite(loss)
    return float(loss / seen)
