"""The watch of a page misses no request and no error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.watch import Watch, wait_status, watched

# Both are reserved for documentation: no host answers there.
ADDRESS_ELSEWHERE = "http://192.0.2.1/"
NAME_ELSEWHERE = "http://elsewhere.example/"
RUN_IN_WORKER = """
(code) => new Promise((resolve) => {
    const blob = new Blob([code + "; postMessage('done')"], { type: "text/javascript" });
    const worker = new Worker(URL.createObjectURL(blob));
    worker.onmessage = resolve;
    worker.onerror = resolve;
})
"""


@pytest.fixture
def watched_page(browser: Browser, server: str) -> Iterator[tuple[Page, Watch]]:
    """A plain page of the server's origin, and its watch, whose findings do not fail the test."""
    context, watch = watched(browser, server)
    page = context.new_page()
    page.route("**/plain.html", lambda route: route.fulfill(body="<title>plain</title>"))
    page.goto("plain.html")
    yield page, watch
    context.close()


def test_on_a_quiet_page_nothing_is_found(watched_page: tuple[Page, Watch]) -> None:
    page, watch = watched_page
    assert watch.requested == [page.url]
    assert (watch.foreign, watch.errors) == ([], [])


@pytest.mark.parametrize("url", [ADDRESS_ELSEWHERE, NAME_ELSEWHERE])
def test_a_request_to_another_host_fails_and_is_recorded(
    watched_page: tuple[Page, Watch], url: str
) -> None:
    page, watch = watched_page
    outcome = page.evaluate("(url) => fetch(url).then(() => 'answered', String)", url)
    assert outcome == "TypeError: Failed to fetch"
    assert watch.foreign == [url]


def test_a_request_of_a_worker_is_recorded(watched_page: tuple[Page, Watch]) -> None:
    page, watch = watched_page
    page.evaluate(RUN_IN_WORKER, f"importScripts('{NAME_ELSEWHERE}')")
    assert watch.foreign == [NAME_ELSEWHERE]


def test_a_socket_is_recorded(watched_page: tuple[Page, Watch]) -> None:
    page, watch = watched_page
    with page.expect_websocket():
        page.evaluate("(url) => { new WebSocket(url); }", NAME_ELSEWHERE.replace("http", "ws"))
    assert watch.foreign == [NAME_ELSEWHERE.replace("http", "ws")]


@pytest.mark.parametrize(
    "code",
    ["console.error('broken')", "setTimeout(() => { throw new Error('broken'); })"],
)
def test_an_error_on_the_page_is_recorded(watched_page: tuple[Page, Watch], code: str) -> None:
    page, watch = watched_page
    page.evaluate(code)
    page.wait_for_function("true")
    assert any("broken" in error for error in watch.errors)


def test_an_error_in_a_worker_is_recorded(watched_page: tuple[Page, Watch]) -> None:
    page, watch = watched_page
    with page.context.expect_console_message():
        page.evaluate(RUN_IN_WORKER, "console.error('broken')")
    assert any("broken" in error for error in watch.errors)


def test_waiting_for_the_status_matches_part_of_its_text(watched_page: tuple[Page, Watch]) -> None:
    page, _ = watched_page
    page.set_content("<div role=status aria-label='Training status'>step 3 / 10</div>")
    assert wait_status(page, r"step \d+ / 10") == "step 3 / 10"
    with pytest.raises(AssertionError):
        expect(page.get_by_role("status")).to_contain_text("step 4", timeout=1)
