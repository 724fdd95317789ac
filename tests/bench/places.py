"""The places where the compiled engine is timed: this Python, and the worker of the opened site.

A place is a function: given the name and arguments of a function in `timing.py`, it yields samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from playwright.sync_api import Page

from tests.bench import timing
from tests.browser.app import Playground

SAMPLES = 9
DROPPED = 3  # the first samples, in which the host's optimizing compiler is still busy

Place = Callable[..., Iterator[list[float]]]

# The page would take a worker that is busy for long for dead, and start another.
NO_RESTART = "() => { window.microgpt.restart = () => {}; }"
# Writes the modules into the worker's file system, since the site does not serve them.
WRITE_MODULES = """
from pathlib import Path
for name, text in {files!r}.items():
    path = Path("tests", "bench", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
from tests.bench import timing
"""
IMPORT_TIMING = """
async (code) => {
    // The only object of Python that the site's worker keeps in a global variable.
    const builtins = (await self.micropip).__builtins__;
    const names = builtins.get("dict")();
    builtins.get("exec")(code, names);
    self.timing = names.get("timing");
}
"""
START_SAMPLES = "([name, args]) => { self.samples = self.timing[name](...args); }"
NEXT_SAMPLE = "() => { const { value } = self.samples.next(); return value.toJs(); }"


def here(name: str, *arguments: str | int) -> Iterator[list[float]]:
    """The samples of the function `name`, taken in this Python."""
    samples: Iterator[list[float]] = getattr(timing, name)(*arguments)
    return samples


def in_the_worker(page: Page) -> Place:
    """As `here`, but in the worker of the site that `page` shows."""
    playground = Playground(page)
    playground.wait_snapshot()  # which would be made meanwhile
    worker = playground.worker
    page.evaluate(NO_RESTART)
    files = {
        path.name: path.read_text(encoding="utf-8")
        for path in (Path(__file__).with_name(name) for name in ("plain.py", "timing.py"))
    }
    worker.evaluate(IMPORT_TIMING, WRITE_MODULES.format(files=files))

    def samples(name: str, *arguments: str | int) -> Iterator[list[float]]:
        worker.evaluate(START_SAMPLES, [name, arguments])
        while True:
            yield worker.evaluate(NEXT_SAMPLE)

    return samples


def take(samples: Iterator[list[float]], dropped: int = DROPPED) -> list[list[float]]:
    """Takes samples, without the first `dropped`; returns all values of each of their numbers."""
    return [
        list(column) for column in zip(*islice(samples, dropped, dropped + SAMPLES), strict=True)
    ]
