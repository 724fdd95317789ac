"""Where the steps of a picture stand, whatever the graph: nothing overlaps, all goes forward."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given

from app.page.views.flow.boxes import set_width
from app.page.views.flow.layout import BOX, LANE, FlowLayout, middle
from app.page.views.flow.steps import FlowStep, steps_of
from app.shared.models import NodeOutline
from tests.support.edited import MODELS
from tests.support.outlines import edited_nodes, graphs, node, outlined

Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]


def laid_out(nodes: list[NodeOutline], opened: bool = True) -> FlowLayout:
    steps, folded = steps_of(nodes, opened)
    for step in steps:
        set_width(step, folded)
    return FlowLayout(steps)


def box_of(step: FlowStep) -> Box:
    top = middle(step.lane) - BOX / 2
    return step.x, top, step.x + step.width, top + BOX + LANE * (step.lanes - 1)


def meet(one: Box, two: Box) -> bool:
    """Whether they have more in common than an edge."""
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def stretch(a: Point, b: Point) -> Box:
    """The straight line between two points as a thin box."""
    (left, right), (top, bottom) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    return left - 0.5, top - 0.5, right + 0.5, bottom + 0.5


def check(layout: FlowLayout) -> None:
    """Everything that holds for every picture."""
    boxes = [box_of(step) for step in layout.steps]
    for one, two in combinations(boxes, 2):
        assert not meet(one, two)
    assert all(box[0] >= 0 and box[3] <= layout.height for box in boxes)
    for line in layout.lines:
        source, target = layout.steps[line.source], layout.steps[line.target]
        assert source.column < target.column
        begin, end = line.points[0], line.points[-1]
        assert begin == (source.x + source.width, middle(source.lane))
        left, top, right, bottom = boxes[line.target]
        assert left <= end[0] <= right
        assert top <= end[1] <= bottom
        assert all(a[0] <= b[0] for a, b in pairwise(line.points)), "it never goes back"
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(line.points))
        for place, box in enumerate(boxes):
            if place not in (line.source, line.target):
                assert not any(meet(stretch(a, b), box) for a, b in pairwise(line.points))


def check_lines(layout: FlowLayout) -> None:
    """Lines that come from different steps may cross, but lie nowhere on one another."""
    for one, two in combinations(layout.lines, 2):
        if one.source == two.source:
            continue
        for a, b in pairwise(one.points):
            for c, d in pairwise(two.points):
                across = min(b[0], d[0]) - max(a[0], c[0]), min(max(a[1], b[1]), max(c[1], d[1]))
                down = across[1] - max(min(a[1], b[1]), min(c[1], d[1]))
                if across[0] >= 0 and down >= 0:
                    assert across[0] == 0 or down == 0, "both are lines along an axis"
                    assert max(across[0], down) == 0, (one.points, two.points)


@given(nodes=graphs())
def test_nothing_overlaps_in_any_graph(nodes: list[NodeOutline]) -> None:
    layout = laid_out(nodes)
    check(layout)
    check_lines(layout)


@pytest.mark.parametrize("name", MODELS)
def test_nothing_overlaps_in_edited_models(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    layout = laid_out(edited_nodes(monkeypatch, name))
    check(layout)
    check_lines(layout)


@pytest.mark.parametrize("n_layer", [1, 2, 4])
@pytest.mark.parametrize("opened", [False, True])
def test_nothing_overlaps_in_the_default_model(n_layer: int, opened: bool) -> None:
    layout = laid_out(outlined(n_layer=n_layer)["nodes"], opened)
    check(layout)
    check_lines(layout)


def test_the_stream_is_the_first_lane_and_branches_hang_below() -> None:
    layout = laid_out(outlined()["nodes"])
    stream = [step.number for step in layout.steps if step.lane == 0]
    nodes = outlined()["nodes"]
    assert [nodes[number]["op"] for number in stream] == (
        ["embed", "add", "rmsnorm", "add", "add", "linear"]
    )
    (attention,) = (step for step in layout.steps if nodes[step.number]["op"] == "attention")
    assert (attention.lane, attention.lanes) == (1, 3), "as high as query, key and value"


def test_rows_break_where_one_line_goes_on() -> None:
    layout = laid_out(outlined(n_layer=2)["nodes"])
    names = {step.column: step.label for step in layout.steps}
    assert [names[column] for column in layout.breaks()][2:] == ["norm"] * 4 + ["output"]


def test_a_way_around_others_gets_a_lane_of_its_own() -> None:
    # The product takes what the first norm made, too, and is no sum that could be in the stream.
    nodes = [node("embed", []), node("rmsnorm", [0]), node("relu", [1]), node("relu", [2])]
    layout = laid_out([*nodes, node("multiply", [3, 1])])
    check(layout)
    check_lines(layout)
    around = layout.lines[-1]
    assert max(y for _, y in around.points) == middle(1)


def test_what_nothing_depends_on_is_there_and_known_as_such() -> None:
    layout = laid_out([node("embed", []), node("relu", [0]), node("rmsnorm", [0])])
    check(layout)
    assert [step.used for step in layout.steps] == [True, False, True]
