"""Storage that is full, forbidden or of a newer version: one sentence, and all goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.kept import OVER, wait_kept
from tests.browser.watch import wait_status

# Run before the page's own scripts.
FULL = """
IDBObjectStore.prototype.put = () => { throw new DOMException("", "QuotaExceededError"); };
"""
FORBIDDEN = """
Object.defineProperty(window, "indexedDB", {
  get() { throw new DOMException("", "SecurityError"); },
});
"""
# Makes the database one of a version to come.
UPGRADE = """
() => new Promise((resolve) => {
    const request = indexedDB.open("microgpt", 99);
    request.onsuccess = () => resolve(request.result.close());
})
"""


@pytest.mark.parametrize(
    ("script", "words"), [(FULL, "storage is full"), (FORBIDDEN, "keeps nothing for the page")]
)
def test_storage_that_is_full_or_forbidden_breaks_nothing(
    playground: Playground, script: str, words: str
) -> None:
    page = playground.page
    page.add_init_script(script)
    playground.open().wait_worker()
    notice = page.locator("#kept-notice")
    expect(notice).to_be_hidden()
    playground.train(100)
    expect(notice).to_contain_text(words)
    playground.button("Close").click()
    expect(notice).to_be_hidden()
    playground.button("Train longer").click()
    wait_status(page, "step 200 / 200")
    expect(notice).to_be_hidden()  # it is said once
    expect(page.locator("#page-notice")).to_be_hidden()
    page.reload()
    page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    expect(playground.status).to_contain_text("step 0 / 100")


def test_a_newer_version_of_the_database_is_left_alone(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.train(100)
    wait_kept(page, "runs", OVER)
    page.evaluate(UPGRADE)  # as a newer page does in another tab
    playground.button("Train longer").click()
    notice = page.locator("#kept-notice")
    expect(notice).to_contain_text("A newer version of this page")
    wait_status(page, "step 200 / 200")
    page.reload()
    page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    playground.wait_worker()
    expect(playground.status).to_contain_text("step 0 / 100")
    playground.train(100)
    expect(notice).to_contain_text("A newer version of this page")
