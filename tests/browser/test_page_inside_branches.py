"""Branches and auto-play: what was written as a tree, walked by keyboard, written again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground

SCREEN = {"width": 1280, "height": 2200}  # everything is in sight


@pytest.mark.context_options(viewport=SCREEN)
def test_branches_stay_and_can_be_walked_by_press_and_by_keyboard(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.button("Reset").click()
    playground.press("k", "a", "r")
    playground.tiles.first.click()
    playground.press("i")
    page.get_by_role("button", name="Branches", exact=True).click()
    region = page.get_by_role("region", name="Branches")
    items = region.get_by_role("treeitem")
    expect(items).to_have_count(5)  # what was written before the view was opened is there
    expect(region.locator("[aria-current]")).to_have_attribute("aria-label", re.compile("^i, "))
    items.filter(has_text="r").click()
    expect(playground.tiles).to_have_text(["k", "a", "r"])
    page.mouse.move(0, 0)  # what is drawn anew under the pointer would be told of
    tree = region.get_by_role("tree")
    tree.focus()
    for key in ("ArrowLeft", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(playground.tiles).to_have_text(["k", "i"])
    expect(tree).to_be_focused()
    page.keyboard.press("Home")
    expect(region.locator(".exact")).to_contain_text("before the first token")
    expect(items).to_have_count(5)


@pytest.mark.context_options(viewport=SCREEN)
def test_auto_play_writes_to_the_end_and_the_dice_write_it_again(playground: Playground) -> None:
    page = playground.open("#open=branches&play_speed=fast").wait_worker().page
    speed = page.get_by_label("Auto-play speed")
    expect(speed).to_have_value("fast")
    playground.button("Reset").click()
    playground.button("Auto-play").click()
    expect(playground.button("Auto-play")).to_have_attribute("aria-pressed", "false")
    written = playground.tiles.all_inner_texts()
    assert written[-1] == "end" or len(written) == 16
    region = page.get_by_role("region", name="Branches")
    expect(region).to_contain_text(re.compile(r"The dice wrote .* with seed \d+\."))
    region.get_by_role("button", name="Replay").click()
    expect(region).to_contain_text("have written the same text again")
    assert playground.tiles.all_inner_texts() == written
    expect(region.get_by_role("treeitem")).to_have_count(len(written) + 1)
    speed.select_option("slow")
    assert "play_speed=slow" in page.url
