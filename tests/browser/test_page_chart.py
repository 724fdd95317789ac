"""The loss chart: its scale, past runs, the shipped model's curve, its first paint."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.app import EXPOSE_WORKER, Playground
from tests.browser.watch import wait_status

# As if from the worker: losses of 2.5, of which some are others.
POST_RUN = """
({ run, count, from, to, loss }) => {
  const losses = Array.from({ length: count }, (_, i) => (i >= from && i < to ? loss : 2.5));
  let mean = losses[0];
  const smoothed = losses.map((value) => (mean += 0.1 * (value - mean)));
  const blob = new Uint8Array(new Float64Array([...losses, ...smoothed]).buffer);
  const about = { type: "progress", run, step: count + 1, held_out: [], accuracy: [], seconds: 1 };
  window.newestWorker.dispatchEvent(new MessageEvent("message", { data: { ...about, blob } }));
}
"""
# Records what is written on a canvas since it was last cleared, with the box that it takes.
RECORD_TEXTS = """
window.texts = new Map();
const clear = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
  window.texts.clear();
  return clear.apply(this, box);
};
const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  const { width } = this.measureText(text);
  const shift = { center: width / 2, right: width, end: width }[this.textAlign] ?? 0;
  const height = parseFloat(this.font.match(/([\\d.]+)px/)[1]);
  const rise = { middle: height / 2, top: 0, bottom: height }[this.textBaseline] ?? height;
  const at = this.getTransform().transformPoint({ x: x - shift, y: y - rise });
  window.texts.set(text, { left: at.x, top: at.y, right: at.x + width, bottom: at.y + height });
  return write.call(this, text, x, y);
};
"""


def guessing_height(page: Page) -> float:
    """How far below the top of the chart the line of guessing lies, as a share of its height."""
    return float(
        page.evaluate(
            """
            () => {
              const over = document.querySelector("#chart .u-over");
              return parseFloat(over.querySelector(".guess-label").style.top) / over.clientHeight;
            }
            """
        )
    )


def first_step(playground: Playground) -> None:
    """Start a run that waits behind its first step."""
    playground.button("Step").click()
    wait_status(playground.page, "step 1 / 1,000")


def test_a_spike_or_a_run_that_diverged_squashes_no_chart(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(EXPOSE_WORKER)
    playground.open().wait_worker()
    expected = guessing_height(page)
    assert 0 < expected < 0.3
    first_step(playground)
    page.evaluate(POST_RUN, {"run": 1, "count": 600, "from": 300, "to": 301, "loss": 700})
    wait_status(page, "step 601 / 1,000")
    assert guessing_height(page) == pytest.approx(expected, abs=0.1)
    playground.set_slider("Learning rate", 2)
    playground.button("Restart with changes").click()
    wait_status(page, r"step [1-9]\d* / 1,000")
    playground.button("Pause").click()
    expect(playground.button("Resume")).to_be_visible()
    # A run that has diverged may show its own losses, but in no later chart.
    count = {"count": 300, "from": 0, "to": 300, "loss": 9.5}
    page.evaluate(POST_RUN, {"run": 2, **count})
    wait_status(page, "step 301 / 1,000")
    assert 0.5 < guessing_height(page) < 1
    playground.set_slider("Learning rate", 3)
    playground.button("Restart with changes").click()
    wait_status(page, r"step [1-9]\d* / 1,000")
    assert guessing_height(page) == pytest.approx(expected, abs=0.1)


def test_past_runs_fade_behind_the_current_one(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    past = page.locator("#key-old")
    playground.train(100)
    expect(past).to_be_hidden()
    expect(page.locator("#open-runs")).to_be_hidden()
    playground.train(100)
    expect(past).to_be_visible()
    expect(page.locator("#open-runs")).to_have_text("Compare 2 runs")
    playground.button("Start over").click()
    expect(page.locator("#open-runs")).to_have_text("Compare 2 runs")
    expect(past).to_be_visible()
    expect(page.locator("#key-shipped")).to_be_visible()


def without_shipped_losses(route: Route) -> None:
    """The page as it would be if the shipped model had no curve."""
    response = route.fetch()
    body = re.sub(r'data-shipped="[^"]*"', 'data-shipped="[[1,3.3]]"', response.text())
    route.fulfill(response=response, body=body)


def test_the_curve_of_the_shipped_model_stands_in_the_first_chart(playground: Playground) -> None:
    page = playground.open().page
    expect(page.locator("#key-shipped")).to_have_text("the page's model")
    expect(page.locator("#key-shipped")).to_be_visible()
    with_curve = page.locator("#chart canvas").screenshot()
    page.route("**/microgpt/", without_shipped_losses)
    playground.open()
    assert page.locator("#chart canvas").screenshot() != with_curve


def test_the_curve_of_the_shipped_model_stands_in_no_chart_of_other_data_or_tokens(
    playground: Playground,
) -> None:
    page = playground.open().wait_worker().page
    key = page.locator("#key-shipped")
    page.get_by_label("Tokens", exact=True).select_option("Byte pairs (BPE)")
    expect(key).to_be_hidden()
    page.get_by_label("Tokens", exact=True).select_option("Characters")
    expect(key).to_be_visible()
    page.get_by_role("radio", name="Dinosaurs").check()
    expect(key).to_be_hidden()
    expect(page.locator("#left-out")).to_be_hidden()
    page.get_by_role("radio", name="US first names").check()
    expect(key).to_be_visible()


def test_the_first_chart_labels_the_line_of_guessing_in_full(playground: Playground) -> None:
    page = playground.open().page
    label, chart = page.locator(".guess-label").bounding_box(), page.locator("#chart")
    box = chart.bounding_box()
    assert label is not None
    assert box is not None
    assert box["y"] <= label["y"]
    assert label["y"] + label["height"] < box["y"] + box["height"] / 2
    assert label["x"] + label["width"] <= box["x"] + box["width"]


def test_no_two_labels_of_the_axes_of_a_task_touch(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(RECORD_TEXTS)
    playground.open("#data=sorting&num_steps=10000")
    texts = page.evaluate("Object.fromEntries(window.texts)")
    assert {"0%", "100%", "0", "10,000"} <= texts.keys()
    names = sorted(texts)
    touching = [
        (one, other)
        for number, one in enumerate(names)
        for other in names[number + 1 :]
        if texts[one]["left"] < texts[other]["right"]
        and texts[other]["left"] < texts[one]["right"]
        and texts[one]["top"] < texts[other]["bottom"]
        and texts[other]["top"] < texts[one]["bottom"]
    ]
    assert touching == []


# Has the page show how far loading is, and a bar a share of its whole, whatever else it would show.
SHOW_LOADING = """
() => {
    const loading = document.getElementById("loading");
    loading.hidden = false;
    Object.defineProperty(loading, "hidden", { set: () => {} });
}
"""
SHOW_SHARE = """
(bar, share) => {
    delete bar.value;
    bar.value = share * bar.max;
    Object.defineProperty(bar, "value", { configurable: true, get: () => 0, set: () => {} });
}
"""


@pytest.mark.context_options(forced_colors="active")
@pytest.mark.parametrize("name", ["progress", "loading-progress"])
def test_progress_can_be_seen_in_forced_colours(playground: Playground, name: str) -> None:
    page = playground.open().page
    page.evaluate(SHOW_LOADING)
    bar = page.locator(f"#{name}")

    def picture(share: float) -> bytes:
        bar.evaluate(SHOW_SHARE, share)
        return bar.screenshot()

    assert len({picture(share) for share in (0.0, 0.5, 1.0)}) == 3


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            f"{width}x{height}",
            marks=pytest.mark.context_options(viewport={"width": width, "height": height}),
        )
        for width, height in ((320, 568), (390, 700), (768, 700))
    ],
)
def test_on_a_phone_train_brings_the_chart_into_sight(playground: Playground, name: str) -> None:
    page = playground.open("#num_steps=300").wait_worker().page
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    playground.button("Train").click()
    expect(playground.live.first).to_be_visible(timeout=60_000)
    box, bar = page.locator("#chart").bounding_box(), page.locator(".steer").bounding_box()
    assert box is not None
    assert bar is not None
    assert box["y"] >= 0, name
    assert box["y"] + box["height"] <= bar["y"], name


@pytest.mark.parametrize("height", [700, 1000])
def test_the_chart_fills_the_place_that_the_style_sheet_gives_it(
    playground: Playground, height: int
) -> None:
    page = playground.open().page
    page.set_viewport_size({"width": 1300, "height": height})
    size = "(e) => [e.clientWidth, e.clientHeight]"
    wanted = page.locator("#chart").evaluate(size)
    page.wait_for_function(
        "([width, height]) => {"
        "  const plot = document.querySelector('#chart .uplot');"
        "  return plot.clientWidth === width && plot.clientHeight === height;"
        "}",
        arg=wanted,
    )
