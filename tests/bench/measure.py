"""Takes the measurements in the environment of the tests, and prints the tables."""

from __future__ import annotations

import math
import os
import platform
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from app.site.assemble import SITE, build
from app.site.environment import say
from tests.bench import (
    bars,
    browsers,
    compiled,
    data,
    experiments,
    frames,
    gallery,
    inside,
    jax,
    keep,
    lab,
    lighthouse,
    live,
    optimizers,
    press,
    scalar,
    startup,
    throughput,
    workbench,
)
from tests.bench.table import table
from tests.browser.watch import HEADLESS
from tests.setup.chromium import find_or_install
from tests.support.serving import serving

TITLES = {
    "scalar": (scalar.measure, "One training step: default model, US first names, seed 42"),
    "compiled": (compiled.measure, "The compiled engine: default model, US first names, seed 42"),
    "press": (press.measure, f"From Train to the last of 1,000 losses, {press.VISITS} visits each"),
    "bars": (bars.measure, f"From a press on a bar to the next bars, {bars.PRESSES} presses"),
    "frames": (frames.measure, f"Frames while a run is drawn, {frames.RUNS} runs each"),
    "gallery": (gallery.measure, "One step of each edit of the gallery, default settings"),
    "optimizers": (optimizers.measure, "One step with each optimizer, default settings"),
    "inside": (inside.measure, "The inside of the model, with all views open"),
    "throughput": (throughput.measure, f"The compiled engine at work\n\n{throughput.FORMULA}"),
    "jax": (jax.measure, "JAX beside the compiled engine, in one process on the processor"),
    "data": (data.measure, f"The user's own files, {data.LARGE_FILE_VISITS} or more visits each"),
    "startup": (startup.measure, f"Opening the page, {startup.VISITS} visits each"),
    "keep": (keep.measure, "A run kept in the browser"),
    "lab": (lab.measure, "Every ready experiment of the Lab, on the command line's engine"),
    "workbench": (workbench.measure, "Long runs, past runs, and going back along a run"),
    "experiments": (experiments.measure, "Experiments in the Lab, on the page"),
    "live": (live.measure, "Live, and many runs at once"),
    "browsers": (browsers.measure, f"Three browsers, {browsers.VISITS} visits each"),
    "lighthouse": (lighthouse.measure, f"Lighthouse's scores, {lighthouse.RUNS} visits each"),
}


def main(parts: list[str]) -> None:
    """Measures and prints each of `parts`."""
    chromium = find_or_install(Path(sys.executable))
    with sync_playwright() as playwright, serving(build(SITE)) as url:
        browser = playwright.chromium.launch(executable_path=chromium, args=HEADLESS)
        say(
            f"\n{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, "
            f"Python {platform.python_version()}, Chromium {browser.version} headless; "
            f"load average {load_average():.1f}"
        )
        for part in parts:
            measure, title = TITLES[part]
            rows = list(measure(browser, url))
            if rows:
                say(f"\n{title}\n\n{table(rows)}")
        browser.close()


def load_average() -> float:
    """How many processes wanted a core in the last minute, NaN where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan


if __name__ == "__main__":
    main(sys.argv[1:])
