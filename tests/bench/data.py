"""A person's own files: from the drop to the statistics, what else waits meanwhile, and the memory.

The files are made by rules, and lie on the disk as a person's would. A drop hands its files to the
field in which they are chosen, so the clock starts there.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, TypeAlias

from playwright.sync_api import Browser

from app.site.environment import ROOT
from tests.bench.table import Row
from tests.browser.app import REMEMBER_WORKER, Playground
from tests.support.command import call

SMALL, LARGE = 1_000_000, 49_900_000  # bytes
SMALL_LINES = 30_000
SENTENCE = 110  # bytes of one, about
SMALL_VISITS, LARGE_VISITS = 7, 3
SECONDS, LARGE_SECONDS, MEMORY = 0.5, 15, 1_000  # targets, the last in MB
VOCABULARY = 512

Seen: TypeAlias = dict[str, float]  # `total`, `answer` and `frame` in seconds, `memory` in MB


class Lines(NamedTuple):
    """A file, and how it is known that the page has read it."""

    path: Path
    shown: str  # a pattern
    element: str = "statistics"  # whose text matches it then


# From the choice of a file to the frame in which `id` matches: the seconds, and the longest that
# the worker left a message without an answer, and that the page took from frame to frame.
WATCH = """
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
    """The rows of the table; `url` is the site's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from small(browser, url, folder)
        yield pairs(browser, url, folder)
        yield from large(browser, url, folder, "prose", sentences)
        yield from large(browser, url, folder, "short lines", short_lines)


def small(browser: Browser, url: str, folder: Path) -> Iterator[Row]:
    """1 MB in lines of equal length, on the page and on the command line."""
    width = SMALL // SMALL_LINES - 1
    file = written(folder, (line.ljust(width, "s")[:width] for line in sentences()), SMALL_LINES)
    seen = [visit(browser, url, "", file)[0] for _ in range(SMALL_VISITS)]
    yield row("1 MB of 30,000 lines, from the drop to the statistics", seen, "total", SECONDS)
    times = [whole_process(file.path) for _ in range(SMALL_VISITS)]
    yield Row("python -m microgpt data with the same file", times, "s")


def pairs(browser: Browser, url: str, folder: Path) -> Row:
    """1 MB of prose learnt from, on the page."""
    file = written(folder, sentences(), SMALL // SENTENCE)._replace(
        element="vocab-words", shown="pairs and the end"
    )
    fragment = f"#data=own&tokenizer=bpe&vocab_limit={VOCABULARY}"  # nothing is learnt before
    seen = [visit(browser, url, fragment, file)[0] for _ in range(SMALL_VISITS)]
    return row(f"1 MB of prose, to its byte pairs for {VOCABULARY} tokens", seen, "total")


def large(
    browser: Browser, url: str, folder: Path, what: str, make: Callable[[], Iterator[str]]
) -> Iterator[Row]:
    """50 MB of lines that `make` makes, and then as much once more on the same page."""
    each = sum(map(len, islice(make(), 10_000))) / 10_000 + 1
    lines = int(LARGE / each)
    files = [written(folder, make(), lines), written(folder, make(), lines - 1)]
    visits = [visit(browser, url, "", *files) for _ in range(LARGE_VISITS)]
    first, second = zip(*visits, strict=True)
    yield row(f"50 MB of {what}, from the drop to the statistics", first, "total", LARGE_SECONDS)
    yield row("the longest that the worker answers nothing", first, "answer")
    yield row("the longest from frame to frame", first, "frame")
    if "memory" in first[0]:
        yield Row("memory of page and worker at most", [v["memory"] for v in first], "MB", MEMORY)
        memory = [v["memory"] for v in second]
        yield Row("the same when another 50 MB follow", memory, "MB", MEMORY)


def row(what: str, seen: Sequence[Seen], name: str, target: float | None = None) -> Row:
    """One of the times of several visits."""
    return Row(what, [each[name] for each in seen], "s", target)


def visit(browser: Browser, url: str, fragment: str, *files: Lines) -> list[Seen]:
    """Opens the page, chooses one file after the other, and says of each what was seen."""
    context = browser.new_context(base_url=url)
    context.add_init_script(REMEMBER_WORKER)  # to ask it something else while it reads
    page = context.new_page()
    Playground(page).open(fragment).wait_worker()
    seen = []
    for file in files:
        page.evaluate(WATCH, [file.element, file.shown])
        page.get_by_label("Choose files").set_input_files(file.path)
        times: Seen = page.evaluate("() => window.result")
        seen.append(times | peak_memory(browser))
    context.close()
    return seen


def peak_memory(browser: Browser) -> Seen:
    """The most that page and worker have had of the machine's memory, where the system tells."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    found = [0.0]
    for process in processes:
        path = Path(f"/proc/{process['id']}/status")
        if process["type"] == "renderer" and path.exists():  # one of them is that of the page
            kilobytes = re.search(r"VmHWM:\s+(\d+) kB", path.read_text(encoding="ascii"))
            found.append(int(kilobytes[1]) * 1024 / 1e6 if kilobytes else 0.0)
    return {"memory": max(found)} if any(found) else {}


def whole_process(path: Path) -> float:
    """The seconds that the command line takes for the statistics of a file."""
    began = perf_counter()
    done = call("data", str(path))
    seconds = perf_counter() - began
    done.check_returncode()
    return seconds


def written(folder: Path, lines: Iterator[str], count: int) -> Lines:
    """The first `count` of some lines as a file."""
    path = folder / f"{count}.txt"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in islice(lines, count))
    return Lines(path, f"^{count:,} lines")


def sentences() -> Iterator[str]:
    """Sentences without end: words of the data set, a few of them often, as in prose."""
    rng = random.Random(1)
    words = (ROOT / "datasets" / "words.txt").read_text(encoding="utf-8").split()
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))
    while True:
        sentence = rng.choices(words, cum_weights=weights, k=rng.randint(8, 20))
        yield " ".join(sentence).capitalize() + "."


def short_lines() -> Iterator[str]:
    """Lines without end of seven letters each, hardly two the same."""
    rng = random.Random(1)
    while True:
        letters = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7 * 4096))
        yield from (letters[start : start + 7] for start in range(0, len(letters), 7))
