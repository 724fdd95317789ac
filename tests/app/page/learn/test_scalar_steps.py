"""The steps through an expression: what is known after each, in words, as a tree and as a graph."""

from __future__ import annotations

import pytest

from app.learning.scalar import scalar
from app.page.learn.scalar_graph import graph_svg, graph_words, positions
from app.page.learn.scalar_steps import ScalarSteps, plain
from app.shared.learning import ScalarCommand


def steps_of(expression: str, **values: float) -> ScalarSteps:
    return ScalarSteps(
        scalar(ScalarCommand(type="scalar", number=1, expression=expression, values=values))
    )


def test_forward_then_backward() -> None:
    steps = steps_of("a*b + c")
    assert steps.count == 5
    assert [steps.active(place) for place in range(6)] == [
        (-1, "forward"),
        (3, "forward"),
        (4, "forward"),
        (4, "backward"),
        (4, "backward"),
        (3, "backward"),
    ]
    assert steps.values(0) == [2, -3, 10, None, None]
    assert steps.values(1) == [2, -3, 10, -6, None]
    assert steps.values(5) == [2, -3, 10, -6, 4]
    assert steps.gradients(2) == [None] * 5
    assert steps.gradients(3) == [None, None, None, None, 1]
    assert steps.gradients(4) == [None, None, 1, 1, 1]
    assert steps.gradients(5) == [-3, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("expression", "place", "words"),
    [
        ("a*b + c", 0, "The names have their numbers"),
        ("a*b + c", 1, "Forward: a * b = 2 × (−3) = −6."),
        ("a*b + c", 3, "its gradient is 1."),
        ("a*b + c", 5, "a gets (−3) × 1 = −3, b gets 2 × 1 = 2."),
        ("a * a", 3, "a gets 2 × 1 = 2 and has 4 in all, a gets 2 × 1 = 2 and has 4 in all."),
        ("a**3", 1, "a ** 3 = 2 ^ 3 = 8."),
        ("1/a", 1, "1 / a = 1 ÷ 2 = 0.5."),
        ("exp(c)", 1, "= e ^ 10 = "),
        ("log(a)", 3, "a gets 0.5 × 1 = 0.5."),
        ("relu(b)", 1, "relu(b) = the larger of 0 and (−3) = 0."),
        ("relu(b)", 3, "b gets 0 × 1 = 0."),
        ("a + 0.5", 1, "a + 0.5 = 2 + 0.5 = 2.5."),
    ],
)
def test_a_step_is_said_with_its_numbers(expression: str, place: int, words: str) -> None:
    steps = steps_of(expression)
    said = steps.words(min(place, steps.count))
    assert words in said
    assert "grad" in said or said.startswith(("Forward", "The names"))


def test_a_name_by_itself_has_a_gradient_of_1() -> None:
    steps = steps_of("a")
    assert steps.count == 1
    assert steps.gradients(1) == [1]


def test_the_tree_has_what_is_known() -> None:
    steps = steps_of("a*b + a")
    tree = steps.tree(1)
    assert [(step["path"], step["name"], step["value"]) for step in tree] == [
        ("0", "a * b + a", None),
        ("0.0", "a * b", -6),
        ("0.0.0", "a", 2),
        ("0.0.1", "b", -3),
        ("0.1", "a", 2),
    ]
    assert tree[0]["inputs"] == [1, 4]
    assert steps.paths[0] == "0.0.0"
    assert {step["gradient"] for step in tree} == {None}


def test_the_graph_goes_from_left_to_right_and_nothing_overlaps() -> None:
    steps = steps_of("relu(a*w + b) * (a - 2) / c")
    places = positions(steps.nodes)
    assert len(set(places)) == len(places)
    for number, node in enumerate(steps.nodes):
        assert all(places[child][0] < places[number][0] for child in node["inputs"])
    svg = graph_svg(steps.nodes, steps.values(0), steps.gradients(0), -1, "forward")
    assert svg.count("<rect") == len(steps.nodes)
    assert svg.count("<path") == sum(len(node["inputs"]) for node in steps.nodes)
    assert "style" not in svg
    assert graph_words(steps.nodes).startswith("Graph: from a, w, b, c to a * w, then a * w + b")


def test_figures() -> None:
    assert [plain(value) for value in (None, 2.0, -1 / 6, -0.0, 12345.6)] == [
        "·",
        "2",
        "−0.1667",
        "0",
        "1.235e+04",
    ]
