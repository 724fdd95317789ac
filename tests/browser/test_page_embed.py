"""The page in another site's frame: what it shows, and that it keeps nothing there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from aiohttp import web
from playwright.sync_api import Page, expect

from app.page.share.embed_html import snippet
from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.test_page_arrangement import preview
from tests.browser.watch import Watch
from tests.support.serving import serving_app

KEPT = """async () => {
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    return [localStorage.length, sessionStorage.length, databases.includes("microgpt")];
}"""


@pytest.fixture
def host(watch: Watch) -> Iterator[str]:
    """The URL of another site, whose page is empty."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    with serving_app(app) as url:
        yield url
    watch.requested[:] = [asked for asked in watch.requested if not asked.startswith(url)]


def show(page: Page, host: str, html: str) -> None:
    """Have the other site's page hold this HTML."""
    page.goto(host)
    page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", html)


def test_the_dialog_makes_a_frame_of_the_chosen_panels(playground: Playground, server: str) -> None:
    page = playground.open("#num_steps=100&pace=full").page
    playground.button("Share").click()
    page.get_by_role("tab", name="Embed").click()
    seen = preview(page, "embed-preview")
    page.get_by_role("checkbox", name="What came of the run", exact=True).uncheck()
    page.get_by_role("checkbox", name="Text, one token at a time", exact=True).uncheck()
    expect(seen.locator("#writing")).to_be_hidden()
    expect(seen.locator("header")).to_be_hidden()
    height = page.get_by_label("Height in pixels")
    expect(height).to_have_value(re.compile("^[345]..$"))  # as high as what is left
    address = f"{server}?embed=training,chart#num_steps=100&pace=full"
    expected = snippet(address, int(height.input_value()))
    expect(page.get_by_role("textbox", name="HTML to paste")).to_have_value(expected)


def test_a_frame_elsewhere_works_and_keeps_nothing(page: Page, server: str, host: str) -> None:
    address = f"{server}?embed=training,chart#num_steps=100&pace=full"
    show(page, host, snippet(address, 400))
    frame = page.frame_locator("iframe")
    frame.locator("body[data-worker=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    for shown in ("#train", "#chart", "#whole-page"):
        expect(frame.locator(shown)).to_be_visible()
    for hidden in ("header", "footer", "#data", "#writing", "#inside", "#verdict", "#live"):
        expect(frame.locator(hidden)).to_be_hidden()
    frame.get_by_role("button", name="Train", exact=True).click()
    expect(frame.locator("#status")).to_contain_text("step 100 / 100", timeout=READY_TIMEOUT_MS)
    inside = page.frames[1]
    assert inside.evaluate(KEPT) == [0, 0, False]
    # Its chart ends where the frame does: there is nothing to scroll to the side.
    assert inside.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_popup() as opening:
        frame.locator("#whole-page").click()
    whole = opening.value
    whole.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    expect(whole.locator("header")).to_be_visible()
    assert "?embed" not in whole.url
    assert whole.url.endswith("#num_steps=100&pace=full")


@pytest.mark.expects_errors
def test_only_the_page_for_frames_may_be_framed_by_others(
    page: Page, server: str, host: str, watch: Watch
) -> None:
    show(page, host, f'<iframe src="{server}"></iframe>')
    page.wait_for_function("frames.length")
    expect(page.frame_locator("iframe").locator("#train")).to_have_count(0)
    assert any("frame-ancestors" in error for error in watch.errors)


@pytest.mark.context_options(viewport={"width": 320, "height": 500})
def test_a_narrow_frame_holds_every_panel(playground: Playground) -> None:
    page = playground.page
    page.goto("?embed")
    page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator(".steer").evaluate("each => getComputedStyle(each).position") == "relative"
    expect(page.locator("header")).to_be_hidden()
    expect(page.locator("#generate")).to_be_visible()
    expect(page.locator("#n_embd")).to_be_visible()  # nothing is folded
    page.locator("#n_embd").evaluate("each => { each.value = 32; }")
    page.locator("#n_embd").dispatch_event("input")
    page.locator("#n_embd").dispatch_event("change")
    expect(page).to_have_url(re.compile(r"\?embed#n_embd=32$"))
    assert page.evaluate("history.length") == 2  # the empty page, and this one


def test_a_frame_of_panels_that_there_are_not_shows_all(page: Page) -> None:
    page.goto("?embed=weights,graph")
    expect(page.locator("#train")).to_be_visible()
    expect(page.locator("#text")).to_be_visible()
    page.goto("?embed=weights,text")
    expect(page.locator("#text")).to_be_visible()
    expect(page.locator("#train")).to_be_hidden()
