"""The kernels that turn and repeat heads, and those of a row that is the same for every token."""

from __future__ import annotations

import pytest

from microgpt.wasm.compiler.graph import Dimension
from microgpt.wasm.compiler.kernels.repeat import repeat, repeat_gradient
from microgpt.wasm.compiler.kernels.rotate import ROTATE_GRADIENT, rotate, write_rotations
from microgpt.wasm.compiler.kernels.row import row, row_gradient
from microgpt.wasm.compiler.layout import Layout
from tests.support.workbench import (
    OPS,
    Setup,
    Workbench,
    data,
    every_setup,
    gradients,
    send_back,
    some,
    values,
)

# Numbers, and heads that they are divided among; heads have an even number of them.
TURNED = [(2, 1), (6, 1), (10, 1), (34, 1), (4, 2), (12, 2), (16, 4), (8, 4), (12, 6), (42, 3)]
POSITIONS = [0, 1, 2, 3, 0, 5]
# Numbers, heads, and how many times they are repeated.
REPEATED = [(1, 1, 1), (5, 1, 4), (9, 1, 3), (4, 2, 2), (14, 2, 2), (6, 3, 2), (8, 4, 3)]
REPEATED += [(12, 6, 2), (20, 2, 3), (3, 3, 4)]


@every_setup
@pytest.mark.parametrize("size", TURNED, ids=str)
def test_rotate_and_back(setup: Setup, size: tuple[int, int]) -> None:
    bench = Workbench(setup, *size, rows=6, turned=True)
    layout, rows = bench.inner, len(POSITIONS)
    forward, back = rotate(bench.kit, layout), rotate(bench.kit, layout, back=True)
    write_rotations(bench.kit)
    x, dy = values(some(rows, size[0])), some(rows, size[0], 2.0)
    y = [OPS.rotate(one, at, size[1]) for one, at in zip(x, POSITIONS, strict=True)]
    send_back(y, dy)
    assert ROTATE_GRADIENT.in_place == (0,)
    with bench.at_work(forward, back):
        bench.put_rows("position", POSITIONS)
        x_at = bench.put(layout, data(x))
        out = bench.put(layout, [[0.0] * size[0]] * rows)  # as a fresh memory is
        bench.call(forward, x_at, out, 0, rows)
        bench.check(bench.vectors(layout, out, rows), data(y))
        from_3 = 3 * layout.stride
        bench.call(forward, x_at + from_3, out, 3, 2)
        bench.check(bench.vectors(layout, out, 2), data(y[3:5]))
        dy_at, dx = bench.put(layout, dy), bench.room(layout)
        for to in (dx, dy_at):
            bench.call(back, dy_at, to, 0, rows)
            bench.check(bench.vectors(layout, to, rows), gradients(x))


@every_setup
@pytest.mark.parametrize("size", REPEATED, ids=str)
def test_repeat(setup: Setup, size: tuple[int, int, int]) -> None:
    numbers, n_head, times = size
    rows = 3
    bench = Workbench(setup, rows=rows)
    few = Layout(numbers, n_head, setup.tiling)
    many = Layout.of(Dimension(numbers * times, n_head * times), setup.tiling)
    forward, backward = repeat(bench.kit, few, many), repeat_gradient(bench.kit, few, many)
    x, dy = values(some(rows, numbers)), some(rows, numbers * times, 2.0)
    y = [OPS.repeat(one, n_head, times) for one in x]
    send_back(y, dy)
    with bench.at_work(forward, backward):
        out = bench.put(many, [[0.0] * many.size] * rows)  # as a fresh memory is
        bench.call(forward, bench.put(few, data(x)), out, rows)
        bench.check(bench.vectors(many, out, rows), data(y))
        dx = bench.room(few)
        bench.call(backward, dx, bench.put(many, dy), rows)
        bench.check(bench.vectors(few, dx, rows), gradients(x))


@every_setup
@pytest.mark.parametrize("size", [(1, 1), (8, 1), (9, 3), (40, 4)], ids=str)
@pytest.mark.parametrize("number", [0, 4])
def test_row(setup: Setup, size: tuple[int, int], number: int) -> None:
    bench = Workbench(setup, *size, outer=5, rows=4)
    layout, plan = bench.inner, bench.plan
    forward, backward = row(bench.kit, bench.matrix), row_gradient(bench.kit, bench.matrix)
    table, dy = some(5, size[0]), some(4, size[0], 2.0)
    panel_row = number * setup.tiling.panel * setup.tiling.size
    with bench.at_work(forward, backward):
        w = plan.weight("matrix")
        bench.put_matrix(w, bench.matrix, table)
        out = bench.room(layout)
        bench.call(forward, w + panel_row, out, 4)
        bench.check(bench.vectors(layout, out, 4), [table[number]] * 4)
        gradient = w + plan.gradient_offset
        bench.put_matrix(gradient, bench.matrix, table)  # it is added to what is there
        bench.call(backward, w + panel_row, bench.put(layout, dy), 4)
        total = [sum(column) for column in zip(table[number], *dy, strict=True)]
        expected = [total if at == number else one for at, one in enumerate(table)]
        bench.check(bench.read_matrix(gradient, bench.matrix), expected)
