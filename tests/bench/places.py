"""Where the compiled engine is timed: under this Python, or in the worker of the opened site.

Knows how to take samples of a function of `timing.py` there, and not what it times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from playwright.sync_api import Page

from tests.bench import timing

SAMPLES = 9
DROPPED = 3  # samples before those, in which the host's compiler gets going

Place = Callable[..., Iterator[list[float]]]

# A page takes a worker that is busy for long for dead, and would start another.
LET_LIVE = "() => { window.microgpt.restart = () => {}; }"
# What is imported there: into Python's own file system, since the site serves nothing of it.
BRING = """
from pathlib import Path
for name, text in {files!r}.items():
    path = Path("tests", "bench", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
from tests.bench import timing
"""
IMPORT = """
async (code) => {
    // The only object of the site's own Python that its worker keeps within reach.
    const builtins = (await self.micropip).__builtins__;
    const names = builtins.get("dict")();
    builtins.get("exec")(code, names);
    self.timing = names.get("timing");
}
"""
BEGIN = "([name, given]) => { self.samples = self.timing[name](...given); }"
NEXT = "() => { const { value } = self.samples.next(); return value.toJs(); }"


def here(name: str, *given: str | int) -> Iterator[list[float]]:
    """The samples of the function called `name`, taken under this Python."""
    samples: Iterator[list[float]] = getattr(timing, name)(*given)
    return samples


def in_the_worker(page: Page) -> Place:
    """The same as `here`, in the worker of the site that `page` shows."""
    (worker,) = page.workers
    page.evaluate(LET_LIVE)
    files = {
        path.name: path.read_text(encoding="utf-8")
        for path in (Path(__file__).with_name(name) for name in ("plain.py", "timing.py"))
    }
    worker.evaluate(IMPORT, BRING.format(files=files))

    def samples(name: str, *given: str | int) -> Iterator[list[float]]:
        worker.evaluate(BEGIN, [name, given])
        while True:
            yield worker.evaluate(NEXT)

    return samples


def take(samples: Iterator[list[float]], dropped: int = DROPPED) -> list[list[float]]:
    """All that was measured for each of a sample's numbers."""
    return [
        list(column) for column in zip(*islice(samples, dropped, dropped + SAMPLES), strict=True)
    ]
