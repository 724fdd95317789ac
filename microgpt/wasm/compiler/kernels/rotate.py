"""Rotary positions (Su and others, "RoFormer", 2021): pairs of numbers turned by their position.

A pair are neighbours in their head. In memory they lie in the same lane of two neighbouring
registers, or, where a head has several lanes of a register, in neighbouring lanes; so turning is a
product with cosines, and one of the partners with sines that bear the sign. Both come from tables
with an entry for each position, which the module computes when it is started.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from microgpt.scalar.operations import rotary_angle
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
)
from microgpt.wasm.compiler.kernels.elementwise import accumulate, gradient_of
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit, Pass
from microgpt.wasm.compiler.layout import Layout, rotation_size

MAX_HEAD_DIM = 4096  # for each pair there is code that writes the tables
STEP_BYTES = 2 * VECTOR_BYTES  # of a table: cosines and sines for one register of a vector


def rotate(kit: Kit, layout: Layout, back: bool = False) -> Function:
    """y is x turned by the positions of `rows` rows from row `first` on; or turned `back`."""
    numbers = kit.numbers
    together = 2 if layout.splits == 1 else 1  # registers

    def body(f: Function, x: Local, y: Local, first: Local, rows: Local) -> None:
        x_here, y_here = f.local("i32", "x_here"), f.local("i32", "y_here")
        entry, turn = f.local("i32", "entry"), f.local("i32", "turn")
        row = f.let(first, "row")
        if back:
            kit.clear_padding(f, layout, [y], rows)
        with kit.each_row(f, rows, (x, layout.stride), (y, layout.stride), (row, 1)):
            position = kit.row_array(f, "position", row)
            entry.set(position * rotation_size(layout) + kit.plan.rotations[layout])
            x_here.set(x)
            y_here.set(y)
            with kit.repeat(f, layout.groups):
                turn.set(entry)
                with kit.repeat(f, layout.steps // together):
                    pair = [
                        f.let(numbers.load(f, x_here, v * VECTOR_BYTES)) for v in range(together)
                    ]
                    for v, one in enumerate(pair):
                        partner = pair[1 - v] if together == 2 else numbers.swapped(f, one)
                        turned = one * numbers.load(f, turn, v * STEP_BYTES)
                        sines = numbers.load(f, turn, v * STEP_BYTES + VECTOR_BYTES)
                        other = partner * sines
                        f.store(
                            y_here, turned - other if back else turned + other, v * VECTOR_BYTES
                        )
                    turn.set(turn + together * STEP_BYTES)
                    for here in (x_here, y_here):
                        here.set(here + together * VECTOR_BYTES)

    name = f"rotate{'_back' * back}_{layout.size}_{layout.n_head}"
    return kit.function(name, ("x", "y", "first", "rows"), body)


def write_rotations(kit: Kit) -> None:
    """Let the module compute the tables when it is started, if the model needs any."""

    def body(f: Function) -> None:
        for layout, address in kit.plan.rotations.items():
            for pair in range(layout.size // layout.n_head // 2):
                _write_turns(kit, f, layout, pair, address)

    if kit.plan.rotations:
        kit.module.start = kit.function("rotations", (), body)


def _write_turns(kit: Kit, f: Function, layout: Layout, pair: int, address: int) -> None:
    """The cosines and sines of a pair of each head for all positions, each from the one before."""
    numbers = kit.numbers
    angle = rotary_angle(pair, layout.size // layout.n_head)
    cos, sin = f.let(f.constant("f64", 1.0)), f.let(f.constant("f64", 0.0))
    entry = f.let(f.constant("i32", address))
    end = address + kit.plan.rows.block_size * rotation_size(layout)
    with f.counted_loop(entry, f.constant("i32", end), rotation_size(layout)):
        for number, sign in ((2 * pair, -1.0), (2 * pair + 1, 1.0)):
            step, within = divmod(number, layout.splits)
            for head in range(layout.heads_at_once):
                place = step * STEP_BYTES + (head * layout.splits + within) * numbers.size
                f.store(entry, numbers.from_f64(cos), place)
                f.store(entry, numbers.from_f64(sin * sign), place + VECTOR_BYTES)
        next_cos = f.let(cos * math.cos(angle) - sin * math.sin(angle))
        sin.set(sin * math.cos(angle) + cos * math.sin(angle))
        cos.set(next_cos)


def _dimension(x: Dimension, parameters: Parameters) -> Dimension:
    heads = Dimension(x.size, parameters["n_head"])
    if parameters["position"] != "position":
        raise GraphError("rotate turns a vector by its position; give it `position`")
    if (x.size // heads.n_head) % 2:
        raise GraphError(
            f"rotate turns pairs of numbers, but each of {heads.n_head} heads has "
            f"{x.size // heads.n_head}; make that an even number"
        )
    if x.size // heads.n_head > MAX_HEAD_DIM:
        raise GraphError(f"rotate turns heads of {MAX_HEAD_DIM:,} numbers at most; use more heads")
    x.unify(heads)
    return x


def _emit(calls: Pass, node: Node) -> None:
    _call(calls, node, back=False)


def _emit_gradient(calls: Pass, node: Node) -> None:
    _call(calls, node, back=True)


def _call(calls: Pass, node: Node, back: bool) -> None:
    (x,), (y,) = node.inputs, node.outputs
    kernel = rotate(calls.kit, calls.plan.layout(x), back)
    calls.call(kernel, calls.at(x), calls.at(y), calls.first(), calls.rows)


def _gradient(graph: Graph, node: Node, dy: Symbol, so_far: Gradients) -> Sequence[Symbol]:
    (x,) = node.inputs
    (dx,) = graph.add(ROTATE_GRADIENT, (dy,), [gradient_of(x)], parameters=node.parameters)
    return (accumulate(graph, so_far[0], dx, x),)


ROTATE = Operation("rotate", _emit, _gradient, dimension=_dimension)
ROTATE_GRADIENT = Operation("rotate_gradient", _emit_gradient, in_place=(0,))
