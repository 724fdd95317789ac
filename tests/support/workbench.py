"""Runs single kernels: puts their operands into memory, and reads what they leave there.

Beside each operand lies a mark that must stay, and in every place that a kernel is to fill lies
NaN, so that nothing that was there before is taken for a result.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from microgpt.autograd import Value
from microgpt.scalar.operations import ScalarOperations, ValueArithmetic
from microgpt.wasm.assembler import PAGE_BYTES
from microgpt.wasm.assembler.function import Expression, Function
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.compiler import memory
from microgpt.wasm.compiler.gradient import differentiate
from microgpt.wasm.compiler.graph import Graph, Node, Symbol
from microgpt.wasm.compiler.kernels.kit import Kit, Pass
from microgpt.wasm.compiler.layout import CACHE_LINE_BYTES, Layout, MatrixLayout, Tiling
from microgpt.wasm.compiler.memory import MemoryPlan, Rows
from microgpt.wasm.compiler.numbers import Numbers
from microgpt.wasm.compiler.optimizers import COMPILED_ADAM
from microgpt.wasm.compiler.trace import (
    POSITION,
    TOKEN,
    CacheHandle,
    MatrixHandle,
    SymbolicOperations,
)
from microgpt.wasm.runtime.instance import Instance
from tests.support.emitted import running, the_host

OPS = ScalarOperations(ValueArithmetic())
MARK = b"\xa5" * CACHE_LINE_BYTES
ROOM = 64  # pages for operands

Vector = Sequence[float]


@dataclass(frozen=True)
class Setup:
    """Of the numbers and registers that kernels are emitted for."""

    precision: str
    tiling: Tiling
    relaxed: bool
    tolerance: float  # of what kernels leave, relative to 1 or to the number itself

    def __str__(self) -> str:
        wide = "" if self.tiling.vectors == 4 else "-wide"
        return f"{self.precision}{wide}{'-relaxed' * self.relaxed}"


SETUPS = [
    Setup("f64", Tiling(2, 8, 4, 2), relaxed=False, tolerance=1e-12),
    Setup("f64", Tiling(2, 8, 4, 2), relaxed=True, tolerance=1e-12),
    Setup("f32", Tiling(4, 4, 4, 2), relaxed=False, tolerance=1e-5),
    Setup("f32", Tiling(4, 4, 2, 4), relaxed=True, tolerance=1e-5),
]
every_setup = pytest.mark.parametrize("setup", SETUPS, ids=str)


class Workbench:
    """The tools of a small model, whose `table` and `matrix` are (outer, inner).

    Args:
        setup: the numbers and registers.
        inner: numbers of a vector, divided among `n_head` heads.
        outer: numbers of the other vectors, which lie in their own order.
        rows: how many positions there are room for.
        kept: whether there is room for all attention weights.
        turned: whether there are tables to turn the vectors by their position.
    """

    def __init__(
        self,
        setup: Setup,
        inner: int = 8,
        n_head: int = 1,
        outer: int = 5,
        rows: int = 6,
        kept: bool = True,
        turned: bool = False,
    ) -> None:
        if setup.relaxed and not the_host().relaxed:
            pytest.skip("no relaxed SIMD here")
        graph = Graph([("table", (outer, inner)), ("matrix", (outer, inner))])
        ops = SymbolicOperations(graph)
        x = ops.embed(MatrixHandle("table"), TOKEN)
        if turned:
            x = ops.rotate(x, POSITION, n_head)
        mixed = ops.attention(x, x, x, n_head, CacheHandle(0))
        differentiate(graph, ops.linear(mixed, MatrixHandle("matrix")))
        with pytest.MonkeyPatch.context() as patch:
            if not kept:
                patch.setattr(memory, "MAX_KEPT_ATTENTION_BYTES", 0)
            self.plan = MemoryPlan(graph, setup.tiling, Rows(rows, rows), COMPILED_ADAM)
        self.setup = setup
        self.matrix = self.plan.matrices["matrix"]
        self.inner, self.outer = self.matrix.columns, self.matrix.rows
        self._module = Module(pages=-(-self.plan.end // PAGE_BYTES) + ROOM)
        self.kit = Kit(self._module, Numbers(setup.precision, setup.relaxed), self.plan)
        self._typecode = {"f32": "f", "f64": "d"}[setup.precision]
        self._end = -(-self.plan.end // CACHE_LINE_BYTES) * CACHE_LINE_BYTES
        self._marks: list[int] = []
        self._instance: Instance

    @contextmanager
    def at_work(self, *kernels: Function) -> Iterator[None]:
        """The kernels can be called; in the end they must have kept to their places."""
        self._module.exports += kernels
        with running(self._module) as self._instance:
            yield
            for mark in self._marks:
                assert self._instance.read(mark, CACHE_LINE_BYTES) == MARK

    def kernel_of(self, node: Node) -> Function:
        """The kernel that a node of this model calls."""
        calls = _CapturingPass(self.kit)
        assert node.operation.emit is not None
        node.operation.emit(calls, node)
        (kernel,) = calls.kernels
        return kernel

    def call(self, kernel: Function, *arguments: int) -> Any:
        """What the kernel returns."""
        return self._instance.bind(kernel.name)(*arguments)

    def put(self, layout: Layout, vectors: Sequence[Vector], beyond: float = math.nan) -> int:
        """The address of vectors, padded with 0; the rows beyond hold `beyond`."""
        data = b""
        for vector in vectors:
            row = [0.0] * (layout.stride // self.setup.tiling.size)
            for position, number in zip(layout.positions, vector, strict=True):
                row[position] = number
            data += array(self._typecode, row).tobytes()
        left = (self.plan.rows.allocated - len(vectors)) * layout.stride
        return self.put_numbers([beyond] * (left // self.setup.tiling.size), data)

    def room(self, layout: Layout) -> int:
        """The address of a place for vectors, where there are no numbers yet."""
        return self.put(layout, [])

    def put_numbers(self, numbers: Vector, before: bytes = b"") -> int:
        """The address of numbers one after the other, behind those that `before` holds."""
        data = before + array(self._typecode, numbers).tobytes()
        data += bytes(-len(data) % CACHE_LINE_BYTES)
        address = self._end
        self._instance.write(address, data + MARK)
        self._marks.append(address + len(data))
        self._end = address + len(data) + CACHE_LINE_BYTES
        return address

    def numbers(self, address: int, count: int) -> list[float]:
        """`count` numbers from an address on."""
        raw = self._instance.read(address, count * self.setup.tiling.size)
        found: array[float] = array(self._typecode, raw)
        return found.tolist()

    def vectors(self, layout: Layout, address: int, count: int) -> list[list[float]]:
        """`count` vectors from an address on, whose padding must be 0."""
        result = []
        for row in range(count):
            numbers = self.numbers(address + row * layout.stride, layout.width)
            result.append([numbers[position] for position in layout.positions])
            padding = set(range(layout.width)) - set(layout.positions)
            assert all(numbers[place] == 0 for place in padding)
        return result

    def put_rows(self, name: str, numbers: Vector, typecode: str = "q") -> None:
        """Fill one of the plan's arrays."""
        self._instance.write(self.plan.row_arrays[name], array(typecode, numbers).tobytes())

    def put_documents(self, lengths: Sequence[int]) -> None:
        """Let the rows be documents of these lengths."""
        ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
        spans = [(e - n, e) for n, e in zip(lengths, ends, strict=True) for _ in range(n)]
        self.put_rows("start", [start for start, _ in spans])
        self.put_rows("end", [end for _, end in spans])

    def put_matrix(self, address: int, layout: MatrixLayout, rows: Sequence[Vector]) -> None:
        numbers = [0.0] * layout.numbers
        for places, row in zip(places_of(layout), rows, strict=True):
            for place, number in zip(places, row, strict=True):
                numbers[place] = number
        self._instance.write(address, array(self._typecode, numbers).tobytes())

    def read_matrix(self, address: int, layout: MatrixLayout) -> list[list[float]]:
        """A matrix, whose padding must be 0."""
        numbers = self.numbers(address, layout.numbers)
        places = places_of(layout)
        padding = set(range(layout.numbers)) - {place for row in places for place in row}
        assert all(numbers[place] == 0 for place in padding)
        return [[numbers[place] for place in row] for row in places]

    def put_step(self, **constants: float) -> None:
        """Adam's constants of this step, in all lanes."""
        for name, address in self.plan.step_constants.items():
            lanes = array(self._typecode, [constants[name]] * self.setup.tiling.lanes)
            self._instance.write(address, lanes.tobytes())

    def check(self, found: Sequence[Vector], expected: Sequence[Vector]) -> None:
        """Fail unless the vectors are `expected`, within the setup's tolerance."""
        assert list(map(len, found)) == list(map(len, expected))
        tolerance = self.setup.tolerance
        far = [
            (row, place, one, other)
            for row, (vector, wanted) in enumerate(zip(found, expected, strict=True))
            for place, (one, other) in enumerate(zip(vector, wanted, strict=True))
            if not math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
        ]
        assert far == []  # (row, place, found, expected)


class _CapturingPass(Pass):
    """Notes the kernels that nodes call, wherever their symbols lie."""

    def __init__(self, kit: Kit) -> None:
        f = Function(0, "unused", [("rows", "i32")])
        super().__init__(kit, f, None, f.parameters[0])
        self.kernels: list[Function] = []

    def at(self, _symbol: Symbol) -> Expression:
        return self.rows

    def call(self, kernel: Function, *arguments: Expression | int) -> None:
        assert len(arguments) == len(kernel.parameters)
        self.kernels.append(kernel)


def some(count: int, size: int, seed: float = 1.0) -> list[list[float]]:
    """Vectors of numbers between -1.5 and 1.5 that look random."""
    return [
        [1.5 * math.sin(seed * 7.1 + 2.3 * row + 12.9 * place**1.1) for place in range(size)]
        for row in range(count)
    ]


def added(a: Sequence[Vector], b: Sequence[Vector]) -> list[list[float]]:
    pairs = zip(a, b, strict=True)
    return [[x + y for x, y in zip(row, other, strict=True)] for row, other in pairs]


def values(vectors: Sequence[Vector]) -> list[list[Value]]:
    """The same numbers for the reference, which remembers how it came by its results."""
    return [[Value(number) for number in vector] for vector in vectors]


def data(vectors: Sequence[Sequence[Value]]) -> list[list[float]]:
    return [[value.data for value in vector] for vector in vectors]


def gradients(vectors: Sequence[Sequence[Value]]) -> list[list[float]]:
    return [[value.grad for value in vector] for vector in vectors]


def send_back(outputs: Sequence[Sequence[Value]], dy: Sequence[Vector]) -> None:
    """Let the reference find the gradients of all that `outputs` come from, by those of its own."""
    total = Value(0.0)
    for row, derivatives in zip(outputs, dy, strict=True):
        for output, derivative in zip(row, derivatives, strict=True):
            total = total + output * derivative
    total.backward()


def places_of(matrix: MatrixLayout) -> list[list[int]]:
    """For each row of a matrix, where each of its numbers lies, as an index; by the definition."""
    panel = matrix.rows.tiling.panel
    return [
        [
            (column // panel * matrix.rows.width + row) * panel + column % panel
            for column in matrix.columns.positions
        ]
        for row in matrix.rows.positions
    ]
