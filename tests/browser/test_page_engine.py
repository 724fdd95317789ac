"""Which engine computes: the page says so, explains it, and copes where none can be compiled."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status

# As in a browser without SIMD: modules as short as those that ask for it are not understood.
WITHOUT_SIMD = """
const validate = WebAssembly.validate;
WebAssembly.validate = (module) => module.byteLength > 60 && validate(module);
"""


def engine(page: Page) -> Locator:
    return page.locator("#engine-name")


def estimate(page: Page) -> str:
    return page.locator("#status-time").inner_text()


def without_simd(page: Page) -> None:
    """Let the worker believe that this browser has no SIMD."""

    def fulfil(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=WITHOUT_SIMD + response.text())

    page.route("**/worker.mjs", fulfil)


def test_the_page_says_what_will_compute_as_it_is_chosen(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    expect(engine(page)).to_have_text("Compiled to WebAssembly, 32 bit")
    compiled = estimate(page)
    assert re.fullmatch(r"computes in about \d+ ms", compiled)
    page.get_by_label("Precision").select_option("64 bit (exact)")
    expect(engine(page)).to_have_text("Compiled to WebAssembly, 64 bit")
    page.get_by_label("Engine").select_option("Scalar Python")
    expect(engine(page)).to_have_text("Scalar Python")
    assert re.fullmatch(r"computes in about (\d+ s|\d min \d+ s)", estimate(page))


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_what_computes_is_explained_to_whoever_asks(playground: Playground, way: str) -> None:
    page = playground.open().page
    meaning = page.locator("#engine-meaning")
    expect(meaning).to_be_hidden()
    if way == "mouse":
        engine(page).hover()
    else:
        page.locator(".engine").focus()
    expect(meaning).to_be_visible()
    expect(meaning).to_contain_text("numbers of 32 bits")


def test_a_run_says_what_computes_it_whatever_is_chosen_meanwhile(playground: Playground) -> None:
    page = playground.open("#engine=scalar").wait_worker().page
    playground.button("Step").click()
    wait_status(page, r"step 1 / 1000")
    page.get_by_label("Engine").select_option("Automatic")
    expect(engine(page)).to_have_text("Scalar Python")
    expect(page.locator("#changed-notice")).to_contain_text(re.compile(r"in about \d+ ms"))
    playground.button("Restart with changes").click()
    expect(engine(page)).to_have_text("Compiled to WebAssembly, 32 bit")


def test_after_a_run_the_page_says_what_the_next_one_would_be_computed_by(
    playground: Playground,
) -> None:
    page = playground.open().wait_worker().page
    playground.train(100)
    expect(engine(page)).to_have_text("Compiled to WebAssembly, 32 bit")
    page.get_by_label("Engine").select_option("Scalar Python")
    expect(engine(page)).to_have_text("Scalar Python")


@pytest.mark.parametrize("chosen", ["auto", "wasm"])
def test_without_simd_the_page_says_so_and_trains_all_the_same(
    playground: Playground, chosen: str
) -> None:
    page = playground.page
    without_simd(page)
    playground.open(f"#num_steps=100&pace=full&engine={chosen}").wait_worker()
    notice = page.locator("#engine-notice")
    expect(notice).to_contain_text("has no SIMD for WebAssembly")
    expect(engine(page)).to_have_text("Scalar Python")
    playground.button("Train").click()
    wait_status(page, r"step 100 / 100", seconds=120)
    expect(playground.button("Train")).to_be_visible()
    expect(engine(page)).to_have_text("Scalar Python")
    expect(notice).to_be_visible()
    playground.button("Start over").click()
    page.get_by_label("Engine").select_option("Scalar Python")
    expect(notice).to_be_hidden()


def test_a_browser_with_simd_has_nothing_to_say_of_it(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    expect(page.locator("#engine-notice")).to_be_hidden()
