"""Long runs, many runs in one picture, and going back along a run, on the page.

A frame counts as shown when the browser asks for the next one; frames a second are those of the
whole time that is watched, so a single long pause lowers them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from tests.bench.keep import RUN, RUN_TIMEOUT_MILLISECONDS
from tests.bench.table import Row
from tests.browser.app import Playground
from tests.support.memory import OWN, page_megabytes

LONG_STEPS, PAST_STEPS, PAST_RUNS = 100_000, 10_000, 20
LONG_VISITS, PAST_VISITS, DRAG_STEPS = 5, 3, 40
KEPT_STEPS = 11  # that one goes along, at least; the page hears of them as the run goes on
TARGET_SECONDS, TARGET_FRAMES, TARGET_MEGABYTES = 1.5, 50, 300
TARGET_DRAG_MILLISECONDS = 33
FAST = "#pace=full"
# Counts frames until `watched()`, which resolves to how many there were a second.
WATCH_FRAMES = """
() => {
    const began = performance.now();
    let [frames, over] = [0, false];
    const count = () => {
        frames += 1;
        if (!over) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    window.watched = () => {
        over = true;
        return (1000 * frames) / (performance.now() - began);
    };
}
"""
WATCHED = "() => window.watched()"
# The seconds of computing, as the status line tells them.
SECONDS = """
() => {
    const words = document.getElementById("status-time").textContent;
    const [, number, unit] = words.match(/computed in ([\\d.]+) (ms|s)/);
    return Number(number) / (unit === "ms" ? 1000 : 1);
}
"""
# Goes along the run by the slider below the chart; the milliseconds from each move until the bars
# are those of the step that is shown.
DRAG = """
async (moves) => {
    const slider = document.querySelector(".course-slider");
    const ids = ["probabilities", "status-step"];
    const [bars, status] = ids.map((id) => document.getElementById(id));
    const times = [];
    for (let move = 0; move < moves; move += 1) {
        const key = move % 20 < 10 ? "ArrowLeft" : "ArrowRight";
        const before = [bars.textContent, status.textContent];
        const moved = performance.now();
        const press = { key, bubbles: true, cancelable: true };
        slider.dispatchEvent(new KeyboardEvent("keydown", press));
        await new Promise((resolve) => {
            const look = () => {
                const changed = bars.textContent !== before[0] && status.textContent !== before[1];
                if (changed) resolve();
                else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        });
        times.push(performance.now() - moved);
    }
    return times;
}
"""


class LongRun(NamedTuple):
    """What was measured of one long run."""

    seconds: float  # of computing
    frames: float  # a second
    megabytes: float | None  # of page and worker behind it
    own_megabytes: float | None  # of these, without the browser's program


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    runs = [long_run(browser, url) for _ in range(LONG_VISITS)]
    words = f"{LONG_STEPS:,} steps of the default model"
    yield Row(f"{words}, computing", [run.seconds for run in runs], "s", TARGET_SECONDS)
    yield _frames("the page meanwhile", [run.frames for run in runs])
    for words, sizes in (
        ("memory of page and worker behind it", [run.megabytes for run in runs]),
        ("of that, without the browser's program", [run.own_megabytes for run in runs]),
    ):
        known = [size for size in sizes if size is not None]
        if known:
            yield Row(words, known, "MB", TARGET_MEGABYTES)
    pages = [past_runs(browser, url) for _ in range(PAST_VISITS)]
    words = f"a run with {PAST_RUNS} past ones of {PAST_STEPS:,} steps behind it"
    yield _frames(words, [frames for frames, _ in pages])
    drags = [time for _, times in pages for time in times]
    words = f"one checkpoint further along a run, {DRAG_STEPS} moves"
    yield Row(words, drags, "ms", TARGET_DRAG_MILLISECONDS)


def _frames(words: str, values: list[float]) -> Row:
    return Row(words, values, "frames/s", TARGET_FRAMES, higher_is_better=True)


def opened(browser: Browser, url: str, num_steps: int) -> Page:
    """A new page whose worker is ready, in a profile of its own."""
    page = browser.new_context(base_url=url, service_workers="block").new_page()
    page.set_default_timeout(RUN_TIMEOUT_MILLISECONDS)
    Playground(page).open(f"{FAST}&num_steps={num_steps}").wait_worker()
    return page


def long_run(browser: Browser, url: str) -> LongRun:
    """One run of `LONG_STEPS`."""
    page = opened(browser, url, LONG_STEPS)
    page.evaluate(WATCH_FRAMES)
    page.evaluate(RUN)
    frames = page.evaluate(WATCHED)
    sizes = page_megabytes(browser), page_megabytes(browser, OWN)
    result = LongRun(page.evaluate(SECONDS), frames, *sizes)
    page.context.close()
    return result


def past_runs(browser: Browser, url: str) -> tuple[float, list[float]]:
    """Frames a second of the last of many runs, and the milliseconds of moves along it."""
    page = opened(browser, url, PAST_STEPS)
    for _ in range(PAST_RUNS):
        page.evaluate(RUN)
    page.evaluate(WATCH_FRAMES)
    page.evaluate(RUN)
    frames = page.evaluate(WATCHED)
    page.locator(".course-kept").nth(KEPT_STEPS).wait_for(state="attached")
    times = page.evaluate(DRAG, DRAG_STEPS)
    page.context.close()
    return frames, times
