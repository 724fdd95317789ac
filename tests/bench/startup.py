"""From opening the page until the page responds, and until its worker can train.

A cold visit is the first one of a browser, a warm one a later one, when Python starts from the
snapshot that the first has left. Times are those of marks that the page itself sets, in
milliseconds since the start of the navigation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from tests.bench.slow_network import slow_network
from tests.bench.table import Row
from tests.browser.app import Playground

VISITS = 7
TIMEOUT_MILLISECONDS = 120_000
MARKS = ("page ready", "worker ready")
ARE_SET = "names => names.every(name => performance.getEntriesByName(name, 'mark').length)"
TIMES = "names => names.map(name => performance.getEntriesByName(name, 'mark')[0].startTime)"


class Target(NamedTuple):
    """The longest that a visit to a site on this machine should take, in milliseconds."""

    visit: str
    page: float
    worker: float


TARGETS = (Target("cold", 700, 1900), Target("warm", 350, 1000))


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    for row in visits(browser, url):
        yield row._replace(what=f"{row.what}, served here")
    with slow_network(url) as slow_url:
        for row in visits(browser, slow_url):
            yield row._replace(what=f"{row.what}, 20 Mbit/s and 30 ms", target=None)


def visits(browser: Browser, url: str) -> Iterator[Row]:
    """A row for each mark and each kind of visit."""
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(VISITS):
        context = browser.new_context(base_url=url)
        page = context.new_page()
        for target in TARGETS:
            for mark, milliseconds in zip(MARKS, visit(page), strict=True):
                times.setdefault((mark, target.visit), []).append(milliseconds)
            Playground(page).wait_snapshot()
        context.close()
    for mark in MARKS:
        for target in TARGETS:
            limit = target.page if mark == MARKS[0] else target.worker
            yield Row(f"{mark}, {target.visit}", times[mark, target.visit], "ms", limit)


def visit(page: Page) -> list[float]:
    """Opens the page; returns the time of each mark."""
    page.goto("about:blank")  # ends the worker of the previous visit
    page.goto("")
    page.wait_for_function(ARE_SET, arg=MARKS, timeout=TIMEOUT_MILLISECONDS)
    times: list[float] = page.evaluate(TIMES, MARKS)
    return times
