"""Many samples at once, and lists whose lines open in the text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up and the shipped model loaded."""
    return playground.open().wait_worker()


STOPS = (1, 5, 10, 20, 50, 100, 200, 500, 1000)  # of the slider


def generate(playground: Playground, count: int) -> list[str]:
    """Generate this many samples; returns the lines of the list, duplicates once."""
    playground.set_slider("Samples", STOPS.index(count))
    playground.page.evaluate("document.getElementById('samples-words').textContent = ''")
    playground.button("Generate").click()
    expect(playground.page.locator("#samples-words")).to_contain_text(f"{count:,} written")
    return values(playground)


def values(playground: Playground) -> list[str]:
    """The lines of the list."""
    texts: list[str] = playground.page.locator("#samples .line").evaluate_all(
        "lines => lines.map((line) => line.value)"
    )
    return texts


def test_the_shipped_model_generates_at_once(ready: Playground) -> None:
    texts = generate(ready, 5)
    assert all(re.fullmatch(r"[a-z]{0,16}", text) for text in texts), texts


def test_at_temperature_0_all_samples_are_the_same(ready: Playground) -> None:
    ready.set_slider("Temperature", 0)
    assert len(generate(ready, 5)) == 1
    expect(ready.samples).to_contain_text("× 5")


def test_samples_begin_with_what_was_typed_unless_that_is_switched_off(ready: Playground) -> None:
    ready.text.fill("kar")
    begin = ready.page.get_by_role("checkbox", name="Begin each with “kar”")
    expect(begin).to_be_checked()
    assert ready.page.url.endswith("#prefix=kar")
    assert all(text.startswith("kar") for text in generate(ready, 5))
    begin.uncheck()
    assert "prefix" not in ready.page.url
    expect(ready.text).to_have_value("kar")
    assert not all(text.startswith("kar") for text in generate(ready, 20))
    begin.check()
    assert all(text.startswith("kar") for text in generate(ready, 5))


def test_a_beginning_as_long_as_the_context_is_refused_with_a_sentence(ready: Playground) -> None:
    before = ready.samples.all_inner_texts()
    ready.text.fill("a" * 16)
    ready.button("Generate").click()
    notice = ready.page.locator("#writing-notice")
    expect(notice).to_contain_text("shorter than the context length of 16")
    assert ready.samples.all_inner_texts() == before


def test_a_thousand_samples_are_counted_marked_and_sorted(ready: Playground) -> None:
    ready.train(300)
    texts = generate(ready, 1000)
    assert len(set(texts)) == len(texts) < 1000
    expect(ready.page.locator("#samples-words")).to_contain_text(
        re.compile(r"1,000 written, \d+ new, \d+ from the data, \d+ more than once")
    )
    marked = ready.page.locator("#samples .origin").all_inner_texts()
    assert set(marked) == {"new", "from the data"}
    ready.page.get_by_role("checkbox", name="Likeliest first").check()
    ordered = values(ready)
    assert ordered != texts
    assert set(ordered) == set(texts)
    expect(ready.samples.first).to_contain_text("1 in ")


def test_samples_can_be_copied_and_downloaded(ready: Playground) -> None:
    texts = generate(ready, 5)
    copies = "".join(f"{text}\n" for text in texts)
    with ready.page.expect_download() as download:
        ready.button("Download samples").click()
    assert download.value.suggested_filename == "samples.txt"
    assert download.value.path().read_text(encoding="utf-8") == copies
    ready.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ready.button("Copy samples").click()
    expect(ready.page.locator("#copy-samples")).to_have_text("Copied")
    copied = ready.page.evaluate("navigator.clipboard.readText()")
    assert copied == copies
    ready.train(100)
    expect(ready.samples).to_have_count(0)
    expect(ready.button("Copy samples")).to_be_disabled()
    expect(ready.button("Download samples")).to_be_disabled()


# ---- lines that open in the text -----------------------------------------------------------------


def test_a_written_line_opens_in_the_text(ready: Playground) -> None:
    ready.train(200)
    for shown in (ready.live, ready.page.get_by_role("region", name="Preview of the text")):
        line = shown.get_by_role("button").first
        written = line.inner_text()
        line.click()
        expect(ready.text).to_have_value(written)
        expect(ready.tiles).to_have_text(list(written))
    text = generate(ready, 5)[1]
    ready.samples.nth(1).get_by_role("button").click()
    expect(ready.text).to_have_value(text)
    assert "prefix" not in ready.page.url, "samples do not begin with it"
    ready.button("Undo").click()
    expect(ready.text).to_have_value(written)


def test_a_list_of_lines_is_one_tab_stop(ready: Playground) -> None:
    generate(ready, 5)
    samples = ready.page.get_by_role("list", name="Samples", exact=True)
    samples.focus()
    ready.page.keyboard.press("ArrowDown")
    ready.page.keyboard.press("ArrowDown")
    second = ready.samples.nth(1).get_by_role("button")
    expect(second).to_be_focused()
    second.press("Enter")
    expect(ready.text).to_have_value(second.get_attribute("value") or "")
    expect(samples.locator("[tabindex='0']")).to_have_count(0)


def test_a_line_of_unknown_characters_opens_as_far_as_it_is_known(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Countries and capitals").check()
    line = ready.page.get_by_role("region", name="Preview of the text").get_by_role("button").first
    expect(line).to_have_text(re.compile("[A-Z]"))
    line.click()
    expect(ready.page.locator("#writing-notice")).to_contain_text("does not know the character")
    expect(ready.text).to_have_value(re.compile("^[a-z]+$"))
