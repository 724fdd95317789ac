"""What the numbers of the model are called in plain words."""

from __future__ import annotations

import pytest

from app.page.inside.step_names import StepNames
from app.shared.inside import StepFields

NAMES = StepNames(["a", "b"], [0, 1, 0], "the number", 1)
DEEP = StepNames(["a", "b"], [0], "the number", 3)


def step(name: str, operation: str = "+", path: str = "0.2", count: int = 2) -> StepFields:
    return StepFields(
        path=path,
        name=name,
        operation=operation,
        constant=None,
        value=1.0,
        gradient=1.0,
        source="",
        count=count,
        inputs=[],
    )


ABOVE = step("x", "*", "0")


@pytest.mark.parametrize(
    ("name", "operation", "words"),
    [
        ("wte[1][3]", "weight", "embedding of “b”, element 3"),
        ("wte[2][3]", "weight", "embedding of the beginning, element 3"),
        ("wpe[2][3]", "weight", "embedding of position 2, element 3"),
        ("lm_head[2][5]", "weight", "weight of lm_head: row of the end, column 5"),
        ("layer0.attn_wq[2][5]", "weight", "weight of attn_wq: row 2, column 5"),
        ("layer0.keys[2][5]", "earlier", "key of “b”, element 5"),
        ("layer0.values[0][5]", "earlier", "value of the beginning, element 5"),
        ("layer0.attention.head3.score[2]", "*", "score of head 3 for “b”"),
        ("layer0.attention.head3.weight[3]", "*", "attention of head 3 for “a” (3)"),
        ("lm_head[1]", "sum of products", "logit of “b”"),
        ("layer0.mlp_fc1.relu[7]", "relu", "neuron 7"),
        ("layer0.mlp_fc2.add[7]", "+", "residual stream, element 7"),
        ("layer0.attn_wq.rotate[3]", "+", "turned by its position, element 3"),
        ("custom[7]", "+", "custom[7]"),
    ],
)
def test_names_in_plain_words(name: str, operation: str, words: str) -> None:
    assert NAMES.name(step(name, operation), ABOVE) == words


def test_with_several_layers_the_layer_is_said() -> None:
    assert DEEP.name(step("layer2.mlp_fc1.relu[7]", "relu"), ABOVE) == "layer 2: neuron 7"


def test_what_has_no_name_is_called_by_what_it_is_for() -> None:
    assert NAMES.name(step("x"), None) == "the number"
    assert NAMES.name(step("", "*"), step("", "sum of products", "0")) == "product 2"
    total = step("", "sum", "0", count=3)
    assert NAMES.name(step("", "exp"), total) == "exponential for the end"
    by_constant, shifted = step("", "*"), step("", "+", "0")
    by_constant["constant"] = shifted["constant"] = 0.25
    assert NAMES.name(by_constant, shifted) == "mean square"
    shifted["name"] = "layer0.attention.head1.score[0]"  # ALiBi takes the distance off
    assert NAMES.name(by_constant, shifted) == "product"
    assert NAMES.name(by_constant, step("layer0.attn_wq.rotate[3]", "+", "0")) == "product"
    of_places = step("", "sum", "0", count=2)
    assert NAMES.name(step("", "exp", "0.1"), of_places) == "exponential for “a” (1)"
