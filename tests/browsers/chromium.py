"""Chromium, driven by Playwright."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.watch import HEADLESS
from tests.browsers.driver import CONTROL, END, ENTER, Driver
from tests.setup.chromium import find_or_install

KEY_NAMES = {CONTROL: "Control", ENTER: "Enter", END: "End"}  # as Playwright calls them


class ChromiumDriver:
    """A page in Chromium."""

    def __init__(self, page: Page, version: str) -> None:
        self.name = f"Chromium {version}"
        self._page = page

    def open(self, url: str) -> None:
        self._page.goto(url)

    def reload(self) -> None:
        self._page.reload()

    def evaluate(self, function: str, *arguments: object) -> Any:
        return self._page.evaluate(f"args => ({function})(...args)", list(arguments))

    def click(self, x: int, y: int) -> None:
        self._page.mouse.click(x, y)

    def press_keys(self, *keys: str) -> None:
        self._page.keyboard.press("+".join(KEY_NAMES.get(key, key) for key in keys))

    def type_text(self, text: str) -> None:
        self._page.keyboard.type(text)

    def choose_files(self, selector: str, paths: Sequence[Path]) -> None:
        self._page.locator(selector).set_input_files(paths)

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def screenshot(self) -> bytes:
        return self._page.screenshot()


@contextmanager
def chromium(_folder: Path) -> Iterator[Driver]:
    """Starts Chromium; the folder stays empty, since Playwright makes a profile elsewhere."""
    path = find_or_install(Path(sys.executable))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=HEADLESS)
        yield ChromiumDriver(browser.new_page(), browser.version)
        browser.close()
