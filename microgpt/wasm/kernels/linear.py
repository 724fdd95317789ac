"""Products with a weight matrix: y = W x, its derivative by x, and its derivative by W.

All three are products by broadcast: one number of one side times a panel of the other, several rows
at a time, with the sums in registers. There are no sums across lanes. The derivative by W can be
put to use at once, by Adam, so that it never goes to memory.
"""

from __future__ import annotations

from microgpt.wasm.assembler import Expression, Function, Local
from microgpt.wasm.kernels.adam import AdamStep, store_transposed
from microgpt.wasm.kernels.kit import VECTOR, Kit
from microgpt.wasm.layout import Layout, MatrixLayout

LOADS = 24  # about as many in the body of a loop, so that the host's compiler does well


def linear(kit: Kit, inner: Layout, outer: Layout, plus: bool = False) -> Function:
    """y = W x, (rows, inner) to (rows, outer), with W in panels of its outer side; or y = W x + z.

    Forward it is called with the transposed copy of W; the derivative by x is the same product with
    W itself, inner and outer changed over.
    """
    tiling, numbers = inner.tiling, kit.numbers
    size, panel = tiling.size, tiling.panel
    name = f"linear_{inner.width}_{outer.width}_{inner.stride}_{outer.stride}"

    def body(f: Function, x: Local, w: Local, y: Local, z: Local, rows: Local) -> None:
        sums = _accumulators(kit, f, tiling.rows)
        columns = [f.local(numbers.vector) for _ in range(tiling.vectors)]
        x_row, x_here, x_end = f.local("i32", "x_row"), f.local("i32", "x_here"), f.local("i32")
        w_here, y_row, z_row = f.local("i32", "w_here"), f.local("i32", "y_row"), f.local("i32")
        left = f.local("i32", "left")
        unroll = _unroll(tiling.vectors + tiling.rows, panel)
        with kit.times(f, outer.width // panel):
            x_row.set(x)
            y_row.set(y)
            if plus:
                z_row.set(z)
            left.set(rows)
            with f.loop() as next_rows:
                for row, accumulators in enumerate(sums):
                    for v, accumulator in enumerate(accumulators):
                        offset = row * outer.stride + v * VECTOR
                        start = numbers.load(f, z_row, offset) if plus else 0.0
                        accumulator.set(start)
                x_here.set(x_row)
                w_here.set(w)
                x_end.set(x_row + inner.width * size)
                with f.steps(x_here, x_end, unroll * size):
                    for k in range(unroll):
                        for v, column in enumerate(columns):
                            column.set(numbers.load(f, w_here, k * panel * size + v * VECTOR))
                        for row, accumulators in enumerate(sums):
                            one = numbers.everywhere(f, x_here, row * inner.stride + k * size)
                            _multiply_in(kit, f, one, columns, accumulators)
                    w_here.set(w_here + unroll * panel * size)
                for row, accumulators in enumerate(sums):
                    for v, accumulator in enumerate(accumulators):
                        f.store(y_row, accumulator, row * outer.stride + v * VECTOR)
                x_row.set(x_row + tiling.rows * inner.stride)
                y_row.set(y_row + tiling.rows * outer.stride)
                if plus:
                    z_row.set(z_row + tiling.rows * outer.stride)
                left.set(left - tiling.rows)
                f.leave(next_rows, left.to("gt_s", 0))
            w.set(w_here)
            y.set(y + panel * size)
            if plus:
                z.set(z + panel * size)

    return kit.function(name + "_plus" * plus, ("x", "w", "y", "z", "rows"), body)


def weight_gradient(kit: Kit, matrix: MatrixLayout, fused: bool) -> Function:
    """dW += dy x for each row, (rows, outer) and (rows, inner) to (outer, inner).

    `fused`: Adam changes W, its moments and its transposed copy; else dW is added to the gradient's
    memory.
    """
    tiling, numbers, plan = matrix.rows.tiling, kit.numbers, kit.plan
    size, panel = tiling.size, tiling.panel
    outer, inner = matrix.rows, matrix.columns
    gradient = 3 * plan.state_size
    tile = tiling.rows * panel * size  # bytes

    def body(f: Function, x: Local, dy: Local, w: Local, copy: Local, rows: Local) -> None:
        sums = _accumulators(kit, f, tiling.rows)
        columns = [f.local(numbers.vector) for _ in range(tiling.vectors)]
        x_row, dy_row = f.local("i32", "x_row"), f.local("i32", "dy_row")
        dy_here, copy_here = f.local("i32", "dy_here"), f.local("i32", "copy_here")
        left = f.local("i32", "left")
        adam = AdamStep(kit, f) if fused else None
        with kit.times(f, inner.width // panel):
            dy_here.set(dy)
            copy_here.set(copy)
            with kit.times(f, outer.width // panel):
                with kit.times(f, panel // tiling.rows):
                    for row, accumulators in enumerate(sums):
                        for v, accumulator in enumerate(accumulators):
                            offset = gradient + (row * panel + v * numbers.lanes) * size
                            accumulator.set(0.0 if fused else numbers.load(f, w, offset))
                    x_row.set(x)
                    dy_row.set(dy_here)
                    left.set(rows)
                    with f.loop() as next_row:
                        for v, column in enumerate(columns):
                            column.set(numbers.load(f, x_row, v * VECTOR))
                        for row, accumulators in enumerate(sums):
                            one = numbers.everywhere(f, dy_row, row * size)
                            _multiply_in(kit, f, one, columns, accumulators)
                        x_row.set(x_row + inner.stride)
                        dy_row.set(dy_row + outer.stride)
                        left.set(left - 1)
                        f.leave(next_row, left)
                    for row, accumulators in enumerate(sums):
                        for v, accumulator in enumerate(accumulators):
                            offset = (row * panel + v * numbers.lanes) * size
                            if adam:
                                adam.update(w, offset, accumulator)
                            else:
                                f.store(w, accumulator, gradient + offset)
                    if fused:
                        store_transposed(kit, f, sums, copy_here)
                    w.set(w + tile)
                    dy_here.set(dy_here + tiling.rows * size)
                    copy_here.set(copy_here + tiling.rows * size)
                copy_here.set(copy_here + (inner.width - 1) * panel * size)
            x.set(x + panel * size)
            copy.set(copy + panel * panel * size)

    name = f"weight_gradient_{outer.width}_{inner.width}_{outer.stride}_{inner.stride}"
    return kit.function(name + "_adam" * fused, ("x", "dy", "w", "copy", "rows"), body)


def _accumulators(kit: Kit, f: Function, rows: int) -> list[list[Local]]:
    vectors = kit.plan.tiling.vectors
    return [
        [f.local(kit.numbers.vector, f"sum{row}_{v}") for v in range(vectors)]
        for row in range(rows)
    ]


def _multiply_in(
    kit: Kit, f: Function, one: Expression, columns: list[Local], sums: list[Local]
) -> None:
    """sums += one * columns."""
    factor = f.keep(one)
    for column, total in zip(columns, sums, strict=True):
        total.set(kit.numbers.multiply_add(factor, column, total))


def _unroll(loads: int, panel: int) -> int:
    """How many numbers of the inner side to take in one go; a divisor of the panel."""
    unroll = 1
    while unroll < panel and 2 * unroll * loads <= LOADS:
        unroll *= 2
    return unroll
