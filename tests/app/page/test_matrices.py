"""The matrices of a model as the rows of a table."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.views.flow.words import MATRIX_WORDS
from app.page.views.matrices import breakdown_html
from microgpt.config import ModelConfig
from microgpt.settings import MODEL
from microgpt.shapes import ModelSizes, parameter_shapes

SHAPES = st.fixed_dictionaries({row.name: st.sampled_from(row.stops) for row in MODEL})


def table_rows(matrices: list[tuple[str, int, int, int]]) -> list[list[str]]:
    """The table's rows, each as the texts of its cells."""
    table = ElementTree.fromstring(f"<tbody>{breakdown_html(matrices)}</tbody>")
    return [["".join(cell.itertext()) for cell in row] for row in table]


def default_matrices(vocab_size: int, shape: dict[str, int]) -> list[tuple[str, int, int, int]]:
    shapes = parameter_shapes(ModelSizes(vocab_size, **shape))
    return [(name, rows, columns, 0) for name, (rows, columns) in shapes]


@given(shape=SHAPES, vocab_size=st.integers(2, 10_000))
def test_the_table_adds_up_to_the_number_of_parameters(
    shape: dict[str, int], vocab_size: int
) -> None:
    rows = table_rows(default_matrices(vocab_size, shape))
    counts = [int(count.replace(",", "")) for _, _, count in rows]
    assert sum(counts) == ModelConfig(vocab_size, code=None, **shape).num_params
    for (_, size, _), count in zip(rows, counts, strict=True):
        product = 1
        for factor in size.split(" × "):
            product *= int(factor)
        assert product == count, "the product of a row's sizes is its count"


@pytest.mark.parametrize("n_layer", [1, 4])
def test_each_matrix_of_a_layer_has_one_row(n_layer: int) -> None:
    shape = {"n_embd": 16, "n_head": 4, "n_layer": n_layer, "block_size": 16}
    names = [name for name, _, _ in table_rows(default_matrices(27, shape))]
    known = list(MATRIX_WORDS)[:9]
    assert names == [f"{MATRIX_WORDS[name][0]} {name}" for name in known]


def test_matrices_of_ones_own_are_called_by_their_names() -> None:
    rows = table_rows([("layer0.mixer", 2, 3, 1), ("layer1.mixer", 2, 3, 4), ("a<b", 1, 5, 2)])
    assert rows == [["mixer", "2 × 3 × 2", "12"], ["a<b", "1 × 5", "5"]]


def test_layers_that_differ_have_rows_of_their_own() -> None:
    rows = table_rows([("layer0.mixer", 2, 3, 1), ("layer1.mixer", 4, 3, 5)])
    assert [row[:2] for row in rows] == [["layer0.mixer", "2 × 3"], ["layer1.mixer", "4 × 3"]]


def test_a_matrix_that_nothing_uses_is_told() -> None:
    rows = table_rows([("wte", 27, 16, 0), ("wpe", 16, 16, -1)])
    assert rows[1] == ["position embedding wpe not used", "16 × 16", "256"]
