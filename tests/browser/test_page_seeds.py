"""Several runs that differ in their seed alone: band, whiskers, and the workers that train them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.app import Playground


def test_thirty_runs_are_drawn_as_a_band_and_as_whiskers(playground: Playground) -> None:
    page = playground.open("#pace=full").wait_worker().page
    page.get_by_label("Runs", exact=True).select_option("30")
    playground.button("Train").click()
    words = page.locator("#seeds-words")
    expect(words).to_contain_text(re.compile(r"Of 30 runs .* held-out loss is 2\.\d\d"))
    page.locator("#probabilities.with-spread").wait_for()
    page.screenshot(path="build/seeds.png", full_page=False)
