"""Several runs that differ in their seed alone: band, whiskers, and the workers that train them."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.app import CLOSE, Playground
from tests.browser.watch import wait_status

# Run before the page's own scripts: keeps what the worker says of runs, losses as plain numbers.
KEEP_EVENTS = """
window.told = { seeds: null, progress: null };
window.Worker = class extends Worker {
  constructor(...options) {
    super(...options);
    this.addEventListener("message", ({ data }) => {
      if (data.type === "seeds") window.told.seeds = data;
      if (data.type !== "progress") return;
      const losses = new Float64Array(data.blob.slice().buffer);
      const last = losses[losses.length / 2 - 1] ?? window.told.progress.loss;
      window.told.progress = { loss: last, held_out: data.all_held_out };
    });
  }
};
"""


def told(playground: Playground) -> Any:
    """The newest of these."""
    return playground.page.evaluate("window.told")


def test_the_runs_of_further_seeds_are_drawn_and_the_first_is_that_of_the_page(
    playground: Playground,
) -> None:
    page = playground.page
    page.add_init_script(KEEP_EVENTS)
    playground.open("#pace=full&num_steps=300").wait_worker()
    page.get_by_label("Runs", exact=True).select_option("5")
    below = playground.probabilities.first.bounding_box()
    playground.train(300)
    words = page.locator("#seeds-words")
    expect(words).to_have_text(re.compile(r"5 seeds: held out 2\.\d\d, 4 in 5 from 2\.\d\d to 2\."))
    expect(page.locator("#key-band")).to_be_visible()
    assert page.locator("#chart").evaluate("box => box.band.length") == 4
    assert playground.probabilities.first.bounding_box() == below  # nothing has moved

    seeds, run = told(playground)["seeds"], told(playground)["progress"]
    assert sorted(seeds["seeds"]) == [42, 43, 44, 45, 46]
    assert len(set(seeds["losses"])) == 5
    first = seeds["seeds"].index(42)
    assert seeds["losses"][first] == run["loss"]
    assert seeds["held_out"][first] == run["held_out"][0]

    page.locator("#probabilities.with-spread").wait_for()
    whiskers = page.locator("#probabilities .spread")
    heights = whiskers.evaluate_all("all => all.map(one => one.offsetHeight)")
    assert max(heights) > 3
    page.locator("#probabilities button").first.hover()
    expect(page.locator("#stepper-words")).to_contain_text("In 5 runs mostly from")

    page.get_by_label("Runs", exact=True).select_option("1")
    expect(page.locator("#key-band")).to_be_hidden()
    expect(words).to_be_empty()
    page.locator("#probabilities:not(.with-spread)").wait_for()


def test_a_worker_of_the_pool_that_ends_is_replaced(playground: Playground) -> None:
    page = playground.open("#pace=full&num_steps=10000&num_runs=5").wait_worker().page
    playground.button("Train").click()
    page.wait_for_function("document.querySelector('#seeds-words').textContent.startsWith('1 of')")
    for worker in playground.pool_workers():
        worker.evaluate(CLOSE)
    expect(page.locator("#seeds-words")).to_contain_text("5 seeds: held out", timeout=60_000)
    wait_status(page, r"step 10,000 / 10,000")
    expect(page.locator("#training-notice")).to_be_hidden()
