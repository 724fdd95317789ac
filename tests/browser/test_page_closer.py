"""A closer look at a run: zoom, axes, gradients, learning rate, weights; a very long run."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.app import EXPOSE_WORKER, Playground
from tests.browser.watch import wait_status

# As if from the worker: a hundred thousand losses around 2.5, one of them much higher.
POST_LOSSES = """
({ run, first }) => {
  const count = 100_000;
  const losses = Float64Array.from({ length: count }, (_, i) => 2.5 + ((i * 37) % 101) / 1000);
  losses[31_415] = 3.4;
  const blob = new Uint8Array(new Float64Array([...losses, ...losses.map(() => 2.5)]).buffer);
  const step = first + count;
  const about = { type: "progress", run, step, held_out: [[step, 2.5]], accuracy: [], seconds: 1 };
  window.newestWorker.dispatchEvent(new MessageEvent("message", { data: { ...about, blob } }));
}
"""
# What the chart draws of the losses of each step, and from where to where.
DRAWN = """
() => {
  const { data, scales } = document.getElementById("chart").plot;
  const values = data[1].filter((value) => value !== undefined);
  return { count: values.length, highest: Math.max(...values), x: [scales.x.min, scales.x.max] };
}
"""


def look_closer(playground: Playground) -> Page:
    playground.button("Look closer").click()
    playground.button("Zoom in").wait_for()
    return playground.page


def test_a_million_losses_are_drawn_with_few_points_and_every_spike(
    playground: Playground,
) -> None:
    page = playground.page
    page.add_init_script(EXPOSE_WORKER)
    playground.open("#num_steps=1000000").wait_worker()
    playground.button("Step").click()
    wait_status(page, "step 1 / 1,000,000")
    for part in range(10):
        page.evaluate(POST_LOSSES, {"run": 1, "first": 1 + 100_000 * part})
    wait_status(page, "step 1,000,001 / 1,000,000")
    drawn = page.evaluate(DRAWN)
    assert drawn["count"] <= 2048
    assert drawn["highest"] == 3.4
    look_closer(playground)
    for _ in range(9):
        playground.button("Zoom in").click()
    drawn = page.evaluate(DRAWN)
    first, last = drawn["x"]
    assert last - first < 2100
    assert drawn["count"] >= 1000


def test_zoom_by_buttons_drag_and_wheel_and_back(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.train(1000)
    look_closer(playground)
    whole = playground.button("Whole run")
    expect(whole).to_be_disabled()
    playground.button("Zoom in").click()
    assert page.evaluate(DRAWN)["x"] == [250, 750]
    whole.click()
    assert page.evaluate(DRAWN)["x"] == [0, 1000]
    box = page.locator("#chart .u-over").bounding_box()
    assert box is not None
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    first, last = page.evaluate(DRAWN)["x"]
    assert (round(first / 20), round(last / 20)) == (10, 20)
    expect(whole).to_be_enabled()
    page.keyboard.down("Control")
    page.mouse.wheel(0, 4000)
    page.keyboard.up("Control")
    expect(whole).to_be_disabled()
    assert page.evaluate(DRAWN)["x"] == [0, 1000]


def test_axes_can_be_logarithmic(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.train(1000)
    look_closer(playground)
    distributions = "() => { const { x, y } = document.getElementById('chart').plot.scales;"
    distributions += " return [x.distr, y.distr]; }"
    assert page.evaluate(distributions) == [1, 1]
    page.get_by_label("Logarithmic steps").check()
    page.get_by_label("Logarithmic loss").check()
    assert page.evaluate(distributions) == [3, 3]
    assert page.evaluate(DRAWN)["x"] == [1, 1000]
    page.get_by_label("Logarithmic steps").uncheck()
    page.get_by_label("Logarithmic loss").uncheck()
    assert page.evaluate(distributions) == [1, 1]


def test_gradients_rates_and_weights_are_shown_under_one_cursor(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    look_closer(playground)
    playground.train(1000)
    expect(page.locator("#weights-step")).to_have_text("after step 1,000")
    histograms = page.locator("#weight-histograms li")
    expect(histograms).to_have_count(9)
    expect(histograms.first).to_contain_text("wte")
    expect(histograms.first).to_contain_text(re.compile(r"mean -?[\d.e-]+, spread [\d.]+"))
    box = page.locator("#chart .u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#norm-said")).to_have_text(re.compile(r"step (49|50|51)\d: [\d.]+"))
    expect(page.locator("#rate-said")).to_have_text(re.compile(r"step (49|50)\d: 0\.005"))
    cursors = page.locator(".strip .u-cursor-x")
    expect(cursors).to_have_count(2)
    lines = [cursors.nth(i).bounding_box() for i in range(2)]
    assert all(
        line is not None and abs(line["x"] - box["x"] - box["width"] / 2) < 3 for line in lines
    )
    whole = page.locator("#norm-said").inner_text()
    page.get_by_label("Length of the gradient").select_option("wte")
    page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2)
    expect(page.locator("#norm-said")).not_to_have_text(whole)
    playground.button("Look closer").click()
    expect(page.locator("#closer")).to_be_hidden()
