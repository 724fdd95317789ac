"""Arithmetic: one number opened step by step, by press and by keyboard, down to a weight."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground
from tests.browser.test_page_look import axe_findings

SCREEN = {"width": 1280, "height": 2200}  # everything is in sight


@pytest.mark.context_options(viewport=SCREEN)
def test_a_number_opens_down_to_a_weight(playground: Playground) -> None:
    page = playground.open("#open=branches,arithmetic").wait_worker().page
    region = page.get_by_role("region", name="Arithmetic")
    items = region.get_by_role("treeitem")
    expect(items.first).to_contain_text(re.compile("probability of “.”"))
    expect(items.first).to_have_attribute("aria-expanded", "true")
    assert 0 < float(items.first.locator(".step-value").inner_text()) < 1
    region.get_by_role("combobox", name="Number").select_option("Logit")
    region.get_by_role("combobox", name="Token").select_option("n")
    expect(items.first).to_contain_text("logit of “n”")
    expect(items.first).to_contain_text("ops.linear(x, weights[")
    expect(items).to_have_count(7)
    items.last.click()
    expect(items).to_have_count(17)  # all 16 products
    items.nth(1).click()
    expect(items.nth(2)).to_contain_text("weight of lm_head: row of “n”")
    tree = region.get_by_role("tree")
    tree.focus()
    page.keyboard.press("ArrowDown")
    expect(region.locator(".exact")).to_contain_text("if this grows by 0.01, logit of “n”")
    page.keyboard.press("ArrowLeft")  # to the product
    page.keyboard.press("ArrowLeft")  # which is closed
    expect(items).to_have_count(17)
    expect(tree).to_be_focused()
    assert axe_findings(page) == []


@pytest.mark.context_options(viewport=SCREEN)
def test_the_score_of_a_head_follows_the_text_and_the_training(playground: Playground) -> None:
    page = playground.open("#open=arithmetic&n_layer=2").wait_worker().page
    playground.train(100)
    region = page.get_by_role("region", name="Arithmetic")
    region.get_by_role("combobox", name="Number").select_option("Attention of a head")
    region.get_by_role("combobox", name="Head").select_option("layer 1, head 2")
    first = region.get_by_role("treeitem").first
    expect(first).to_contain_text("attention of head 2 for “i”")
    region.get_by_role("combobox", name="Place").select_option("the beginning")
    expect(first).to_contain_text("attention of head 2 for the beginning")
    expect(first).to_contain_text("ops.attention(")
    playground.button("Reset").click()
    expect(first.locator(".step-value")).to_have_text("1.00")  # there is nothing else to read
