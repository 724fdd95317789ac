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
    Node,
    Operation,
    Parameters,
    Symbol,
    check_whole,
)
from microgpt.wasm.compiler.kernels.elementwise import accumulate, gradient_of
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit, Pass
from microgpt.wasm.compiler.layout import Layout


def repeat(kit: Kit, few: Layout, many: Layout) -> Function:
    """y from x, (rows, few) to (rows, many)."""

    def body(f: Function, x: Local, y: Local, rows: Local) -> None:
        here = f.local("i32", "x_here"), f.local("i32", "y_here")
        with kit.each_row(f, rows, (x, few.stride), (y, many.stride)):
            for head, number in _each_number(kit, f, few, many, (x, y), here):
                place, copies = _places(few, many, head, number)
                one = f.let(f.load(kit.numbers.scalar, here[0], place))
                for copy in copies:
                    f.store(here[1], one, copy)

    return kit.function(_name("repeat", few, many), ("x", "y", "rows"), body)


def repeat_gradient(kit: Kit, few: Layout, many: Layout) -> Function:
    """dx from dy: the sum over the copies."""

    def body(f: Function, dx: Local, dy: Local, rows: Local) -> None:
        here = f.local("i32", "dx_here"), f.local("i32", "dy_here")
        # The padding has to be 0, and gradients share memory with others.
        f.emit(f.op("memory.fill", dx, f.constant("i32", 0), rows * few.stride))
        with kit.each_row(f, rows, (dx, few.stride), (dy, many.stride)):
            for head, number in _each_number(kit, f, few, many, (dx, dy), here):
                place, (first, *others) = _places(few, many, head, number)
                total = f.load(kit.numbers.scalar, here[1], first)
                for copy in others:
                    total = total + f.load(kit.numbers.scalar, here[1], copy)
                f.store(here[0], total, place)

    return kit.function(_name("repeat_gradient", few, many), ("dx", "dy", "rows"), body)


def _each_number(
    kit: Kit,
    f: Function,
    few: Layout,
    many: Layout,
    vectors: tuple[Local, Local],
    here: tuple[Local, Local],
) -> Iterator[tuple[int, int]]:
    """Each number of the vector with fewer heads, as (head, number): what is written in between
    runs for as many registers as there are, with `here` on the way through both vectors.
    """
    whole, rest = divmod(few.size // few.n_head, few.splits)
    steps = (1, few.splits // many.splits)  # registers of either vector
    for head in range(few.n_head):
        for address, vector in zip(here, vectors, strict=True):
            address.set(vector)
        if whole:
            with kit.repeat(f, whole):
                yield from ((head, number) for number in range(few.splits))
                for address, step in zip(here, steps, strict=True):
                    address.set(address + step * VECTOR_BYTES)
        yield from ((head, number) for number in range(rest))


def _places(few: Layout, many: Layout, head: int, number: int) -> tuple[int, list[int]]:
    """Where a number of a head is in the one vector, and where its copies are in the other."""
    size, head_dim = few.tiling.size, few.size // few.n_head
    times = many.n_head // few.n_head
    copies = range(head * times, (head + 1) * times)
    places = [many.positions[copy * head_dim + number] * size for copy in copies]
    return few.positions[head * head_dim + number] * size, places


def _name(kernel: str, few: Layout, many: Layout) -> str:
    return f"{kernel}_{few.size}_{few.n_head}_{many.n_head}"


def _dimension(x: Dimension, parameters: Parameters) -> Dimension:
    n_head = parameters["n_head"]
    times = check_whole("how many times heads are repeated", parameters["times"], 1)
    x.unify(Dimension(x.size, n_head))
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
