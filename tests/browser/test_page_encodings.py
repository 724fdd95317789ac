"""Texts in encodings from before Unicode: what detects them comes when it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.watch import Watch

WHEEL = "charset_normalizer-"
NAMES = "さくら\nひなた\n佐藤\n鈴木\n高橋"


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up."""
    return playground.open().wait_worker()


def requests_for(what: str, watch: Watch) -> int:
    """How often a file was requested whose name has `what` in it."""
    return sum(what in url.rsplit("/")[-1] for url in watch.requested)


def test_a_package_that_detects_encodings_is_requested_once_it_is_needed(
    ready: Playground, watch: Watch, tmp_path: Path
) -> None:
    ready.choose(tmp_path, utf_8_txt=NAMES.encode())
    expect(ready.preview).to_have_text(NAMES, timeout=READY_TIMEOUT_MS)
    assert requests_for(WHEEL, watch) == requests_for("micropip", watch) == 0
    ready.choose(tmp_path, shift_jis_txt=f"{NAMES}\n田中".encode("cp932"))
    expect(ready.preview).to_have_text(f"{NAMES}\n田中", timeout=READY_TIMEOUT_MS)
    expect(ready.page.locator("#data-remarks")).to_contain_text("read as Japanese (Shift JIS)")
    ready.page.get_by_text("How it is loaded").click()
    expect(ready.page.locator("#encoding-found")).to_have_text(
        "Found: Japanese (Shift JIS), a guess"
    )
    ready.choose(tmp_path, koi_txt="Москва\nНовосибирск\nКазань".encode("koi8-r"))
    expect(ready.preview).to_have_text("Москва\nНовосибирск\nКазань")
    expect(ready.page.locator("#encoding-found")).to_have_text("Found: Cyrillic (KOI8-R), a guess")
    assert requests_for(WHEEL, watch) == 1


@pytest.mark.expects_errors
def test_without_the_package_a_text_is_read_as_latin_1(
    ready: Playground, watch: Watch, tmp_path: Path
) -> None:
    """And the page says so, and tries again with the next file."""
    ready.page.context.route(f"**/{WHEEL}*", lambda route: route.abort())
    ready.choose(tmp_path, names_txt="Zoë\nÅsa\nJosé".encode("latin-1"))
    expect(ready.preview).to_have_text("Zoë\nÅsa\nJosé", timeout=READY_TIMEOUT_MS)
    expect(ready.page.locator("#data-remarks")).to_contain_text("Western European")
    assert any("charset" in error for error in watch.errors), watch.errors
    ready.page.context.unroute(f"**/{WHEEL}*")
    ready.choose(tmp_path, shift_jis_txt=NAMES.encode("cp932"))
    expect(ready.preview).to_have_text(NAMES, timeout=READY_TIMEOUT_MS)


def test_what_the_page_waits_for_is_said_and_can_be_cancelled(
    ready: Playground, tmp_path: Path
) -> None:
    held: list[Route] = []
    ready.page.context.route(f"**/{WHEEL}*", lambda route: held.append(route))  # noqa: PLW0108 - it sets attributes
    ready.choose(tmp_path, shift_jis_txt=NAMES.encode("cp932"))
    waits = ready.page.get_by_role("progressbar", name="Loading charset-normalizer")
    expect(waits).to_be_visible()
    ready.button("Generate").click()  # the worker answers meanwhile
    expect(ready.samples.first).to_be_visible()
    ready.button("Cancel").click()
    expect(waits).to_be_hidden()
    expect(ready.statistics).to_contain_text("29,910 names")
    ready.page.context.unroute(f"**/{WHEEL}*")  # which also releases the held request
    ready.choose(tmp_path, shift_jis_txt=NAMES.encode("cp932"))
    expect(ready.preview).to_have_text(NAMES, timeout=READY_TIMEOUT_MS)
