"""Where numbers lie: every one in a place of its own, and a head in lanes of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from microgpt.wasm.compiler.graph import Dimension
from microgpt.wasm.compiler.layout import CACHE_LINE_BYTES, Layout, MatrixLayout, Tiling
from tests.support.workbench import places_of

# (lanes, bytes, registers side by side, rows), as the compiler chooses them.
TILINGS = [Tiling(4, 4, 4, 2), Tiling(4, 4, 2, 4), Tiling(2, 8, 4, 2)]
tilings = st.sampled_from(TILINGS)


@st.composite
def layouts(draw: st.DrawFn, tiling: Tiling | None = None, largest: int = 600) -> Layout:
    """Of any size to `largest`, divided among any number of heads that divides it."""
    head_dim = draw(st.integers(1, 40))
    n_head = draw(st.integers(1, largest // head_dim))
    return Layout(head_dim * n_head, n_head, tiling or draw(tilings))


@st.composite
def matrices(draw: st.DrawFn) -> MatrixLayout:
    tiling = draw(tilings)
    return MatrixLayout(draw(layouts(tiling, 50)), draw(layouts(tiling, 50)))


@given(layouts())
def test_every_number_has_a_place_of_its_own_within_the_width(layout: Layout) -> None:
    positions = layout.positions
    assert len(positions) == len(set(positions)) == layout.size
    assert 0 <= min(positions) <= max(positions) < layout.width


@given(layouts())
def test_vectors_are_whole_panels_and_begin_at_a_line(layout: Layout) -> None:
    assert layout.width % layout.tiling.panel == 0
    assert layout.stride % CACHE_LINE_BYTES == 0
    assert layout.stride >= layout.width * layout.tiling.size
    assert layout.stride % 512  # or the numbers of a column would compete for few places


@given(layouts())
def test_the_padding_is_less_than_a_register_for_each_head_and_a_panel(layout: Layout) -> None:
    padding = layout.width - layout.size
    assert padding < layout.n_head * layout.tiling.lanes + layout.tiling.panel


@given(layouts())
def test_a_head_keeps_to_its_own_lanes_and_registers(layout: Layout) -> None:
    lanes, head_dim = layout.tiling.lanes, layout.size // layout.n_head
    owner: dict[tuple[int, int], int] = {}  # of a lane in a group of heads
    for number, position in enumerate(layout.positions):
        register, lane = divmod(position, lanes)
        assert owner.setdefault((register // layout.steps, lane), number // head_dim) == (
            number // head_dim
        )
    assert max(group for group, _ in owner) + 1 == layout.groups


@given(layouts())
def test_heads_of_a_group_have_neighbouring_lanes_of_the_same_number(layout: Layout) -> None:
    assert layout.heads_at_once * layout.splits == layout.tiling.lanes
    assert layout.heads_at_once * layout.groups == layout.n_head
    lanes, head_dim = layout.tiling.lanes, layout.size // layout.n_head
    for number, position in enumerate(layout.positions):
        head = number // head_dim
        assert position % lanes // layout.splits == head % layout.heads_at_once
        assert position // lanes // layout.steps == head // layout.heads_at_once


@given(st.integers(1, 600), tilings)
def test_one_head_lies_in_its_own_order(size: int, tiling: Tiling) -> None:
    assert Layout(size, 1, tiling).positions == list(range(size))


@given(st.integers(1, 12), st.integers(1, 12), tilings)
def test_the_layout_of_a_dimension(head_dim: int, n_head: int, tiling: Tiling) -> None:
    size = head_dim * n_head
    assert Layout.of(Dimension(size), tiling) == Layout(size, 1, tiling)
    assert Layout.of(Dimension(size, n_head), tiling) == Layout(size, n_head, tiling)


@given(matrices())
def test_every_number_of_a_matrix_has_a_place_of_its_own(matrix: MatrixLayout) -> None:
    places = places_of(matrix)
    assert [len(row) for row in places] == [matrix.columns.size] * matrix.rows.size
    flat = [place for row in places for place in row]
    assert len(set(flat)) == len(flat)
    assert 0 <= min(flat) <= max(flat) < matrix.numbers
    assert matrix.numbers == matrix.rows.width * matrix.columns.width
