"""A compiled model's memory, from outside: weights, optimizer state, documents and settings.

It knows the address and the layout of everything, but neither what is computed nor when.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any

from microgpt.model import Weights
from microgpt.optimizer import OptimizerState
from microgpt.settings import SettingError
from microgpt.wasm.assembler import PAGE_BYTES
from microgpt.wasm.compiler.compile import CompiledModel
from microgpt.wasm.compiler.graph import Symbol
from microgpt.wasm.compiler.layout import MatrixLayout
from microgpt.wasm.compiler.memory import CONTEXT_FIELDS
from microgpt.wasm.runtime.instance import Instance

NumberArray = Any  # array("f") or array("d"), which have no common type


class Storage:
    """The memory of one instance of a compiled model."""

    def __init__(self, model: CompiledModel, instance: Instance) -> None:
        self._model, self._plan, self._instance = model, model.plan, instance
        self._typecode = {"f32": "f", "f64": "d"}[model.precision]
        self._size = model.plan.tiling.size
        self._places = {
            name: _Place(matrix, model.plan.offsets[name] // self._size)
            for name, matrix in model.plan.matrices.items()
        }
        self._pages = -(-model.plan.end // PAGE_BYTES)
        # By symbol: address, stride in bytes, width and order of its vectors, which are read often.
        self._vectors: dict[Symbol, tuple[int, int, int, list[int]]] = {}
        self._grow = instance.bind("grow")

    def set(self, field: str, value: float) -> None:
        """Write a field of the control block."""
        data = struct.pack(self._plan.fields[field], value)
        self._instance.write(self._plan.control[field], data)

    def get(self, field: str) -> Any:
        """Read a field of the control block."""
        form = self._plan.fields[field]
        raw = self._instance.read(self._plan.control[field], struct.calcsize(form))
        return struct.unpack(form, raw)[0]

    def weights(self) -> Weights:
        """A copy of the weights."""
        state = self._state(0)
        return {name: list(self._rows(state, name)) for name, _ in self._model.config.shapes}

    def optimizer_state(self) -> OptimizerState:
        """A copy of the optimizer's slots, (num_params,) each."""
        return tuple(self._flat(self._state(place)) for place in range(1, 1 + self._plan.slots))

    def set_state(self, weights: Weights, state: OptimizerState | None) -> None:
        """Write weights and optimizer state; None: that of a fresh optimizer, all 0."""
        plan = self._plan
        weight_array, *slot_arrays = (
            array(self._typecode, bytes(plan.state_size)) for _ in range(1 + plan.slots)
        )
        slots = [] if state is None else list(zip(slot_arrays, state, strict=True))
        done = 0
        for name, (_, columns) in self._model.config.shapes:
            for number, row in enumerate(weights[name]):
                self._set_row(weight_array, name, number, row)
                for slot_array, slot in slots:
                    self._set_row(slot_array, name, number, slot[done : done + columns])
                done += columns
        arrays = (weight_array, *slot_arrays)
        self._instance.write(plan.weights, b"".join(each.tobytes() for each in arrays))

    def reset_optimizer(self) -> None:
        """Make the optimizer a fresh one: all of its slots 0."""
        plan = self._plan
        self._instance.write(plan.weights + plan.state_size, bytes(plan.slots * plan.state_size))

    def losses(self, count: int) -> list[float]:
        """The losses that the last call of `train` left in memory, (count,)."""
        return array("d", self._instance.read(self._plan.losses, 8 * count)).tolist()

    def set_context(self, known: int, tokens: Sequence[int]) -> None:
        """Write what `read_on` takes: that `tokens` follow the `known` first ones of a document."""
        plan = self._plan
        self._instance.write(plan.row_arrays["token"] + 8 * known, array("q", tokens))
        self._instance.write(plan.control[CONTEXT_FIELDS[0]], array("q", (known, len(tokens))))

    def set_contexts(self, documents: Sequence[Sequence[int]]) -> list[int]:
        """Make whole documents the rows, one after the other; returns the row after each."""
        columns: dict[str, list[int]] = {"token": [], "position": [], "start": [], "end": []}
        ends = list(accumulate(map(len, documents)))
        for document, end in zip(documents, ends, strict=True):
            columns["token"] += document
            columns["position"] += range(len(document))
            columns["start"] += [end - len(document)] * len(document)
            columns["end"] += [end] * len(document)
        for name, numbers in columns.items():
            self._instance.write(self._plan.row_arrays[name], array("q", numbers))
        return ends

    def row(self, symbol: Symbol, position: int) -> list[float]:
        """One position's vector of `symbol`, (size,)."""
        if symbol not in self._vectors:
            layout = self._plan.layout(symbol)
            first = self._plan.addresses[symbol]
            self._vectors[symbol] = first, layout.stride, layout.width, layout.positions
        first, stride, width, positions = self._vectors[symbol]
        numbers = self._read(first + position * stride, width)
        return [numbers[place] for place in positions]

    def attention(self, symbol: Symbol, position: int) -> list[list[float]]:
        """One position's attention weights, (n_head, position + 1)."""
        layout, plan = self._plan.layout(symbol), self._plan
        result = []
        for head in range(layout.n_head):
            group, within = divmod(head, layout.heads_at_once)
            address = plan.addresses[symbol] + group * plan.attention_group
            numbers = self._read(
                address + position * plan.key_stride, (position + 1) * plan.tiling.lanes
            )
            result.append(numbers[within * layout.splits :: plan.tiling.lanes].tolist())
        return result

    def place_documents(self, field: str, documents: Sequence[Sequence[int]], address: int) -> int:
        """Write documents from `address` on; returns the address of their end.

        Raises:
            SettingError: there is not enough memory for them.
        """
        starts = array("I", accumulate(map(len, documents), initial=0))
        tokens = array("H", chain.from_iterable(documents))
        data = starts.tobytes() + tokens.tobytes()
        address = -(-address // 8) * 8
        end = address + len(data) + 8
        missing = -(-end // PAGE_BYTES) - self._pages
        if missing > 0:
            if self._grow(missing) == -1:
                megabytes = round(end / 1e6)
                raise SettingError(f"Texts and model need {megabytes} MB of memory: too much here.")
            self._pages += missing
        self._instance.write(address, data)
        self.set(field, address)
        return end

    def _read(self, address: int, count: int) -> NumberArray:
        return array(self._typecode, self._instance.read(address, count * self._size))

    def _state(self, place: int) -> NumberArray:
        """All weights (place 0) or one of the optimizer's slots (from 1), in memory order."""
        plan = self._plan
        address = plan.weights + place * plan.state_size
        return self._read(address, plan.state_size // self._size)

    def _flat(self, state: NumberArray) -> list[float]:
        names = (name for name, _ in self._model.config.shapes)
        return list(chain.from_iterable(row for name in names for row in self._rows(state, name)))

    def _rows(self, state: NumberArray, name: str) -> Iterator[list[float]]:
        """A matrix's rows, out of an array of all weights."""
        place = self._places[name]
        in_order = itemgetter(*place.columns)
        for row in range(len(place.rows)):
            pieces = (state[begin:end] for begin, end in place.pieces(row))
            numbers = in_order(list(chain.from_iterable(pieces)))
            yield [numbers] if len(place.columns) == 1 else list(numbers)

    def _set_row(self, state: NumberArray, name: str, row: int, numbers: Sequence[float]) -> None:
        place = self._places[name]
        padded: NumberArray = array(self._typecode, bytes(place.width * self._size))
        for column, number in zip(place.columns, numbers, strict=True):
            padded[column] = number
        done = 0
        for begin, end in place.pieces(row):
            state[begin:end] = padded[done : done + end - begin]
            done += end - begin


class _Place:
    """The indices of a matrix in the array of all weights, where it starts at index `start`."""

    def __init__(self, matrix: MatrixLayout, start: int) -> None:
        self._panel = matrix.rows.tiling.panel
        self.width = matrix.columns.width
        self.columns = matrix.columns.positions
        self.rows = [start + position * self._panel for position in matrix.rows.positions]
        panel_numbers = matrix.rows.width * self._panel
        self._panels = [panel * panel_numbers for panel in range(self.width // self._panel)]

    def pieces(self, row: int) -> list[tuple[int, int]]:
        """The (begin, end) indices of a row's pieces, one per panel."""
        begin = self.rows[row]
        return [(begin + panel, begin + panel + self._panel) for panel in self._panels]
