"""Finds a Chromium for the browser tests, or installs one.

In this order: the machine's own, the one that Playwright downloaded before, a new download by
Playwright, Debian's package. Runs on a bare Python 3.11.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from app.site.environment import SetupError, say
from tests.setup.programs import first_on_path, install_from_debian, installs, output, starts

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    return first_on_path(*NAMES)


def of_playwright(python: Path) -> Path | None:
    """The Chromium that Playwright downloaded earlier, if there is one and it starts."""
    answer = output([str(python), "-c", ASK_PLAYWRIGHT])
    path = Path(answer.strip()) if answer else None
    return path if path and starts(path) else None


def downloaded_by_playwright(python: Path) -> Path | None:
    """Lets Playwright download its Chromium; None if that fails."""
    say("No Chromium on this machine: asking Playwright for its own")
    command = [str(python), "-m", "playwright", "install", "chromium", "--no-shell"]
    downloaded = installs(command, "Playwright could not download its Chromium.")
    return of_playwright(python) if downloaded else None


def from_debian() -> Path | None:
    """Installs Debian's `chromium` package, where this is Debian and the user is root."""
    install_from_debian("chromium")
    return first_on_path(*NAMES)
