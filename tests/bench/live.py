"""Live, seeds and the pool: from what one does until the page shows what came of it.

From a change to the new curve and bars, after the frame in which they are drawn; and many runs in
the pool, from the command to the last result.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser, Page, expect

from app.site.environment import ROOT
from tests.bench.table import Row
from tests.browser.app import Playground
from tests.support.memory import page_megabytes

CHANGES, SEED_TRIES, NUM_POOLED = 8, 5, 256
TARGET_MILLISECONDS, TARGET_SHAPE, TARGET_DATA = 50, 150, 300
TARGET_SEEDS, TARGET_POOLED, TARGET_MEGABYTES = 1.0, 4.0, 500
SETTLE_MILLISECONDS = 700  # between two changes
DATA = ROOT / "datasets" / "us-names.txt"
# Run before the page's own scripts: notes what the worker says, and the settings of the last run.
LISTEN = """
window.heard = [];
window.Worker = class extends Worker {
  constructor(...options) {
    super(...options);
    window.newestWorker = this;
    this.addEventListener("message", ({ data }) => {
      window.heard.push(data);
      window.hear?.(data);
    });
  }
  postMessage(message, ...rest) {
    if (message.type === "start") window.lastStart = message;
    super.postMessage(message, ...rest);
  }
};
"""
# Changes a widget, or deletes characters at its beginning; resolves to the milliseconds until all
# losses of the run and the bars of its model are drawn. Its last evaluations and the verdict come
# behind that.
CHANGE = """
([id, value, event]) => new Promise((resolve) => {
    const widget = document.getElementById(id);
    let [run, trained, explored] = [0, false, false];
    const changed = performance.now();
    window.hear = (data) => {
        if (data.type === "started") {
            run = data.run;
            trained = explored = false;
        }
        if (data.type === "progress" && data.run === run)
            trained = data.step === window.lastStart.settings.num_steps;
        explored = trained && (explored || data.type === "exploration");
        if (!explored) return;
        window.hear = null;
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - changed)));
    };
    if (event === "delete") {
        widget.focus();
        widget.setSelectionRange(0, value);
        document.execCommand("delete");  // as one does it by hand: the rest of the text stays
        return;
    }
    widget.value = value;
    widget.dispatchEvent(new Event(event, { bubbles: true }));
})
"""
PASTE = """
(text) => {
    const area = document.getElementById("own-text");
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
}
"""
# Trains this many seeds in the pool; resolves to the seconds until the last result is told.
POOL = """
(count) => new Promise((resolve) => {
    const { run, settings, code } = window.lastStart;
    const sent = performance.now();
    window.hear = (data) => {
        if (data.type !== "seeds" || data.done < count) return;
        window.hear = null;
        resolve((performance.now() - sent) / 1000);
    };
    window.newestWorker.postMessage({ type: "train_seeds", run, settings, code, count });
})
"""


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    page.add_init_script(LISTEN)
    playground = Playground(page).open("#pace=full").wait_worker()
    playground.button("Live").click()
    expect(page.locator("#status-step")).to_have_text("step 1,000 / 1,000")
    page.wait_for_timeout(3000)
    for what, name, values, target in (
        ("the learning rate", "learning_rate", (5, 6), TARGET_MILLISECONDS),
        ("the steps", "num_steps", (900, 1000), TARGET_MILLISECONDS),
        ("the seed", "seed", range(100, 100 + CHANGES), TARGET_MILLISECONDS),
        ("the layers, seen before", "n_layer", (2, 1), TARGET_SHAPE),
        ("the context, never seen", "block_size", (8, 32, 64, 16), TARGET_SHAPE),
    ):
        event = "change" if name == "seed" else "input"
        count = len(values) if name == "block_size" else CHANGES
        times = [change(page, name, values[i % len(values)], event) for i in range(count)]
        yield Row(f"from a change of {what} to the bars", times, "ms", target)
    text = DATA.read_text(encoding="utf-8").splitlines()
    page.get_by_role("radio", name="Bring your own").check()
    page.evaluate(PASTE, "\n".join(text))
    page.wait_for_timeout(3000)
    page.locator("#reset-settings").dispatch_event("click")  # not what is recommended for them
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    times = [change(page, "own-text", len(line) + 1, "delete") for line in text[:CHANGES]]
    yield Row("from a line deleted of 30,000 to the bars", times, "ms", TARGET_DATA)
    context.close()
    yield from measure_pool(browser, url)


def measure_pool(browser: Browser, url: str) -> Iterator[Row]:
    """The rows about the pool."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    page.add_init_script(LISTEN)
    playground = Playground(page).open("#pace=full").wait_worker()
    playground.train(1000)
    first = pool(page, 30)
    yield Row("30 seeds of the default run, the first time", [first], "s")
    times = [pool(page, 30) for _ in range(SEED_TRIES)]
    yield Row("the same once prepared", times, "s", TARGET_SEEDS)
    times = [pool(page, NUM_POOLED) for _ in range(2)]
    yield Row(f"{NUM_POOLED} default runs", times, "s", TARGET_POOLED)
    megabytes = page_megabytes(browser)
    if megabytes is not None:
        words = "memory of page and workers behind it"
        yield Row(words, [megabytes], "MB", TARGET_MEGABYTES)
    context.close()


def change(page: Page, name: str, value: object, event: str) -> float:
    """Change a widget and wait; returns the milliseconds."""
    milliseconds: float = page.evaluate(CHANGE, [name, str(value), event])
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    return milliseconds


def pool(page: Page, count: int) -> float:
    """Train runs in the pool and wait; returns the seconds."""
    seconds: float = page.evaluate(POOL, count)
    return seconds
