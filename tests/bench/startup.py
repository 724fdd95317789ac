"""From opening the page until the page responds, and until its worker can train.

A cold visit is the first one of a browser, a warm one a later one, when Python starts from the
snapshot that the first has left, and the site comes out of what the service worker keeps. Beside it
stands, in turn, a browser without one, whose later visits find the site in the browser's own cache.
Times are those of marks that the page itself sets, in milliseconds since the start of the
navigation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page

from tests.bench.slow_network import slow_network
from tests.bench.table import Row
from tests.browser.app import Playground
from tests.support.releases import WAIT_KEPT

VISITS = 7
# What Playwright calls it, and what the rows do.
WAYS: dict[Literal["allow", "block"], str] = {"allow": "", "block": " without a service worker"}
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
        contexts = [browser.new_context(base_url=url, service_workers=way) for way in WAYS]
        pages = [context.new_page() for context in contexts]
        for target in TARGETS:
            for page, how in zip(pages, WAYS.values(), strict=True):
                for mark, milliseconds in zip(MARKS, visit(page), strict=True):
                    times.setdefault((mark, target.visit + how), []).append(milliseconds)
                Playground(page).wait_snapshot()
                if not how:
                    page.evaluate(WAIT_KEPT)
                stop(page)
        for context in contexts:
            context.close()
    for mark in MARKS:
        for target in TARGETS:
            limit = target.page if mark == MARKS[0] else target.worker
            for how in WAYS.values():
                what = target.visit + how
                yield Row(f"{mark}, {what}", times[mark, what], "ms", None if how else limit)


def stop(page: Page) -> None:
    """Leaves the site, and ends its service worker, as a browser does some time after a visit."""
    page.goto("about:blank")
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")
    session.detach()


def visit(page: Page) -> list[float]:
    """Opens the page; returns the time of each mark."""
    page.goto("about:blank")  # ends the worker of the previous visit
    page.goto("")
    page.wait_for_function(ARE_SET, arg=MARKS, timeout=TIMEOUT_MILLISECONDS)
    times: list[float] = page.evaluate(TIMES, MARKS)
    return times
