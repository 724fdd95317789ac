"""The graph as functions: forward, loss, backward and update, a call of a kernel for each node.

This module knows which kernel carries out which operation; the kernels know no graph.
"""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function
from microgpt.wasm.compiler.graph import Graph, Node, Value
from microgpt.wasm.compiler.kernels.adam import adam, transpose
from microgpt.wasm.compiler.kernels.attention import attention, attention_gradient
from microgpt.wasm.compiler.kernels.cross_entropy import cross_entropy
from microgpt.wasm.compiler.kernels.elementwise import elementwise
from microgpt.wasm.compiler.kernels.embedding import embed, embed_gradient
from microgpt.wasm.compiler.kernels.kit import Kit
from microgpt.wasm.compiler.kernels.linear import linear, weight_gradient
from microgpt.wasm.compiler.kernels.rmsnorm import rmsnorm, rmsnorm_gradient
from microgpt.wasm.compiler.memory import split


def write_passes(kit: Kit, graph: Graph) -> None:
    """Write `forward`, `loss`, `backward`, `update` and `refresh`.

    `forward(first, rows, begin, end)` and `backward(rows, begin, end)` do what their nodes from
    number `begin` to before `end` say: for a large model that is done in several calls.
    `loss(rows)` gives back the rows' loss (f64) after `forward`, `update` changes the weights that
    were not changed on the way, and `refresh` makes the transposed copies of all weights.
    """
    forward_nodes, (loss_node, *backward_nodes) = split(graph)
    _write_refresh(kit)

    def forward(
        f: Function, first: Expression, rows: Expression, begin: Expression, end: Expression
    ) -> None:
        _Pass(kit, f, first, rows).write(forward_nodes, begin, end)

    def loss(f: Function, rows: Expression) -> None:
        step = _Pass(kit, f, None, rows)
        logits, gradient = loss_node.inputs[0], loss_node.outputs[0]
        kernel = cross_entropy(kit, kit.plan.layout(logits))
        f.give_back(f.call(kernel, step.at(logits), step.at(gradient), rows))

    def backward(f: Function, rows: Expression, begin: Expression, end: Expression) -> None:
        _Pass(kit, f, None, rows).write(backward_nodes, begin, end)

    def update(f: Function) -> None:
        plan = kit.plan
        f.comment("the weights whose gradient was added up in memory")
        f.do(f.call(adam(kit), plan.weights, plan.gradient_size))
        if any(name not in plan.fused for name in plan.copies):
            f.do(f.call(kit.made("refresh")))

    kit.function("forward", ("first", "rows", "begin", "end"), forward, export=True)
    kit.function("loss", ("rows",), loss, "f64", export=True)
    kit.function("backward", ("rows", "begin", "end"), backward, export=True)
    kit.function("update", (), update)


def _write_refresh(kit: Kit) -> None:
    def refresh(f: Function) -> None:
        plan = kit.plan
        for name, copy in plan.copies.items():
            f.do(f.call(transpose(kit, plan.matrices[name]), plan.weight(name), copy))

    kit.function("refresh", (), refresh, export=True)


class _Pass:
    """Calls of kernels, written into `f`, for `rows` rows from `first` on (None: from row 0)."""

    def __init__(self, kit: Kit, f: Function, first: Expression | None, rows: Expression) -> None:
        self._kit, self._f, self._plan = kit, f, kit.plan
        self._first, self._rows = first, rows

    def write(self, nodes: list[Node], begin: Expression, end: Expression) -> None:
        """A call for each node, below the line of Python that it came from."""
        count = self._f.keep(end - begin, "count")
        for number, node in enumerate(nodes):
            self._f.comment(node.source)
            self._f.comment(f"    {node}")
            place = self._f.constant("i32", number) - begin
            with self._f.when(place.to("lt_u", count)):
                getattr(self, f"_{node.op}", self._elementwise)(node)

    def at(self, value: Value) -> Expression:
        """The address of the first row's part of `value`."""
        address = self._f.constant("i32", self._plan.addresses[value])
        if self._first is None:
            return address
        stride = self._plan.layout(value).stride
        if value.form == "scalars":
            stride = self._plan.tiling.size
        return self._first * stride + address

    def _call(self, kernel: Function, *arguments: Expression | int) -> None:
        self._f.do(self._f.call(kernel, *arguments))

    def _start(self) -> Expression:
        return self._f.constant("i32", 0) if self._first is None else self._first

    def _elementwise(self, node: Node) -> None:
        (made,) = node.outputs
        size = self._rows * self._plan.layout(made).stride
        operands = [self.at(value) for value in node.inputs]
        self._call(elementwise(self._kit, node.op), *operands, self.at(made), size)

    def _embed(self, node: Node) -> None:
        kernel = embed(self._kit, self._plan.matrices[node.weight], node.index)
        address = self._f.constant("i32", self._plan.addresses[node.outputs[0]])
        self._call(kernel, self._plan.weight(node.weight), address, self._start(), self._rows)

    def _embed_gradient(self, node: Node) -> None:
        kernel = embed_gradient(self._kit, self._plan.matrices[node.weight], node.index)
        dy = self.at(node.inputs[0])
        self._call(kernel, self._plan.weight(node.weight), dy, self._start(), self._rows)

    def _rmsnorm(self, node: Node) -> None:
        (x,), (y, scale) = node.inputs, node.outputs
        kernel = rmsnorm(self._kit, self._plan.layout(x))
        self._call(kernel, self.at(x), self.at(y), self.at(scale), self._rows)

    def _rmsnorm_gradient(self, node: Node) -> None:
        y, scale, dy, *plus = (self.at(value) for value in node.inputs)
        layout = self._plan.layout(node.outputs[0])
        kernel = rmsnorm_gradient(self._kit, layout, plus=bool(plus))
        z = plus[0] if plus else 0
        self._call(kernel, y, scale, dy, z, self.at(node.outputs[0]), self._rows)

    def _linear(self, node: Node) -> None:
        matrix = self._plan.matrices[node.weight]
        kernel = linear(self._kit, matrix.columns, matrix.rows)
        x, y = self.at(node.inputs[0]), self.at(node.outputs[0])
        self._call(kernel, x, self._plan.copies[node.weight], y, 0, self._rows)

    def _linear_gradient(self, node: Node) -> None:
        matrix = self._plan.matrices[node.weight]
        dy, *plus = (self.at(value) for value in node.inputs)
        kernel = linear(self._kit, matrix.rows, matrix.columns, plus=bool(plus))
        dx, z = self.at(node.outputs[0]), plus[0] if plus else 0
        self._call(kernel, dy, self._plan.weight(node.weight), dx, z, self._rows)

    def _weight_gradient(self, node: Node) -> None:
        x, dy = (self.at(value) for value in node.inputs)
        fused = node.weight in self._plan.fused
        kernel = weight_gradient(self._kit, self._plan.matrices[node.weight], fused)
        weight, copy = self._plan.weight(node.weight), self._plan.copies[node.weight]
        self._call(kernel, x, dy, weight, copy, self._rows)

    def _attention(self, node: Node) -> None:
        (q, k, v), (out, weights) = node.inputs, node.outputs
        kernel = attention(self._kit, self._plan.layout(q))
        matrices = [self._plan.addresses[value] for value in (q, k, v, out, weights)]
        self._call(kernel, *matrices, self._start(), self._rows)

    def _attention_gradient(self, node: Node) -> None:
        kernel = attention_gradient(self._kit, self._plan.layout(node.inputs[0]))
        matrices = [self._plan.addresses[value] for value in (*node.inputs, *node.outputs)]
        self._call(kernel, *matrices, self._rows)
