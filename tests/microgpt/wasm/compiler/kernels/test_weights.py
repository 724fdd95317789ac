"""The kernels on weights, each by itself: products, their derivatives, Adam and tables."""

from __future__ import annotations

import pytest

from microgpt.wasm.compiler.kernels.embedding import embed, embed_gradient
from microgpt.wasm.compiler.kernels.linear import (
    LINEAR_GRADIENT,
    linear,
    transpose,
    weight_gradient,
)
from microgpt.wasm.compiler.kernels.update import sum_of_squares, update_weights
from microgpt.wasm.compiler.layout import MatrixLayout
from tests.support.workbench import (
    OPS,
    Setup,
    Workbench,
    added,
    data,
    every_setup,
    gradients,
    send_back,
    some,
    values,
)

# Numbers that go in, heads that they are divided among, and numbers that come out.
SIZES = [(8, 1, 8), (1, 1, 2), (6, 3, 5), (33, 1, 20), (16, 4, 40), (50, 5, 7)]
every_size = pytest.mark.parametrize("size", SIZES, ids=str)
ROWS = [1, 2, 7]  # 2 or 4 are computed at a time
STEP = {
    "scale": 0.5,
    "beta1": 0.85,
    "rest1": 0.15,
    "beta2": 0.99,
    "rest2": 0.01,
    "rate": 0.02,
    "eps": 1e-3,
}

Matrix = list[list[float]]
Size = tuple[int, int, int]


def transposed(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def bench_of(setup: Setup, size: Size) -> Workbench:
    inner, n_head, outer = size
    return Workbench(setup, inner, n_head, outer, max(ROWS))


def copy_layout(bench: Workbench) -> MatrixLayout:
    return MatrixLayout(bench.inner, bench.outer)


@every_setup
@every_size
def test_linear_with_the_transposed_copy(setup: Setup, size: Size) -> None:
    bench = bench_of(setup, size)
    turn = transpose(bench.kit, bench.matrix)
    kernel = linear(bench.kit, bench.inner, bench.outer)
    weights = some(size[2], size[0])
    weight, copy = bench.plan.weight("matrix"), bench.plan.copies["matrix"]
    with bench.at_work(turn, kernel):
        bench.put_matrix(weight, bench.matrix, weights)
        bench.call(turn, weight, copy)
        turned = bench.read_matrix(copy, copy_layout(bench))
        assert turned == transposed(bench.read_matrix(weight, bench.matrix))
        for rows in ROWS:
            vectors = some(rows, size[0], 2.0)
            x, y = bench.put(bench.inner, vectors), bench.room(bench.outer)
            bench.call(kernel, x, copy, y, 0, rows)
            expected = [OPS.linear(vector, values(weights)) for vector in values(vectors)]
            bench.check(bench.vectors(bench.outer, y, rows), data(expected))


# Whether there is another gradient z of x to be added, and whether the result is written over it.
LINEAR_CASES = [(False, False), (True, False), (True, True)]


def test_the_cases_of_linear_gradient_are_those_of_the_plan() -> None:
    inputs = ("dy", "z")
    assert {inputs[place] for place in LINEAR_GRADIENT.in_place} == {"z"}


@every_setup
@every_size
@pytest.mark.parametrize(("plus", "over"), LINEAR_CASES)
def test_linear_gradient(setup: Setup, size: Size, plus: bool, over: bool) -> None:
    bench = bench_of(setup, size)
    kernel = linear(bench.kit, bench.outer, bench.inner, plus)
    weights, weight = some(size[2], size[0]), bench.plan.weight("matrix")
    with bench.at_work(kernel):
        bench.put_matrix(weight, bench.matrix, weights)
        for rows in ROWS:
            dy, z = some(rows, size[2], 2.0), some(rows, size[0], 3.0)
            leaves = values(some(rows, size[0]))
            send_back([OPS.linear(leaf, values(weights)) for leaf in leaves], dy)
            expected = added(gradients(leaves), z) if plus else gradients(leaves)
            other = bench.put(bench.inner, z)
            dx = other if over else bench.room(bench.inner)
            bench.call(kernel, bench.put(bench.outer, dy), weight, dx, other if plus else 0, rows)
            bench.check(bench.vectors(bench.inner, dx, rows), expected)


def gradient_of(vectors: Matrix, dy: Matrix) -> Matrix:
    """That of a product's weights, (outer, inner)."""
    weights = values([[0.0] * len(vectors[0])] * len(dy[0]))
    send_back([OPS.linear(vector, weights) for vector in values(vectors)], dy)
    return gradients(weights)


@every_setup
@every_size
def test_weight_gradient_is_added_to_what_there_is(setup: Setup, size: Size) -> None:
    bench = bench_of(setup, size)
    kernel = weight_gradient(bench.kit, bench.matrix)
    weight = bench.plan.weight("matrix")
    gradient = weight + bench.plan.gradient_offset
    expected = [[0.0] * size[0]] * size[2]
    with bench.at_work(kernel):
        for rows in ROWS:
            x, dy = some(rows, size[0]), some(rows, size[2], 2.0)
            places = bench.put(bench.inner, x), bench.put(bench.outer, dy)
            bench.call(kernel, *places, weight, rows)
            expected = added(expected, gradient_of(x, dy))
            bench.check(bench.read_matrix(gradient, bench.matrix), expected)
        # The weights themselves wait for the end of the step.
        assert bench.read_matrix(weight, bench.matrix) == [[0.0] * size[0]] * size[2]


def adam_by_hand(state: list[Matrix], gradient: Matrix) -> list[Matrix]:
    """Weights and both moments after a step, each (rows, columns)."""
    result: list[Matrix] = [[], [], []]
    for rows in zip(*state, gradient, strict=True):
        after = []
        for weight, old_mean, old_square, derivative in zip(*rows, strict=True):
            scaled = STEP["scale"] * derivative
            mean = STEP["beta1"] * old_mean + STEP["rest1"] * scaled
            square = STEP["beta2"] * old_square + STEP["rest2"] * scaled**2
            change = STEP["rate"] * mean / (square**0.5 + STEP["eps"])
            after.append((weight - change, mean, square))
        for part, numbers in zip(result, zip(*after, strict=True), strict=True):
            part.append(list(numbers))
    return result


def some_state(size: Size) -> list[Matrix]:
    weights, means = some(size[2], size[0], 4.0), some(size[2], size[0], 5.0)
    return [weights, means, [[number**2 for number in row] for row in means]]


@every_setup
@every_size
def test_adam_updates_a_matrix_and_its_transposed_copy(setup: Setup, size: Size) -> None:
    """It leaves new weights, both moments, no gradient, and a new copy."""
    bench = bench_of(setup, size)
    kernel = transpose(bench.kit, bench.matrix, updated=True)
    weight, copy = bench.plan.weight("matrix"), bench.plan.copies["matrix"]
    addresses = [weight + place * bench.plan.state_size for place in range(4)]
    gradient, state = some(size[2], size[0], 6.0), some_state(size)
    with bench.at_work(kernel):
        bench.put_step(**STEP)
        for address, part in zip(addresses, [*state, gradient], strict=True):
            bench.put_matrix(address, bench.matrix, part)
        bench.call(kernel, weight, copy)
        expected = [*adam_by_hand(state, gradient), [[0.0] * size[0]] * size[2]]
        for address, part in zip(addresses, expected, strict=True):
            bench.check(bench.read_matrix(address, bench.matrix), part)
        turned = bench.read_matrix(copy, copy_layout(bench))
        assert turned == transposed(bench.read_matrix(weight, bench.matrix))


@every_setup
@every_size
def test_adam_updates_the_weights_without_a_copy(setup: Setup, size: Size) -> None:
    bench = bench_of(setup, size)
    kernel = update_weights(bench.kit)
    plan, table = bench.plan, bench.plan.matrices["table"]
    gradient, state = some(size[2], size[0], 6.0), some_state(size)
    with bench.at_work(kernel):
        bench.put_step(**STEP)
        for place, part in enumerate([*state, gradient]):
            bench.put_matrix(plan.weight("table") + place * plan.state_size, table, part)
            bench.put_matrix(plan.weight("matrix") + place * plan.state_size, bench.matrix, part)
        others = [
            bench.read_matrix(plan.weight("matrix") + place * plan.state_size, bench.matrix)
            for place in range(4)
        ]
        bench.call(kernel, plan.weights, plan.uncopied_size)
        expected = [*adam_by_hand(state, gradient), [[0.0] * size[0]] * size[2]]
        for place, part in enumerate(expected):
            address = plan.weight("table") + place * plan.state_size
            bench.check(bench.read_matrix(address, table), part)
        for place, part in enumerate(others):
            address = plan.weight("matrix") + place * plan.state_size
            assert bench.read_matrix(address, bench.matrix) == part


@every_setup
@every_size
def test_the_squares_of_a_gradient_are_added_up(setup: Setup, size: Size) -> None:
    bench = bench_of(setup, size)
    kernel = sum_of_squares(bench.kit)
    plan, gradient = bench.plan, some(size[2], size[0], 6.0)
    first = plan.weights + plan.gradient_offset
    with bench.at_work(kernel):
        bench.put_matrix(first + plan.offsets["matrix"], bench.matrix, gradient)
        found = bench.call(kernel, first, plan.state_size)
    expected = sum(number**2 for row in gradient for number in row)
    assert found == pytest.approx(expected, rel=setup.tolerance)


# Which row of a table of 5 each position takes: the same one several times, too.
TAKEN = [3, 0, 3, 4, 3]


every_inner = pytest.mark.parametrize("inner", [(8, 1), (6, 3), (33, 1), (50, 5)], ids=str)


@every_setup
@every_inner
@pytest.mark.parametrize("index", ["token", "position"])
def test_embed(setup: Setup, inner: tuple[int, int], index: str) -> None:
    bench = bench_of(setup, (*inner, 5))
    table = bench.plan.matrices["table"]
    kernel = embed(bench.kit, table, index)
    numbers, before = some(5, inner[0]), some(5, inner[0], 9.0)
    with bench.at_work(kernel):
        bench.put_matrix(bench.plan.weight("table"), table, numbers)
        bench.put_rows(index, TAKEN)
        for first in (0, 2):
            rows = bench.put(bench.inner, before)
            bench.call(kernel, bench.plan.weight("table"), rows, first, 5 - first)
            expected = [*before[:first], *(numbers[row] for row in TAKEN[first:])]
            bench.check(bench.vectors(bench.inner, rows, 5), expected)


@every_setup
@every_inner
def test_embed_gradient_adds_up_where_a_row_is_taken_again(
    setup: Setup, inner: tuple[int, int]
) -> None:
    bench = bench_of(setup, (*inner, 5))
    table = bench.plan.matrices["table"]
    kernel = embed_gradient(bench.kit, table, "token")
    dy, before = some(5, inner[0]), some(5, inner[0], 2.0)
    gradient = bench.plan.weight("table") + bench.plan.gradient_offset
    with bench.at_work(kernel):
        bench.put_matrix(gradient, table, before)
        bench.put_rows("token", TAKEN)
        bench.call(kernel, bench.plan.weight("table"), bench.put(bench.inner, dy), 0, 5)
        for row, derivative in zip(TAKEN, dy, strict=True):
            before[row] = [a + b for a, b in zip(before[row], derivative, strict=True)]
        bench.check(bench.read_matrix(gradient, table), before)
