"""The kernels on vectors, each by itself: norm, sums, products, activations and the loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from inspect import signature

import pytest

from microgpt.autograd import Value
from microgpt.model import Operations
from microgpt.wasm.compiler.gradient import differentiate
from microgpt.wasm.compiler.graph import Dimension, Graph, Node
from microgpt.wasm.compiler.kernels.cross_entropy import cross_entropy
from microgpt.wasm.compiler.kernels.elementwise import ELEMENTWISE
from microgpt.wasm.compiler.kernels.rmsnorm import RMSNORM_GRADIENT, rmsnorm, rmsnorm_gradient
from microgpt.wasm.compiler.layout import Layout
from microgpt.wasm.compiler.trace import TOKEN, MatrixHandle, SymbolicOperations
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

# Numbers, and heads that they are divided among.
SIZES = [(8, 1), (1, 1), (5, 1), (6, 3), (10, 5), (33, 1), (50, 5), (64, 4)]
every_size = pytest.mark.parametrize("size", SIZES, ids=str)


@every_setup
@every_size
def test_rmsnorm(setup: Setup, size: tuple[int, int]) -> None:
    bench = Workbench(setup, *size, rows=7)
    kernel = rmsnorm(bench.kit, bench.inner)
    with bench.at_work(kernel):
        for rows in (1, 2, 7):
            vectors = some(rows, size[0])
            vectors[-1] = [0.0] * size[0]
            x, y = bench.put(bench.inner, vectors), bench.room(bench.inner)
            scale = bench.put_numbers([math.nan] * rows)
            bench.call(kernel, x, y, scale, rows)
            expected = [OPS.rmsnorm(vector) for vector in values(vectors)]
            bench.check(bench.vectors(bench.inner, y, rows), data(expected))
            means = [sum(number**2 for number in vector) / size[0] for vector in vectors]
            scales = [(mean + 1e-5) ** -0.5 for mean in means]
            bench.check([bench.numbers(scale, rows)], [scales])


# Whether there is another gradient z of x to be added, and what the result is written over.
NORM_CASES = [(plus, over) for plus in (False, True) for over in ("", "dy", "z")[: 2 + plus]]


def test_the_cases_of_rmsnorm_gradient_are_those_of_the_plan() -> None:
    inputs = ("y", "scale", "dy", "z")
    over = {inputs[place] for place in RMSNORM_GRADIENT.in_place}
    assert {over for _, over in NORM_CASES} == {"", *over}


@every_setup
@every_size
def test_rmsnorm_gradient(setup: Setup, size: tuple[int, int]) -> None:
    rows = 3
    bench = Workbench(setup, *size, rows=rows)
    forward = rmsnorm(bench.kit, bench.inner)
    kernels = [rmsnorm_gradient(bench.kit, bench.inner, plus) for plus in (False, True)]
    leaves = values(some(rows, size[0]))
    dy, z = some(rows, size[0], 2.0), some(rows, size[0], 3.0)
    send_back([OPS.rmsnorm(leaf) for leaf in leaves], dy)
    alone = gradients(leaves)
    with bench.at_work(forward, *kernels):
        x, y = bench.put(bench.inner, data(leaves)), bench.room(bench.inner)
        scale = bench.put_numbers([math.nan] * rows)
        bench.call(forward, x, y, scale, rows)
        for plus, over in NORM_CASES:
            places = {"dy": bench.put(bench.inner, dy), "z": bench.put(bench.inner, z)}
            dx = places[over] if over else bench.room(bench.inner)
            bench.call(kernels[plus], y, scale, places["dy"], places["z"] if plus else 0, dx, rows)
            expected = added(alone, z) if plus else alone
            bench.check(bench.vectors(bench.inner, dx, rows), expected)


@every_setup
def test_norms_of_one_size_and_several_orders_in_one_model(setup: Setup) -> None:
    """50 numbers take 56 places in their own order and 64 for 5 heads, where panels are narrow."""
    bench = Workbench(setup, 50, rows=2)
    layouts = [Layout.of(Dimension(50, n_head), setup.tiling) for n_head in (1, 5, 10, 50)]
    forwards = [rmsnorm(bench.kit, layout) for layout in layouts]
    backwards = [rmsnorm_gradient(bench.kit, layout, plus=False) for layout in layouts]
    leaves, dy = values(some(2, 50)), some(2, 50, 2.0)
    normed = [OPS.rmsnorm(leaf) for leaf in leaves]
    send_back(normed, dy)
    with bench.at_work(*set(forwards), *set(backwards)):
        for layout, forward, backward in zip(layouts, forwards, backwards, strict=True):
            y, dx = bench.room(layout), bench.room(layout)
            scale = bench.put_numbers([0.0] * 2)
            bench.call(forward, bench.put(layout, data(leaves)), y, scale, 2)
            bench.check(bench.vectors(layout, y, 2), data(normed))
            bench.call(backward, y, scale, bench.put(layout, dy), 0, dx, 2)
            bench.check(bench.vectors(layout, dx, 2), gradients(leaves))


def elementwise_nodes() -> dict[str, Node]:
    """A node of each elementwise operation, and of each one's derivative, by the operation."""
    graph = Graph([("table", (5, 8))])
    ops = SymbolicOperations(graph)
    x = ops.embed(MatrixHandle("table"), TOKEN)
    for record in ELEMENTWISE:
        y = ops.add(x, x)  # has no more uses
        operands = len(signature(getattr(Operations, record.name)).parameters) - 1
        result = ops.apply(record.name, *[y, x][:operands])
        x = ops.add(x, result)
    differentiate(graph, ops.linear(x, MatrixHandle("table")))
    names = {record.name for record in ELEMENTWISE}
    return {node.op: node for node in graph.nodes if node.op.removesuffix("_gradient") in names}


NODES = elementwise_nodes()


def reference(op: str, operands: list[list[Value]]) -> list[Value]:
    """An operation's result, or its derivative by its first operand, by the scalar engine."""
    if not op.endswith("_gradient"):
        function: Callable[..., list[Value]] = getattr(OPS, op)
        return function(*operands)
    x, dy = operands
    leaves = [Value(number.data) for number in x]
    send_back([getattr(OPS, op.removesuffix("_gradient"))(leaves)], data([dy]))
    return [Value(leaf.grad) for leaf in leaves]


# An operation, and which operand its result is written over (None: a place of its own).
CASES = [(op, over) for op in NODES for over in (None, *NODES[op].operation.in_place)]


def test_the_cases_are_of_every_elementwise_operation() -> None:
    names = {record.name for record in ELEMENTWISE}
    assert names >= {"add", "multiply", "relu", "silu", "gelu"}
    activations = {name for name in names if len(NODES[name].inputs) == 1}
    assert set(NODES) == names | {f"{name}_gradient" for name in activations}


@every_setup
@pytest.mark.parametrize(("op", "over"), CASES)
@pytest.mark.parametrize("size", [(5, 1), (50, 5)], ids=str)
def test_elementwise(setup: Setup, op: str, over: int | None, size: tuple[int, int]) -> None:
    rows = 3
    bench = Workbench(setup, *size, rows=rows)
    kernel = bench.kernel_of(NODES[op])
    operands = [some(rows, size[0], seed) for seed in range(1, 1 + len(NODES[op].inputs))]
    operands[0][0][0], operands[0][1][0], operands[0][2][0] = 0.0, 30.0, -30.0
    expected = [reference(op, values(vectors)) for vectors in zip(*operands, strict=True)]
    with bench.at_work(kernel):
        places = [bench.put(bench.inner, vectors) for vectors in operands]
        result = bench.room(bench.inner) if over is None else places[over]
        bench.call(kernel, *places, result, rows * bench.inner.stride)
        bench.check(bench.vectors(bench.inner, result, rows), data(expected))


@every_setup
def test_an_operand_may_be_both_operands(setup: Setup) -> None:
    bench = Workbench(setup, 5)
    kernels = [bench.kernel_of(NODES[op]) for op in ("add", "multiply")]
    numbers = some(2, 5)
    with bench.at_work(*kernels):
        doubled, squared = bench.put(bench.inner, numbers), bench.put(bench.inner, numbers)
        for kernel, x in zip(kernels, (doubled, squared), strict=True):
            bench.call(kernel, x, x, x, 2 * bench.inner.stride)
        twice = [[2 * number for number in row] for row in numbers]
        squares = [[number**2 for number in row] for row in numbers]
        bench.check(bench.vectors(bench.inner, doubled, 2), twice)
        bench.check(bench.vectors(bench.inner, squared, 2), squares)


@every_setup
@pytest.mark.parametrize("op", ["silu", "gelu"])
def test_activations_of_large_numbers_are_those_of_relu(setup: Setup, op: str) -> None:
    bench = Workbench(setup, 6)
    kernels = [bench.kernel_of(NODES[name]) for name in (op, f"{op}_gradient")]
    large = 1e3 if setup.precision == "f32" else 1e5
    with bench.at_work(*kernels):
        x = bench.put(bench.inner, [[large, -large, 100.0, -100.0, 90.0, -90.0]])
        dy, y = bench.put(bench.inner, [[2.0] * 6]), bench.room(bench.inner)
        bench.call(kernels[0], x, y, bench.inner.stride)
        found = bench.vectors(bench.inner, y, 1)
        bench.check(found, [[large, 0.0, 100.0, 0.0, 90.0, 0.0]])
        bench.call(kernels[1], x, dy, y, bench.inner.stride)
        bench.check(bench.vectors(bench.inner, y, 1), [[2.0, 0.0] * 3])


@every_setup
@pytest.mark.parametrize("size", [2, 3, 4, 5, 16, 17, 63, 130])
def test_cross_entropy(setup: Setup, size: int) -> None:
    bench = Workbench(setup, outer=size, rows=7)
    kernel = cross_entropy(bench.kit, bench.outer)
    with bench.at_work(kernel):
        for rows in (1, 7):
            leaves = values(some(rows, size))
            targets = [(7 * row + size - 1) % size for row in range(rows)]
            shares = [0.5 / (row + 1) for row in range(rows)]
            losses = [OPS.cross_entropy(*pair) for pair in zip(leaves, targets, strict=True)]
            send_back([losses], [shares])
            logits, out = bench.put(bench.outer, data(leaves)), bench.room(bench.outer)
            bench.put_rows("target", targets)
            bench.put_rows("share", shares, "d")
            loss = bench.call(kernel, logits, out, rows)
            expected = sum(a.data * share for a, share in zip(losses, shares, strict=True))
            bench.check([[loss]], [[expected]])
            bench.check(bench.vectors(bench.outer, out, rows), gradients(leaves))
            # The kernel has put something into the padding of the logits, but nothing else.
            assert bench.call(kernel, logits, out, rows) == loss


@every_setup
def test_cross_entropy_of_large_logits(setup: Setup) -> None:
    bench = Workbench(setup, outer=5)
    kernel = cross_entropy(bench.kit, bench.outer)
    logits = [[1e4, 0.0, -1e4, 0.0, 1e4], [-500.0, 0.0, 0.0, 0.0, -501.0], [0.0, 50.0] + [0.0] * 3]
    with bench.at_work(kernel):
        place, out = bench.put(bench.outer, logits), bench.room(bench.outer)
        bench.put_rows("target", [4, 0, 1])
        bench.put_rows("share", [1.0, 1.0, 1.0], "d")
        loss = bench.call(kernel, place, out, 3)
        bench.check([[loss]], [[math.log(2) + 500 + math.log(3)]])
        third = 1 / 3
        expected = [[0.5, 0, 0, 0, -0.5], [-1, third, third, third, 0], [0.0] * 5]
        bench.check(bench.vectors(bench.outer, out, 3), expected)


@every_setup
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_bad_logit_makes_a_bad_loss(setup: Setup, bad: float) -> None:
    """Wherever it is, so that a diverged run is noticed."""
    for place in range(5):
        bench = Workbench(setup, outer=5)
        kernel = cross_entropy(bench.kit, bench.outer)
        logits = [0.5] * 5
        logits[place] = bad
        with bench.at_work(kernel):
            bench.put_rows("target", [2])
            bench.put_rows("share", [1.0], "d")
            address, out = bench.put(bench.outer, [logits]), bench.room(bench.outer)
            assert not math.isfinite(bench.call(kernel, address, out, 1))
