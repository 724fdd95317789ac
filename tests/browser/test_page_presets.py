"""The list of data sets: selecting one, keeping it in view, and its recommended settings."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.shared.presets import PRESETS, find
from tests.browser.app import Playground

PHONE = {"width": 360, "height": 740}


def test_arrow_keys_move_through_all_groups_to_the_users_own_data(playground: Playground) -> None:
    page = playground.open().page
    page.get_by_role("radio", name=PRESETS[0].title).focus()
    for preset in PRESETS[1:]:
        page.keyboard.press("ArrowDown")
        radio = page.get_by_role("group", name=preset.group).get_by_role("radio", name=preset.title)
        expect(radio).to_be_checked()
        expect(page.locator("#data-about")).to_have_text(preset.description)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("textbox", name="Your own text")).to_be_focused()
    expect(page.get_by_role("button", name="Use recommended settings")).to_be_hidden()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("laptop"),
        pytest.param("phone", marks=pytest.mark.context_options(viewport=PHONE)),
    ],
)
@pytest.mark.parametrize("data", ["us-names", "tunes", "brackets"])
def test_the_selected_data_set_is_in_view(playground: Playground, data: str, name: str) -> None:
    page = playground.open(f"#data={data}").page
    preset = find(data)
    assert preset is not None
    if name == "phone":
        chip = page.get_by_role("button", name=f"Data {preset.title}")
        expect(chip).to_be_in_viewport()
        chip.click()
    else:
        expect(page.get_by_role("radio", name=preset.title)).to_be_in_viewport()
    expect(page.get_by_role("radio", name=preset.title)).to_be_checked()
    assert page.evaluate("scrollY") == 0, name


def test_recommended_settings_show_everywhere_on_the_page(playground: Playground) -> None:
    page = playground.open("#seed=7&prefix=1").page
    before = page.locator("#num-params").inner_text()
    page.get_by_role("radio", name="Sums").check()
    expect(page.locator("#data-about")).to_contain_text("answer backwards")
    expect(playground.slider("Training steps")).to_have_value("3000")
    expect(playground.status).to_contain_text("step 0 / 3,000")
    expect(page.locator("#num-params")).not_to_have_text(before)
    assert page.url.endswith("#data=sums&n_embd=32&num_steps=3000&batch_size=16&seed=7&prefix=1")
    playground.set_slider("Layers", 2)
    button = playground.button("Use recommended settings")
    expect(button).to_have_accessible_description("Layers 1")
    playground.set_slider("Layers", 1)
    expect(button).to_be_hidden()
    page.reload()
    expect(page.get_by_text("These are the recommended settings.")).to_be_visible()


def test_recommended_settings_apply_to_the_next_run_not_the_current_one(
    playground: Playground,
) -> None:
    page = playground.open("#data=dinosaurs").wait_worker().page
    playground.button("Train").click()
    playground.button("Pause").click()
    expect(playground.button("Resume")).to_be_visible()
    playground.button("Use recommended settings").click()
    expect(playground.status).to_contain_text("/ 1,000")
    playground.button("Restart with changes").click()
    expect(playground.status).to_contain_text("/ 500")
    expect(page.locator("#live li").first).to_be_visible(timeout=30_000)
