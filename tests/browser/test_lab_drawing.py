"""The Lab's pictures by themselves: what is drawn, pointed at, pressed and saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.lab_drawing import (
    MAP,
    PIXEL,
    RANGES,
    SVG,
    TWO_SERIES,
    Specification,
    channels,
    colours,
    field,
    lines,
    place,
    point,
    prepare_page,
    said,
    saved,
    series,
    texts,
)
from tests.browser.lab_drawing import draw as draw_on

PHONE: ViewportSize = {"width": 390, "height": 844}
Draw = Callable[[Specification], Locator]


@pytest.fixture
def draw(page: Page, site: Path) -> Draw:
    """Draws a specification; returns the element that the picture lies in."""
    prepare_page(page, site)
    return partial(draw_on, page)


def test_the_point_nearest_to_the_pointer_is_told_and_pressed(page: Page, draw: Draw) -> None:
    box = draw(TWO_SERIES)
    left, top = place(page, 2, 2.5)
    page.mouse.move(left + 3, top - 4)
    page.mouse.move(left + 4, top - 4)
    assert said(page) == ["at a1"]
    mark = box.locator(".lab-mark").bounding_box()
    assert mark is not None
    middle = (mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    assert middle == pytest.approx((left, top), abs=1)
    page.mouse.click(*place(page, 3, 1.7))
    assert said(page) == ["at b2", "press b2"]
    page.mouse.move(2, 2)
    assert said(page) == ["at "]
    expect(box.locator(".lab-mark")).to_be_hidden()


def test_arrow_keys_go_along_lines_and_between_them(page: Page, draw: Draw) -> None:
    box = draw(TWO_SERIES)
    expect(box).to_have_accessible_name("Held-out loss over the learning rate")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    expect(box).to_be_focused()
    assert said(page) == ["at a0"]
    for key in ("ArrowRight", "ArrowDown", "End", "ArrowRight", "ArrowUp", "Home", "Enter"):
        page.keyboard.press(key)
    assert said(page) == ["at a1", "at b1", "at b2", "at a2", "at a0", "press a0"]
    option = box.get_by_role("option")
    expect(option).to_have_text("Learning rate 1: Held-out loss 3 (2.9 to 3.1), 16")
    assert option.get_attribute("id") == box.get_attribute("aria-activedescendant")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    assert said(page) == ["at "]
    page.keyboard.press("ArrowLeft")
    assert said(page) == ["at a0"], "where one was before"
    box.blur()
    assert said(page) == ["at "]


@pytest.mark.context_options(has_touch=True, viewport=PHONE)
def test_a_finger_points_first_and_presses_then(page: Page, draw: Draw) -> None:
    draw(TWO_SERIES)
    page.touchscreen.tap(*place(page, 2, 1.5))
    assert said(page) == ["at b1"]
    page.touchscreen.tap(*place(page, 2, 2.5))
    assert said(page) == ["at a1"]
    page.touchscreen.tap(*place(page, 2, 2.5))
    assert said(page) == ["press a1"]


def test_more_points_go_into_the_same_chart_whose_scales_only_grow(page: Page, draw: Draw) -> None:
    box = draw(lines(series("16", "run-1", [point("a0", 1, 3.0), point("a1", 2, 2.5)])))
    page.mouse.move(*place(page, 2, 2.5))
    chart = box.locator("canvas").element_handle()
    before = page.evaluate(RANGES)
    draw(TWO_SERIES)
    after = page.evaluate(RANGES)
    assert (after[0], after[2]) <= (before[0], before[2])
    assert after[1] > before[1]
    draw(lines(series("16", "run-1", [point("a1", 2, 2.5)])))
    assert page.evaluate(RANGES) == after
    assert page.evaluate("chart => chart.isConnected", chart)
    assert said(page) == ["at a1"], "it stays pointed at"
    draw(lines(series("16", "run-1", [point("a0", 1, 2.5)])))
    assert said(page) == ["at "], "it is gone"
    fixed = lines(y={"title": "Right", "log": False, "percent": True, "range": [0, 0.5]})
    draw(fixed)
    assert page.evaluate(RANGES)[2:] == [0, 0.5]
    assert not page.evaluate("chart => chart.isConnected", chart), "the axes are others"


def test_lines_bands_whiskers_and_words_are_saved(page: Page, draw: Draw) -> None:
    law = {"colour": "run-5", "points": [[1, 2.2], [2, 2.1], [4, 2.0]]}
    draw(
        lines(
            *TWO_SERIES["series"],
            series("", "held", [point("c0", 2, 2.0)], joined=False),
            laws=[law],
            predicted=[{"id": "p", "x": 4, "y": 2.0, "error": 0.2, "colour": "run-4"}],
        )
    )
    root = saved(page)
    assert {"Learning rate", "Held-out loss", "16", "32", "2.0", "3.0"} <= set(texts(root))
    paths = [element.attrib for element in root.iter(f"{SVG}path")]
    line, other, dots, rule, whisker = colours(page, "run-1", "run-2", "held", "run-5", "run-4")

    def count(**wanted: str) -> int:
        named = {name.replace("_", "-"): value for name, value in wanted.items()}
        return sum(named.items() <= path.items() for path in paths)

    for colour in (line, other):
        assert count(fill=colour, fill_opacity="0.22") == 1, "a band"
        assert count(stroke=colour, fill="none", stroke_width="1.5") == 2, "a line, one to its name"
    assert count(stroke=dots, fill="none") == 1, "a whisker"
    assert count(stroke=rule, stroke_dasharray="3 3") == 1, "a law"
    [hollow] = colours(page, "paper")
    assert count(stroke=whisker, fill=hollow) == 1, "a hollow dot"
    assert count(stroke=whisker, fill="none") == 1, "its whisker"
    assert page.locator("#lab-box.pictured, #lab-box [data-drawn]").count() == 0


def test_names_stand_apart_beside_their_lines_or_in_a_legend(page: Page, draw: Draw) -> None:
    names = [f"{size} wide, without decay" for size in (8, 16, 32, 64)]
    alike = [
        series(name, f"run-{i}", [point(f"{i}:0", 1, 3.0), point(f"{i}:1", 2, 2.0 + 0.001 * i)])
        for i, name in enumerate(names, start=1)
    ]
    box = draw(lines(*alike))
    legend = box.locator(".lab-legend")
    expect(legend).to_be_hidden()
    placed = [text for text in saved(page).iter(f"{SVG}text") if text.text in names]
    assert {text.text for text in placed} == set(names)
    heights = sorted(float(text.get("y", "nan")) for text in placed)
    distances = [lower - upper for upper, lower in pairwise(heights)]
    assert min(distances) >= 12, "no name lies on another"
    page.set_viewport_size(PHONE)
    expect(legend.locator("span")).to_have_text(names)
    assert [text for text in texts(saved(page)) if text in names] == names


def test_what_is_missing_leaves_a_gap(page: Page, draw: Draw) -> None:
    tokens = {"title": "Tokens", "log": False, "ticks": ["characters", "64", "128", "256", "512"]}
    gaps = [point("a0", 0, 3.0), point("a1", 1, 2.9), point("a3", 3, 2.5), point("a4", 4, 2.4)]
    draw(lines(series("", "run-1", gaps), x=tokens))
    [colour] = colours(page, "run-1")

    def drawn() -> int:
        paths = saved(page).iter(f"{SVG}path")
        return sum(path.get("stroke") == colour and "Z" not in path.get("d", "") for path in paths)

    assert drawn() == 2
    gaps.insert(2, point("a2", 2, 2.7))
    draw(lines(series("", "run-1", gaps), x=tokens))
    assert drawn() == 1
    gaps[2] = point("a2", 2, None)
    box = draw(lines(series("", "run-1", gaps)))
    assert drawn() == 2
    page.mouse.move(*place(page, 2, 2.7))
    assert "at a2" not in said(page)
    expect(box).not_to_contain_text("NaN")


POINTS = [point("a", 0.01, 2.0), point("b", 0.1, 2.0)]
ODD = {
    "nothing": lines(),
    "a series without a point": lines(series("16", "run-1", [])),
    "one point": lines(series("16", "run-1", [point("a", 0.01, 2.0, 0.0)])),
    "one point, by factors": lines(series("16", "run-1", [point("a", 0.01, 2.0, 0.0)]), log=True),
    "all equal": lines(series("16", "run-1", [point("a", 1, 2.0, 0.0), point("b", 1, 2.0, 0.0)])),
    "by factors": lines(series("16", "run-1", POINTS), log=True),
    "zero by factors": lines(series("16", "run-1", [point("z", 0, -1.0), *POINTS]), log=True),
    "nothing known": lines(series("16", "run-1", [point("a", 1, None), point("b", 2, None)])),
    "large": lines(series("16", "run-1", [point("a", 1e9, 1e6), point("b", 1e12, 1e7)])),
    "a map of nothing": MAP | {"cells": []},
    "a map of one value": MAP | {"cells": MAP["cells"][:1]},
    "a map of what diverged": MAP | {"cells": MAP["cells"][3:]},
}


def test_odd_specifications_are_drawn(page: Page, draw: Draw) -> None:
    for what, spec in ODD.items():
        box = draw(spec)
        expect(box).to_have_accessible_name(spec["label"])
        assert "NaN" not in re.sub("base64,[^)]+", "", page.evaluate("window.svg()")), what
        assert spec["y"]["title"] in texts(saved(page))


def test_fields_of_a_map_have_the_colours_of_their_values(page: Page, draw: Draw) -> None:
    box = draw(MAP)
    low, high, accent, edge = colours(page, "ramp-low", "ramp-high", "accent", "edge")
    assert page.evaluate(PIXEL, field(page, 1, 0)) == channels(low)
    assert page.evaluate(PIXEL, field(page, 0, 1)) == channels(high)
    between = [(one + other) / 2 for one, other in zip(channels(low), channels(high), strict=True)]
    assert page.evaluate(PIXEL, field(page, 0, 0)) == pytest.approx(between, abs=1)
    expect(box.locator(".lab-legend")).to_have_text("Gap0.1000.900lowestdiverged")
    root = saved(page)
    words = texts(root)
    assert {"Training documents", "Embedding size", "1,000", "16", "0.500", "diverged"} <= set(
        words
    )
    strokes = [path.get("stroke") for path in root.iter(f"{SVG}path")]
    assert strokes.count(accent) == 2, "the ring of the best, and that in the legend"
    assert strokes.count(edge) >= 2, "a hatched field with an outline"
    draw(MAP | {"cells": [*MAP["cells"], {"id": "0:2", "x": 2, "y": 0, "value": 0.0}]})
    assert page.evaluate(PIXEL, field(page, 2, 0)) == channels(low), "now the lowest"


def test_fields_are_told_pressed_and_reached_by_arrow_keys(page: Page, draw: Draw) -> None:
    box = draw(MAP)
    page.mouse.click(*field(page, 1, 1))
    assert said(page) == ["at 1:1", "press 1:1"]
    page.mouse.move(*field(page, 2, 0))
    assert said(page) == ["at "], "nothing is known of it"
    for key in ("ArrowDown", "ArrowUp", "ArrowDown", "ArrowUp", "ArrowDown", "Home"):
        page.keyboard.press(key)
    assert said(page) == ["at 1:1", "at 0:1", "at 1:1", "at 0:1", "at 0:0"], "up there is no row"
    said_last = "Training documents 100, Embedding size 8: Gap 0.500"
    expect(box.get_by_role("option")).to_have_text(said_last)


def test_a_picture_follows_the_theme_and_the_size(page: Page, draw: Draw) -> None:
    box = draw(MAP)
    page.evaluate("microgpt.applyTheme('dark')")
    [low] = colours(page, "ramp-low")
    page.wait_for_function(
        f"([place, colour]) => ({PIXEL})(place).join() === colour.join()",
        arg=[list(field(page, 1, 0)), channels(low)],
    )
    draw(TWO_SERIES)
    wide = box.locator("canvas").bounding_box()
    page.set_viewport_size(PHONE)
    page.wait_for_function("document.querySelector('#lab-box canvas').clientWidth < 360")
    narrow = box.locator("canvas").bounding_box()
    assert wide is not None
    assert narrow is not None
    assert narrow["width"] < wide["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.mouse.move(*place(page, 2, 1.5))
    assert said(page)[-1] == "at b1"
