"""RMSNorm and its derivative (Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019).

y = x s with s = (mean(x^2) + eps)^(-1/2); dx = s (dy - y mean(dy y)).
"""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.scalar.operations import RMSNORM_EPS
from microgpt.wasm.assembler.function import Function, Local
from microgpt.wasm.compiler.graph import Gradients, Graph, Node, Operation, Symbol
from microgpt.wasm.compiler.kernels.elementwise import gradient_of
from microgpt.wasm.compiler.kernels.kit import Kit, Pass
from microgpt.wasm.compiler.layout import Layout


def rmsnorm(kit: Kit, layout: Layout) -> Function:
    """y from x; the factors s are stored in `scale`."""
    numbers = kit.numbers

    def body(f: Function, x: Local, y: Local, scale: Local, rows: Local) -> None:
        factor = f.local(numbers.vector, "factor")

        def scaled(at: Sequence[Local], offset: int) -> None:
            f.store(at[1], numbers.load(f, at[0], offset) * factor, offset)

        moving = [(x, layout.stride), (y, layout.stride), (scale, layout.tiling.size)]
        with kit.each_row(f, rows, *moving):
            _mean_product(kit, f, layout, x, x, factor)
            factor.set(numbers.constant(f, 1.0) / (factor + RMSNORM_EPS).to("sqrt"))
            f.store(scale, numbers.lane(factor))
            kit.each_vector(f, layout.width, [x, y], scaled)

    name = f"rmsnorm_{layout.size}_{layout.width}"
    return kit.function(name, ("x", "y", "scale", "rows"), body)


def rmsnorm_gradient(kit: Kit, layout: Layout, plus: bool) -> Function:
    """dx from y, the factors and dy; with `plus`, another gradient z of x is added to it."""
    numbers = kit.numbers

    def body(
        f: Function, y: Local, scale: Local, dy: Local, z: Local, dx: Local, rows: Local
    ) -> None:
        mean = f.local(numbers.vector, "mean")
        factor = f.local(numbers.vector, "factor")
        matrices = [y, dy, dx, *([z] if plus else [])]

        def derived(at: Sequence[Local], offset: int) -> None:
            rest = numbers.load(f, at[1], offset) - numbers.load(f, at[0], offset) * mean
            result = rest * factor
            if plus:
                result = result + numbers.load(f, at[3], offset)
            f.store(at[2], result, offset)

        moving = [(matrix, layout.stride) for matrix in matrices]
        with kit.each_row(f, rows, *moving, (scale, layout.tiling.size)):
            _mean_product(kit, f, layout, y, dy, mean)
            factor.set(numbers.load_splat(f, scale))
            kit.each_vector(f, layout.width, matrices, derived)

    name = f"rmsnorm_gradient_{layout.size}_{layout.width}" + "_plus" * plus
    return kit.function(name, ("y", "scale", "dy", "z", "dx", "rows"), body)


def _mean_product(kit: Kit, f: Function, layout: Layout, a: Local, b: Local, total: Local) -> None:
    """Set `total` to the mean of a * b, in every lane."""
    numbers = kit.numbers

    def add_product(at: Sequence[Local], offset: int) -> None:
        pair = [numbers.load(f, address, offset) for address in at]
        total.set(numbers.multiply_add(pair[0], pair[1], total))

    total.set(0.0)
    kit.each_vector(f, layout.width, [a, b], add_product)
    numbers.all_reduce(f, total, numbers.lanes)
    total.set(total * (1 / layout.size))


def _emit(calls: Pass, node: Node) -> None:
    (x,), (y, scale) = node.inputs, node.outputs
    kernel = rmsnorm(calls.kit, calls.plan.layout(x))
    calls.call(kernel, calls.at(x), calls.at(y), calls.at(scale), calls.rows)


def _emit_gradient(calls: Pass, node: Node) -> None:
    y, scale, dy, *plus = (calls.at(symbol) for symbol in node.inputs)
    (dx,) = node.outputs
    kernel = rmsnorm_gradient(calls.kit, calls.plan.layout(dx), plus=bool(plus))
    z = plus[0] if plus else 0
    calls.call(kernel, y, scale, dy, z, calls.at(dx), calls.rows)


def _gradient(graph: Graph, node: Node, dy: Symbol, so_far: Gradients) -> Sequence[Symbol]:
    (x,), (y, scale) = node.inputs, node.outputs
    plus = () if so_far[0] is None else (so_far[0],)
    return graph.add(RMSNORM_GRADIENT, (y, scale, dy, *plus), [gradient_of(x)])


RMSNORM = Operation("rmsnorm", _emit, _gradient, scalars=("scale",))
RMSNORM_GRADIENT = Operation("rmsnorm_gradient", _emit_gradient, in_place=(2, 3))
