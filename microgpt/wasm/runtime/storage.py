"""A compiled model's memory, from outside: weights, optimizer state, documents and settings.

It knows the address and the layout of everything, but neither what is computed nor when.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any

from microgpt.activations import Patch
from microgpt.config import ModelConfig
from microgpt.model import Weights
from microgpt.optimizer import Optimizer, OptimizerState
from microgpt.segments import Segment
from microgpt.settings import SettingError
from microgpt.wasm.assembler import PAGE_BYTES
from microgpt.wasm.compiler.interface import CONTEXT_FIELDS, SCHEDULE_FIELDS, Interface
from microgpt.wasm.compiler.layout import Layout, MatrixLayout
from microgpt.wasm.runtime.instance import Instance

NumberArray = Any  # array("f") or array("d"), which have no common type


class Storage:
    """The memory of one instance of a compiled model."""

    def __init__(self, interface: Interface, config: ModelConfig, instance: Instance) -> None:
        self._interface, self._config, self._instance = interface, config, instance
        self._tiling = interface.tiling
        self._size = self._tiling.size
        self._typecode = {4: "f", 8: "d"}[self._size]
        self._places = {
            name: _Place(interface.matrix(name), offset // self._size)
            for name, offset in interface.offsets.items()
        }
        self._pages = -(-interface.end // PAGE_BYTES)
        # By name: address, stride in bytes, width and order of vectors, which are read often.
        self._vectors: dict[str, tuple[int, int, int, list[int]]] = {}
        self._grow = instance.bind("grow")

    def set(self, field: str, value: float) -> None:
        """Write a field of the control block."""
        data = struct.pack(self._interface.fields[field], value)
        self._instance.write(self._interface.control[field], data)

    def set_segment(self, segment: Segment, optimizer: Optimizer) -> None:
        """Write the settings of a segment, whose optimizer is `optimizer`."""
        for field in ("learning_rate", "clip", *optimizer.hyperparameters, "batch_size"):
            self.set(field, getattr(segment.training, field))
        for field in (*SCHEDULE_FIELDS, "cosine"):
            self.set(field, getattr(segment.schedule, field))
        self.set("optimizer_begin", segment.optimizer_begin)

    def get(self, field: str) -> Any:
        """Read a field of the control block."""
        form = self._interface.fields[field]
        raw = self._instance.read(self._interface.control[field], struct.calcsize(form))
        return struct.unpack(form, raw)[0]

    def weights(self) -> Weights:
        """A copy of the weights."""
        state = self._state(0)
        return {name: list(self._rows(state, name)) for name, _ in self._config.shapes}

    def optimizer_state(self) -> OptimizerState:
        """A copy of the optimizer's slots, (num_params,) each."""
        return tuple(
            self._flat(self._state(place)) for place in range(1, 1 + self._interface.slots)
        )

    def set_state(self, weights: Weights, state: OptimizerState | None) -> None:
        """Write weights and optimizer state; None: that of a fresh optimizer, all 0."""
        interface = self._interface
        weight_array, *slot_arrays = (
            array(self._typecode, bytes(interface.state_size)) for _ in range(1 + interface.slots)
        )
        slots = [] if state is None else list(zip(slot_arrays, state, strict=True))
        done = 0
        for name, (_, columns) in self._config.shapes:
            for number, row in enumerate(weights[name]):
                self._set_row(weight_array, name, number, row)
                for slot_array, slot in slots:
                    self._set_row(slot_array, name, number, slot[done : done + columns])
                done += columns
        arrays = (weight_array, *slot_arrays)
        self._instance.write(interface.weights, b"".join(each.tobytes() for each in arrays))

    def saved_state(self) -> bytes:
        """The weights and the optimizer's slots as they lie in memory."""
        interface = self._interface
        size = (1 + interface.slots) * interface.state_size
        return bytes(self._instance.read(interface.weights, size))

    def load_state(self, state: bytes) -> None:
        """Write what `saved_state` returned.

        Raises:
            ValueError: it is of another optimizer, or of another model.
        """
        interface = self._interface
        if len(state) != (1 + interface.slots) * interface.state_size:
            raise ValueError("The saved state is of another optimizer or model.")
        self._instance.write(interface.weights, state)

    def layout_number(self) -> int:
        """A checksum of where weights lie, equal for the modules of a model in this version."""
        interface = self._interface
        places = {name: (at, interface.matrix(name)) for name, at in interface.offsets.items()}
        return zlib.crc32(repr((interface.state_size, places)).encode())

    def reset_optimizer(self) -> None:
        """Make the optimizer a fresh one: all of its slots 0."""
        size, interface = self._interface.state_size, self._interface
        self._instance.write(interface.weights + size, bytes(interface.slots * size))

    def losses(self, count: int) -> list[float]:
        """The losses that the last call of `train` left in memory, (count,)."""
        return array("d", self._instance.read(self._interface.losses, 8 * count)).tolist()

    def set_context(self, known: int, tokens: Sequence[int]) -> None:
        """Write what `read_on` takes: that `tokens` follow the `known` first ones of a document."""
        self._set_rows("token", known, tokens)
        counts = array("q", (known, len(tokens))).tobytes()
        self._instance.write(self._interface.control[CONTEXT_FIELDS[0]], counts)

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
            self._set_rows(name, 0, numbers)
        return ends

    def row(self, name: str, position: int) -> list[float]:
        """One position's vector of the value called `name`, (size,)."""
        first, stride, width, positions = self._vector_place(name)
        numbers = self._read(first + position * stride, width)
        return [numbers[place] for place in positions]

    def rows(self, name: str, count: int) -> list[list[float]]:
        """The vectors of the value called `name` at the first `count` positions, (count, size)."""
        first, stride, _, positions = self._vector_place(name)
        numbers = self._read(first, count * stride // self._size)
        starts = range(0, len(numbers), stride // self._size)
        return [[numbers[start + place] for place in positions] for start in starts]

    def attention(self, name: str, position: int) -> list[list[float]]:
        """One position's attention weights, (n_head, position + 1)."""
        interface, lanes = self._interface, self._tiling.lanes
        first, *shape = interface.attention[name]
        layout = interface.layout(*shape)
        result = []
        for head in range(layout.n_head):
            group, within = divmod(head, layout.heads_at_once)
            address = first + group * interface.attention_group
            numbers = self._read(address + position * interface.key_stride, (position + 1) * lanes)
            result.append(numbers[within * layout.splits :: lanes].tolist())
        return result

    def set_patches(self, patches: Mapping[str, Patch | None]) -> None:
        """Write patches by the name of what they change; None switches a patch off."""
        for name, patch in patches.items():
            layout, address = self._layout(name), self._interface.patches[name]
            if patch is not None:
                for number, values in enumerate((patch.keep, patch.add)):
                    vector: NumberArray = array(self._typecode, bytes(layout.width * self._size))
                    for place, value in zip(layout.positions, values, strict=True):
                        vector[place] = value
                    self._instance.write(address + number * layout.stride, vector.tobytes())
            active = struct.pack("<I", patch is not None)
            self._instance.write(address + 2 * layout.stride, active)

    def patch_sizes(self) -> dict[str, int]:
        """The sizes of the vectors that can be patched, by name."""
        return {name: self._layout(name).size for name in self._interface.patches}

    def weight_bytes(self, snapshot: bool) -> dict[str, bytes]:
        """The weights by name as they lie in memory; or those of the last snapshot."""
        interface = self._interface
        start = interface.snapshot if snapshot else interface.weights
        return {
            name: self._instance.read(start + offset, interface.matrix(name).numbers * self._size)
            for name, offset in interface.offsets.items()
        }

    def set_weight_bytes(self, matrices: Mapping[str, bytes]) -> None:
        """Write weights that another module of the same model and precision gave."""
        for name, content in matrices.items():
            self._instance.write(self._interface.weights + self._interface.offsets[name], content)

    def all_attention(self, name: str, count: int) -> bytes:
        """The attention weights of `count` positions: float32, (n_head, count, count)."""
        interface, lanes = self._interface, self._tiling.lanes
        place, *shape = interface.attention[name]
        layout, stride = interface.layout(*shape), interface.key_stride // self._size
        result = array("f", bytes(4 * layout.n_head * count * count))
        for head in range(layout.n_head):
            group, within = divmod(head, layout.heads_at_once)
            if within == 0:
                numbers = self._read(place + group * interface.attention_group, count * stride)
            for position in range(count):
                start = position * stride + within * layout.splits
                own = numbers[start : start + position * lanes + 1 : lanes]
                first = (head * count + position) * count
                result[first : first + position + 1] = array("f", own)
        return result.tobytes()

    def place_documents(
        self,
        field: str,
        documents: Sequence[Sequence[int]],
        counted_from: Sequence[int],
        address: int,
    ) -> int:
        """Write documents from `address` on; returns the address of their end.

        Args:
            field: of the control block, which is told where they are.
            documents: as token ids.
            counted_from: for each the position from which on its predictions count, or none at all.
            address: the first byte that may be written.

        Raises:
            SettingError: there is not enough memory for them.
        """
        starts = array("I", accumulate(map(len, documents), initial=0))
        positions = array("I", counted_from or bytes(4 * len(documents)))
        tokens = array("H", chain.from_iterable(documents))
        data = starts.tobytes() + positions.tobytes() + tokens.tobytes()
        return self._place(field, data, address)

    def copy_documents(self, other: Storage, end: int, address: int) -> int:
        """Write the training documents of another model from `address` on; returns their end.

        `end`: where they end there.
        """
        begin = other.get("documents")
        self.set("document_count", other.get("document_count"))
        return self._place("documents", other._instance.read(begin, end - begin - 8), address)

    def _place(self, field: str, data: bytes, address: int) -> int:
        """Write a table of documents; see `place_documents`."""
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

    def _set_rows(self, name: str, first: int, numbers: Sequence[int]) -> None:
        """Write integers to one of the row arrays, from row `first` on."""
        address = self._interface.row_arrays[name] + 8 * first
        self._instance.write(address, array("q", numbers).tobytes())

    def _layout(self, name: str) -> Layout:
        """The layout of the vectors called `name`."""
        _, *shape = self._interface.values[name]
        return self._interface.layout(*shape)

    def _vector_place(self, name: str) -> tuple[int, int, int, list[int]]:
        if name not in self._vectors:
            layout, first = self._layout(name), self._interface.values[name][0]
            self._vectors[name] = first, layout.stride, layout.width, layout.positions
        return self._vectors[name]

    def _read(self, address: int, count: int) -> NumberArray:
        return array(self._typecode, self._instance.read(address, count * self._size))

    def _state(self, place: int) -> NumberArray:
        """All weights (place 0) or one of the optimizer's slots (from 1), in memory order."""
        interface = self._interface
        address = interface.weights + place * interface.state_size
        return self._read(address, interface.state_size // self._size)

    def _flat(self, state: NumberArray) -> list[float]:
        names = (name for name, _ in self._config.shapes)
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
