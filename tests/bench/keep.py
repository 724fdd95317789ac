"""What keeping a run in the browser costs, and how soon it is there again.

A save is all that the page's thread does for it: its Python collects what there is to keep, and
store.mjs hands it to the database. Its tasks are found in a trace, by marks that this puts in;
their times are of the processor, so that other work of the machine is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page

from tests.bench.table import Row
from tests.browser.app import Playground
from tests.browser.kept import OVER, wait_kept

VISITS = 7
TURNS = 5  # runs with and without being kept, for one figure
TARGET_SAVE_MILLISECONDS, TARGET_RUN_PERCENT, TARGET_RETURN_MILLISECONDS = 5, 2, 100
GAP_MILLISECONDS = 150  # between the tasks of two saves
OVER_MILLISECONDS = 1000  # after a run in which its last save is traced
RUN_TIMEOUT_MILLISECONDS = 240_000
DEFAULT_STEPS, LONG_STEPS = 1000, 10_000
LONG = f"&n_embd=32&num_steps={LONG_STEPS}"
LARGE = "&n_embd=64&n_head=4&n_layer=4&block_size=64&num_steps=200"

TASK, MARK = "RunTask", "keeping"
CATEGORIES = ["disabled-by-default-devtools.timeline", "blink.user_timing"]
# Marks each call from the page's Python, and each write.
MARK_SAVES = f"""
async () => {{
    const marked = (act) =>
        function (...values) {{
            performance.mark("{MARK}");
            return act.apply(this, values);
        }};
    const store = Object.entries(await window.microgpt.loadStore());
    window.microgpt.store = Object.fromEntries(store.map(([name, act]) => [name, marked(act)]));
    IDBObjectStore.prototype.put = marked(IDBObjectStore.prototype.put);
}}
"""
NEVER_KEEP = "() => { window.microgpt.loadStore = () => new Promise(() => {}); }"
# Presses Train; the milliseconds until the last loss is on the chart.
RUN = """
async () => {
    const [train, status] = ["train", "status-step"].map((id) => document.getElementById(id));
    const isOver = () => /^step (\\S+) \\/ \\1$/.test(status.textContent);
    // The run of before is over only behind its last evaluations.
    while (train.textContent !== "Train") await new Promise(requestAnimationFrame);
    const pressed = performance.now();
    let begun = !isOver();
    const over = new Promise((resolve) => {
        new MutationObserver((_, observer) => {
            begun ||= !isOver();
            if (!begun || !isOver()) return;
            observer.disconnect();
            resolve(performance.now() - pressed);
        }).observe(status, { childList: true, characterData: true, subtree: true });
    });
    train.click();
    return over;
}
"""
# Run before the page's own scripts: `firstBars` are the milliseconds from the worker's being ready
# until a model writes.
WATCH_BARS = """
window.firstBars = new Promise((resolve) => {
    const mark = performance.mark;
    performance.mark = function (name) {
        const result = mark.call(performance, name);
        if (name !== "worker ready") return result;
        const [ready, bars] = [performance.now(), document.getElementById("probabilities")];
        const look = () => {
            if (!bars.classList.contains("current")) return;
            observer.disconnect();
            resolve(performance.now() - ready);
        };
        const observer = new MutationObserver(look);
        observer.observe(bars, { attributeFilter: ["class"] });
        look();
        return result;
    };
});
"""
FIRST_BARS = "() => window.firstBars"


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    for what, settings in (
        (f"default model, {DEFAULT_STEPS:,} steps", ""),
        (f"32 wide, {LONG_STEPS:,} steps", LONG),
        ("64 wide, 4 layers", LARGE),
    ):
        first, later = saves(browser, url, settings)
        yield Row(f"first save of a run, {what}", first, "ms", TARGET_SAVE_MILLISECONDS)
        if later:
            yield Row(f"each later save, {what}", later, "ms", TARGET_SAVE_MILLISECONDS)
    yield Row(f"cost to {LONG_STEPS:,} steps", costs(browser, url), "%", TARGET_RUN_PERCENT)
    fresh, again = zip(*(both_visits(browser, url) for _ in range(VISITS)), strict=True)
    yield Row("first bars after the worker is ready, with nothing kept", fresh, "ms")
    words = f"the same of a kept run of {DEFAULT_STEPS:,} steps"
    yield Row(words, again, "ms", TARGET_RETURN_MILLISECONDS)


def opened(browser: Browser, url: str, settings: str) -> Page:
    """A new page whose worker is ready, in a profile of its own."""
    page = browser.new_context(base_url=url, service_workers="block").new_page()
    page.add_init_script(WATCH_BARS)
    page.set_default_timeout(RUN_TIMEOUT_MILLISECONDS)
    Playground(page).open(f"#pace=full{settings}").wait_worker()
    return page


def saves(browser: Browser, url: str, settings: str) -> tuple[list[float], list[float]]:
    """The processor's milliseconds of the first save of some runs, and of all later ones."""
    first, later = [], []
    for _ in range(VISITS):
        page = opened(browser, url, settings)
        page.evaluate(MARK_SAVES)
        browser.start_tracing(page=page, categories=CATEGORIES)
        page.evaluate(RUN)
        wait_kept(page, "runs", OVER)
        page.wait_for_timeout(OVER_MILLISECONDS)
        times = save_times(json.loads(browser.stop_tracing())["traceEvents"])
        first.append(times[0])
        later += times[1:]
        page.context.close()
    return first, later


def save_times(events: list[dict[str, Any]]) -> list[float]:
    """The processor's milliseconds of each save in a trace."""
    marks = [event for event in events if event["name"] == MARK]
    (thread,) = {(event["pid"], event["tid"]) for event in marks}
    tasks = sorted(
        (event["ts"], event["ts"] + event["dur"], event["tdur"])
        for event in events
        if event["name"] == TASK and (event["pid"], event["tid"]) == thread and "tdur" in event
    )
    times: list[float] = []
    end = -float("inf")
    for begins, ends, processor in tasks:
        if any(begins <= mark["ts"] <= ends for mark in marks):
            if begins - end > 1000 * GAP_MILLISECONDS:
                times.append(0.0)
            times[-1] += processor / 1000
            end = ends
    return times


def costs(browser: Browser, url: str) -> list[float]:
    """By how many percent a run takes longer for being kept: the fastest of some, taking turns.

    What else the machine does makes single runs longer by far more than what is to be found.
    """
    kept, alone = (opened(browser, url, LONG) for _ in range(2))
    alone.evaluate(NEVER_KEEP)
    for page in (kept, alone):
        page.evaluate(RUN)  # the first, in which much is compiled
    result = []
    for _ in range(VISITS):
        turns = [(alone.evaluate(RUN), kept.evaluate(RUN)) for _ in range(TURNS)]
        without, with_it = map(min, zip(*turns, strict=True))
        result.append(100 * (with_it / without - 1))
    for page in (kept, alone):
        page.context.close()
    return result


def both_visits(browser: Browser, url: str) -> tuple[float, float]:
    """The milliseconds from the worker's being ready to the first bars: without a run, with one.

    Raises:
        RuntimeError: the second bars are not of the run.
    """
    page = opened(browser, url, f"&num_steps={DEFAULT_STEPS}")
    fresh: float = page.evaluate(FIRST_BARS)
    page.evaluate(RUN)
    wait_kept(page, "runs", OVER)
    page.reload()
    Playground(page).wait_worker()
    again: float = page.evaluate(FIRST_BARS)
    if not page.locator("#model-name").inner_text().startswith("The model that you train"):
        raise RuntimeError("The run has not come back.")
    page.context.close()
    return fresh, again
