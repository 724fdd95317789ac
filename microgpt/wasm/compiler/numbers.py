"""Vector arithmetic in 32 or 64 bits, as instructions.

`exp` works as usual: an integer power of two through the exponent's bits, times a polynomial for
the rest, here the one that interpolates exp at the Chebyshev nodes.
"""

from __future__ import annotations

import math

from microgpt.wasm.assembler.function import Expression, Function, Local

# Byte indices that swap a vector's halves, or the two 4-byte quarters of each half.
SWAP_HALVES = (*range(8, 16), *range(8))
SWAP_QUARTERS = (*range(4, 8), *range(4), *range(12, 16), *range(8, 12))
# Byte indices that interleave the first halves, or the second halves, of two vectors.
INTERLEAVE = {
    4: (
        (*range(4), *range(16, 20), *range(4, 8), *range(20, 24)),
        (*range(8, 12), *range(24, 28), *range(12, 16), *range(28, 32)),
    ),
    8: ((*range(8), *range(16, 24)), (*range(8, 16), *range(24, 32))),
}
LN2_REST = 2.3190468138462996e-17  # ln 2 - math.log(2): times 1,023 it matters in exp


class Numbers:
    """The number type of a module, and its arithmetic.

    Args:
        precision: "f32" or "f64".
        relaxed: whether the host has multiply-add in one instruction.
    """

    def __init__(self, precision: str, relaxed: bool) -> None:
        self.scalar = precision
        self.vector = {"f32": "f32x4", "f64": "f64x2"}[precision]
        self.lanes = int(self.vector[-1])
        self.size = 16 // self.lanes
        self.relaxed = relaxed
        self._bits = f"i{8 * self.size}x{self.lanes}"
        self._mantissa = {4: 23, 8: 52}[self.size]
        # Between these bounds exp is neither 0 nor infinite.
        self._lowest, self._highest = {4: (-87.0, 88.0), 8: (-708.0, 709.0)}[self.size]
        self._polynomial = exponential_polynomial({4: 5, 8: 11}[self.size])

    def load(self, f: Function, address: Expression, offset: int = 0) -> Expression:
        """The vector at `address` + `offset` (bytes)."""
        return f.load(self.vector, address, offset)

    def load_splat(self, f: Function, address: Expression, offset: int = 0) -> Expression:
        """The number at `address` + `offset` (bytes), in every lane."""
        name = f"v128.load{8 * self.size}_splat"
        return f.op(name, address, immediates=(offset,))

    def constant(self, f: Function, value: float) -> Expression:
        """A constant in every lane."""
        return f.constant(self.vector, value)

    def splat(self, f: Function, x: Expression) -> Expression:
        """The scalar x (f64) in every lane."""
        return f.op(f"{self.vector}.splat", self.from_f64(x))

    def lane(self, x: Expression, lane: int = 0) -> Expression:
        """The scalar in one lane."""
        return x.to("extract_lane", lane=lane)

    def from_f64(self, x: Expression) -> Expression:
        """The scalar x (f64) as a number of this type."""
        return x.function.op("f32.demote_f64", x) if self.scalar == "f32" else x

    def as_f64(self, x: Expression) -> Expression:
        """A scalar as f64."""
        return x if x.kind == "f64" else x.function.op("f64.promote_f32", x)

    def multiply_add(self, a: Expression, b: Expression, c: Expression) -> Expression:
        """a * b + c."""
        if self.relaxed:
            return a.to("relaxed_madd", b, c)
        return c + a * b

    def swapped(self, f: Function, x: Local, lanes: int = 1) -> Expression:
        """x with neighbouring lanes swapped, or neighbouring pairs of `lanes` 2."""
        order = {4: SWAP_QUARTERS, 8: SWAP_HALVES}[lanes * self.size]
        return f.op("i8x16.shuffle", x, x, immediates=order, kind=self.vector)

    def all_reduce(self, f: Function, x: Local, lanes: int, by: str = "add") -> None:
        """Set each lane of x to the sum (or "max") over its group of `lanes` neighbouring lanes."""
        width = 1
        while width < lanes:
            x.set(x.to(by, self.swapped(f, x, width)))
            width *= 2

    def interleave(self, a: Expression, b: Expression, half: int) -> Expression:
        """Alternating lanes of a and b, from the first (0) or the second (1) half of each."""
        order = INTERLEAVE[self.size][half]
        return a.function.op("i8x16.shuffle", a, b, immediates=order, kind=self.vector)

    def exp(self, f: Function, x: Expression) -> Expression:
        """e to the power of x; at least e**-87 (f32) or e**-708 (f64)."""
        x = f.let(x.to("max", self._lowest).to("min", self._highest))
        # Adding this number rounds to an integer: no bits are left for a fraction.
        large = 1.5 * 2.0**self._mantissa
        power = f.let(
            self.multiply_add(x, self.constant(f, math.log2(math.e)), self.constant(f, large))
        )
        whole = f.let(power - large)
        # ln 2 in two parts, the first with so few bits that its products are exact.
        high = math.ldexp(round(math.ldexp(math.log(2), 12)), -12)
        if self.size == 8:
            high = math.ldexp(round(math.ldexp(math.log(2), 32)), -32)
        low = math.log(2) - high + LN2_REST
        rest = self.multiply_add(whole, self.constant(f, -high), x)
        rest = f.let(self.multiply_add(whole, self.constant(f, -low), rest))
        coefficients = [self.constant(f, c) for c in reversed(self._polynomial)]
        result = coefficients[0]
        for coefficient in coefficients[1:]:
            result = self.multiply_add(result, rest, coefficient)
        # The low bits of `power` are the integer; shifted up they are an exponent.
        exponent = power.bits(self._bits).to("shl", f.constant("i32", self._mantissa))
        return f.let(result).bits(self._bits).to("add", exponent).bits(self.vector)

    def where_positive(self, f: Function, test: Expression, x: Expression) -> Expression:
        """x in the lanes where `test` is positive, 0 in the others."""
        mask = test.to("gt", 0.0)
        return f.op("v128.and", x, mask, kind=self.vector)


def exponential_polynomial(degree: int) -> list[float]:
    """The polynomial that interpolates exp at the Chebyshev nodes of [-ln 2 / 2, ln 2 / 2].

    Returns its coefficients, the constant one first: Newton's divided differences, expanded.
    """
    reach = math.log(2) / 2
    points = [reach * math.cos(math.pi * (2 * k + 1) / (2 * degree + 2)) for k in range(degree + 1)]
    differences = [math.exp(point) for point in points]
    for order in range(1, degree + 1):
        for k in range(degree, order - 1, -1):
            gap = points[k] - points[k - order]
            differences[k] = (differences[k] - differences[k - 1]) / gap
    result = [0.0] * (degree + 1)
    for k in range(degree, -1, -1):  # result = result * (x - points[k]) + differences[k]
        shifted = [0.0, *result[:-1]]
        result = [a - points[k] * b for a, b in zip(shifted, result, strict=True)]
        result[0] += differences[k]
    return result


def log(f: Function, x: Expression) -> Expression:
    """The natural logarithm of a positive normal f64: exponent times ln 2, plus log(mantissa).

    The latter is a series in (m - 1) / (m + 1) of the mantissa m.
    """
    bits = f.let(f.op("i64.reinterpret_f64", x))
    # The exponent is rounded so that the mantissa is between sqrt(1/2) and sqrt(2).
    offset = f.let(bits - f.constant("i64", 0x3FE6A09E667F3BCD))
    exponent = f.let(f.op("f64.convert_i64_s", f.op("i64.shr_s", offset, f.constant("i64", 52))))
    fraction = f.op("i64.and", offset, f.constant("i64", (1 << 52) - 1))
    m = f.let(f.op("f64.reinterpret_i64", fraction + f.constant("i64", 0x3FE6A09E667F3BCD)))
    s = f.let((m - 1.0) / (m + 1.0))
    square = f.let(s * s)
    series: Expression = f.constant("f64", 2 / 23)
    for odd in range(21, 0, -2):
        series = series * square + 2 / odd
    return series * s + exponent * math.log(2)


def sine(f: Function, x: Local) -> Expression:
    """The sine of an f64 between 0 and pi / 2, by its Taylor series."""
    square = f.let(x * x)
    series: Expression = f.constant("f64", 1 / math.factorial(21))
    for odd in range(19, 0, -2):
        sign = 1 if odd % 4 == 1 else -1
        series = series * square + sign / math.factorial(odd)
    return series * x
