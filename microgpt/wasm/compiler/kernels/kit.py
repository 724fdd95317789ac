"""What the kernels share: the module that they are written into, and a few turns of phrase.

It knows the memory plan and the kind of numbers; no single operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.compiler.memory import MemoryPlan
from microgpt.wasm.compiler.numbers import Numbers

VECTOR = 16  # bytes in a vector register
UNROLLED = 4  # vectors at a time in a loop over whole rows: one line of cache


class Kit:
    """The tools of one compilation.

    Args:
        module: what is written into.
        numbers: the arithmetic.
        plan: the addresses.
    """

    def __init__(self, module: Module, numbers: Numbers, plan: MemoryPlan) -> None:
        self.module, self.numbers, self.plan = module, numbers, plan
        self._made: dict[str, Function] = {}

    def function(
        self,
        name: str,
        parameters: Sequence[str],
        body: Callable[..., None],
        result: str = "",
        export: bool = False,
    ) -> Function:
        """The function called `name`; written by `body` when it is first asked for.

        `body` takes the function and its parameters, which are all addresses or counts (i32).
        """
        if name not in self._made:
            function = self.declare(name, [(p, "i32") for p in parameters], result, export)
            function.comment(f"written by {body.__module__}")
            body(function, *function.parameters)
        return self._made[name]

    def declare(
        self,
        name: str,
        parameters: Sequence[tuple[str, str]],
        result: str = "",
        export: bool = False,
    ) -> Function:
        """A function of any parameters, yet to be written."""
        self._made[name] = self.module.function(name, parameters, result, export)
        return self._made[name]

    def made(self, name: str) -> Function:
        """The function called `name`, which there must be."""
        return self._made[name]

    @contextmanager
    def times(self, f: Function, count: int) -> Iterator[None]:
        """Code that is run `count` times."""
        if count == 1:
            yield
            return
        left = f.local("i32")
        left.set(count)
        with f.loop() as again:
            yield
            left.set(left - 1)
            f.leave(again, left)

    @contextmanager
    def each_row(self, f: Function, rows: Expression, *moving: tuple[Local, int]) -> Iterator[None]:
        """Code that is run once a row; each address of `moving` grows by its step after each."""
        left = f.keep(rows)
        with f.loop() as again:
            yield
            for address, step in moving:
                address.set(address + step)
            left.set(left - 1)
            f.leave(again, left)

    def along(
        self,
        f: Function,
        width: int,
        addresses: Sequence[Local],
        body: Callable[[Sequence[Local], int], None],
    ) -> None:
        """`body(addresses, offset)` for each vector of a row that is `width` numbers wide."""
        vectors = width // self.numbers.lanes
        at_once = UNROLLED if vectors % UNROLLED == 0 else self.plan.tiling.vectors
        if vectors == at_once:
            for v in range(vectors):
                body(addresses, v * VECTOR)
            return
        moving = [f.keep(address) for address in addresses]
        end = f.keep(moving[0] + vectors * VECTOR)
        with f.loop() as again:
            for v in range(at_once):
                body(moving, v * VECTOR)
            for address in moving:
                address.set(address + at_once * VECTOR)
            f.leave(again, moving[0].to("lt_u", end))

    def row_array(self, f: Function, name: str, row: Expression, kind: str = "i32") -> Expression:
        """The number of a row in one of the plan's arrays (8 bytes a row)."""
        return f.load(kind, row * 8, self.plan.row_arrays[name])

    def control(self, f: Function, name: str, kind: str = "i32") -> Expression:
        """What the plan's control block holds under `name`."""
        return f.load(kind, f.constant("i32", self.plan.control[name]))
