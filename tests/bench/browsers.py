"""The way up and 1,000 steps in each browser that this machine has, all driven the same way.

Every sample is a visit with a fresh profile (cold), then a second one (warm). A driver in another
process asks the page whether it is ready, which costs a little: `startup.py` measures without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from playwright.sync_api import Browser

from app.site.environment import SetupError, say
from tests.bench.press import PAUSE_MILLISECONDS, PRESS
from tests.bench.startup import ARE_SET, MARKS, TIMES
from tests.bench.table import Row
from tests.browsers.driver import Driver, until
from tests.browsers.kinds import KINDS

VISITS = 5
STEPS = "1,000 steps from the press on Train, warm"


def measure(browser: Browser, url: str) -> Iterator[Row]:  # noqa: ARG001 - it starts its own
    """The rows of the table; `url` is the site's."""
    # In a thread of its own, since Playwright's event loop occupies this one.
    with ThreadPoolExecutor(1) as thread:
        for start in KINDS.values():
            try:
                yield from thread.submit(rows, start, url).result()
            except SetupError as error:
                say(str(error))


def rows(start: Callable[[Path], AbstractContextManager[Driver]], url: str) -> list[Row]:
    """The rows of one kind of browser."""
    times: dict[str, list[float]] = {}
    for _ in range(VISITS):
        with TemporaryDirectory() as folder, start(Path(folder)) as driver:
            for what in ("cold", "warm"):
                for mark, milliseconds in zip(MARKS, visit(driver, url), strict=True):
                    times.setdefault(f"{mark}, {what}", []).append(milliseconds)
            sleep(PAUSE_MILLISECONDS / 1000)
            times.setdefault(STEPS, []).append(driver.evaluate(PRESS))
            name = driver.name
    return [Row(f"{name}: {what}", samples, "ms") for what, samples in times.items()]


def visit(driver: Driver, url: str) -> list[float]:
    """Opens the page; returns the time of each mark."""
    driver.open("about:blank")  # ends the worker of the previous visit
    driver.open(f"{url}#pace=full")
    until(lambda: driver.evaluate(ARE_SET, MARKS), "the page and its worker are ready")
    times: list[float] = driver.evaluate(TIMES, MARKS)
    return times
