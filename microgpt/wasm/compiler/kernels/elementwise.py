"""Operations on each number by itself: sums, products, activations, each beside its derivative.

Vectors lie one after the other with their padding, so that a kernel runs over all bytes of a
stretch of rows; the padding is 0 and stays so.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import UNROLLED, VECTOR, Kit

# Vectors of the operands to the vector of the result.
Formula = Callable[[Kit, Function, list[Local]], Expression]


def elementwise(kit: Kit, op: str) -> Function:
    """The operation called `op`: addresses of its operands and of its result, and bytes."""
    formula, operands = FORMULAS[op]

    def body(f: Function, *parameters: Local) -> None:
        *sources, result, size = parameters
        end = f.keep(result + size)
        with f.loop() as again:
            for v in range(UNROLLED):
                values = [f.keep(kit.numbers.load(f, source, v * VECTOR)) for source in sources]
                f.store(result, formula(kit, f, values), v * VECTOR)
            for address in (*sources, result):
                address.set(address + UNROLLED * VECTOR)
            f.leave(again, result.to("lt_u", end))

    names = [chr(ord("a") + place) for place in range(operands)]
    return kit.function(op, (*names, "result", "size"), body)


def _add(_kit: Kit, _f: Function, operands: list[Local]) -> Expression:
    a, b = operands
    return a + b


def _multiply(_kit: Kit, _f: Function, operands: list[Local]) -> Expression:
    a, b = operands
    return a * b


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
    s = f.keep(_sigmoid(kit, f, x))
    return dy * (s + x * s * (kit.numbers.constant(f, 1.0) - s))


# GELU by tanh is x * sigmoid(z) with z = 2 sqrt(2 / pi) (x + 0.044715 x^3).
GELU_LINEAR = 2 * math.sqrt(2 / math.pi)
GELU_CUBIC = GELU_LINEAR * 0.044715


def _gelu(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    (x,) = operands
    return x * _sigmoid(kit, f, x * (x * x * GELU_CUBIC + GELU_LINEAR))


def _gelu_gradient(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    x, dy = operands
    square = f.keep(x * x)
    s = f.keep(_sigmoid(kit, f, x * (square * GELU_CUBIC + GELU_LINEAR)))
    slope = square * (3 * GELU_CUBIC) + GELU_LINEAR  # dz / dx
    return dy * (s + x * s * (kit.numbers.constant(f, 1.0) - s) * slope)


def _sigmoid(kit: Kit, f: Function, x: Expression) -> Expression:
    """1 / (1 + exp(-x))."""
    numbers = kit.numbers
    return numbers.constant(f, 1.0) / (numbers.exp(f, x.to("neg")) + 1.0)


FORMULAS: dict[str, tuple[Formula, int]] = {
    "add": (_add, 2),
    "multiply": (_multiply, 2),
    "relu": (_relu, 1),
    "relu_gradient": (_relu_gradient, 2),
    "silu": (_silu, 1),
    "silu_gradient": (_silu_gradient, 2),
    "gelu": (_gelu, 1),
    "gelu_gradient": (_gelu_gradient, 2),
}
