"""Patches: a result of the forward pass changed in place, by numbers that are data of the module.

y keep + add, element by element: a head whose part of `keep` is 0 is switched off. A node without
patch costs one test of a flag, so that one module serves all patches.
"""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.wasm.assembler.function import Function, Local
from microgpt.wasm.compiler.graph import Graph, Node, Operation
from microgpt.wasm.compiler.kernels.kit import Kit, Pass
from microgpt.wasm.compiler.layout import Layout


def patch(kit: Kit, layout: Layout) -> Function:
    """y = y keep + add for each row of y, if the number at `active` is not 0."""
    numbers = kit.numbers

    def body(f: Function, y: Local, keep: Local, add: Local, active: Local, rows: Local) -> None:
        def changed(at: Sequence[Local], offset: int) -> None:
            vectors = [numbers.load(f, address, offset) for address in at]
            f.store(at[0], numbers.multiply_add(*vectors), offset)

        with f.if_(f.load("i32", active)), kit.each_row(f, rows, (y, layout.stride)):
            kit.each_vector(f, layout.width, [y, keep, add], changed)

    parameters = ("y", "keep", "add", "active", "rows")
    return kit.function(f"patch_{layout.width}_{layout.stride}", parameters, body)


def make_patchable(graph: Graph) -> None:
    """Put a node that can patch it behind every vector that the nodes of a graph make."""
    nodes = []
    for node in graph.nodes:
        nodes.append(node)
        vectors = [value for value in node.outputs if value.form == "vectors"]
        nodes += [Node(PATCH, (value,), source=node.source) for value in vectors]
    graph.nodes = nodes


def _emit(calls: Pass, node: Node) -> None:
    (value,) = node.inputs
    layout = calls.plan.layout(value)
    keep = calls.plan.patches[value.name]
    add, active = keep + layout.stride, keep + 2 * layout.stride
    calls.call(patch(calls.kit, layout), calls.at(value), keep, add, active, calls.rows)


PATCH = Operation("patch", _emit)
