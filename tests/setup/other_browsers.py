"""Finds Firefox, and WebKit as GTK has it, or installs them; they are tested where they are found.

Runs on a bare Python 3.11.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from app.site.environment import SetupError
from tests.setup.programs import first_on_path, install_from_debian

FIREFOX_NAMES = ("firefox-esr", "firefox")
# WebKitGTK's own small browser lies where no path leads: Debian, Fedora, Arch.
MINI_BROWSER = [f"usr/{folder}/webkit*gtk-*/MiniBrowser" for folder in ("lib/*", "libexec", "lib")]


class WebKitPrograms(NamedTuple):
    """What it takes to drive WebKit without a screen."""

    driver: Path
    browser: Path
    xvfb: Path


def find_firefox() -> Path:
    """A Firefox that starts.

    Raises:
        SetupError: there is none; the message says how to get it.
    """
    found = first_on_path(*FIREFOX_NAMES)
    if found is None:
        raise SetupError(
            "Firefox was not found, so the page was not tested in it: install Firefox (on Debian: "
            "apt install firefox-esr), then run the same command again."
        )
    return found


def find_webkit() -> WebKitPrograms:
    """The programs that drive WebKit.

    Raises:
        SetupError: one is missing; the message says how to get it.
    """
    driver, xvfb = (shutil.which(name) for name in ("WebKitWebDriver", "Xvfb"))
    browser = next((path for place in MINI_BROWSER for path in Path("/").glob(place)), None)
    if driver is None or xvfb is None or browser is None:
        raise SetupError(
            "WebKitGTK's driver, its MiniBrowser or Xvfb was not found, so the page was not tested "
            "in WebKit: install all three (on Debian: apt install webkit2gtk-driver xvfb), then "
            "run the same command again."
        )
    return WebKitPrograms(Path(driver), browser, Path(xvfb))


def install_missing() -> list[str]:
    """Installs what is missing where root may; returns a sentence on each that still is."""
    packages: dict[Callable[[], object], tuple[str, ...]] = {
        find_firefox: ("firefox-esr",),
        find_webkit: ("webkit2gtk-driver", "xvfb"),
    }
    missing = [name for find, names in packages.items() if problem(find) for name in names]
    if missing:
        install_from_debian(*missing)
    return [sentence for find in packages if (sentence := problem(find))]


def problem(find: Callable[[], object]) -> str:
    """The sentence that says why a browser is not found, or an empty one."""
    try:
        find()
    except SetupError as error:
        return str(error)
    return ""
