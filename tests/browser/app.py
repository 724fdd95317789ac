"""A page object: it finds the controls by their accessible names, and waits for states."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, Worker, expect

from tests.browser.watch import wait_status

MAKER, POOL_WORKER = "#snapshot_maker.mjs", "#pool_worker.mjs"
READY_TIMEOUT_MS = 60_000  # enough for Python to start on a busy machine
# Run before the page's own scripts: makes the page's worker available as `window.newestWorker`.
EXPOSE_WORKER = """
window.Worker = class extends Worker {
  constructor(...options) {
    super(...options);
    window.newestWorker = this;
  }
};
"""
# Run in a worker, this makes it die of an unhandled error.
CRASH = "setTimeout(() => { throw new Error('crashed by the test') }, 0)"
LOOP = "void setTimeout(() => { for (;;); }, 0)"  # this, fall silent
CLOSE = "void setTimeout(() => close(), 0)"  # and this, end without a word
# Run in the page: resolves to the address of Python's snapshot once there is one.
WAIT_SNAPSHOT = """
async () => {
    const cache = await caches.open("python-snapshot");
    for (let tries = 0; tries < 900; tries += 1) {
        const [kept] = await cache.keys();
        if (kept) return kept.url;
        await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error("no snapshot has been made");
}
"""


class Playground:
    """The playground in one page of the browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, fragment: str = "") -> Playground:
        """Open the page and wait until its own Python is up; the worker may not be yet."""
        self.page.goto(fragment)
        self.page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
        return self

    def wait_worker(self) -> Playground:
        """Wait until the worker takes commands and has loaded the shipped model."""
        self.page.locator("body[data-worker=ready]").wait_for(timeout=READY_TIMEOUT_MS)
        self.page.locator("#probabilities.current").wait_for(timeout=READY_TIMEOUT_MS)
        return self

    def wait_snapshot(self) -> str:
        """Wait until a snapshot of Python is kept for the next visit; returns its address."""
        address: str = self.page.evaluate(WAIT_SNAPSHOT)
        return address

    @property
    def worker(self) -> Worker:
        """The page's newest worker; beside it there may be some that it has started itself."""
        own = (MAKER, POOL_WORKER)
        return [worker for worker in self.page.workers if not worker.url.endswith(own)][-1]

    def pool_workers(self) -> list[Worker]:
        """The workers that train runs beside the page's own."""
        return [worker for worker in self.page.workers if worker.url.endswith(POOL_WORKER)]

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def slider(self, name: str) -> Locator:
        return self.page.get_by_role("slider", name=name, exact=True)

    def set_slider(self, name: str, value: float) -> None:
        """Set a slider as dragging does; `value` is the widget's own: it may count stops."""
        self.slider(name).fill(str(value))

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status", name="Training status")

    @property
    def samples(self) -> Locator:
        return self.page.get_by_role("list", name="Samples", exact=True).get_by_role("listitem")

    @property
    def probabilities(self) -> Locator:
        return self.page.get_by_role("list", name="Token probabilities").get_by_role("listitem")

    @property
    def text(self) -> Locator:
        """The text box that lies over the tiles."""
        return self.page.get_by_role("textbox", name="Text", exact=True)

    def press(self, *tokens: str) -> None:
        """Press these tokens in the case."""
        case = self.page.get_by_role("list", name="Token probabilities")
        for token in tokens:
            case.get_by_role("button", name=re.compile(f"^{re.escape(token)} ")).click()

    @property
    def tiles(self) -> Locator:
        """The tokens of the text."""
        return self.page.get_by_role("list", name="Generated tokens").get_by_role("button")

    @property
    def live(self) -> Locator:
        return self.page.get_by_role("list", name="Written while it learns").get_by_role("listitem")

    @property
    def statistics(self) -> Locator:
        """The line of statistics of the data."""
        return self.page.locator("#statistics")

    @property
    def preview(self) -> Locator:
        """The first documents of the data."""
        return self.page.get_by_role("region", name="Preview of the text")

    def paste(self, text: str) -> None:
        """Bring a text of one's own."""
        self.page.get_by_role("radio", name="Bring your own").check()
        self.page.get_by_role("textbox", name="Your own text").fill(text)

    def choose(self, folder: Path, **files: bytes) -> None:
        """Choose files with these contents; underscores stand for the dots in their names."""
        paths = [folder / name.replace("_", ".") for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        self.page.get_by_label("Choose files").set_input_files(paths)

    def train(self, steps: int) -> None:
        """Train for `steps` steps at full speed and wait until they are done."""
        self.set_slider("Training steps", steps)
        self.page.get_by_label("Pace", exact=True).select_option("full")
        self.button("Train").click()
        wait_status(self.page, f"step {steps:,} / {steps:,}", seconds=120)
        expect(self.button("Train")).to_be_visible()

    def step(self) -> int:
        """The number of finished steps that the status shows."""
        match = re.search(r"step ([\d,]+) / [\d,]+", self.status.inner_text())
        assert match is not None
        return int(match[1].replace(",", ""))

    def loss(self) -> float:
        """The loss that the status shows."""
        match = re.search(r"loss (\d+\.\d+)", self.status.inner_text())
        assert match is not None
        return float(match[1])

    def probability_by_token(self) -> dict[str, float]:
        """The probability that the page shows for each token."""
        result = {}
        for text in self.probabilities.evaluate_all(
            "items => items.map(item => item.querySelector('.hidden').textContent.trim())"
        ):
            match = re.fullmatch(r"(.+?) <?([\d.]+)%(, chosen)?", text, re.DOTALL)
            assert match is not None, text
            result[match[1]] = float(match[2]) / 100
        return result
