"""The frame rate that the user sees during a run, at both paces."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from playwright.sync_api import Browser

from tests.bench.table import Row
from tests.browser.app import Playground

STEPS, RUNS = 10_000, 5
TARGET_MILLISECONDS = 20  # half of the frames take at most this: 50 frames a second
LATE_MILLISECONDS = 50  # anybody notices a frame that takes longer
# Clicks Train; resolves to the milliseconds between successive frames until the run is done.
MEASURE_FRAMES = """
() => new Promise((resolve) => {
  const [train, step] = ["train", "status-step"].map((id) => document.getElementById(id));
  const times = [];
  const onFrame = (time) => {
    times.push(time);
    if (/^step (\\S+) \\/ \\1$/.test(step.textContent) && train.textContent === "Train")
      resolve(times.slice(1).map((time, i) => time - times[i]));
    else requestAnimationFrame(onFrame);
  };
  train.click();
  requestAnimationFrame(onFrame);
})
"""


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    for pace in ("watch", "full"):
        page = browser.new_context(base_url=url).new_page()
        Playground(page).open(f"#num_steps={STEPS}&pace={pace}").wait_worker()
        runs: list[list[float]] = [page.evaluate(MEASURE_FRAMES) for _ in range(RUNS)]
        page.context.close()
        words = f"{STEPS:,} steps at the pace {pace}"
        yield Row(f"{words}, between frames", list(map(median, runs)), "ms", TARGET_MILLISECONDS)
        late = [100 * sum(gap > LATE_MILLISECONDS for gap in gaps) / len(gaps) for gaps in runs]
        yield Row(f"frames later than {LATE_MILLISECONDS} ms", late, "%")
