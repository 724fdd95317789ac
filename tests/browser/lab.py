"""The Lab in one page of the browser: experiments and their runs by their accessible names."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.browser.app import READY_TIMEOUT_MS, Playground

SECONDS = 120  # for an experiment, on a busy machine


class LabPage:
    """The place Lab."""

    def __init__(self, playground: Playground) -> None:
        self.page: Page = playground.page

    def open(self, experiment: str = "") -> LabPage:
        """Open the page in the Lab, and wait until Python takes commands."""
        self.page.goto("#place=lab" + (f"&lab={quote(experiment)}" if experiment else ""))
        return self.wait_ready()

    def wait_ready(self) -> LabPage:
        self.page.locator("body[data-worker=ready]").wait_for(timeout=READY_TIMEOUT_MS)
        expect(self.page.locator("#lab-title")).not_to_be_empty()
        return self

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status", name="Status of the experiment")

    @property
    def finding(self) -> Locator:
        return self.page.locator("#lab-finding")

    @property
    def problem(self) -> Locator:
        return self.page.locator("#lab-problem")

    @property
    def figure(self) -> Locator:
        return self.page.locator("#lab-figure")

    @property
    def readout(self) -> Locator:
        return self.page.locator("#lab-readout")

    def go(self, title: str) -> None:
        """Follow the link to an experiment."""
        experiments = self.page.get_by_role("navigation", name="Experiments")
        experiments.get_by_role("link", name=re.compile(f"^{re.escape(title)}")).click()

    def press(self, name: str) -> None:
        self.page.locator("#lab").get_by_role("button", name=name, exact=True).click()

    def wait_done(self, runs: int) -> None:
        """Wait until all runs are done."""
        words = re.compile(rf"^{runs:,} of {runs:,} runs.* of computing$")
        expect(self.status).to_have_text(words, timeout=1000 * SECONDS)

    def wait_some(self, runs: int) -> None:
        """Wait until at least this number of runs is done."""
        self.page.wait_for_function(
            f"parseInt(document.querySelector('#lab-done').textContent) >= {runs}",
            timeout=1000 * SECONDS,
        )

    def done(self) -> int:
        """How many runs are done."""
        found = re.match(r"([\d,]+) of", self.status.inner_text())
        assert found is not None
        return int(found[1].replace(",", ""))

    def results(self) -> list[dict[str, Any]]:
        """What has come of the runs, as the file says it that the user can save."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Save the results as JSON").click()
        content = download.value.path().read_text(encoding="utf-8")
        found: list[dict[str, Any]] = json.loads(content)["sweeps"][0]["results"]
        return found
