"""The data to train on: presets, pasted text, and what the page says when either cannot be used."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status

OWN_TEXT = "anna\nbob\ncleo\ndora\n" * 3 + "<b>eve</b>\n"


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up."""
    return playground.open().wait_worker()


def test_presets_show_their_text_and_can_be_trained_on(ready: Playground) -> None:
    statistics = ready.page.locator("#statistics")
    preview = ready.page.get_by_role("region", name="Preview of the text")
    for name, count, line in (
        ("Simple baby names", "50 names", ""),
        ("Pokémon names", "1,023 names", "bulbasaur"),
        ("Company names", "985 names", ""),
        ("Movie titles", "2,504 titles", "A Trip to the Moon"),
        ("US first names", "29,910 names", "emma"),
    ):
        ready.page.get_by_role("radio", name=name).check()
        expect(statistics).to_contain_text(count)
        expect(preview).to_contain_text(line)
    ready.page.get_by_role("radio", name="Simple baby names").check()
    expect(statistics).to_contain_text("50 names")
    ready.train(100)
    expect(ready.live).to_have_count(1)


def test_pasted_text_is_trained_on_and_kept(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Bring your own").check()
    area = ready.page.get_by_role("textbox", name="Your own text")
    area.fill(OWN_TEXT)
    expect(ready.page.locator("#statistics")).to_contain_text("13 lines")
    # It is shown as text, never as HTML.
    preview = ready.page.get_by_role("region", name="Preview of the text")
    expect(preview).to_contain_text("<b>eve</b>")
    ready.train(100)
    expect(ready.page.locator("#verdict")).to_contain_text("The loss fell")
    expect(ready.probabilities).to_have_count(len(set(OWN_TEXT) - {"\n"}) + 1)
    ready.page.reload()
    expect(area).to_have_value(OWN_TEXT)
    expect(ready.page.locator("#statistics")).to_contain_text("13 lines", timeout=60_000)


def test_a_long_paste_is_loaded_completely(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Bring your own").check()
    # In one edit: `fill` types line by line, which takes Chromium minutes.
    ready.page.get_by_role("textbox", name="Your own text").evaluate(
        """
        (area) => {
          area.value = "abcdefghijklmnopqrstuvwxyz\\n".repeat(50_000);
          area.dispatchEvent(new Event("input", { bubbles: true }));
        }
        """
    )
    expect(ready.page.locator("#statistics")).to_contain_text("50,000 lines", timeout=20_000)


@pytest.mark.expects_errors
def test_a_data_set_that_cannot_be_fetched_leaves_the_previous_one(ready: Playground) -> None:
    ready.page.route("**/movies.txt*", lambda route: route.abort())
    # Not check(), which expects the choice to stay: here the page reverts it.
    ready.page.get_by_role("radio", name="Movie titles").click()
    expect(ready.page.locator("#data-notice")).to_contain_text("could not be loaded")
    expect(ready.page.get_by_role("radio", name="US first names")).to_be_checked()
    ready.page.unroute("**/movies.txt*")
    ready.page.get_by_role("radio", name="Movie titles").check()
    expect(ready.page.locator("#statistics")).to_contain_text("2,504 titles")


def test_training_without_text_says_what_to_do(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Bring your own").check()
    ready.button("Train").click()
    expect(ready.page.locator("#training-notice")).to_contain_text("There is no text yet")
    expect(ready.button("Train")).to_be_visible()


def test_a_single_document_cannot_be_held_out(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Bring your own").check()
    ready.page.get_by_role("textbox", name="Your own text").fill("abracadabra")
    expect(ready.page.locator("#statistics")).to_contain_text("1 line ·")
    ready.page.get_by_text("Advanced").click()
    expect(ready.slider("Held out")).to_have_value("0")  # as recommended
    ready.set_slider("Held out", 2)
    ready.button("Train").click()
    expect(ready.page.locator("#training-notice")).to_contain_text("set the held-out share to 0")
    ready.set_slider("Held out", 0)
    ready.button("Train").click()
    wait_status(ready.page, r"step [1-9]\d* / 300")
