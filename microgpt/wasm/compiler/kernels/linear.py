"""Products with a weight matrix: y = W x, its derivative by x, and its derivative by W.

All three broadcast one number of one side and multiply it with a panel of the other, several rows
at a time, with the sums in registers; there are no sums across lanes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.graph import Gradients, Graph, Node, Operation, Symbol
from microgpt.wasm.compiler.kernels.elementwise import gradient_of
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit, Pass
from microgpt.wasm.compiler.kernels.update import OptimizerStep
from microgpt.wasm.compiler.layout import Layout, MatrixLayout

MAX_LOADS_PER_ITERATION = 24  # about as many suit the host's compiler


def linear(kit: Kit, inner: Layout, outer: Layout, plus: bool = False) -> Function:
    """y = W x, (rows, inner) to (rows, outer), with W in panels of its outer side; or y = W x + z.

    The forward pass calls it with the transposed copy of W; the derivative by x is the same product
    with W itself, inner and outer swapped.
    """
    tiling = inner.tiling
    panel_bytes = tiling.panel * tiling.size

    def body(f: Function, x: Local, w: Local, y: Local, z: Local, rows: Local) -> None:
        tile = _Tile(kit, f)
        x_row, w_here = f.local("i32", "x_row"), f.local("i32", "w_here")
        left = f.local("i32", "left")
        moving = {y: f.local("i32", "y_row"), **({z: f.local("i32", "z_row")} if plus else {})}
        with kit.repeat(f, outer.width // tiling.panel):
            x_row.set(x)
            left.set(rows)
            for start, here in moving.items():
                here.set(start)
            with f.loop() as next_rows:
                tile.start(moving[z] if plus else None, outer.stride)
                w_here.set(w)
                _multiply_rows(kit, f, tile, inner, x_row, w_here)
                tile.store(moving[y], outer.stride)
                x_row.set(x_row + tiling.rows * inner.stride)
                for here in moving.values():
                    here.set(here + tiling.rows * outer.stride)
                left.set(left - tiling.rows)
                f.br_if(next_rows, left.to("gt_s", 0))
            w.set(w_here)  # the next panel
            for start in moving:
                start.set(start + panel_bytes)

    name = f"linear_{inner.width}_{outer.width}_{inner.stride}_{outer.stride}" + "_plus" * plus
    return kit.function(name, ("x", "w", "y", "z", "rows"), body)


def _multiply_rows(kit: Kit, f: Function, tile: _Tile, inner: Layout, x: Local, w: Local) -> None:
    """Add the products of a few rows of x with a panel of W to the tile; w moves past the panel."""
    tiling = inner.tiling
    unroll = _unroll(tiling.vectors + tiling.rows, tiling.panel)
    here, end = f.let(x, "x_here"), f.let(x + inner.width * tiling.size)
    with f.counted_loop(here, end, unroll * tiling.size):
        for k in range(unroll):
            tile.load_panel(w, k * tiling.panel * tiling.size)
            for row in range(tiling.rows):
                one = kit.numbers.load_splat(f, here, row * inner.stride + k * tiling.size)
                tile.multiply_in(row, one)
        w.set(w + unroll * tiling.panel * tiling.size)


def weight_gradient(kit: Kit, matrix: MatrixLayout) -> Function:
    """dW += dy x for each row, (rows, outer) and (rows, inner) to (outer, inner)."""
    tiling = matrix.rows.tiling
    size, panel = tiling.size, tiling.panel
    outer, inner = matrix.rows, matrix.columns
    to_gradient = kit.plan.gradient_offset

    def body(f: Function, x: Local, dy: Local, w: Local, rows: Local) -> None:
        tile = _Tile(kit, f)
        dy_here = f.local("i32", "dy_here")
        with kit.repeat(f, inner.width // panel):
            dy_here.set(dy)
            with kit.repeat(f, outer.width // tiling.rows):
                tile.start(w, panel * size, to_gradient)
                _multiply_columns(kit, f, tile, matrix, x, dy_here, rows)
                tile.store(w, panel * size, to_gradient)
                w.set(w + tiling.rows * panel * size)
                dy_here.set(dy_here + tiling.rows * size)
            x.set(x + panel * size)

    name = f"weight_gradient_{outer.width}_{inner.width}_{outer.stride}_{inner.stride}"
    return kit.function(name, ("x", "dy", "w", "rows"), body)


def _multiply_columns(
    kit: Kit, f: Function, tile: _Tile, matrix: MatrixLayout, x: Local, dy: Local, rows: Local
) -> None:
    """Add the products of a panel of x with a few columns of dy, over all rows, to the tile."""
    x_row, dy_row, left = f.let(x, "x_row"), f.let(dy, "dy_row"), f.let(rows, "left")
    size = matrix.rows.tiling.size
    with f.loop() as next_row:
        tile.load_panel(x_row, 0)
        for row in range(matrix.rows.tiling.rows):
            tile.multiply_in(row, kit.numbers.load_splat(f, dy_row, row * size))
        x_row.set(x_row + matrix.columns.stride)
        dy_row.set(dy_row + matrix.rows.stride)
        left.set(left - 1)
        f.br_if(next_row, left)


class _Tile:
    """The running sums in registers: a few rows, one panel wide."""

    def __init__(self, kit: Kit, f: Function) -> None:
        self._numbers, self._f = kit.numbers, f
        vectors, vector = range(kit.plan.tiling.vectors), kit.numbers.vector
        rows = range(kit.plan.tiling.rows)
        self.sums = [[f.local(vector, f"sum{row}_{v}") for v in vectors] for row in rows]
        self._panel = [f.local(vector, f"panel{v}") for v in vectors]
        self._one = f.local(vector, "one")

    def places(self, stride: int, offset: int = 0) -> Iterator[tuple[int, Local]]:
        """Each register with its offset in bytes, for rows that are `stride` bytes apart."""
        for row, registers in enumerate(self.sums):
            for v, register in enumerate(registers):
                yield offset + row * stride + v * VECTOR_BYTES, register

    def start(self, address: Expression | None, stride: int, offset: int = 0) -> None:
        """Start from the numbers at an address, or from 0."""
        for at, register in self.places(stride, offset):
            register.set(0.0 if address is None else self._numbers.load(self._f, address, at))

    def store(self, address: Expression, stride: int, offset: int = 0) -> None:
        """Store the sums."""
        for at, register in self.places(stride, offset):
            self._f.store(address, register, at)

    def load_panel(self, address: Expression, offset: int) -> None:
        """Load the panel that the next numbers are multiplied with."""
        for v, register in enumerate(self._panel):
            register.set(self._numbers.load(self._f, address, offset + v * VECTOR_BYTES))

    def multiply_in(self, row: int, one: Expression) -> None:
        """Add the panel times one number (in all lanes) to a row of sums."""
        self._one.set(one)
        for part, total in zip(self._panel, self.sums[row], strict=True):
            total.set(self._numbers.multiply_add(self._one, part, total))


def _unroll(loads: int, panel: int) -> int:
    """How many numbers of the inner side one iteration takes; a divisor of the panel."""
    unroll = 1
    while unroll < panel and 2 * unroll * loads <= MAX_LOADS_PER_ITERATION:
        unroll *= 2
    return unroll


def transpose(kit: Kit, updated: bool = False) -> Function:
    """Write the transposed copy of a matrix; `updated`: update the matrix by its gradient first.

    `outer` and `inner` are the numbers of panels of its two sides.
    """
    tiling = kit.plan.tiling
    size, panel = tiling.size, tiling.panel
    panel_bytes = panel * panel * size

    def body(f: Function, w: Local, copy: Local, outer: Local, inner: Local) -> None:
        tile = _Tile(kit, f)
        optimizer = OptimizerStep(kit, f) if updated else None
        copy_here = f.local("i32", "copy_here")
        to_next = f.let(inner * panel_bytes - panel * size, "to_next")
        with kit.each_row(f, inner, (copy, panel_bytes)):
            copy_here.set(copy)
            with kit.each_row(f, outer):
                with kit.repeat(f, panel // tiling.rows):
                    if optimizer:
                        for offset, weight in tile.places(panel * size):
                            optimizer.update(w, offset, weight)
                    else:
                        tile.start(w, panel * size)
                    store_transposed(kit, f, tile.sums, copy_here)
                    w.set(w + tiling.rows * panel * size)
                    copy_here.set(copy_here + tiling.rows * size)
                copy_here.set(copy_here + to_next)

    name = "update_and_transpose" if updated else "transpose"
    return kit.function(name, ("w", "copy", "outer", "inner"), body)


def store_transposed(kit: Kit, f: Function, tile: list[list[Local]], address: Expression) -> None:
    """Store a tile, (rows, panel), transposed: neighbouring rows become neighbouring numbers."""
    tiling, numbers = kit.plan.tiling, kit.numbers
    column_bytes = tiling.panel * tiling.size
    for row in range(0, tiling.rows, 2):
        for v in range(tiling.vectors):
            for half in range(2):
                pairs = numbers.interleave(tile[row][v], tile[row + 1][v], half)
                column = v * numbers.lanes + half * numbers.lanes // 2
                offset = column * column_bytes + row * tiling.size
                if numbers.lanes == 2:
                    f.store(address, pairs, offset)
                    continue
                both = f.let(pairs)
                for lane in range(2):
                    at = offset + lane * column_bytes
                    f.emit(f.op("v128.store64_lane", address, both, immediates=(at, lane)))


def _emit(calls: Pass, node: Node) -> None:
    (x,), (y,) = node.inputs, node.outputs
    matrix, copy = calls.plan.matrices[node.weight], calls.plan.copies[node.weight]
    kernel = linear(calls.kit, matrix.columns, matrix.rows)
    calls.call(kernel, calls.at(x), copy, calls.at(y), 0, calls.rows)


def _emit_gradient(calls: Pass, node: Node) -> None:
    matrix, weight = calls.plan.matrices[node.weight], calls.plan.weight(node.weight)
    dy, *plus = (calls.at(symbol) for symbol in node.inputs)
    kernel = linear(calls.kit, matrix.rows, matrix.columns, plus=bool(plus))
    dx, z = calls.at(node.outputs[0]), plus[0] if plus else 0
    calls.call(kernel, dy, weight, dx, z, calls.rows)


def _emit_weight_gradient(calls: Pass, node: Node) -> None:
    plan, name = calls.plan, node.weight
    x, dy = (calls.at(symbol) for symbol in node.inputs)
    kernel = weight_gradient(calls.kit, plan.matrices[name])
    calls.call(kernel, x, dy, plan.weight(name), calls.rows)


def _gradient(graph: Graph, node: Node, dy: Symbol, so_far: Gradients) -> Sequence[Symbol]:
    (x,) = node.inputs
    plus = () if so_far[0] is None else (so_far[0],)
    dx = graph.add(LINEAR_GRADIENT, (dy, *plus), [gradient_of(x)], weight=node.weight)
    graph.add(WEIGHT_GRADIENT, (x, dy), weight=node.weight)
    return dx


LINEAR = Operation("linear", _emit, _gradient)
LINEAR_GRADIENT = Operation("linear_gradient", _emit_gradient, in_place=(1,))
WEIGHT_GRADIENT = Operation("weight_gradient", _emit_weight_gradient)
