"""A row of a matrix that is the same for every token: a learned vector, and its derivative."""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.wasm.assembler.function import Function, Local
from microgpt.wasm.compiler.graph import Gradients, Graph, Node, Operation, Symbol
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit, Pass
from microgpt.wasm.compiler.layout import MatrixLayout


def row(kit: Kit, table: MatrixLayout) -> Function:
    """Copy the row of a table at w to each of `rows` vectors."""
    return _panel_by_panel(kit, table, gradient=False)


def row_gradient(kit: Kit, table: MatrixLayout) -> Function:
    """Add the sum of `rows` vectors to the gradient of the row of a table at w."""
    return _panel_by_panel(kit, table, gradient=True)


def _panel_by_panel(kit: Kit, table: MatrixLayout, gradient: bool) -> Function:
    numbers, layout, tiling = kit.numbers, table.columns, kit.plan.tiling
    panel_bytes = tiling.panel * tiling.size
    place = kit.plan.gradient_offset if gradient else 0

    def body(f: Function, w: Local, vectors: Local, rows: Local) -> None:
        panel = [f.local(numbers.vector) for _ in range(tiling.vectors)]
        here = f.local("i32", "here")
        with kit.repeat(f, layout.width // tiling.panel):
            for v, vector in enumerate(panel):
                vector.set(numbers.load(f, w, place + v * VECTOR_BYTES))
            here.set(vectors)
            with kit.each_row(f, rows, (here, layout.stride)):
                for v, vector in enumerate(panel):
                    if gradient:
                        vector.set(vector + numbers.load(f, here, v * VECTOR_BYTES))
                    else:
                        f.store(here, vector, v * VECTOR_BYTES)
            if gradient:
                for v, vector in enumerate(panel):
                    f.store(w, vector, place + v * VECTOR_BYTES)
            w.set(w + table.rows.width * panel_bytes)
            vectors.set(vectors + panel_bytes)

    name = f"row{'_gradient' * gradient}_{table.rows.width}_{layout.width}"
    return kit.function(name, ("w", "vectors", "rows"), body)


def _address(calls: Pass, node: Node) -> int:
    """The address of the row's first panel."""
    plan = calls.plan
    place = plan.matrices[node.weight].rows.positions[node.parameters["number"]]
    return plan.weight(node.weight) + place * plan.tiling.panel * plan.tiling.size


def _emit(calls: Pass, node: Node) -> None:
    kernel, (vectors,) = row(calls.kit, calls.plan.matrices[node.weight]), node.outputs
    calls.call(kernel, _address(calls, node), calls.at(vectors), calls.rows)


def _emit_gradient(calls: Pass, node: Node) -> None:
    kernel, (dy,) = row_gradient(calls.kit, calls.plan.matrices[node.weight]), node.inputs
    calls.call(kernel, _address(calls, node), calls.at(dy), calls.rows)


def _gradient(graph: Graph, node: Node, dy: Symbol, _so_far: Gradients) -> Sequence[Symbol]:
    graph.add(ROW_GRADIENT, (dy,), weight=node.weight, parameters=node.parameters)
    return ()


ROW = Operation("row", _emit, _gradient)
ROW_GRADIENT = Operation("row_gradient", _emit_gradient)
