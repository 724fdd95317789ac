"""Arithmetic on vectors, run on the host that is here, against Python's own."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.wasm.assembler.function import Expression, Function
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.compiler.numbers import Numbers, exponential_polynomial, log, sine
from tests.support.emitted import running, the_host

Formula = Callable[[Numbers, Function, Sequence[Expression]], Expression]

KINDS = [("f32", False), ("f64", False), ("f32", True), ("f64", True)]
kinds = pytest.mark.parametrize(
    "numbers", KINDS, ids=lambda kind: f"{kind[0]}{'-relaxed' * kind[1]}", indirect=True
)
f32_kinds, f64_kinds = (
    pytest.mark.parametrize("numbers", KINDS[first::2], ids=["plain", "relaxed"], indirect=True)
    for first in (0, 1)
)
few = settings(max_examples=30)


@pytest.fixture(scope="module")
def numbers(request: pytest.FixtureRequest) -> Numbers:
    """The arithmetic of one precision, relaxed where the host can do that."""
    precision, relaxed = request.param
    if relaxed and not the_host().relaxed:
        pytest.skip("no relaxed SIMD here")
    return Numbers(precision, relaxed)


def computed(numbers: Numbers, formula: Formula, *operands: Sequence[float]) -> list[float]:
    """A formula's result for each vector of the operands, all of one length."""
    typecode = {"f32": "f", "f64": "d"}[numbers.scalar]
    size = len(operands[0]) * numbers.size
    module = Module(pages=1)
    f = module.function("run", export=True)
    here = f.local("i32", "here")
    with f.counted_loop(here, size, 16):
        values = [numbers.load(f, here, place * size) for place in range(len(operands))]
        f.store(here, formula(numbers, f, values))
    with running(module) as instance:
        instance.write(0, b"".join(array(typecode, operand).tobytes() for operand in operands))
        instance.bind("run")()
        made: array[float] = array(typecode, instance.read(0, size))
        return made.tolist()


def exp(numbers: Numbers, f: Function, operands: Sequence[Expression]) -> Expression:
    return numbers.exp(f, operands[0])


def same_in_32_bits(number: float) -> float:
    result: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return result


def worst(found: Sequence[float], expected: Sequence[float]) -> float:
    """The largest relative difference."""
    pairs = zip(found, expected, strict=True)
    return max(abs(one - other) / abs(other) for one, other in pairs)


def spread(lowest: float, highest: float, count: int) -> list[float]:
    """Numbers at equal distances, both ends among them."""
    return [lowest + (highest - lowest) * place / (count - 1) for place in range(count)]


@f32_kinds
def test_exp_in_32_bits_is_right_to_3_parts_in_10_million(numbers: Numbers) -> None:
    xs = [same_in_32_bits(x) for x in (*spread(-87, 88, 1200), *spread(-1, 1, 800))]
    assert worst(computed(numbers, exp, xs), [math.exp(x) for x in xs]) < 3e-7


@f64_kinds
def test_exp_in_64_bits_is_right_to_5_parts_in_10_to_the_16(numbers: Numbers) -> None:
    xs = [*spread(-708, 709, 1200), *spread(-1, 1, 800)]
    assert worst(computed(numbers, exp, xs), [math.exp(x) for x in xs]) < 5e-16


@f32_kinds
@few
@given(st.lists(st.floats(-87, 88, width=32), min_size=4, max_size=4))
def test_exp_of_any_number_in_32_bits_to_3e_7(numbers: Numbers, xs: list[float]) -> None:
    assert worst(computed(numbers, exp, xs), [math.exp(x) for x in xs]) < 3e-7


@f64_kinds
@few
@given(st.lists(st.floats(-708, 709), min_size=4, max_size=4))
def test_exp_of_any_number_in_64_bits_to_5e_16(numbers: Numbers, xs: list[float]) -> None:
    assert worst(computed(numbers, exp, xs), [math.exp(x) for x in xs]) < 5e-16


@kinds
def test_exp_beyond_its_range_is_tiny_or_large_and_finite(numbers: Numbers) -> None:
    largest = 3e38 if numbers.scalar == "f32" else 1e308
    low = computed(numbers, exp, [-89.0 * numbers.size, -1e4, -largest, -math.inf])
    high = computed(numbers, exp, [89.0 * numbers.size, 1e4, largest, math.inf])
    bounds = (-87.0, 88.0) if numbers.scalar == "f32" else (-708.0, 709.0)
    assert low == pytest.approx([math.exp(bounds[0])] * 4, rel=1e-6)
    assert high == pytest.approx([math.exp(bounds[1])] * 4, rel=1e-6)


@kinds
def test_exp_of_no_number_is_none(numbers: Numbers) -> None:
    made = computed(numbers, exp, [math.nan, 0.0, math.nan, 0.0])
    assert [math.isnan(number) for number in made] == [True, False, True, False]


@kinds
def test_exp_grows(numbers: Numbers) -> None:
    """Also where one power of two ends and the next begins."""
    xs = sorted(spread(-80, 80, 500) + [(n + 0.5) * math.log(2) for n in range(-50, 50)])
    ys = computed(numbers, exp, xs)
    assert all(one < other for one, other in pairwise(ys))


def test_the_polynomial_of_exp_meets_it_within_its_degree() -> None:
    for degree, tolerance in ((5, 2e-7), (11, 3e-16)):
        coefficients = exponential_polynomial(degree)
        assert len(coefficients) == degree + 1
        for x in spread(-math.log(2) / 2, math.log(2) / 2, 101):
            value = math.fsum(c * x**power for power, c in enumerate(coefficients))
            assert value == pytest.approx(math.exp(x), rel=tolerance)


@pytest.fixture(scope="module")
def logarithm() -> Iterator[Callable[[float], float]]:
    """`log` as a function."""
    module = Module()
    f = module.function("log", [("x", "f64")], "f64", export=True)
    f.return_(log(f, f.parameters[0]))
    with running(module) as instance:
        call = instance.bind("log")
        yield lambda x: float(call(x) or 0)


def test_log_is_right_to_5_parts_in_10_to_the_16(logarithm: Callable[[float], float]) -> None:
    xs = [math.exp(power) for power in spread(-700, 709, 998)] + spread(0.4, 2.1, 1001)
    assert worst([logarithm(x) for x in xs], [math.log(x) for x in xs]) < 5e-16


@given(x=st.floats(2.3e-308, allow_infinity=False))
def test_log_of_any_positive_normal_number(logarithm: Callable[[float], float], x: float) -> None:
    assert logarithm(x) == pytest.approx(math.log(x), rel=5e-16, abs=0.0)


def test_log_of_1_is_0(logarithm: Callable[[float], float]) -> None:
    assert logarithm(1.0) == 0.0


def test_sine_is_right_to_3_parts_in_10_to_the_16() -> None:
    module = Module()
    f = module.function("sine", [("x", "f64")], "f64", export=True)
    f.return_(sine(f, f.parameters[0]))
    xs = spread(0, math.pi / 2, 1001)
    with running(module) as instance:
        call = instance.bind("sine")
        found = [float(call(x) or 0) for x in xs]
    assert found == pytest.approx([math.sin(x) for x in xs], rel=3e-16)


@kinds
@pytest.mark.parametrize(("by", "combine"), [("add", sum), ("max", max)], ids=["add", "max"])
def test_across_lanes(
    numbers: Numbers, by: str, combine: Callable[[Sequence[float]], float]
) -> None:
    xs = [1.0, -2.0, 8.0, 4.0, 0.5, 0.25, -16.0, 32.0]
    for lanes in {1, 2, numbers.lanes}:

        def formula(numbers: Numbers, f: Function, operands: Sequence[Expression]) -> Expression:
            total = f.let(operands[0])
            numbers.all_reduce(f, total, lanes, by)  # noqa: B023 - written out at once
            return total

        made = computed(numbers, formula, xs)
        sets = [xs[at : at + lanes] for at in range(0, 8, lanes)]
        assert made == [combine(some) for some in sets for _ in range(lanes)]


@kinds
def test_interleaving_takes_numbers_by_turns(numbers: Numbers) -> None:
    a, b = [1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]
    a, b = a[: numbers.lanes], b[: numbers.lanes]
    halves = [
        computed(numbers, lambda n, _, ab, half=half: n.interleave(*ab, half), a, b)  # type: ignore[misc]
        for half in range(2)
    ]
    assert halves[0] + halves[1] == [number for pair in zip(a, b, strict=True) for number in pair]


@kinds
def test_multiply_add(numbers: Numbers) -> None:
    a, b, c = [1.0, -2.0, 3.5, 0.0], [10.0, 20.0, -2.0, 5.0], [0.5, 40.0, 7.0, -1.0]
    made = computed(numbers, lambda n, _, abc: n.multiply_add(*abc), a, b, c)
    assert made == [10.5, 0.0, 0.0, -1.0]


@kinds
def test_multiply_add_rounds_once_or_twice(numbers: Numbers) -> None:
    """Where it is one instruction, it may; where it is two, each one rounds."""
    step = 2.0 ** (-23 if numbers.scalar == "f32" else -52)
    a, b, c = [1 + step] * 4, [1 - step] * 4, [-1.0] * 4
    made = computed(numbers, lambda n, _, abc: n.multiply_add(*abc), a, b, c)
    assert set(made) <= ({0.0, -step * step} if numbers.relaxed else {0.0})


@kinds
def test_only_lanes_where_the_test_is_positive(numbers: Numbers) -> None:
    test, x = [1.0, 0.0, -0.0, -1.0], [5.0, 6.0, 7.0, 8.0]
    made = computed(numbers, lambda n, f, tx: n.where_positive(f, *tx), test, x)
    assert made == [5.0, 0.0, 0.0, 0.0]


@kinds
def test_a_number_in_every_lane_and_a_lane_as_a_number(numbers: Numbers) -> None:
    xs = [1.5, 2.5, 3.5, 4.5]

    def second(numbers: Numbers, f: Function, operands: Sequence[Expression]) -> Expression:
        return numbers.splat(f, numbers.as_f64(numbers.lane(operands[0], 1)))

    def loaded(numbers: Numbers, f: Function, _operands: Sequence[Expression]) -> Expression:
        return numbers.load_splat(f, f.constant("i32", 0), numbers.size)

    expected = [2.5] * 4 if numbers.lanes == 4 else [2.5, 2.5, 4.5, 4.5]
    assert computed(numbers, second, xs) == expected
    assert computed(numbers, loaded, xs[: numbers.lanes]) == [2.5] * numbers.lanes
