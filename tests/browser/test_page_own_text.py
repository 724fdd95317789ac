"""The user's own text: dropped, cut into pieces, replaced by another, missing from a link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app import READY_TIMEOUT_MS, Playground

# Drags a text over an element and drops it there; returns the types of events that were left to
# the browser.
DROP_TEXT = """
([selector, text, type]) => {
    const transfer = new DataTransfer();
    transfer.setData("text/plain", text);
    if (type) transfer.setData(type, text);
    const target = document.querySelector(selector);
    return ["dragover", "drop"].filter((kind) => {
        const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
        const event = new DragEvent(kind, options);
        target.dispatchEvent(event);
        return !event.defaultPrevented;
    });
}
"""
LONG = b"the quick brown fox jumps over the lazy dog. " * 5_600  # 250 kB in one line


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up."""
    return playground.open().wait_worker()


# ---- dropped -------------------------------------------------------------------------------------


def test_a_text_can_be_dropped_anywhere(ready: Playground) -> None:
    left = ready.page.evaluate(DROP_TEXT, ["#chart", "anna\nbob\ncleo", ""])
    assert left == [], "the browser would leave the page"
    expect(ready.page.get_by_label("Your own text")).to_have_value("anna\nbob\ncleo")
    expect(ready.statistics).to_contain_text("3 lines")
    expect(ready.preview).to_have_text("anna\nbob\ncleo")
    expect(ready.page.locator(".drop")).to_be_hidden()
    expect(ready.page).to_have_url(re.compile("#data=own"))
    assert ready.page.evaluate(DROP_TEXT, ["h1", "dora", ""]) == []
    expect(ready.preview).to_have_text("dora")


def test_a_text_dropped_before_python_is_up_is_loaded(playground: Playground) -> None:
    playground.page.goto("", wait_until="domcontentloaded")
    playground.page.evaluate(DROP_TEXT, ["#chart", "anna\nbob", ""])
    expect(playground.statistics).to_contain_text("2 lines", timeout=READY_TIMEOUT_MS)


def test_what_is_dropped_on_a_text_field_and_links_are_left_to_the_browser(
    ready: Playground,
) -> None:
    both = ["dragover", "drop"]
    assert ready.page.evaluate(DROP_TEXT, ["#own-text", "anna", ""]) == both
    assert ready.page.evaluate(DROP_TEXT, ["#seed", "7", ""]) == both
    assert ready.page.evaluate(DROP_TEXT, ["#chart", "http://127.0.0.1/", "text/uri-list"]) == both
    assert ready.page.evaluate(DROP_TEXT, ["#chart", " \n ", ""]) == []
    expect(ready.statistics).to_contain_text("29,910 names")


# ---- options of one text -------------------------------------------------------------------------


def test_a_long_text_without_line_breaks_is_cut_into_pieces_by_a_press(
    ready: Playground, tmp_path: Path
) -> None:
    ready.choose(tmp_path, long_txt=LONG)
    expect(ready.statistics).to_contain_text("1 line ·")
    advice = ready.page.get_by_role("listitem").filter(
        has_text="Even with a context length of 64, the model would see less than 1% of the text."
    )
    advice.get_by_role("button", name="Cut it into pieces").click()
    # Of 64 characters: the recommended settings, which are applied, follow the pieces.
    expect(ready.statistics).to_contain_text("3,938 pieces")
    expect(ready.page.locator("#eval_fraction")).to_have_attribute("aria-valuetext", "10%")
    expect(advice).to_be_hidden()
    expect(ready.page.get_by_label("Documents", exact=True)).to_have_value("windows")
    expect(ready.page.locator("#data-notice")).to_be_hidden()
    ready.train(100)


def test_a_single_document_can_be_trained_on_with_the_recommended_settings(
    ready: Playground, tmp_path: Path
) -> None:
    ready.choose(tmp_path, long_txt=LONG)
    expect(ready.statistics).to_contain_text("1 line ·")
    expect(ready.page.locator("#eval_fraction")).to_have_attribute("aria-valuetext", "0%")
    ready.train(100)
    expect(ready.page.locator("#training-notice")).to_be_hidden()


def test_pieces_are_for_one_text_only(ready: Playground, tmp_path: Path) -> None:
    ready.choose(tmp_path, long_txt=LONG)
    ready.button("Cut it into pieces").click()
    expect(ready.statistics).to_contain_text("3,938 pieces")
    ready.choose(tmp_path, names_txt=b"anna\nbob\ncleo\n")
    expect(ready.statistics).to_contain_text("3 lines")
    ready.page.get_by_text("How it is loaded").click()
    expect(ready.page.get_by_label("Documents", exact=True)).to_have_value("lines")


def test_an_edited_text_keeps_its_options_and_another_does_not(ready: Playground) -> None:
    area = ready.page.get_by_label("Your own text")
    ready.page.evaluate(DROP_TEXT, ["#chart", "abcdefgh" * 40, ""])
    ready.button("Cut it into pieces").click()
    expect(ready.statistics).to_contain_text("20 pieces")
    area.press("End")
    area.press_sequentially("ijkl")
    expect(ready.statistics).to_contain_text("21 pieces")
    ready.page.evaluate(DROP_TEXT, ["#chart", "anna\nbob", ""])
    expect(ready.statistics).to_contain_text("2 lines")


# ---- links ---------------------------------------------------------------------------------------


def test_a_link_says_that_the_sender_s_text_is_not_in_it(playground: Playground) -> None:
    playground.open("#data=own&n_embd=32")
    notice = playground.page.locator("#data-notice")
    expect(notice).to_contain_text("a text of the sender's own, which is not in it")
    playground.wait_worker()
    expect(notice).to_be_visible()
    playground.page.get_by_label("Your own text").fill("anna\nbob")
    expect(notice).to_be_hidden()
    expect(playground.statistics).to_contain_text("2 lines")
    # With a text of one's own that was kept there is nothing to say.
    playground.page.goto("about:blank")
    playground.open("#data=own")
    expect(playground.statistics).to_contain_text("2 lines", timeout=READY_TIMEOUT_MS)
    expect(notice).to_be_hidden()


def test_who_brings_a_text_is_not_told_of_a_sender(ready: Playground) -> None:
    notice = ready.page.locator("#data-notice")
    ready.page.get_by_role("radio", name="Bring your own").check()
    expect(ready.statistics).to_contain_text("Nothing yet")
    expect(notice).to_be_hidden()
    ready.page.reload()
    expect(ready.statistics).to_contain_text("Nothing yet", timeout=READY_TIMEOUT_MS)
    expect(notice).to_be_hidden()
