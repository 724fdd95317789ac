"""The model's picture: its boxes are buttons, and it follows sliders and the text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from microgpt.model_code.source import default_source
from tests.browser.app import Playground

LINES = default_source().splitlines()
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def ready(playground: Playground) -> Playground:
    return playground.open().wait_worker()


def picture(page: Page) -> Locator:
    return page.locator("#picture")


def box(page: Page, name: str) -> Locator:
    """The boxes whose accessible name begins like this."""
    return picture(page).get_by_role("button", name=re.compile(f"^{re.escape(name)}"))


def marked(page: Page) -> Locator:
    return picture(page).locator("[aria-current=true]")


def line_of(element: Locator) -> str:
    """The line of the model code that a box comes from."""
    return LINES[int(element.get_attribute("data-line") or 0) - 1]


def test_a_box_comes_from_its_line_and_is_marked_when_it_is_pressed(ready: Playground) -> None:
    page = ready.page
    query = box(page, "query of layer 1")
    assert "attn_wq" in line_of(query)
    query.click()
    expect(marked(page)).to_have_count(1)
    expect(query).to_have_attribute("aria-current", "true")
    token = box(page, "token")
    token.click()
    expect(marked(page)).to_have_count(3)
    assert line_of(token) == line_of(box(page, "position")) == line_of(box(page, "sum").first)


def test_boxes_are_one_tab_stop_that_arrow_keys_go_through(ready: Playground) -> None:
    page = ready.page
    expect(picture(page).locator("[tabindex='0']")).to_have_count(1)
    picture(page).focus()
    page.keyboard.press("Tab")
    expect(box(page, "token")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(box(page, "position")).to_be_focused()
    page.keyboard.press("End")
    output = box(page, "output: product with lm_head")
    expect(output).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(output).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#picture')") is None
    page.keyboard.press("Shift+Tab")
    expect(output).to_be_focused()
    page.keyboard.press("Enter")
    expect(output).to_have_attribute("aria-current", "true")


def test_what_is_pointed_at_says_what_it_is_and_lights_up_its_neighbours(ready: Playground) -> None:
    page = ready.page
    attention = box(page, "attention of layer 1")
    attention.hover()
    exact = page.locator("#picture-exact")
    expect(exact).to_have_text("attention of layer 1, 4 heads: 16 numbers come out")
    linked = picture(page).locator(".box.linked")
    expect(linked).to_have_count(5)  # itself, query, key, value, output
    page.mouse.move(1, 1)
    expect(linked).to_have_count(0)
    expect(exact).to_have_text("")


def test_sliders_change_the_picture_and_the_table(ready: Playground) -> None:
    page = ready.page
    ready.set_slider("Embedding size", 32)
    expect(box(page, "widen of layer 1")).to_contain_text("128")
    expect(page.locator("#breakdown tr").first).to_contain_text("27 × 32")
    ready.set_slider("Attention heads", 8)
    expect(picture(page).locator(".head")).to_have_count(8)
    ready.set_slider("Layers", 2)
    expect(box(page, "attention")).to_have_count(2)
    ready.set_slider("Context length", 32)
    expect(picture(page).locator(".slot, .filled")).to_have_count(32)
    expect(page.locator("#num-params")).to_have_text("27,328")


def test_many_equal_layers_are_folded_until_they_are_pressed(ready: Playground) -> None:
    page = ready.page
    ready.set_slider("Layers", 4)
    folded = box(page, "layers 2 to 4, as layer 1")
    folded.click()
    expect(box(page, "attention")).to_have_count(4)
    page.get_by_role("button", name="Fold", exact=True).click()
    expect(folded).to_be_focused()
    expect(box(page, "attention")).to_have_count(1)


def test_both_ends_follow_the_text(ready: Playground) -> None:
    page = ready.page
    ready.text.fill("anna")
    expect(picture(page).locator(".filled")).to_have_count(4)
    expect(picture(page).locator("[data-index=token]")).to_have_text("a")
    expect(picture(page).locator("[data-index=position]")).to_have_text("4")
    expect(page.locator("#flow-next .ink")).to_have_count(27)


def test_counts_follow_the_sliders_before_the_worker_is_up(playground: Playground) -> None:
    """And the picture as soon as it is."""
    page = playground.open().page
    playground.set_slider("Layers", 2)
    expect(page.locator("#num-params")).to_have_text("7,264")
    playground.wait_worker()
    expect(box(page, "attention")).to_have_count(2)


def test_the_picture_is_that_of_the_edited_code(ready: Playground) -> None:
    page = ready.page
    ready.button("Edit the code").click()
    ready.button("No attention").click()
    expect(box(page, "attention")).to_have_count(0)
    expect(box(page, "widen of layer 1")).to_have_count(1)
    expect(page.locator("#num-params")).to_have_text("3,168")
    expect(page.locator("#breakdown")).not_to_contain_text("attn_wq")
    page.locator(".cm-content").press("Control+End")
    page.keyboard.press("ArrowUp")
    expect(box(page, "output: ")).to_have_attribute("aria-current", "true")
    page.locator(".cm-line", has_text='mlp_fc1"])').click()
    expect(marked(page)).to_have_count(1)
    expect(box(page, "widen of layer 1")).to_have_attribute("aria-current", "true")


def test_code_that_does_not_fit_leaves_the_picture_of_before(ready: Playground) -> None:
    page = ready.page
    ready.button("Edit the code").click()
    page.locator(".cm-content").press("Control+End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    page.keyboard.type(" + nothing")
    problem = page.locator("#picture-problem")
    words = rf"^Line {len(LINES)}: .* The picture shows the last model that fitted"
    expect(problem).to_have_text(re.compile(words))
    expect(picture(page)).to_have_class(re.compile("outdated"))
    expect(box(page, "attention")).to_have_count(1)
    ready.button("Close Model code").click()
    expect(problem).to_be_visible()
    ready.button("Edit the code").click()
    page.get_by_role("region", name="Model code").get_by_role("button", name="Reset").click()
    expect(problem).to_be_hidden()
    expect(picture(page)).not_to_have_class(re.compile("outdated"))


@pytest.mark.context_options(viewport=PHONE, has_touch=True, is_mobile=True)
def test_all_of_it_fits_a_phone(ready: Playground) -> None:
    page = ready.page
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    page.evaluate("window.location.hash = '#n_layer=2'")
    expect(box(page, "attention")).to_have_count(2)
    assert page.evaluate(overflow) == 0
    for element in picture(page).locator(".box").all():
        found = element.bounding_box()
        assert found is not None
        assert found["x"] >= 0
        assert found["x"] + found["width"] <= PHONE["width"]
    box(page, "query of layer 2").tap()
    expect(marked(page)).to_have_count(2)
