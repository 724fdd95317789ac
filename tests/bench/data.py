"""Loading the user's own files: time to the statistics, responsiveness meanwhile, and memory.

The files are generated and lie on the disk, as a user's would. Dropped files are handed to the file
field, so that is where the clock starts.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, TypeAlias

from playwright.sync_api import Browser

from app.site.environment import ROOT
from tests.bench.table import Row
from tests.browser.app import EXPOSE_WORKER, Playground
from tests.support.command import call
from tests.support.memory import LARGEST, page_megabytes

SMALL_FILE_BYTES, LARGE_FILE_BYTES = 1_000_000, 49_900_000
SMALL_FILE_LINES = 30_000
MEAN_SENTENCE_BYTES = 110  # about
SMALL_FILE_VISITS, LARGE_FILE_VISITS = 7, 3
TARGET_SMALL_SECONDS, TARGET_LARGE_SECONDS, TARGET_MEMORY_MB = 0.5, 15, 1_000
BPE_VOCAB_SIZE = 512

Measurement: TypeAlias = dict[
    str, float
]  # `total`, `answer` and `frame` in seconds, `memory` in MB


class LinesFile(NamedTuple):
    """A file of lines, and how to tell that the page has loaded it."""

    path: Path
    pattern: str  # a regular expression
    element: str = "statistics"  # the id of the element whose text then matches


# Measures the seconds from the choice of a file to the frame in which the element `id` matches, the
# longest time that the worker took to answer a message, and the longest time between two frames.
WATCH_SCRIPT = """
([id, pattern]) => {
    const field = document.getElementById("own-file");
    const [shown, matches] = [document.getElementById(id), new RegExp(pattern)];
    const worker = window.newestWorker;
    window.result = new Promise((resolve) => field.addEventListener("change", () => {
        const began = performance.now();
        let [over, asked, answer, frame, last] = [false, began, 0, 0, began];
        const ask = () => {
            asked = performance.now();
            worker.postMessage({ type: "ping" });
        };
        const hear = ({ data }) => {
            if (data.type !== "pong") return;
            answer = Math.max(answer, performance.now() - asked);
            if (!over) setTimeout(ask, 5);
        };
        const draw = (now) => {
            frame = Math.max(frame, now - last);
            last = now;
            if (!over) return requestAnimationFrame(draw);
            worker.removeEventListener("message", hear);
            resolve({
                total: (performance.now() - began) / 1000,
                answer: answer / 1000,
                frame: frame / 1000,
            });
        };
        const observer = new MutationObserver(() => {
            over = matches.test(shown.textContent);
            if (over) observer.disconnect();
        });
        observer.observe(shown, { childList: true, characterData: true, subtree: true });
        worker.addEventListener("message", hear);
        ask();
        requestAnimationFrame(draw);
    }, { once: true, capture: true }));
}
"""


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """Yield the rows of the table; `url` is the address of the site."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from measure_small(browser, url, folder)
        yield measure_bpe(browser, url, folder)
        yield from measure_large(browser, url, folder, "prose", sentences)
        yield from measure_large(browser, url, folder, "short lines", short_lines)


def measure_small(browser: Browser, url: str, folder: Path) -> Iterator[Row]:
    """Measure 1 MB of lines of equal length, on the page and on the command line."""
    width = SMALL_FILE_BYTES // SMALL_FILE_LINES - 1
    file = write_lines(
        folder, (line.ljust(width, "s")[:width] for line in sentences()), SMALL_FILE_LINES
    )
    visits = [visit(browser, url, "", file)[0] for _ in range(SMALL_FILE_VISITS)]
    yield row(
        "1 MB of 30,000 lines, from the drop to the statistics",
        visits,
        "total",
        TARGET_SMALL_SECONDS,
    )
    times = [time_command(file.path) for _ in range(SMALL_FILE_VISITS)]
    yield Row("python -m microgpt data with the same file", times, "s")


def measure_bpe(browser: Browser, url: str, folder: Path) -> Row:
    """Measure the learning of BPE merges from 1 MB of prose, on the page."""
    file = write_lines(folder, sentences(), SMALL_FILE_BYTES // MEAN_SENTENCE_BYTES)._replace(
        element="vocab-words", pattern="pairs and the end"
    )
    fragment = f"#data=own&tokenizer=bpe&vocab_limit={BPE_VOCAB_SIZE}"  # nothing is learned before
    visits = [visit(browser, url, fragment, file)[0] for _ in range(SMALL_FILE_VISITS)]
    return row(f"1 MB of prose, to BPE merges for {BPE_VOCAB_SIZE} tokens", visits, "total")


def measure_large(
    browser: Browser, url: str, folder: Path, label: str, make: Callable[[], Iterator[str]]
) -> Iterator[Row]:
    """Measure 50 MB of the lines that `make` yields, and another 50 MB on the same page."""
    mean_bytes = sum(map(len, islice(make(), 10_000))) / 10_000 + 1
    lines = int(LARGE_FILE_BYTES / mean_bytes)
    files = [write_lines(folder, make(), lines), write_lines(folder, make(), lines - 1)]
    visits = [visit(browser, url, "", *files) for _ in range(LARGE_FILE_VISITS)]
    first, second = zip(*visits, strict=True)
    yield row(
        f"50 MB of {label}, from the drop to the statistics", first, "total", TARGET_LARGE_SECONDS
    )
    yield row("longest time without an answer of the worker", first, "answer")
    yield row("longest time between two frames", first, "frame")
    if "memory" in first[0]:
        yield Row(
            "peak memory of page and worker", [v["memory"] for v in first], "MB", TARGET_MEMORY_MB
        )
        memory = [v["memory"] for v in second]
        yield Row("the same after another 50 MB", memory, "MB", TARGET_MEMORY_MB)


def row(label: str, visits: Sequence[Measurement], name: str, target: float | None = None) -> Row:
    """Return a row of one of the times of several visits."""
    return Row(label, [each[name] for each in visits], "s", target)


def visit(browser: Browser, url: str, fragment: str, *files: LinesFile) -> list[Measurement]:
    """Open the page, choose one file after another, and return the measurements of each."""
    context = browser.new_context(base_url=url, service_workers="block")
    context.add_init_script(EXPOSE_WORKER)  # to send it other messages while it loads
    page = context.new_page()
    Playground(page).open(fragment).wait_worker()
    measurements = []
    for file in files:
        page.evaluate(WATCH_SCRIPT, [file.element, file.pattern])
        page.get_by_label("Choose files").set_input_files(file.path)
        times: Measurement = page.evaluate("() => window.result")
        measurements.append(times | peak_memory(browser))
    context.close()
    return measurements


def peak_memory(browser: Browser) -> Measurement:
    """Return the peak memory of page and worker in MB, if the operating system reports it."""
    peak = page_megabytes(browser, LARGEST)
    return {} if peak is None else {"memory": peak}


def time_command(path: Path) -> float:
    """Return the seconds that the command line takes to print the statistics of a file."""
    start = perf_counter()
    process = call("data", str(path))
    seconds = perf_counter() - start
    process.check_returncode()
    return seconds


def write_lines(folder: Path, lines: Iterator[str], count: int) -> LinesFile:
    """Write the first `count` lines to a file."""
    path = folder / f"{count}.txt"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in islice(lines, count))
    return LinesFile(path, f"^{count:,} lines")


def sentences() -> Iterator[str]:
    """Yield random sentences forever, of words whose frequencies are like those of prose."""
    rng = random.Random(1)
    words = (ROOT / "datasets" / "words.txt").read_text(encoding="utf-8").split()
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))
    while True:
        sentence = rng.choices(words, cum_weights=weights, k=rng.randint(8, 20))
        yield " ".join(sentence).capitalize() + "."


def short_lines() -> Iterator[str]:
    """Yield random lines of seven letters forever, hardly two the same."""
    rng = random.Random(1)
    while True:
        letters = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7 * 4096))
        yield from (letters[start : start + 7] for start in range(0, len(letters), 7))
