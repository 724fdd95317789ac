"""Heads repeated, for keys and values that several heads of queries share, and the derivative.

Vectors with more heads are arranged in another order, so numbers are moved one by one: as many of a
head at a time as it has in a register of the vector with fewer heads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from microgpt.wasm.assembler.function import Function, Local
from microgpt.wasm.compiler.graph import (
    Dimension,
    Gradients,
    Graph,
    GraphError,
    Node,
    Operation,
    Parameters,
    Symbol,
    check_whole,
)
from microgpt.wasm.compiler.kernels.elementwise import accumulate, gradient_of
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit, Pass
from microgpt.wasm.compiler.layout import Layout

MAX_HEADS = 512  # for each there is code in the kernel


def repeat(kit: Kit, few: Layout, many: Layout) -> Function:
    """y from x, (rows, few) to (rows, many)."""

    def body(f: Function, x: Local, y: Local, rows: Local) -> None:
        here = f.local("i32", "x_here"), f.local("i32", "y_here")
        number = f.local(kit.numbers.scalar, "number")
        with kit.each_row(f, rows, (x, few.stride), (y, many.stride)):
            for place, copies in _each_number(kit, f, few, many, (x, y), here):
                number.set(f.load(number.kind, here[0], place))
                for copy in copies:
                    f.store(here[1], number, copy)

    return kit.function(_name("repeat", few, many), ("x", "y", "rows"), body)


def repeat_gradient(kit: Kit, few: Layout, many: Layout) -> Function:
    """dx from dy: the sum over the copies."""

    def body(f: Function, dx: Local, dy: Local, rows: Local) -> None:
        here = f.local("i32", "dx_here"), f.local("i32", "dy_here")
        total = f.local(kit.numbers.scalar, "total")
        # The padding has to be 0, and gradients share memory with others.
        f.emit(f.op("memory.fill", dx, f.constant("i32", 0), rows * few.stride))
        with kit.each_row(f, rows, (dx, few.stride), (dy, many.stride)):
            for place, (first, *others) in _each_number(kit, f, few, many, (dx, dy), here):
                total.set(f.load(total.kind, here[1], first))
                for copy in others:
                    total.set(total + f.load(total.kind, here[1], copy))
                f.store(here[0], total, place)

    return kit.function(_name("repeat_gradient", few, many), ("dx", "dy", "rows"), body)


def _each_number(
    kit: Kit,
    f: Function,
    few: Layout,
    many: Layout,
    vectors: tuple[Local, Local],
    here: tuple[Local, Local],
) -> Iterator[tuple[int, list[int]]]:
    """For each number its place in the one vector and those of its copies in the other, in bytes
    from `here` on, which moves along both vectors.

    What is written for the numbers of one register runs for all that are full.
    """
    head_dim, times = few.size // few.n_head, many.n_head // few.n_head
    few_at, many_at = few.positions, many.positions
    whole, rest = divmod(head_dim, few.splits)
    steps = (1, few.splits // many.splits)  # registers of either vector

    def places(head: int, count: int) -> Iterator[tuple[int, list[int]]]:
        for number in range(count):
            copies = [(head * times + copy) * head_dim + number for copy in range(times)]
            size = few.tiling.size
            yield few_at[head * head_dim + number] * size, [many_at[copy] * size for copy in copies]

    for head in range(few.n_head):
        for address, vector in zip(here, vectors, strict=True):
            address.set(vector)
        if whole:
            with kit.repeat(f, whole):
                yield from places(head, few.splits)
                for address, step in zip(here, steps, strict=True):
                    address.set(address + step * VECTOR_BYTES)
        yield from places(head, rest)


def _name(kernel: str, few: Layout, many: Layout) -> str:
    return f"{kernel}_{few.size}_{few.n_head}_{many.n_head}"


def _dimension(x: Dimension, parameters: Parameters) -> Dimension:
    n_head = parameters["n_head"]
    heads = Dimension(x.size, n_head)
    times = check_whole("how many times heads are repeated", parameters["times"], 1)
    if n_head * times > MAX_HEADS:
        raise GraphError(f"repeat makes {MAX_HEADS} heads at most; repeat them fewer times")
    x.unify(heads)
    return Dimension(x.size * times, n_head * times)


def _emit(calls: Pass, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    kernel = repeat(calls.kit, calls.plan.layout(x), calls.plan.layout(y))
    calls.call(kernel, calls.at(x), calls.at(y), calls.rows)


def _emit_gradient(calls: Pass, node: Node) -> None:
    (dy,), (dx,) = node.inputs, node.outputs
    kernel = repeat_gradient(calls.kit, calls.plan.layout(dx), calls.plan.layout(dy))
    calls.call(kernel, calls.at(dx), calls.at(dy), calls.rows)


def _gradient(graph: Graph, node: Node, dy: Symbol, so_far: Gradients) -> Sequence[Symbol]:
    (x,) = node.inputs
    (dx,) = graph.add(REPEAT_GRADIENT, (dy,), [gradient_of(x)], parameters=node.parameters)
    return (accumulate(graph, so_far[0], dx, x),)


REPEAT = Operation("repeat", _emit, _gradient, dimension=_dimension)
REPEAT_GRADIENT = Operation("repeat_gradient", _emit_gradient)
