"""A run on a task: the share of right answers in chart, status and verdict; marks on samples."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from microgpt.tasks import TASK_CHECKERS
from tests.browser.app import Playground
from tests.browser.kept import OVER, wait_kept


def test_answers_to_a_task_are_marked_everywhere(playground: Playground) -> None:
    page = playground.open("#data=sorting&num_steps=400").wait_worker().page
    legend = page.locator("#legend").get_by_text("right in the test")
    expect(legend).to_be_visible()
    playground.train(400)
    expect(page.locator("#chart")).to_have_accessible_name(re.compile("share that is right"))
    expect(playground.status).to_have_text(re.compile(r"right \d+%"))
    expect(page.locator("#verdict")).to_have_text(re.compile(r"In the test, \d+% was right\."))
    expect(playground.live).to_have_count(4)
    for line in playground.live.all():
        text = line.locator(".set").inner_text()
        mark = "right" if TASK_CHECKERS["sorting"](text) else "wrong"
        expect(line.locator(".mark")).to_have_text(mark)
    playground.button("Generate").click()
    expect(page.locator("#samples-words")).to_contain_text("20 written")
    marks = playground.samples.locator(".mark").all_inner_texts()
    lines = playground.samples.locator(".set").all_inner_texts()
    assert marks == ["right" if TASK_CHECKERS["sorting"](line) else "wrong" for line in lines]
    count = page.locator("#samples-right")
    expect(count).to_have_text(f"{marks.count('right')} of 20 right")
    # Hovering over step 200 in the chart shows the share at that step.
    plot = page.locator("#chart .u-over")
    box = plot.bounding_box()
    assert box is not None
    plot.hover(position={"x": box["width"] / 2, "y": 40})
    expect(page.locator("#chart-readout")).to_have_text(re.compile(r"step 200: .*right \d+%"))


def test_data_without_a_task_have_no_marks(playground: Playground) -> None:
    page = playground.open("#data=sorting").wait_worker().page
    playground.train(100)
    expect(playground.live.locator(".mark")).to_have_count(1)
    playground.button("Generate").click()
    expect(page.locator("#samples-right")).to_contain_text("of 20 right")
    playground.button("Start over").click()
    expect(page.locator("#samples-right")).to_be_empty()
    page.get_by_role("radio", name="Simple baby names").check()
    expect(page.locator("#legend").get_by_text("right in the test")).to_be_hidden()
    playground.train(100)
    expect(playground.live).to_have_count(1)
    expect(playground.live.locator(".mark")).to_have_count(0)
    expect(playground.status).not_to_contain_text("right")
    playground.button("Generate").click()
    expect(page.locator("#samples-words")).to_contain_text("20 written")
    expect(page.locator("#samples .mark")).to_have_count(0)
    expect(page.locator("#samples-right")).to_be_empty()
    expect(page.locator("#verdict")).not_to_contain_text("In the test")


def test_of_modular_addition_both_halves_are_told(playground: Playground, tmp_path: Path) -> None:
    page = playground.open("#data=sorting").page
    trained = page.locator("#legend").get_by_text("on what it learns from")
    expect(trained).to_be_hidden()
    fast = "pace=full&num_steps=200&batch_size=16&eval_fraction=0.5&mask=%3D"
    playground.open(f"#data=modular-addition&{fast}").wait_worker()
    playground.train(200)
    expect(trained).to_be_visible()
    plot = page.locator("#chart .u-over")
    box = plot.bounding_box()
    assert box is not None
    plot.hover(position={"x": box["width"] - 2, "y": 40})
    readout = re.compile(r"right \d+%, in training \d+%")
    expect(page.locator("#chart-readout")).to_have_text(readout)
    with page.expect_download() as download:
        playground.button("Save the losses as JSON").click()
    saved = tmp_path / "losses.json"
    download.value.save_as(saved)
    tests = [line for line in json.loads(saved.read_text())["lines"] if "accuracy" in line]
    assert tests
    assert all(0 <= line["train_accuracy"] <= 1 for line in tests)
    wait_kept(page, "runs", OVER)
    page.reload()
    playground.wait_worker()
    expect(trained).to_be_visible()
