"""The data: presets, a text that is pasted, and what is wrong with some of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status

OWN = "anna\nbob\ncleo\ndora\n" * 3 + "<b>eve</b>\n"


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up."""
    return playground.open().wait_worker()


def test_every_preset_shows_its_text_and_can_be_trained_on(ready: Playground) -> None:
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
    area = ready.page.get_by_role("textbox", name="Your own text")
    area.fill(OWN)
    expect(ready.page.get_by_role("radio", name="Bring your own")).to_be_checked()
    expect(ready.page.locator("#statistics")).to_contain_text("13 lines")
    # Shown as text, never as HTML.
    preview = ready.page.get_by_role("region", name="Preview of the text")
    expect(preview).to_contain_text("<b>eve</b>")
    ready.train(100)
    expect(ready.page.locator("#verdict")).to_contain_text("The loss fell")
    expect(ready.probabilities).to_have_count(len(set(OWN) - {"\n"}) + 1)
    ready.page.reload()
    expect(area).to_have_value(OWN)
    expect(ready.page.get_by_role("radio", name="Bring your own")).to_be_checked()
    expect(ready.page.locator("#statistics")).to_contain_text("13 lines", timeout=60_000)


def test_a_long_paste_is_taken_whole(ready: Playground) -> None:
    # As one edit: filling types line by line, which takes Chromium minutes.
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
def test_a_data_set_that_cannot_be_fetched_leaves_the_one_before(ready: Playground) -> None:
    ready.page.route("**/movies.txt*", lambda route: route.abort())
    # Not check(), which wants the choice to stay: here it is taken back.
    ready.page.get_by_role("radio", name="Movie titles").click()
    expect(ready.page.locator("#data-notice")).to_contain_text("could not be loaded")
    expect(ready.page.get_by_role("radio", name="US first names")).to_be_checked()
    ready.page.unroute("**/movies.txt*")
    ready.page.get_by_role("radio", name="Movie titles").check()
    expect(ready.page.locator("#statistics")).to_contain_text("2,504 titles")


def test_training_on_no_text_says_what_to_do(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Bring your own").check()
    ready.button("Train").click()
    expect(ready.page.locator("#training-notice")).to_contain_text("There is no text yet")
    expect(ready.button("Train")).to_be_visible()


def test_one_document_cannot_be_held_out(ready: Playground) -> None:
    ready.page.get_by_role("textbox", name="Your own text").fill("abracadabra")
    expect(ready.page.locator("#statistics")).to_contain_text("1 line ·")
    ready.button("Train").click()
    expect(ready.page.locator("#training-notice")).to_contain_text("set the held-out share to 0")
    ready.set_slider("Held out", 0)
    ready.button("Train").click()
    wait_status(ready.page, r"step [1-9]\d* / 1000")
