"""Rows of a table, and the derivative by the table.

The table is a matrix in panels, so that it may be the same one as a product's.
"""

from __future__ import annotations

from microgpt.wasm.assembler.function import Function, Local
from microgpt.wasm.compiler.kernels.kit import VECTOR, Kit
from microgpt.wasm.compiler.layout import MatrixLayout


def embed(kit: Kit, table: MatrixLayout, index: str) -> Function:
    """The table's row that each row's number in the array `index` names, from row `first` on."""
    return _lookup(kit, table, index, gradient=False)


def embed_gradient(kit: Kit, table: MatrixLayout, index: str) -> Function:
    """Each row of dy, added to the gradient of the table's row that it belongs to."""
    return _lookup(kit, table, index, gradient=True)


def _lookup(kit: Kit, table: MatrixLayout, index: str, gradient: bool) -> Function:
    numbers, layout = kit.numbers, table.columns
    panel_bytes = kit.plan.tiling.panel * numbers.size
    to_gradient = 3 * kit.plan.state_size

    def body(f: Function, w: Local, vectors: Local, first: Local, rows: Local) -> None:
        entry, here = f.local("i32", "entry"), f.local("i32", "here")
        row = f.keep(first)
        vectors.set(vectors + first * layout.stride)
        with kit.each_row(f, rows, (vectors, layout.stride), (row, 1)):
            entry.set(w + kit.row_array(f, index, row) * panel_bytes)
            here.set(vectors)
            with kit.times(f, layout.width // kit.plan.tiling.panel):
                for offset in range(0, panel_bytes, VECTOR):
                    if gradient:
                        total = numbers.load(f, entry, to_gradient + offset)
                        total = total + numbers.load(f, here, offset)
                        f.store(entry, total, to_gradient + offset)
                    else:
                        f.store(here, numbers.load(f, entry, offset), offset)
                entry.set(entry + table.rows.width * panel_bytes)
                here.set(here + panel_bytes)

    name = f"embed{'_gradient' * gradient}_{index}_{table.rows.width}_{layout.width}"
    return kit.function(name, ("w", "vectors", "first", "rows"), body)
