"""The inside of the model: its views opened and closed, fetched, asked and drawn."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.app import Playground

INSIDE = "**/inside.*"


def test_a_view_opens_by_press_and_is_fetched_only_then(playground: Playground) -> None:
    page = playground.page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    playground.open().wait_worker()
    assert [url for url in fetched if "inside" in url] == []
    button = page.get_by_role("button", name="Choice", exact=True)
    region = page.get_by_role("region", name="Choice")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(region.get_by_role("list", name="What can be chosen")).to_be_visible()
    expect(region).to_contain_text("The next number of the dice is 0.")
    assert len([url for url in fetched if "inside" in url]) == 3
    assert page.url.endswith("#open=choice")
