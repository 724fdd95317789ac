"""What the kernels share: the module that they are written into, and common loops.

It knows the memory plan and the number type; no single operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.compiler.graph import GraphError, Node, Symbol
from microgpt.wasm.compiler.layout import Layout
from microgpt.wasm.compiler.memory import MemoryPlan
from microgpt.wasm.compiler.numbers import Numbers

VECTOR_BYTES = 16  # of a vector register
UNROLLED_VECTORS = 4  # per iteration of a loop over whole rows: one cache line


class Kit:
    """The context of one compilation.

    Args:
        module: the module under construction.
        numbers: the arithmetic.
        plan: the addresses.

    `functions` holds the functions written so far, by name.
    """

    def __init__(self, module: Module, numbers: Numbers, plan: MemoryPlan) -> None:
        self.module, self.numbers, self.plan = module, numbers, plan
        self.functions: dict[str, Function] = {}

    def function(
        self,
        name: str,
        parameters: Sequence[str],
        body: Callable[..., None],
        result: str = "",
        export: bool = False,
    ) -> Function:
        """The function called `name`; `body` writes it when it is first requested.

        `body` takes the function and its parameters, which are all addresses or counts (i32).
        """
        if name not in self.functions:
            function = self.declare(name, [(p, "i32") for p in parameters], result, export)
            function.comment(f"written by {body.__module__}")
            body(function, *function.parameters)
        return self.functions[name]

    def declare(
        self,
        name: str,
        parameters: Sequence[tuple[str, str]],
        result: str = "",
        export: bool = False,
    ) -> Function:
        """A function with parameters of any type, whose body the caller writes."""
        self.functions[name] = self.module.function(name, parameters, result, export)
        return self.functions[name]

    @contextmanager
    def repeat(self, f: Function, count: int) -> Iterator[None]:
        """Code that runs `count` times."""
        if count == 1:
            yield
            return
        left = f.local("i32")
        left.set(count)
        with f.loop() as again:
            yield
            left.set(left - 1)
            f.br_if(again, left)

    @contextmanager
    def each_row(self, f: Function, rows: Expression, *moving: tuple[Local, int]) -> Iterator[None]:
        """Code that runs once per row; after each, the addresses in `moving` grow by their step."""
        left = f.let(rows)
        with f.loop() as again:
            yield
            for address, step in moving:
                address.set(address + step)
            left.set(left - 1)
            f.br_if(again, left)

    def each_vector(
        self,
        f: Function,
        width: int,
        addresses: Sequence[Local],
        body: Callable[[Sequence[Local], int], None],
    ) -> None:
        """Write `body(addresses, offset)` for each vector of a row `width` numbers wide."""
        vectors = width // self.numbers.lanes
        at_once = UNROLLED_VECTORS if vectors % UNROLLED_VECTORS == 0 else self.plan.tiling.vectors
        if vectors == at_once:
            for v in range(vectors):
                body(addresses, v * VECTOR_BYTES)
            return
        moving = [f.let(address) for address in addresses]
        end = f.let(moving[0] + vectors * VECTOR_BYTES)
        with f.loop() as again:
            for v in range(at_once):
                body(moving, v * VECTOR_BYTES)
            for address in moving:
                address.set(address + at_once * VECTOR_BYTES)
            f.br_if(again, moving[0].to("lt_u", end))

    def clear_padding(
        self, f: Function, layout: Layout, matrices: Sequence[Local], rows: Expression
    ) -> None:
        """Set the padding after the heads' numbers to 0: gradients share memory with others."""
        used = layout.groups * layout.steps * VECTOR_BYTES
        padding = range(used, layout.width * layout.tiling.size, VECTOR_BYTES)
        if not padding:
            return
        moving = [(f.let(matrix), layout.stride) for matrix in matrices]
        with self.each_row(f, rows, *moving):
            for address, _ in moving:
                for offset in padding:
                    f.store(address, self.numbers.constant(f, 0.0), offset)

    def row_array(self, f: Function, name: str, row: Expression, kind: str = "i32") -> Expression:
        """A row's entry in one of the plan's row arrays (8 bytes each)."""
        return f.load(kind, row * 8, self.plan.row_arrays[name])

    def control(self, f: Function, name: str, kind: str = "i32") -> Expression:
        """The field `name` of the control block."""
        return f.load(kind, f.constant("i32", self.plan.control[name]))


class Pass:
    """Kernel calls written into `f`, for `rows` rows from row `first` on (None: row 0)."""

    def __init__(self, kit: Kit, f: Function, first: Expression | None, rows: Expression) -> None:
        self.kit, self.plan, self.rows = kit, kit.plan, rows
        self._f, self._first = f, first

    def write(self, nodes: Sequence[Node], begin: Expression, end: Expression) -> None:
        """A call for each node, below the line of Python that it came from.

        The calls of the nodes before number `begin` and from number `end` on are skipped.
        """
        count = self._f.let(end - begin, "count")
        for number, node in enumerate(nodes):
            if node.operation.emit is None:
                raise GraphError(f"{node}: {node.op} has no kernel")
            self._f.comment(node.source)
            self._f.comment(f"    {node}")
            place = self._f.constant("i32", number) - begin
            with self._f.if_(place.to("lt_u", count)):
                node.operation.emit(self, node)

    def at(self, symbol: Symbol) -> Expression:
        """The address of the first row of `symbol`."""
        address = self._f.constant("i32", self.plan.addresses[symbol])
        if self._first is None:
            return address
        stride = self.plan.layout(symbol).stride
        if symbol.form == "scalars":
            stride = self.plan.tiling.size
        return self._first * stride + address

    def first(self) -> Expression:
        """The number of the first row."""
        return self._f.constant("i32", 0) if self._first is None else self._first

    def call(self, kernel: Function, *arguments: Expression | int) -> None:
        """Write a call of a kernel."""
        self._f.emit(self._f.call(kernel, *arguments))
