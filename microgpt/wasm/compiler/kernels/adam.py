"""Adam, on weights whose gradient lies in memory or still in registers.

After Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), section 2: the corrections
of both running means are taken together into the learning rate and eps, once a step.
"""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import UNROLLED_VECTORS, VECTOR_BYTES, Kit
from microgpt.wasm.compiler.layout import MatrixLayout


class AdamStep:
    """The constants of this step, in registers of function `f`."""

    def __init__(self, kit: Kit, f: Function) -> None:
        self._kit, self._f = kit, f
        zero = f.constant("i32", 0)
        self._constants = {
            name: f.let(kit.numbers.load(f, zero, address), name)
            for name, address in kit.plan.step_vectors.items()
        }

    def update(self, w: Expression, offset: int, gradient: Local) -> None:
        """Change the vector of weights at w + offset, and its moments; `gradient` becomes it."""
        f, numbers, c = self._f, self._kit.numbers, self._constants
        state = self._kit.plan.state_size
        mean = f.let(
            numbers.multiply_add(
                numbers.load(f, w, offset + state), c["beta1"], gradient * c["rest1"]
            )
        )
        square = f.let(
            numbers.multiply_add(
                numbers.load(f, w, offset + 2 * state),
                c["beta2"],
                gradient * gradient * c["rest2"],
            )
        )
        f.store(w, mean, offset + state)
        f.store(w, square, offset + 2 * state)
        change = mean * c["rate"] / (square.to("sqrt") + c["eps"])
        gradient.set(numbers.load(f, w, offset) - change)
        f.store(w, gradient, offset)


def adam(kit: Kit) -> Function:
    """Change the weights from w on (bytes: a multiple of 64) by their gradients; set these to 0."""
    gradient = 3 * kit.plan.state_size

    def body(f: Function, w: Local, size: Local) -> None:
        step = AdamStep(kit, f)
        value = f.local(kit.numbers.vector)
        end = f.let(w + size)
        with f.counted_loop(w, end, UNROLLED_VECTORS * VECTOR_BYTES):
            for v in range(UNROLLED_VECTORS):
                value.set(kit.numbers.load(f, w, gradient + v * VECTOR_BYTES))
                step.update(w, v * VECTOR_BYTES, value)
                f.store(w, kit.numbers.constant(f, 0.0), gradient + v * VECTOR_BYTES)

    return kit.function("adam", ("w", "size"), body)


def transpose(kit: Kit, matrix: MatrixLayout) -> Function:
    """Make the transposed copy of a matrix anew."""
    tiling, numbers = kit.plan.tiling, kit.numbers
    size, panel = tiling.size, tiling.panel
    outer, inner = matrix.rows, matrix.columns

    def body(f: Function, w: Local, copy: Local) -> None:
        tile = [
            [f.local(numbers.vector) for _ in range(tiling.vectors)] for _ in range(tiling.rows)
        ]
        copy_here = f.local("i32", "copy_here")
        with kit.repeat(f, inner.width // panel):
            copy_here.set(copy)
            with kit.repeat(f, outer.width // panel):
                with kit.repeat(f, panel // tiling.rows):
                    for row, vectors in enumerate(tile):
                        for v, vector in enumerate(vectors):
                            offset = (row * panel + v * numbers.lanes) * size
                            vector.set(numbers.load(f, w, offset))
                    store_transposed(kit, f, tile, copy_here)
                    w.set(w + tiling.rows * panel * size)
                    copy_here.set(copy_here + tiling.rows * size)
                copy_here.set(copy_here + (inner.width - 1) * panel * size)
            copy.set(copy + panel * panel * size)

    return kit.function(f"transpose_{outer.width}_{inner.width}", ("w", "copy"), body)


def store_transposed(kit: Kit, f: Function, tile: list[list[Local]], address: Expression) -> None:
    """Store a tile, (rows, panel), turned: neighbouring rows become neighbouring numbers."""
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
