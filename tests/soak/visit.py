"""The long visit: one random act after another in one page, and a report at the end."""

from __future__ import annotations

import gzip
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from app.shared.presets import PRESETS
from app.site.assemble import SITE, build
from app.site.environment import say
from tests.browser.app import CLOSE, CRASH, LOOP, READY_TIMEOUT_MS, Playground
from tests.browser.watch import HEADLESS, Watch, wait_status, watched
from tests.setup.chromium import find_or_install
from tests.support.memory import page_megabytes
from tests.support.serving import serving

VIEWPORT = {"width": 1440, "height": 900}
PATIENCE_MS = 180_000  # for anything that the page does
MAX_FILE_LINES = 200_000
MAX_KEPT_LINES = 20_000  # of a file that the browser keeps for the next visit
MAX_KILLS = 3  # before a reload: the page starts no more workers than that within five minutes
ENDS = {"crashed": CRASH, "looped": LOOP, "closed": CLOSE}
# A run whose steps take long enough that it is still going on when its worker is killed.
SLOW_RUN = "#engine=scalar&num_steps=10000&pace=full"


@dataclass
class Report:
    """What was done, and what was lost."""

    acts: Counter[str] = field(default_factory=Counter)
    lost_steps: list[int] = field(default_factory=list)  # with each worker
    lost_seconds: list[float] = field(default_factory=list)
    noticed: dict[str, list[float]] = field(default_factory=dict)  # after seconds, by the end
    lost_texts: int = 0
    memory: list[float] = field(default_factory=list)  # in MB, after each act

    def lines(self, first: float, last: float) -> list[str]:
        """The report; the arguments are the memory in MB at start and end, in the same state."""
        rows = [f"acts: {', '.join(f'{count} {act}' for act, count in self.acts.most_common())}"]
        for end, seconds in self.noticed.items():
            rows.append(
                f"workers that {end}: {len(seconds)}, noticed after {min(seconds):.1f} to "
                f"{max(seconds):.1f} s"
            )
        if self.lost_steps:
            rows.append(
                f"lost with a worker: at most {max(self.lost_steps)} steps, "
                f"or {max(self.lost_seconds):.1f} s of training"
            )
        rows.append(f"texts lost: {self.lost_texts}")
        peak = max([*self.memory, first, last])
        rows.append(f"memory: {first:.0f} MB at the start, {last:.0f} at the end, {peak:.0f} peak")
        return rows


class Visit:
    """One page, and what is done with it.

    Args:
        browser: whose memory is measured.
        playground: the page, open and with its worker up.
        rng: decides what is done.
        folder: for the files that are uploaded.
    """

    def __init__(
        self, browser: Browser, playground: Playground, rng: random.Random, folder: Path
    ) -> None:
        self._browser, self._playground, self._rng, self._folder = browser, playground, rng, folder
        self._page = playground.page
        self._kills = 0  # since the last reload
        self._kept = ""  # the beginning of the preview that a reload must find again
        self.report = Report()

    def rest(self) -> float:
        """Brings the page into the state in which it began; returns its memory in MB."""
        self._set_address("#")
        self._playground.train(1000)
        self._page.context.new_cdp_session(self._page).send("HeapProfiler.collectGarbage")
        return page_megabytes(self._browser) or 0.0

    def act(self) -> None:
        """Does something."""
        if self._kills == MAX_KILLS:
            self._do(self._reload)
        acts = [self._train, self._train, self._write, self._upload, self._kill, self._reload]
        self._do(self._rng.choice(acts))

    def _do(self, act: Callable[[], None]) -> None:
        act()
        self.report.acts[act.__name__.strip("_")] += 1
        self.report.memory.append(page_megabytes(self._browser) or 0.0)

    def _set_address(self, fragment: str) -> None:
        self._page.evaluate("fragment => { location.hash = fragment; }", fragment)

    def _train(self) -> None:
        preset = self._rng.choice(PRESETS)
        size, layers = self._rng.choice([8, 16, 32, 64]), self._rng.randint(1, 4)
        batch = self._rng.choice([1, 1, 4])
        self._set_address(
            f"#data={preset.name}&n_embd={size}&n_layer={layers}&batch_size={batch}"
            "&num_steps=500&pace=full"
        )
        self._playground.button("Train").click()
        wait_status(self._page, "step 500 / 500", seconds=PATIENCE_MS / 1000)

    def _write(self) -> None:
        self._playground.button("Generate").click()
        for _ in range(5):
            self._playground.button("Next token").click()
        expect(self._playground.samples.first).to_be_visible(timeout=PATIENCE_MS)

    def _upload(self) -> None:
        lines = self._rng.randint(2, self._rng.choice([MAX_KEPT_LINES, MAX_FILE_LINES]))
        words = ["".join(self._rng.choices("abcdefgh", k=7)) for _ in range(lines)]
        text = "".join(f"{word}\n" for word in words).encode()
        file = self._folder / self._rng.choice(["lines.txt", "lines.txt.gz"])
        file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
        self._page.get_by_label("Choose files").set_input_files(file)
        expect(self._playground.statistics).to_contain_text(f"{lines:,} lines", timeout=PATIENCE_MS)
        expect(self._playground.preview).to_contain_text(words[0], timeout=PATIENCE_MS)
        self._kept = words[0] if lines <= MAX_KEPT_LINES else ""

    def _reload(self) -> None:
        """What the user brought is there again."""
        self._page.reload()
        self._page.locator("body[data-worker=ready]").wait_for(timeout=PATIENCE_MS)
        self._kills = 0
        if self._kept:
            self._set_address("#data=own")
            try:
                expect(self._playground.preview).to_contain_text(self._kept, timeout=PATIENCE_MS)
            except AssertionError:
                self.report.lost_texts += 1

    def _kill(self) -> None:
        """A worker ends in the middle of a run, which goes on in another."""
        self._set_address(SLOW_RUN)
        began = time.monotonic()
        self._playground.button("Train").click()
        wait_status(self._page, r"step [1-9]\S* / 10,000", seconds=PATIENCE_MS / 1000)
        self._page.wait_for_timeout(self._rng.uniform(0, 4000))
        end = self._rng.choice(list(ENDS))
        step = self._playground.step()
        seconds_per_step = (time.monotonic() - began) / max(1, step)
        killed = time.monotonic()
        Playground(self._page).worker.evaluate(ENDS[end])
        notice = self._page.locator("#training-notice")
        expect(notice).to_contain_text("A new Python ", timeout=PATIENCE_MS)
        self.report.noticed.setdefault(end, []).append(time.monotonic() - killed)
        resumed = re.search(r"goes on from step (\d+)", notice.inner_text())
        lost = max(0, step - int(resumed[1] if resumed else 0))
        self.report.lost_steps.append(lost)
        self.report.lost_seconds.append(lost * seconds_per_step)
        self._kills += 1
        self._page.locator("body[data-worker=ready]").wait_for(timeout=PATIENCE_MS)
        self._page.wait_for_function(
            "least => parseInt(document.getElementById('status-step').textContent"
            ".replace(/[^\\d/]/g, '')) > least",
            arg=step,
            timeout=PATIENCE_MS,
        )
        self._playground.button("Start over").click()


def make_visit(browser: Browser, url: str, minutes: float, seed: int) -> bool:
    """Makes a visit and prints its report; returns whether all went well."""
    context, watch = watched(browser, url, viewport=VIEWPORT)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    playground = Playground(page).open()
    page.locator("body[data-worker=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    with tempfile.TemporaryDirectory() as folder:
        visit = Visit(browser, playground, random.Random(seed), Path(folder))
        first = visit.rest()
        until = time.monotonic() + 60 * minutes
        while time.monotonic() < until:
            visit.act()
        last = visit.rest()
    say("\n".join(visit.report.lines(first, last)))
    unexpected = unexpected_errors(watch)
    say("\n".join(["errors in the console:", *(unexpected or ["none but the crashes"])]))
    context.close()
    return not (visit.report.lost_texts or unexpected)


def unexpected_errors(watch: Watch) -> list[str]:
    """What the console reported, without the errors that the visit itself brought about."""
    return [error for error in watch.errors if "crashed by the test" not in error]


def main(minutes: float, seed: int) -> int:
    """Serves the site and visits it; returns the exit code."""
    chromium = find_or_install(Path(sys.executable))
    with sync_playwright() as playwright, serving(build(SITE)) as url:
        browser = playwright.chromium.launch(executable_path=chromium, args=HEADLESS)
        say(f"A visit of {minutes:g} minutes, seed {seed}, Chromium {browser.version}")
        went_well = make_visit(browser, url, minutes, seed)
        browser.close()
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))
