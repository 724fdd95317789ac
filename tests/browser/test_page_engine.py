"""The engine: the page names it, explains it, and falls back to Python without WebAssembly SIMD."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status

# As in a browser without SIMD: modules as short as those that test for it are not valid.
WITHOUT_SIMD = """
const validate = WebAssembly.validate;
WebAssembly.validate = (module) => module.byteLength > 60 && validate(module);
"""


def engine_name(page: Page) -> Locator:
    return page.locator("#engine-name")


def time_estimate(page: Page) -> str:
    return page.locator("#status-time").inner_text()


def without_simd(page: Page) -> None:
    """Make the worker find no SIMD in this browser."""

    def patch_worker(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=WITHOUT_SIMD + response.text())

    page.route("**/worker.mjs", patch_worker)


def test_the_page_names_the_chosen_engine_and_estimates_its_time(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    expect(engine_name(page)).to_have_text("Compiled to WebAssembly, 32 bit")
    compiled = time_estimate(page)
    assert re.fullmatch(r"computes in about \d+ ms", compiled)
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Precision").select_option("64 bit (exact)")
    expect(engine_name(page)).to_have_text("Compiled to WebAssembly, 64 bit")
    page.get_by_label("Engine").select_option("Scalar Python")
    expect(engine_name(page)).to_have_text("Scalar Python")
    assert re.fullmatch(r"computes in about (\d+ s|\d min \d+ s)", time_estimate(page))


@pytest.mark.parametrize("device", ["mouse", "keyboard"])
def test_the_engine_is_explained_on_hover_and_on_focus(playground: Playground, device: str) -> None:
    page = playground.open().page
    meaning = page.get_by_role("tooltip")
    expect(meaning).to_be_hidden()
    if device == "mouse":
        engine_name(page).hover()
    else:
        page.keyboard.press("Tab")
        engine_name(page).focus()
    expect(meaning).to_contain_text("numbers of 32 bits")


def test_a_run_keeps_its_engine_when_another_is_chosen(playground: Playground) -> None:
    page = playground.open("#engine=scalar").wait_worker().page
    playground.button("Step").click()
    wait_status(page, r"step 1 / 1,000")
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Engine").select_option("Automatic")
    expect(engine_name(page)).to_have_text("Scalar Python")
    expect(page.locator("#changed-notice")).to_contain_text(re.compile(r"in about \d+ ms"))
    playground.button("Restart with changes").click()
    expect(engine_name(page)).to_have_text("Compiled to WebAssembly, 32 bit")


def test_after_a_run_the_page_names_the_engine_of_the_next_one(
    playground: Playground,
) -> None:
    page = playground.open().wait_worker().page
    playground.train(100)
    expect(engine_name(page)).to_have_text("Compiled to WebAssembly, 32 bit")
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Engine").select_option("Scalar Python")
    expect(engine_name(page)).to_have_text("Scalar Python")


@pytest.mark.parametrize("chosen", ["auto", "wasm"])
def test_without_simd_the_page_says_so_and_still_trains(
    playground: Playground, chosen: str
) -> None:
    page = playground.page
    without_simd(page)
    playground.open(f"#num_steps=100&pace=full&engine={chosen}").wait_worker()
    notice = page.locator("#engine-notice")
    expect(notice).to_contain_text("has no SIMD for WebAssembly")
    expect(engine_name(page)).to_have_text("Scalar Python")
    playground.button("Train").click()
    wait_status(page, r"step 100 / 100", seconds=120)
    expect(playground.button("Train")).to_be_visible()
    expect(engine_name(page)).to_have_text("Scalar Python")
    expect(notice).to_be_visible()
    playground.button("Start over").click()
    page.get_by_text("Advanced", exact=True).click()
    page.get_by_label("Engine").select_option("Scalar Python")
    expect(notice).to_be_hidden()


def test_with_simd_there_is_no_notice(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    expect(page.locator("#engine-notice")).to_be_hidden()
