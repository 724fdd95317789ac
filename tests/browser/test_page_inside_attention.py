"""Attention: all heads in small, the chosen one large, exact numbers, labels by measured scores."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import Playground
from tests.browser.test_page_look import axe_findings

OPEN = "#open=attention"


def view(page: Page) -> Locator:
    return page.get_by_role("region", name="Attention", exact=True)


def heads(page: Page) -> Locator:
    return view(page).get_by_role("radio")


def said(page: Page) -> str:
    """What the chosen head reads, in a sentence."""
    return view(page).locator(".view-said").inner_text()


def exact(page: Page) -> Locator:
    return view(page).locator(".exact")


def shares(page: Page) -> list[float]:
    """What each place gets from the chosen head at the moment, from its tile."""
    tiles = view(page).get_by_role("list", name="What it reads at the moment").locator("button")
    words = tiles.evaluate_all("tiles => tiles.map(tile => tile.dataset.exact)")
    return [float(re.findall(r"with <?([\d.]+)%$", each)[0]) / 100 for each in words]


def test_a_head_is_chosen_and_says_what_it_reads(playground: Playground) -> None:
    page = playground.open(OPEN).wait_worker().page
    expect(heads(page)).to_have_count(4)
    assert sum(shares(page)) == pytest.approx(1, abs=0.01)
    first = said(page)
    assert first.startswith("After “i”, this head reads “")
    heads(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(heads(page).nth(1)).to_be_focused()
    expect(heads(page).nth(1)).to_be_checked()
    assert said(page) != first
    assert sum(shares(page)) == pytest.approx(1, abs=0.01)
    heads(page).nth(0).click()
    assert said(page) == first
    # The keyboard walks along the tiles, and their exact numbers are said.
    tiles = view(page).get_by_role("list", name="What it reads at the moment")
    tiles.press("ArrowRight")
    expect(exact(page)).to_have_text(re.compile(r"^“i” reads the beginning with [\d.]+%$"))
    tiles.press("ArrowRight")
    expect(exact(page)).to_have_text(re.compile(r"reads “m” \(3 places before\) with"))
    expect(page.locator("#generated button").first).to_have_class(re.compile("lit"))
    # So does the pointer, in the cells of the map: the second row reads only up to itself.
    canvas = view(page).get_by_role("img", name=re.compile("All that it reads: Layer 1, head 1"))
    box = canvas.bounding_box()
    assert box is not None
    canvas.hover(position={"x": box["width"] * 0.1, "y": box["height"] * 0.3})
    expect(exact(page)).to_have_text(re.compile(r"head 1: “m” reads the beginning with [\d.]+%$"))
    # The labels come once they are measured over the data of the page.
    expect(view(page)).to_contain_text(re.compile(r"Measured over \d+ documents"), timeout=60_000)
    for head in heads(page).all():
        label = r": (no clear pattern|[a-z ]+ 0\.[5-9]\d)\. Reads .+ most, with [\d.]+%\."
        expect(head).to_have_accessible_name(re.compile(label))
    # A tile leads to its moment; before the first letter there is only the beginning.
    page.get_by_role("textbox", name="Text", exact=True).press("Home")
    expect(view(page).locator(".view-said")).to_contain_text("there is only the beginning to read")
    assert shares(page) == [1.0]
    assert axe_findings(page) == []


def test_a_run_redraws_the_heads_in_place(playground: Playground) -> None:
    page = playground.open(f"{OPEN}&num_steps=400&n_layer=2").wait_worker().page
    before = said(page)
    playground.train(400)
    expect(heads(page)).to_have_count(8)
    expect(view(page).locator(".view-said")).not_to_have_text(before)
    expect(view(page)).to_contain_text(re.compile(r"Measured over \d+ documents"), timeout=60_000)
    heads(page).last.click()
    expect(view(page).locator(".head-title")).to_contain_text("Layer 2, head 4")
    place = """
        view => [view, ...view.querySelectorAll("canvas, p:not([hidden])")].map(
          (e) => [e.className, e.getBoundingClientRect().bottom - view.getBoundingClientRect().top])
    """
    places, button = view(page).evaluate(place), heads(page).last.element_handle()
    page.get_by_label("Pace", exact=True).select_option("full")
    playground.button("Train longer").click()
    expect(playground.status).to_contain_text(re.compile(r"step \d+ / \d+"))
    expect(view(page)).to_contain_text(re.compile(r"Measured over \d+ documents"), timeout=60_000)
    assert view(page).evaluate(place) == places
    assert button is not None
    assert button.evaluate("element => element.isConnected && element.tabIndex === 0")


def test_two_layers_show_an_induction_head_on_the_code_book(playground: Playground) -> None:
    setup = "data=code-book&n_embd=32&n_layer=2&block_size=32&batch_size=32&num_steps=600"
    page = playground.open(f"{OPEN}&{setup}").wait_worker().page
    playground.train(600)
    found = heads(page).filter(has_text=re.compile(r"induction 0\.[5-9]\d"))
    expect(found.first).to_be_visible(timeout=60_000)
    assert all(
        "layer1." in part for part in found.evaluate_all("all => all.map(e => e.dataset.part)")
    )
