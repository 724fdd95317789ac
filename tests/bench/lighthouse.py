"""Lighthouse's scores of the page, as it sees a phone on a slow network, and a desktop.

Lighthouse is large, so it is installed only to be run here. Where it cannot be, there are no rows.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from app.site.environment import ROOT, SetupError, node_and_npm, run_tool, say
from tests.bench.table import Row
from tests.browser.watch import HEADLESS
from tests.setup.chromium import find_or_install

RUNS = 3
TIMEOUT_SECONDS = 300
PINNED = Path(__file__).with_name("lighthouse_package")
FOLDER = ROOT / "build" / "lighthouse"
CLI = Path("node_modules", "lighthouse", "cli", "index.js")
# By the name of Lighthouse's options: the performance score that the page should reach.
TARGETS = {"phone": 85, "desktop": 100}
OPTIONS: dict[str, list[str]] = {"phone": [], "desktop": ["--preset=desktop"]}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
TIMES = (("largest-contentful-paint", "largest paint"), ("total-blocking-time", "blocking"))


def measure(_browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    try:
        _install()
    except SetupError as error:
        say(f"Without Lighthouse there are no scores of it. {error}")
        return
    for device, options in OPTIONS.items():
        reports = [_report(url, options) for _ in range(RUNS)]
        for category in CATEGORIES:
            scores = [100 * report["categories"][category]["score"] for report in reports]
            target = TARGETS[device] if category == "performance" else 100
            yield Row(f"{category}, {device}", scores, "", target, higher_is_better=True)
        for audit, words in TIMES:
            times = [report["audits"][audit]["numericValue"] for report in reports]
            yield Row(f"{words}, {device}", times, "ms")


def _install() -> None:
    """Installs what the lock file pins, unless it is there."""
    lock = PINNED / "package-lock.json"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = FOLDER / "lock.stamp"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say("Downloading Lighthouse from npm")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in PINNED.iterdir():
        shutil.copyfile(file, FOLDER / file.name)
    run_tool(
        [*node_and_npm().npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        "npm could not install it: check the network connection, then run the same command again.",
        folder=FOLDER,
    )
    stamp.write_text(wanted, encoding="utf-8")


def _report(url: str, options: list[str]) -> dict[str, Any]:
    """What Lighthouse says about one visit."""
    command = [
        *(node_and_npm().node, str(FOLDER / CLI), url),
        *("--quiet", "--output=json", "--no-enable-error-reporting"),
        f"--chrome-flags=--headless=new {' '.join(HEADLESS)}",
        *options,
    ]
    chromium = {"CHROME_PATH": str(find_or_install(Path(sys.executable)))}
    done = subprocess.run(
        command,
        env=os.environ | chromium,
        stdout=subprocess.PIPE,
        check=True,
        timeout=TIMEOUT_SECONDS,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report
