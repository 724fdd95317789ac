"""Learn in one page of the browser: lessons, editors and runs by their accessible names."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.app import READY_TIMEOUT_MS, Playground

SECONDS = 60  # for a few steps of a program, on a busy machine
FEW_STEPS = 3


class LearnPage:
    """The place Learn."""

    def __init__(self, playground: Playground) -> None:
        self.page: Page = playground.page

    def open(self, fragment: str = "#place=learn") -> LearnPage:
        """Open the page in Learn, and wait until a program can be run."""
        self.page.goto(fragment)
        return self.wait_ready()

    def wait_ready(self) -> LearnPage:
        expect(self.status).to_have_text(re.compile("^Ready"), timeout=READY_TIMEOUT_MS)
        return self

    @property
    def status(self) -> Locator:
        return self.page.locator("#run-status")

    @property
    def problem(self) -> Locator:
        return self.page.locator("#run-notice")

    @property
    def output(self) -> Locator:
        return self.page.get_by_role("log", name="Output")

    @property
    def editor(self) -> Locator:
        """The text of the program in sight."""
        return self.page.get_by_role("textbox", name=re.compile(r"^Program train"))

    def go(self, lesson: str) -> None:
        """Follow the link to a lesson."""
        lessons = self.page.get_by_role("navigation", name="Lessons")
        lessons.get_by_role("link", name=re.compile(f"^{lesson}")).click()

    def press(self, name: str) -> None:
        self.page.locator("#learn").get_by_role("button", name=name, exact=True).click()

    def add(self, text: str) -> None:
        """Type lines at the end of the program, with all of it in sight."""
        whole = self.page.get_by_role("button", name="Whole program")
        if whole.is_visible():
            whole.click()
        self.editor.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.insert_text(text)

    def run(self, steps: int = FEW_STEPS) -> None:
        """Press Run for a few steps."""
        self.page.get_by_role("spinbutton", name="Steps").fill(str(steps))
        self.press("Run")

    def wait_done(self) -> None:
        expect(self.status).to_have_text(re.compile("^Done in"), timeout=1000 * SECONDS)
