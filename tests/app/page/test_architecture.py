"""The architecture as a row of pictures and as a table."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.views.architecture import (
    BARS_HEIGHT,
    MATRIX_NAMES,
    MAX_FLOW_BARS,
    ROW_HEIGHT,
    breakdown_html,
    flow_html,
)
from microgpt.config import ModelConfig
from microgpt.settings import MODEL

Shape = dict[str, int]

SHAPES = st.fixed_dictionaries({row.name: st.sampled_from(row.stops) for row in MODEL})
VOCAB_SIZES = st.integers(2, 10_000)


PROBS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "<", "␣", "end"]), st.floats(0, 1)),
    min_size=2,
    max_size=90,
)


def flow_of(
    shape: Shape, read: list[str], probs: list[tuple[str, float]] | None = None
) -> ElementTree.Element:
    """The pictures, parsed as XML."""
    return ElementTree.fromstring(f"<ol>{flow_html(shape, read, probs or [])}</ol>")


def count(flow: ElementTree.Element, kind: str) -> int:
    """How many rectangles of a kind there are."""
    return [rect.get("class") for rect in flow.iter("rect")].count(kind)


def table_rows(vocab_size: int, shape: Shape) -> list[list[str]]:
    """The table's rows, each as the texts of its cells."""
    table = ElementTree.fromstring(f"<tbody>{breakdown_html(vocab_size, shape)}</tbody>")
    return [["".join(cell.itertext()) for cell in row] for row in table]


@given(shape=SHAPES, length=st.integers(0, 8))
def test_the_pictures_show_the_shape_of_the_model(shape: Shape, length: int) -> None:
    flow = flow_of(shape, ["m"] * length)
    assert count(flow, "filled") == length
    assert count(flow, "filled") + count(flow, "slot") == shape["block_size"]
    assert count(flow, "head") == shape["n_head"] * shape["n_layer"]
    assert count(flow, "mlp") == shape["n_layer"]
    assert count(flow, "embedding") == 1


@given(shape=SHAPES, probs=PROBS)
def test_the_bars_are_as_high_as_the_probabilities(
    shape: Shape, probs: list[tuple[str, float]]
) -> None:
    flow = flow_of(shape, [], probs)
    heights = [float(r.get("height") or "") for r in flow.iter("rect") if r.get("class") == "ink"]
    assert len(heights) == min(len(probs), MAX_FLOW_BARS)
    tallest = max(share for _, share in probs)
    if tallest:
        assert max(heights) == pytest.approx(BARS_HEIGHT - ROW_HEIGHT, abs=0.06)


@given(shape=SHAPES, probs=PROBS)
def test_each_picture_stays_within_its_view_box(
    shape: Shape, probs: list[tuple[str, float]]
) -> None:
    for picture in flow_of(shape, ["a"], probs).iter("svg"):
        left, top, width, height = map(float, (picture.get("viewBox") or "").split())
        for bar in picture.iter("rect"):
            x, y, across, down = (
                float(bar.get(name) or "") for name in ("x", "y", "width", "height")
            )
            assert across > 0
            assert left <= x < x + across <= left + width + 0.6  # the box is in whole pixels
            assert top <= y <= y + down <= top + height + 0.1


@given(shape=SHAPES)
def test_the_sizes_are_said_beside_the_pictures(shape: Shape) -> None:
    items = ["".join(item.itertext()) for item in flow_of(shape, ["k", "a"]).iter("li")]
    assert items[0].startswith(f"2 of {shape['block_size']}")
    assert items[1].startswith(f"{shape['n_embd']} numbers")
    assert len(items) == 3 + shape["n_layer"]
    assert f"{shape['n_head']} head" in items[2]
    assert f"{4 * shape['n_embd']} in the MLP" in items[2]


@given(shape=SHAPES, vocab_size=VOCAB_SIZES)
def test_the_table_adds_up_to_the_number_of_parameters(shape: Shape, vocab_size: int) -> None:
    rows = table_rows(vocab_size, shape)
    counts = [int(count.replace(",", "")) for _, _, count in rows]
    assert sum(counts) == ModelConfig(vocab_size, code=None, **shape).num_params
    for (_, size, _), count in zip(rows, counts, strict=True):
        product = 1
        for factor in size.split(" × "):
            product *= int(factor)
        assert product == count, "the product of a row's sizes is its count"


@pytest.mark.parametrize("n_layer", [1, 4])
def test_the_table_describes_every_matrix_once(n_layer: int) -> None:
    shape = {"n_embd": 16, "n_head": 4, "n_layer": n_layer, "block_size": 16}
    names = [name for name, _, _ in table_rows(27, shape)]
    assert names == [f"{words} {name}" for name, words in MATRIX_NAMES.items()]
