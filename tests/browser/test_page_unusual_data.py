"""The user's own data: invalid, unusual and large files, and the statistics of good ones."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground

DROP_LARGE_FILE = """
(megabytes) => {
    const line = (_, i) => `${1e7 + i} quick brown foxes jump over the lazy dog again and again\\n`;
    const length = Math.floor((megabytes * 1e6) / line(null, 0).length);
    const lines = Array.from({ length }, line);
    const transfer = new DataTransfer();
    transfer.items.add(new File(lines, "large.txt"));
    const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new DragEvent("drop", options));
}
"""


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up."""
    return playground.open().wait_worker()


# ---- invalid, unusual, large ---------------------------------------------------------------------


def test_a_bad_file_is_rejected_and_nothing_is_lost(ready: Playground, tmp_path: Path) -> None:
    ready.choose(tmp_path, good_txt=b"anna\nbob\n")
    expect(ready.statistics).to_contain_text("2 lines")
    for name, content, error in (
        ("empty_txt", b"", "There is no text in 'empty.txt'"),
        ("picture_png", b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "'picture.png' is not text"),
        ("blank_txt", b" \n\n\t\n", "There is no text in 'blank.txt'"),
        ("torn_gz", gzip.compress(b"anna\nbob\n" * 9, mtime=0)[:-9], "damaged"),
        ("nul_txt", b"an\0na\nbob\n", "'nul.txt' is not text"),
        ("wrong_json", b'["anna", "bob"', "not valid JSON"),
    ):
        ready.choose(tmp_path, **{name: content})
        expect(ready.page.locator("#data-notice")).to_contain_text(error)
        expect(ready.page.locator("#file-name")).to_contain_text("good.txt")
        expect(ready.preview).to_have_text("anna\nbob")
    ready.train(100)


def test_unusual_texts_can_be_trained_on(ready: Playground, tmp_path: Path) -> None:
    ready.page.get_by_text("Advanced").click()
    ready.set_slider("Held out", 0)
    texts = (
        ("one_txt", b"anna", "anna", "only one document"),
        ("alike_txt", b"a\naa\na\n", "a\naa\na", "only one character"),
        ("ends_txt", b"a\rb\nc\r\nd\n\re", "a\nb\nc\nd\ne", "only 5 documents"),
        ("hebrew_txt", "שלום\nמרחבא\n".encode(), "שלום\nמרחבא", "right to left"),
        ("marks_txt", "e\u0301\nx\u0302\n".encode(), "é\nx\u0302", "marks"),
        ("joined_txt", "👩\u200d👩\u200d👧\n❤️\n".encode(), "👩\u200d👩\u200d👧\n❤️", "one picture"),
        ("torn_txt", "zoé\nnoël\nx".encode() + b"\xffy", "zoé\nnoël\nxy", "left out"),
        ("long_txt", b"ab" * 1_000_000, "ab" * 100, "only one document"),
    )
    for number, (name, content, shown, remark) in enumerate(texts):
        ready.choose(tmp_path, **{name: content})
        expect(ready.preview).to_have_text(shown)
        expect(ready.page.locator("#data-remarks")).to_contain_text(remark)
        expect(ready.page.locator("#data-notice")).to_be_hidden()
        # Not as many steps as in the run before, whose end would be mistaken for that of this one.
        ready.train(100 + 100 * (number % 2))


def test_clearing_the_text_clears_its_statistics(ready: Playground) -> None:
    text, count = ready.page.get_by_label("Your own text"), ready.page.locator("#own-count")
    ready.paste("anna\nbob\nzoé")
    expect(count).to_have_text("3")
    text.fill("")
    expect(ready.statistics).to_contain_text("Nothing yet")
    expect(count).to_be_empty()
    expect(ready.page.locator("#rare-found")).to_be_empty()
    expect(ready.page.get_by_text("there is no text yet")).to_be_visible()


def test_a_bad_file_leaves_the_preset_selected(ready: Playground, tmp_path: Path) -> None:
    ready.choose(tmp_path, picture_png=b"\x89PNG\r\n\x1a\n\x00\xff\xfe")
    expect(ready.page.locator("#data-notice")).to_contain_text("is not text")
    expect(ready.page.get_by_role("radio", name="US first names")).to_be_checked()
    expect(ready.page.locator("#file-name")).to_be_hidden()
    expect(ready.statistics).to_contain_text("29,910 names")


def test_a_large_file_shows_its_progress_and_can_be_cancelled(ready: Playground) -> None:
    ready.page.evaluate(DROP_LARGE_FILE, 49)
    progress = ready.page.get_by_role("progressbar", name=re.compile("Reading|Cutting|Counting"))
    expect(progress).to_be_visible()
    ready.button("Cancel").click()
    expect(ready.button("Cancel")).to_be_hidden()
    expect(ready.statistics).to_contain_text("29,910 names")
    expect(ready.page.get_by_role("radio", name="US first names")).to_be_checked()
    ready.train(100)


def test_a_file_that_is_too_large_is_rejected_before_it_is_read(ready: Playground) -> None:
    ready.page.evaluate(DROP_LARGE_FILE, 51)
    expect(ready.page.locator("#data-notice")).to_contain_text("at most 50 MB")
    expect(ready.page.get_by_role("radio", name="US first names")).to_be_checked()


# ---- the statistics ------------------------------------------------------------------------------


def test_the_histogram_follows_the_context_length_at_once(ready: Playground) -> None:
    cut = ready.page.locator("#cut-words")
    expect(cut).to_have_text("All names fit the context length.")
    ready.set_slider("Context length", 8)
    expect(cut).to_contain_text("are longer than the context length and cut")
    ready.page.get_by_text("More about this data").click()
    expect(ready.page.locator("#histogram .lost").first).to_be_visible()
    expect(ready.page.locator("#histogram .context")).to_have_text("context 8")


def test_further_statistics_are_folded_away(ready: Playground) -> None:
    vocabulary = ready.page.get_by_role("list", name="Its characters")
    expect(vocabulary).to_be_hidden()
    ready.page.get_by_text("More about this data").click()
    expect(vocabulary.get_by_role("listitem")).to_have_count(26)
    expect(vocabulary.get_by_role("listitem").first).to_contain_text("a: 32,539")
    bigrams = ready.page.get_by_role("list", name="Its most common pairs")
    expect(bigrams.get_by_role("listitem").first).to_contain_text("a n")
    expect(ready.page.locator("#data-facts")).to_contain_text("2,991 names")
    ready.page.get_by_text("Advanced").click()
    ready.set_slider("Held out", 0)
    expect(ready.page.locator("#data-facts")).to_contain_text("0 names")


def test_a_file_gets_its_recommended_settings_until_these_are_undone(
    ready: Playground, tmp_path: Path
) -> None:
    lines = "\n".join(f"line {number} of a text of mine" for number in range(400))
    ready.choose(tmp_path, mine_txt=lines.encode())
    expect(ready.statistics).to_contain_text("400 lines")
    expect(ready.slider("Context length")).to_have_value("32")
    ready.button("Undo the recommended settings").click()
    expect(ready.slider("Context length")).to_have_value("16")
    ready.button("Use recommended settings").click()
    expect(ready.slider("Context length")).to_have_value("32")
    expect(ready.page.locator("#cut-words")).to_have_text("All lines fit the context length.")
    expect(ready.page).to_have_url(re.compile("block_size=32"))
