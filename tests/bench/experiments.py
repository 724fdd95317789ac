"""Experiments in the Lab, on the page: from the press on Run until all that came out is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from urllib.parse import quote

from playwright.sync_api import Browser, Page

from tests.bench.table import Row
from tests.browser.app import Playground
from tests.browser.lab import LabPage
from tests.support.memory import page_megabytes

RATES = "data=us-names;learning_rate=0.001..0.1x32;seeds=8"  # of 1,000 steps each
TRIES = 3
TARGET_RATES, TARGET_LAW, TARGET_MEGABYTES, TARGET_FRAME = 4.0, 40.0, 500, 20
# Presses Run; resolves, when the frame is drawn behind the last result, to the seconds that took,
# and the milliseconds from frame to frame until then.
RUN = """
() => new Promise((resolve) => {
  const [run, left] = ["lab-run", "lab-left"].map((id) => document.getElementById(id));
  const times = [];
  const pressed = performance.now();
  const look = (time) => {
    times.push(time);
    if (!left.textContent.endsWith("of computing")) return requestAnimationFrame(look);
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    setTimeout(() => resolve([(performance.now() - pressed) / 1000, gaps]));
  };
  run.click();
  requestAnimationFrame(() => requestAnimationFrame(look)); // what was there is forgotten by then
})
"""


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    Playground(page).open(f"#place=lab&lab={quote(RATES)}")
    LabPage(Playground(page)).wait_ready()
    runs = [run(page) for _ in range(TRIES)]
    seconds = [each[0] for each in runs]
    yield Row("256 default runs (32 rates, 8 seeds)", seconds, "s", TARGET_RATES)
    between = [median(each[1]) for each in runs]
    yield Row("from frame to frame meanwhile", between, "ms", TARGET_FRAME)
    megabytes = page_megabytes(browser)
    if megabytes is not None:
        yield Row("memory behind them", [megabytes], "MB", TARGET_MEGABYTES)
    LabPage(Playground(page)).go("The scaling law")
    took, gaps = run(page)
    yield Row("the scaling law, 40 models", [took], "s", TARGET_LAW)
    yield Row("from frame to frame meanwhile", [median(gaps)], "ms", TARGET_FRAME)
    context.close()


def run(page: Page) -> tuple[float, list[float]]:
    """Run the experiment that is open; returns as `RUN` says."""
    page.wait_for_timeout(2000)
    seconds, gaps = page.evaluate(RUN)
    return seconds, gaps
