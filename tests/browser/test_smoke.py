"""The site loads. (The fixtures fail the test on any error or request to another host.)"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.app import READY_TIMEOUT_MS
from tests.browser.watch import Watch


def test_the_page_loads_under_a_sub_path(page: Page, server: str, watch: Watch) -> None:
    page.goto("")
    assert page.url == server
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_role("status", name="Training status")).to_be_visible()
    page.locator("body[data-worker=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    assert any("/vendor/pyodide" in url for url in watch.requested), "the worker loads Pyodide"
