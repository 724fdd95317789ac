"""Element-by-element operations: sums, products and activations, each with its derivative.

To add one, write its formulas and its record below, and enter it in `ELEMENTWISE`.

Vectors are stored one after the other with their padding, so a kernel runs over all bytes of a
range of rows. The padding is 0 and a formula maps 0 to 0, so it stays 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microgpt.scalar.operations import GELU_CUBE, GELU_SCALE
from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.graph import (
    GradientRule,
    Gradients,
    Graph,
    Node,
    Operation,
    Symbol,
    SymbolSpec,
)
from microgpt.wasm.compiler.kernels.kit import UNROLLED_VECTORS, VECTOR_BYTES, Kit, Pass

# From the operands' vectors to the result's.
Formula = Callable[[Kit, Function, list[Local]], Expression]


def elementwise_kernel(kit: Kit, name: str, operands: int, formula: Formula) -> Function:
    """The kernel for a formula: the addresses of its operands and of its result, and bytes."""

    def body(f: Function, *parameters: Local) -> None:
        *sources, result, size = parameters
        end = f.let(result + size)
        with f.loop() as again:
            for v in range(UNROLLED_VECTORS):
                offset = v * VECTOR_BYTES
                values = [f.let(kit.numbers.load(f, source, offset)) for source in sources]
                f.store(result, formula(kit, f, values), offset)
            for address in (*sources, result):
                address.set(address + UNROLLED_VECTORS * VECTOR_BYTES)
            f.br_if(again, result.to("lt_u", end))

    names = [chr(ord("a") + place) for place in range(operands)]
    return kit.function(name, (*names, "result", "size"), body)


def elementwise(
    name: str,
    formula: Formula,
    gradient: GradientRule | None = None,
    in_place: tuple[int, ...] = (),
) -> Operation:
    """The record of an operation that applies `formula` to each element of its operands."""

    def emit(calls: Pass, node: Node) -> None:
        kernel = elementwise_kernel(calls.kit, name, len(node.inputs), formula)
        operands = [calls.at(symbol) for symbol in node.inputs]
        (result,) = node.outputs
        size = calls.rows * calls.plan.layout(result).stride
        calls.call(kernel, *operands, calls.at(result), size)

    return Operation(name, emit, gradient, in_place)


def activation(name: str, formula: Formula, derivative: Formula) -> Operation:
    """The record of an operation on one vector.

    Args:
        name: its name in `gpt`.
        formula: y from x.
        derivative: dx from x and dy.
    """
    backward = elementwise(f"{name}_gradient", derivative, in_place=(1,))

    def gradient(graph: Graph, node: Node, dy: Symbol, so_far: Gradients) -> Sequence[Symbol]:
        (x,) = node.inputs
        (dx,) = graph.add(backward, (x, dy), [gradient_of(x)])
        return (accumulate(graph, so_far[0], dx, x),)

    return elementwise(name, formula, gradient)


def gradient_of(symbol: Symbol) -> SymbolSpec:
    """The gradient of a symbol, to be made."""
    return SymbolSpec(f"d {symbol.name}", symbol.dimension)


def accumulate(graph: Graph, so_far: Symbol | None, term: Symbol, of: Symbol) -> Symbol:
    """`term` added to the gradient of `of` so far."""
    if so_far is None:
        return term
    return graph.add(ADD, (so_far, term), [gradient_of(of)])[0]


def _add(_kit: Kit, _f: Function, operands: list[Local]) -> Expression:
    a, b = operands
    return a + b


def _add_gradient(graph: Graph, node: Node, dy: Symbol, so_far: Gradients) -> Sequence[Symbol]:
    a, b = node.inputs
    da = accumulate(graph, so_far[0], dy, a)
    if a is b:
        return (total := accumulate(graph, da, dy, a)), total
    return da, accumulate(graph, so_far[1], dy, b)


def _multiply(_kit: Kit, _f: Function, operands: list[Local]) -> Expression:
    a, b = operands
    return a * b


def _multiply_gradient(graph: Graph, node: Node, dy: Symbol, so_far: Gradients) -> Sequence[Symbol]:
    a, b = node.inputs
    (dy_b,) = graph.add(MULTIPLY, (dy, b), [gradient_of(a)])
    da = accumulate(graph, so_far[0], dy_b, a)
    if a is b:
        return (total := accumulate(graph, da, dy_b, a)), total
    (dy_a,) = graph.add(MULTIPLY, (dy, a), [gradient_of(b)])
    return da, accumulate(graph, so_far[1], dy_a, b)


def _relu(_kit: Kit, _f: Function, operands: list[Local]) -> Expression:
    (x,) = operands
    return x.to("max", 0.0)


def _relu_gradient(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    x, dy = operands
    return kit.numbers.where_positive(f, x, dy)


def _silu(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    (x,) = operands
    return x * _sigmoid(kit, f, x)


def _silu_gradient(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    x, dy = operands
    s = f.let(_sigmoid(kit, f, x))
    return dy * (s + x * s * (kit.numbers.constant(f, 1.0) - s))


# GELU is x * sigmoid(z) with z = GELU_SCALE * (x + GELU_CUBE * x^3).
SCALED_GELU_CUBE = GELU_SCALE * GELU_CUBE


def _gelu(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    (x,) = operands
    return x * _sigmoid(kit, f, x * (x * x * SCALED_GELU_CUBE + GELU_SCALE))


def _gelu_gradient(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    x, dy = operands
    square = f.let(x * x)
    s = f.let(_sigmoid(kit, f, x * (square * SCALED_GELU_CUBE + GELU_SCALE)))
    slope = square * (3 * SCALED_GELU_CUBE) + GELU_SCALE  # dz / dx
    return dy * (s + x * s * (kit.numbers.constant(f, 1.0) - s) * slope)


def _sigmoid(kit: Kit, f: Function, x: Expression) -> Expression:
    """1 / (1 + exp(-x))."""
    numbers = kit.numbers
    return numbers.constant(f, 1.0) / (numbers.exp(f, x.to("neg")) + 1.0)


ADD = elementwise("add", _add, _add_gradient, in_place=(0, 1))
MULTIPLY = elementwise("multiply", _multiply, _multiply_gradient, in_place=(0,))
ELEMENTWISE = (
    ADD,
    MULTIPLY,
    activation("relu", _relu, _relu_gradient),
    activation("silu", _silu, _silu_gradient),
    activation("gelu", _gelu, _gelu_gradient),
)
