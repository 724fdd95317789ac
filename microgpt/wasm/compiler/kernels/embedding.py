"""Embedding: rows of a table, and the derivative by the table.

The table is a matrix in panels like any other, so that a product may use the same one.
"""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.wasm.assembler.function import Function, Local
from microgpt.wasm.compiler.graph import Gradients, Graph, Node, Operation, Symbol
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit, Pass
from microgpt.wasm.compiler.layout import MatrixLayout


def embed(kit: Kit, table: MatrixLayout, index: str) -> Function:
    """For each row from `first` on, the row of the table that its entry in `index` selects."""
    return _lookup(kit, table, index, gradient=False)


def embed_gradient(kit: Kit, table: MatrixLayout, index: str) -> Function:
    """Add each row of dy to the gradient of the table's row that it was looked up from."""
    return _lookup(kit, table, index, gradient=True)


def _lookup(kit: Kit, table: MatrixLayout, index: str, gradient: bool) -> Function:
    numbers, layout = kit.numbers, table.columns
    panel_bytes = kit.plan.tiling.panel * numbers.size
    to_gradient = kit.plan.gradient_offset

    def body(f: Function, w: Local, vectors: Local, first: Local, rows: Local) -> None:
        entry, here = f.local("i32", "entry"), f.local("i32", "here")
        row = f.let(first)
        vectors.set(vectors + first * layout.stride)
        with kit.each_row(f, rows, (vectors, layout.stride), (row, 1)):
            entry.set(w + kit.row_array(f, index, row) * panel_bytes)
            here.set(vectors)
            with kit.repeat(f, layout.width // kit.plan.tiling.panel):
                for offset in range(0, panel_bytes, VECTOR_BYTES):
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


def _emit(calls: Pass, node: Node) -> None:
    kernel = embed(calls.kit, calls.plan.matrices[node.weight], node.index)
    weight, (vectors,) = calls.plan.weight(node.weight), node.outputs
    calls.call(kernel, weight, calls.plan.addresses[vectors], calls.first(), calls.rows)


def _emit_gradient(calls: Pass, node: Node) -> None:
    kernel = embed_gradient(calls.kit, calls.plan.matrices[node.weight], node.index)
    weight, (dy,) = calls.plan.weight(node.weight), node.inputs
    calls.call(kernel, weight, calls.at(dy), calls.first(), calls.rows)


def _gradient(graph: Graph, node: Node, dy: Symbol, _so_far: Gradients) -> Sequence[Symbol]:
    graph.add(EMBED_GRADIENT, (dy,), weight=node.weight, index=node.index)
    return ()


EMBED = Operation("embed", _emit, _gradient)
EMBED_GRADIENT = Operation("embed_gradient", _emit_gradient)
