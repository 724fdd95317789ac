"""The graph as functions: forward, loss, backward and update; each node is a kernel call."""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function
from microgpt.wasm.compiler.graph import Graph
from microgpt.wasm.compiler.kernels.cross_entropy import cross_entropy
from microgpt.wasm.compiler.kernels.kit import Kit, Pass
from microgpt.wasm.compiler.kernels.linear import transpose
from microgpt.wasm.compiler.kernels.update import update_weights
from microgpt.wasm.compiler.memory import split_passes


def write_forward(kit: Kit, graph: Graph) -> None:
    """Write `forward`, `loss` and `transpose_weights`.

    `forward(first, rows, begin, end)` runs its nodes from number `begin` to before `end`; for a
    large model this takes several calls. `loss(rows)` returns the rows' loss (f64) after `forward`;
    `transpose_weights` writes the transposed copies of all weights.
    """
    forward_nodes, (loss_node, *_) = split_passes(graph)
    _write_transpose_weights(kit)

    def forward(
        f: Function, first: Expression, rows: Expression, begin: Expression, end: Expression
    ) -> None:
        Pass(kit, f, first, rows).write(forward_nodes, begin, end)

    def loss(f: Function, rows: Expression) -> None:
        step = Pass(kit, f, None, rows)
        logits, gradient = loss_node.inputs[0], loss_node.outputs[0]
        kernel = cross_entropy(kit, kit.plan.layout(logits))
        f.return_(f.call(kernel, step.at(logits), step.at(gradient), rows))

    kit.function("forward", ("first", "rows", "begin", "end"), forward, export=True)
    kit.function("loss", ("rows",), loss, "f64", export=True)


def write_backward(kit: Kit, graph: Graph) -> None:
    """Write `backward(rows, begin, end)`, which runs its nodes like `forward`, and `update`.

    `update` updates all weights by the gradients that `backward` has added up, and clears these.
    """
    _, (_, *backward_nodes) = split_passes(graph)

    def backward(f: Function, rows: Expression, begin: Expression, end: Expression) -> None:
        Pass(kit, f, None, rows).write(backward_nodes, begin, end)

    def update(f: Function) -> None:
        plan = kit.plan
        if plan.uncopied_size:
            f.emit(f.call(update_weights(kit), plan.weights, plan.uncopied_size))
        for name, copy in plan.copies.items():
            kernel = transpose(kit, plan.matrices[name], updated=True)
            f.emit(f.call(kernel, plan.weight(name), copy))

    kit.function("backward", ("rows", "begin", "end"), backward, export=True)
    kit.function("update", (), update)


def _write_transpose_weights(kit: Kit) -> None:
    def transpose_weights(f: Function) -> None:
        plan = kit.plan
        for name, copy in plan.copies.items():
            f.emit(f.call(transpose(kit, plan.matrices[name]), plan.weight(name), copy))

    kit.function("transpose_weights", (), transpose_weights, export=True)
