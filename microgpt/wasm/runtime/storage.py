"""A compiled model's memory, from outside: weights, moments, documents and settings in and out.

It knows where everything lies and in which order, and neither when to compute nor what.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any

from microgpt.model import Weights
from microgpt.settings import SettingError
from microgpt.wasm.assembler.module import PAGE_BYTES
from microgpt.wasm.compiler.compile import CompiledModel
from microgpt.wasm.compiler.graph import Symbol
from microgpt.wasm.compiler.layout import MatrixLayout
from microgpt.wasm.compiler.memory import FIELDS
from microgpt.wasm.runtime.instance import Instance

Moments = tuple[list[float], list[float]]
Numbers = Any  # array("f") or array("d"), which have no common name


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
        self._pages = model.module.pages
        self._grow = instance.bind("grow")

    def set(self, field: str, value: float) -> None:
        """Tell the module one of the settings in the plan's control block."""
        self._instance.write(self._plan.control[field], struct.pack(FIELDS[field], value))

    def get(self, field: str) -> Any:
        """What the control block holds."""
        form = FIELDS[field]
        raw = self._instance.read(self._plan.control[field], struct.calcsize(form))
        return struct.unpack(form, raw)[0]

    def weights(self) -> Weights:
        """A copy of the weights."""
        state = self._state(0)
        return {name: list(self._rows(state, name)) for name, _ in self._model.config.shapes}

    def moments(self) -> Moments:
        """A copy of the two moments of each weight, flat: (num_params,) each."""
        first, second = self._flat(self._state(1)), self._flat(self._state(2))
        return first, second

    def set_state(self, weights: Weights, moments: Moments | None) -> None:
        """Write weights and moments; None: the moments of a fresh optimizer, all 0."""
        plan = self._plan
        states = [array(self._typecode, bytes(plan.state_size)) for _ in range(3)]
        done = 0
        for name, (_, columns) in self._model.config.shapes:
            for number, row in enumerate(weights[name]):
                self._set_row(states[0], name, number, row)
                for state, moment in zip(states[1:], moments or (), strict=False):
                    self._set_row(state, name, number, moment[done : done + columns])
                done += columns
        self._instance.write(plan.weights, b"".join(state.tobytes() for state in states))

    def forget_moments(self) -> None:
        """Make the optimizer a fresh one."""
        plan = self._plan
        self._instance.write(plan.weights + plan.state_size, bytes(2 * plan.state_size))

    def losses(self, count: int) -> list[float]:
        """What the last call of `train` left behind, (count,)."""
        return array("d", self._instance.read(self._plan.losses, 8 * count)).tolist()

    def set_rows(self, first: int, columns: Mapping[str, Sequence[int]]) -> None:
        """Write the plan's arrays of whole numbers, by name, from row `first` on."""
        for name, numbers in columns.items():
            address = self._plan.row_arrays[name] + 8 * first
            self._instance.write(address, array("q", numbers).tobytes())

    def row(self, value: Symbol, position: int) -> list[float]:
        """One position's vector of `value`, (size,)."""
        layout = self._plan.layout(value)
        address = self._plan.addresses[value] + position * layout.stride
        numbers = self._read(address, layout.width)
        return [numbers[place] for place in layout.positions]

    def attention(self, value: Symbol, position: int) -> list[list[float]]:
        """One position's attention weights, (n_head, position + 1)."""
        layout, plan = self._plan.layout(value), self._plan
        result = []
        for head in range(layout.n_head):
            group, within = divmod(head, layout.heads_at_once)
            address = plan.addresses[value] + group * plan.attention_group
            numbers = self._read(
                address + position * plan.key_stride, (position + 1) * plan.tiling.lanes
            )
            result.append(numbers[within * layout.splits :: plan.tiling.lanes].tolist())
        return result

    def place_documents(self, field: str, documents: Sequence[Sequence[int]], address: int) -> int:
        """Write documents from `address` on; returns where they end.

        Raises:
            SettingError: where there is no memory for them.
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

    def _read(self, address: int, count: int) -> Numbers:
        return array(self._typecode, self._instance.read(address, count * self._size))

    def _state(self, place: int) -> Numbers:
        """All weights (place 0) or their first or second moments, as they lie in memory."""
        plan = self._plan
        address = plan.weights + place * plan.state_size
        return self._read(address, plan.state_size // self._size)

    def _flat(self, state: Numbers) -> list[float]:
        names = (name for name, _ in self._model.config.shapes)
        return list(chain.from_iterable(row for name in names for row in self._rows(state, name)))

    def _rows(self, state: Numbers, name: str) -> Iterator[list[float]]:
        """A matrix's rows, out of all weights."""
        place = self._places[name]
        in_order = itemgetter(*place.columns)
        for row in range(len(place.rows)):
            pieces = (state[begin:end] for begin, end in place.pieces(row))
            numbers = in_order(list(chain.from_iterable(pieces)))
            yield [numbers] if len(place.columns) == 1 else list(numbers)

    def _set_row(self, state: Numbers, name: str, row: int, numbers: Sequence[float]) -> None:
        place = self._places[name]
        padded: Numbers = array(self._typecode, bytes(place.width * self._size))
        for column, number in zip(place.columns, numbers, strict=True):
            padded[column] = number
        done = 0
        for begin, end in place.pieces(row):
            state[begin:end] = padded[done : done + end - begin]
            done += end - begin


class _Place:
    """Where a matrix lies in the array of all weights, from index `start` on; worked out once."""

    def __init__(self, matrix: MatrixLayout, start: int) -> None:
        self._panel = matrix.rows.tiling.panel
        self.width = matrix.columns.width
        self.columns = matrix.columns.positions
        self.rows = [start + position * self._panel for position in matrix.rows.positions]
        panel_numbers = matrix.rows.width * self._panel
        self._panels = [panel * panel_numbers for panel in range(self.width // self._panel)]

    def pieces(self, row: int) -> list[tuple[int, int]]:
        """Where the parts of a row lie that are in one panel each, as (begin, end) indices."""
        begin = self.rows[row]
        return [(begin + panel, begin + panel + self._panel) for panel in self._panels]
