"""Finds a Chromium for the browser tests, or installs one.

In this order: the machine's own, the one that Playwright downloaded before, a new download by
Playwright, Debian's package. Runs on a bare Python 3.11.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from app.site.environment import SetupError, run_tool, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN = Path("/etc/debian_version")
DOWNLOAD_SECONDS = 300
START_SECONDS = 60
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find_or_install(python: Path) -> Path:
    """A Chromium that starts; `python` is the interpreter of an environment with Playwright."""
    sources: tuple[Callable[[], Path | None], ...] = (
        on_this_machine,
        lambda: of_playwright(python),
        lambda: downloaded_by_playwright(python),
        from_debian,
    )
    for source in sources:
        found = source()
        if found:
            return found
    raise SetupError(
        "No Chromium was found and none could be installed: install Chromium or Google Chrome, "
        "or put the path of one into the environment variable CHROMIUM, then run the same "
        "command again."
    )


def on_this_machine() -> Path | None:
    """The browser that CHROMIUM names, else the first of the usual ones that starts."""
    named = os.environ.get("CHROMIUM")
    if named:
        path = shutil.which(named)
        if path and starts(Path(path)):
            return Path(path)
        raise SetupError(
            f"The environment variable CHROMIUM names {named}, which does not start: correct "
            "or unset it, then run the same command again."
        )
    return next(_on_path(), None)


def of_playwright(python: Path) -> Path | None:
    """The Chromium that Playwright downloaded earlier, if there is one and it starts."""
    answer = _output([str(python), "-c", ASK_PLAYWRIGHT])
    path = Path(answer.strip()) if answer else None
    return path if path and starts(path) else None


def downloaded_by_playwright(python: Path) -> Path | None:
    """Lets Playwright download its Chromium; None if that fails."""
    say("No Chromium on this machine: asking Playwright for its own")
    command = [str(python), "-m", "playwright", "install", "chromium", "--no-shell"]
    downloaded = _succeeds(command, "Playwright could not download its Chromium.")
    return of_playwright(python) if downloaded else None


def from_debian() -> Path | None:
    """Installs Debian's `chromium` package, where this is Debian and the user is root."""
    if not (DEBIAN.exists() and os.geteuid() == 0):
        return None
    say("Installing Debian's package chromium")
    for command in (
        ["apt-get", "update", "--quiet"],
        ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"],
    ):
        _succeeds(command, f"This failed: {' '.join(command)}")
    return next(_on_path(), None)


def starts(browser: Path) -> bool:
    """Whether the browser runs: a stub does not, nor one whose libraries are missing."""
    return _output([str(browser), "--version"]) is not None


def _on_path() -> Iterator[Path]:
    for name in NAMES:
        path = shutil.which(name)
        if path and starts(Path(path)):
            yield Path(path)


def _succeeds(command: list[str], failure: str) -> bool:
    """Whether an installation succeeds; if not, prints `failure` and what the command printed."""
    variables = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run_tool(command, failure, variables=variables, timeout=DOWNLOAD_SECONDS)
    except SetupError as error:
        say(str(error))
        return False
    return True


def _output(command: list[str]) -> str | None:
    """What a command prints, or None where it is missing, fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
