"""Value, dot and total: numbers and derivatives, and graphs too deep for any call stack."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from microgpt.autograd import Value, backward_in_parts, dot, take_apart, total

DEEP = 200_000

positive = st.floats(0.1, 5)
numbers = positive | st.floats(-5, -0.1)

# Each function of one value and a constant: on a Value, on a float, and its derivative.
UNARY: dict[str, tuple[Callable[..., Value], Callable[..., float], Callable[..., float]]] = {
    "a + c": (lambda a, c: a + c, lambda a, c: a + c, lambda a, c: 1),
    "c + a": (lambda a, c: c + a, lambda a, c: c + a, lambda a, c: 1),
    "a - c": (lambda a, c: a - c, lambda a, c: a - c, lambda a, c: 1),
    "c - a": (lambda a, c: c - a, lambda a, c: c - a, lambda a, c: -1),
    "a * c": (lambda a, c: a * c, lambda a, c: a * c, lambda a, c: c),
    "c * a": (lambda a, c: c * a, lambda a, c: c * a, lambda a, c: c),
    "a / c": (lambda a, c: a / c, lambda a, c: a / c, lambda a, c: 1 / c),
    "c / a": (lambda a, c: c / a, lambda a, c: c / a, lambda a, c: -c / a**2),
    "-a": (lambda a, c: -a, lambda a, c: -a, lambda a, c: -1),
    "a ** 3": (lambda a, c: a**3, lambda a, c: a**3, lambda a, c: 3 * a**2),
    "a ** -2": (lambda a, c: a**-2, lambda a, c: a**-2, lambda a, c: -2 * a**-3),
    "exp": (lambda a, c: a.exp(), lambda a, c: math.exp(a), lambda a, c: math.exp(a)),
    "relu": (lambda a, c: a.relu(), lambda a, c: max(0.0, a), lambda a, c: float(a > 0)),
    "sigmoid": (
        lambda a, c: a.sigmoid(),
        lambda a, c: 1 / (1 + math.exp(-a)),
        lambda a, c: math.exp(-a) / (1 + math.exp(-a)) ** 2,
    ),
    "a + a * a": (lambda a, c: a + a * a, lambda a, c: a + a * a, lambda a, c: 1 + 2 * a),
    "|a| ** c": (
        lambda a, c: (a * a) ** c,
        lambda a, c: (a * a) ** c,
        lambda a, c: 2 * c * a * (a * a) ** (c - 1),
    ),
    "log(a * a)": (lambda a, c: (a * a).log(), lambda a, c: math.log(a * a), lambda a, c: 2 / a),
}
BINARY: dict[str, tuple[Callable[..., Value], Callable[..., float], Callable[..., object]]] = {
    "a + b": (lambda a, b: a + b, lambda a, b: a + b, lambda a, b: (1, 1)),
    "a - b": (lambda a, b: a - b, lambda a, b: a - b, lambda a, b: (1, -1)),
    "a * b": (lambda a, b: a * b, lambda a, b: a * b, lambda a, b: (b, a)),
    "a / b": (lambda a, b: a / b, lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
}


@pytest.mark.parametrize("name", UNARY)
@given(a=numbers, c=numbers)
def test_a_function_of_one_value(name: str, a: float, c: float) -> None:
    function, plain, derivative = UNARY[name]
    leaf = Value(a)
    result = function(leaf, c)
    result.backward()
    assert result.data == pytest.approx(plain(a, c))
    assert leaf.grad == pytest.approx(derivative(a, c))


@pytest.mark.parametrize("name", BINARY)
@given(a=numbers, b=numbers)
def test_a_function_of_two_values(name: str, a: float, b: float) -> None:
    function, plain, derivatives = BINARY[name]
    left, right = Value(a), Value(b)
    result = function(left, right)
    result.backward()
    assert result.data == pytest.approx(plain(a, b))
    assert (left.grad, right.grad) == pytest.approx(derivatives(a, b))


def test_relu_has_no_slope_at_zero() -> None:
    leaf = Value(0.0)
    leaf.relu().backward()
    assert leaf.grad == 0


@pytest.mark.parametrize(("data", "expected"), [(0.0, 0.5), (800.0, 1.0), (-800.0, 0.0)])
def test_the_sigmoid_of_any_number(data: float, expected: float) -> None:
    leaf = Value(data)
    result = leaf.sigmoid()
    assert result.data == expected
    result.backward()
    assert leaf.grad == expected * (1 - expected)


@pytest.mark.parametrize("data", [0.0, -1.0])
def test_the_logarithm_of_what_has_none(data: float) -> None:
    with pytest.raises(ValueError, match=r"math domain error|positive"):
        Value(data).log()


# Operations that keep numbers small and smooth, so that differences are good derivatives.
STEPS: dict[str, Callable[[Value, Value], Value]] = {
    "sum": lambda a, b: a + b,
    "difference": lambda a, b: a - b,
    "product": lambda a, b: a * b / (a * a + b * b + 1.0),
    "quotient": lambda a, b: a / (b * b + 1.0),
    "power": lambda a, b: 2.0 * (a * a + 1.0) ** -0.5,
    "exp": lambda a, b: (a * a * -0.1).exp(),
    "log": lambda a, b: (1.0 + a * a).log(),
    "relu": lambda a, b: a.relu(),
    "sigmoid": lambda a, b: (a - b).sigmoid(),
    "dot": lambda a, b: dot([a, b, a], [b, b, b]) * 0.01,
    "total": lambda a, b: 1.0 - total([a, b, a]),
}
Program = list[tuple[str, int, int]]


def run(program: Program, inputs: Sequence[Value]) -> Value:
    """Each step reads two of the values before it; the last value is the result."""
    values = list(inputs)
    for name, i, j in program:
        a, b = values[i % len(values)], values[j % len(values)]
        # Next to relu's kink a difference says nothing.
        assume(name != "relu" or abs(a.data) > 0.05)
        values.append(STEPS[name](a, b))
    return values[-1]


@given(
    program=st.lists(
        st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 99), st.integers(0, 99)),
        min_size=1,
        max_size=8,
    ),
    inputs=st.lists(st.floats(-2, 2), min_size=1, max_size=3),
)
def test_any_expression_against_differences(program: Program, inputs: list[float]) -> None:
    leaves = [Value(data) for data in inputs]
    run(program, leaves).backward()
    step = 1e-5
    for i, leaf in enumerate(leaves):
        high, low = (
            run(program, [Value(x + sign * step * (i == k)) for k, x in enumerate(inputs)]).data
            for sign in (1, -1)
        )
        assert leaf.grad == pytest.approx((high - low) / (2 * step), rel=1e-4, abs=1e-5)


def test_a_backward_pass_can_begin_with_a_share() -> None:
    whole, shared = Value(3.0), Value(3.0)
    (whole * whole).backward()
    for _ in backward_in_parts(shared * shared, grad=0.25):
        pass
    assert (whole.grad, shared.grad) == (6.0, 1.5)


def written_out_dot(a: Sequence[Value], b: Sequence[Value]) -> Value:
    return written_out_total([x * y for x, y in zip(a, b, strict=True)])


def written_out_total(values: Sequence[Value]) -> Value:
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


Matrix = list[list[Value]]


def network(
    dot: Callable[[Sequence[Value], Sequence[Value]], Value],
    total: Callable[[Sequence[Value]], Value],
    matrix: Matrix,
    x: list[Value],
) -> Value:
    """All that a model does with dot and total: norm, layers, residual, attention, softmax."""
    scale = (dot(x, x) * len(x) ** -1 + 1e-5) ** -0.5
    h = [element * scale for element in x]
    for _ in range(2):
        residual = h
        h = [dot(row, h).relu() for row in matrix]
        h = [a + b for a, b in zip(h, residual, strict=True)]
    q, k, v = (
        [dot(row, h) for row in rows] for rows in (matrix, matrix[::-1], matrix[1:] + matrix[:1])
    )
    match = dot(q, k)
    h = [match * a + b for a, b in zip(v, h, strict=True)]
    exps = [(element * 0.1).exp() for element in h]
    whole = total(exps)
    weights = [element * whole**-1 for element in exps]
    mixed = [dot(weights, column) for column in zip(*matrix, strict=True)]
    return total([element * element for element in mixed]) * (1 / len(mixed))


@given(data=st.data(), size=st.integers(1, 6))
def test_dot_and_total_equal_the_sums_written_out(data: st.DataObject, size: int) -> None:
    count = size * size + size
    flat = data.draw(st.lists(st.floats(-1, 1), min_size=count, max_size=count))
    outcomes = []
    for functions in ((dot, total), (written_out_dot, written_out_total)):
        leaves = [Value(x) for x in flat]
        x, rest = leaves[:size], leaves[size:]
        matrix = [rest[start : start + size] for start in range(0, size * size, size)]
        result = network(*functions, matrix, x)
        answer = result.data
        result.backward()
        outcomes.append((answer, [leaf.grad for leaf in leaves]))
    assert outcomes[0] == outcomes[1]


def test_dot_and_total_add_up_from_left_to_right() -> None:
    numbers = [1e16, 1.0, 1.0, -1e16]  # a sum that rounds at the end would give 2
    values = [Value(x) for x in numbers]
    assert total(values).data == 0.0
    assert dot(values, [Value(1.0)] * 4).data == 0.0


def test_dot_of_vectors_of_different_length() -> None:
    with pytest.raises(ValueError, match="zip"):
        dot([Value(1.0)], [Value(1.0), Value(2.0)])


def test_a_leaf_adds_up_the_gradients_of_its_graphs() -> None:
    weight = Value(3.0)
    (weight * weight).backward()
    assert weight.grad == 6.0
    (weight * 10.0).backward()
    assert weight.grad == 16.0


def test_a_shared_part_counts_as_often_as_it_is_used() -> None:
    a = Value(2.0)
    shared = a * 3.0
    (shared * shared + shared).backward()  # 9 a^2 + 3 a
    assert shared.grad == 2 * 6.0 + 1
    assert a.grad == 18 * 2.0 + 3


def test_backward_takes_the_graph_apart() -> None:
    a = Value(2.0)
    inner = a * 3.0
    root = inner.exp()
    root.backward()
    gradient = a.grad
    assert inner.children == root.children == ()
    root.backward()
    assert a.grad == gradient


def chain_of(leaf: Value, length: int) -> list[Value]:
    """A chain of sums that each add the leaf once more, from the leaf to the end."""
    values = [leaf]
    for _ in range(length):
        values.append(values[-1] + leaf)
    return values


def test_a_deep_chain() -> None:
    leaf = Value(1.0)
    root = chain_of(leaf, DEEP).pop()
    assert root.data == DEEP + 1
    root.backward()
    assert leaf.grad == DEEP + 1
    assert root.children == ()
    del root  # kills an interpreter with a small stack if the chain still hangs together


def test_a_deep_chain_that_is_dropped_unused() -> None:
    leaf = Value(1.0)
    values = chain_of(leaf, DEEP)
    root, middle = values[-1], values[DEEP // 2]
    del values
    take_apart([root])
    assert root.children == middle.children == ()
    assert leaf.grad == 0
    del root, middle


def test_backward_in_parts_gives_the_same_gradients() -> None:
    whole, parted = Value(0.5), Value(0.5)
    chain_of(whole * whole, 1000)[-1].backward()
    pauses = sum(1 for _ in backward_in_parts(chain_of(parted * parted, 1000)[-1], part=100))
    assert pauses >= 20  # 2,000 edges are sorted, then walked
    assert parted.grad == whole.grad == 1001.0


@pytest.mark.parametrize("pauses", [1, 5, 20, 39], ids="after {} pauses".format)
def test_backward_that_is_given_up_cuts_the_graph(pauses: int) -> None:
    values = chain_of(Value(0.5) * 2.0, 1000)
    parts = backward_in_parts(values[-1], part=100)
    for _ in range(pauses):
        next(parts)
    assert any(child in (a, values[0]) for a, b in pairwise(values) for child in b.children)
    assert isinstance(parts, Generator)
    parts.close()
    assert all(value.children == () for value in values)
