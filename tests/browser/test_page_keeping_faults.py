"""Storage that is full, forbidden or of a newer version: one sentence, and all goes on."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.kept import OVER, STEPS_DONE, read_run, wait_kept
from tests.browser.watch import wait_status

# Run before the page's own scripts.
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


def test_forbidden_storage_breaks_nothing(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(FORBIDDEN)
    playground.open().wait_worker()
    notice = page.locator("#kept-notice")
    expect(notice).to_be_hidden()
    playground.train(100)
    expect(notice).to_contain_text("keeps nothing for the page")
    playground.button("Close").click()
    expect(notice).to_be_hidden()
    playground.button("Train longer").click()
    wait_status(page, "step 200 / 200")
    expect(notice).to_be_hidden()  # it is said once
    expect(page.locator("#page-notice")).to_be_hidden()
    page.reload()
    page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    expect(playground.status).to_contain_text("step 0 / 100")


def test_a_run_is_kept_whole_once_there_is_room_and_after_all_was_removed(
    playground: Playground, server: str
) -> None:
    page = playground.open().wait_worker().page
    origin = "/".join(server.split("/")[:3])
    browser = page.context.new_cdp_session(page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1})
    playground.train(100)
    expect(page.locator("#kept-notice")).to_contain_text("storage is full")
    browser.send("Storage.overrideQuotaForOrigin", {"origin": origin})
    playground.button("Train longer").click()
    wait_kept(page, "runs", f"{STEPS_DONE} === 200")
    assert len(read_run(page).raw) == 200
    # As a user removes what the browser keeps of a site.
    browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb"})
    playground.button("Train longer").click()
    wait_kept(page, "runs", f"{STEPS_DONE} === 300")
    assert len(read_run(page).raw) == 300


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
