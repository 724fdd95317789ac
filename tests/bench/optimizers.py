"""How long a step takes with each optimizer, and what clipping adds, beside Adam's."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser

from tests.bench.compiled import NAMES
from tests.bench.places import Place, here, in_the_worker, take
from tests.bench.table import Row
from tests.bench.timing import WAYS
from tests.browser.app import Playground

SIZES = {"default model": (16, 4, 1), "64 wide, 2 layers": (64, 4, 2)}  # n_embd, n_head, n_layer
LONG_RUN_STEPS = 100_000


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    Playground(page).open().wait_worker()
    for samples, place in ((in_the_worker(page), "Chromium's worker"), (here, "wasmtime")):
        yield from steps(samples, place)
    context.close()


def steps(samples: Place, place: str) -> Iterator[Row]:
    """A step of each size in each way, and a long run, in one place."""
    text = NAMES.read_text(encoding="utf-8")
    for name, size in SIZES.items():
        adam, *others = take(samples("step_of_each_way", text, *size))
        yield Row(f"Adam, {name}, {place}", [1e6 * each for each in adam], "µs")
        for way, times in zip(list(WAYS)[1:], others, strict=True):
            slower = [one / other for one, other in zip(times, adam, strict=True)]
            yield Row(f"{way} to Adam", slower, "×", 1.1)
        if name == "default model":
            whole = [LONG_RUN_STEPS * each for each in adam]
            yield Row(f"{LONG_RUN_STEPS:,} steps of it at this speed", whole, "s", 1.5)
