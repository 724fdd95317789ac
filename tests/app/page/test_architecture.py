"""The architecture as a diagram and as a table."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.views.architecture import MATRIX_NAMES, architecture_svg, breakdown_html
from microgpt.config import ModelConfig
from microgpt.settings import MODEL

Shape = dict[str, int]

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = st.fixed_dictionaries({row.name: st.sampled_from(row.stops) for row in MODEL})
VOCAB_SIZES = st.integers(2, 10_000)


def diagram_of(shape: Shape) -> ElementTree.Element:
    """The diagram, parsed as the browser parses SVG inside HTML."""
    svg = architecture_svg(**shape)
    return ElementTree.fromstring(svg.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def table_rows(vocab_size: int, shape: Shape) -> list[list[str]]:
    """The table's rows, each as the texts of its cells."""
    table = ElementTree.fromstring(f"<tbody>{breakdown_html(vocab_size, shape)}</tbody>")
    return [["".join(cell.itertext()) for cell in row] for row in table]


@given(shape=SHAPES)
def test_the_diagram_shows_the_shape_of_the_model(shape: Shape) -> None:
    diagram = diagram_of(shape)
    bars = [bar.get("class") for bar in diagram.iter(f"{SVG}rect")]
    assert bars.count("context") == shape["block_size"]
    assert bars.count("head") == shape["n_head"] * shape["n_layer"]
    assert bars.count("mlp") == shape["n_layer"]
    assert bars.count("embedding") == bars.count("output") == 1


@given(shape=SHAPES)
def test_the_diagram_stays_within_its_view_box(shape: Shape) -> None:
    diagram = diagram_of(shape)
    left, top, width, height = map(float, (diagram.get("viewBox") or "").split())
    for bar in diagram.iter(f"{SVG}rect"):
        x, y, across, down = (float(bar.get(name) or "") for name in ("x", "y", "width", "height"))
        assert across > 0
        assert left <= x < x + across <= left + width
        assert top <= y < y + down <= top + height


@given(shape=SHAPES)
def test_the_view_box_is_the_same_for_every_shape(shape: Shape) -> None:
    """So that nothing on the page moves when a slider does."""
    default = diagram_of({row.name: int(row.page_default) for row in MODEL})
    assert diagram_of(shape).get("viewBox") == default.get("viewBox")


@given(shape=SHAPES)
def test_the_diagram_has_a_description(shape: Shape) -> None:
    diagram = diagram_of(shape)
    assert diagram.get("role") == "img"
    label = diagram.get("aria-label") or ""
    numbers = [int(number) for number in re.findall(r"\d+", label)]
    assert numbers == [
        *(shape["block_size"], shape["n_embd"], shape["n_layer"]),
        *(shape["n_head"], 4 * shape["n_embd"]),
    ]
    assert ("1 layer " in label) == (shape["n_layer"] == 1)
    assert ("1 attention head " in label) == (shape["n_head"] == 1)


@given(shape=SHAPES, vocab_size=VOCAB_SIZES)
def test_the_table_adds_up_to_the_number_of_parameters(shape: Shape, vocab_size: int) -> None:
    rows = table_rows(vocab_size, shape)
    counts = [int(count.replace(",", "")) for _, _, count in rows]
    assert sum(counts) == ModelConfig(vocab_size, **shape).num_params
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
