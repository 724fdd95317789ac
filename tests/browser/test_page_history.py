"""Back and Forward undo and redo settings and data; recommended settings, Undo and Reset."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.app import Playground
from tests.browser.watch import Watch, wait_status

POKEMON = "#data=pokemon&n_embd=32&num_steps=500&batch_size=8&temperature=0.6"


def num_entries(page: Page) -> int:
    """How many entries the browser's history has, forward ones included."""
    count: int = page.evaluate("history.length")
    return count


def at(fragment: str) -> re.Pattern[str]:
    """Matches the page's URL with this fragment; with none where it is empty."""
    return re.compile("/microgpt/" + re.escape(fragment) + "$")


def drag(playground: Playground, name: str, begin: float, end: float) -> None:
    """Drag a slider's thumb with the mouse, with many moves; from and to parts of its length."""
    box = playground.slider(name).bounding_box()
    assert box is not None
    mouse, y = playground.page.mouse, box["y"] + box["height"] / 2
    inside = box["width"] - 14  # the thumb's middle stays within the track
    x = box["x"] + 7
    mouse.move(x + begin * inside, y)
    mouse.down()
    mouse.move(x + end * inside, y, steps=40)


# ---- entries -------------------------------------------------------------------------------------


def test_a_drag_is_one_entry_that_back_undoes_and_forward_redoes(playground: Playground) -> None:
    page = playground.open().page
    before = num_entries(page)
    value, size = page.locator("#n_embd-value"), page.locator("#num-params")
    drag(playground, "Embedding size", 1 / 7, 1)
    expect(value).to_have_text("64")
    expect(size).to_have_text("53,632")
    expect(page).to_have_url(at(""))  # the address waits for the end of the drag
    page.mouse.up()
    expect(page).to_have_url(at("#n_embd=64"))
    assert num_entries(page) == before + 1
    page.go_back()
    expect(page).to_have_url(at(""))
    expect(value).to_have_text("16")
    expect(playground.slider("Embedding size")).to_have_value("16")
    expect(size).to_have_text("4,192")
    page.go_forward()
    expect(page).to_have_url(at("#n_embd=64"))
    expect(value).to_have_text("64")
    expect(size).to_have_text("53,632")


def test_each_setting_that_is_changed_is_an_entry(playground: Playground) -> None:
    page = playground.open().page
    before = num_entries(page)
    playground.set_slider("Layers", 2)
    page.get_by_label("Pace", exact=True).select_option("full")
    playground.set_slider("Top-k", 5)
    assert num_entries(page) == before + 3
    for fragment in ("#n_layer=2&pace=full", "#n_layer=2", ""):
        page.go_back()
        expect(page).to_have_url(at(fragment))
    expect(page.get_by_label("Pace", exact=True)).to_have_value("watch")
    expect(playground.slider("Layers")).to_have_value("1")


def test_a_slider_moved_by_keys_is_one_entry(
    playground: Playground, context: BrowserContext
) -> None:
    page = playground.page
    context.clock.install()
    playground.open()
    context.clock.pause_at(page.evaluate("Date.now()") + 1000)
    before = num_entries(page)
    slider = playground.slider("Training steps")
    for _ in range(4):
        slider.press("ArrowRight")
    expect(page).to_have_url(at("#num_steps=1400"))
    assert num_entries(page) == before + 1
    context.clock.run_for(1500)
    slider.press("ArrowRight")
    expect(page).to_have_url(at("#num_steps=1500"))
    assert num_entries(page) == before + 2


def test_going_back_to_the_same_data_does_not_load_them_again(
    playground: Playground, watch: Watch
) -> None:
    page = playground.open("#data=words").wait_worker().page
    expect(playground.statistics).to_contain_text("10,716 words")
    playground.set_slider("Layers", 2)
    requested = len(watch.requested)
    page.go_back()
    expect(playground.slider("Layers")).to_have_value("1")
    playground.train(100)
    assert [url for url in watch.requested[requested:] if "/datasets/" in url] == []


def test_a_browser_that_refuses_entries_loses_no_setting(playground: Playground) -> None:
    """WebKit throws where the history is written too often."""
    page = playground.page
    page.add_init_script(
        """
        for (const name of ["pushState", "replaceState"]) {
          const write = history[name].bind(history);
          history[name] = (...options) => {
            if (window.flooded) throw new DOMException("too often", "SecurityError");
            write(...options);
          };
        }
        """
    )
    playground.open()
    page.evaluate("window.flooded = true")
    for layers in (2, 3, 4):
        playground.set_slider("Layers", layers)
    expect(page.locator("#n_layer-value")).to_have_text("4")
    expect(page).to_have_url(at(""))
    page.evaluate("window.flooded = false")
    expect(page).to_have_url(at("#n_layer=4"))
    expect(page.locator("#page-notice")).to_be_hidden()


# ---- recommended settings ------------------------------------------------------------------------


def test_choosing_data_applies_their_recommended_settings_as_one_entry(
    playground: Playground,
) -> None:
    page = playground.open().wait_worker().page
    before = num_entries(page)
    page.get_by_role("radio", name="Pokémon names").check()
    expect(page.locator("#applied")).to_contain_text(
        "Set as recommended for Pokémon names: Embedding size 32, Training steps 500, "
        "Batch size 8, Temperature 0.6."
    )
    expect(page).to_have_url(at(POKEMON))
    expect(playground.slider("Training steps")).to_have_value("500")
    expect(playground.statistics).to_contain_text("1,023 names")
    expect(playground.button("Use recommended settings")).to_be_hidden()
    assert num_entries(page) == before + 1
    page.go_back()
    expect(page).to_have_url(at(""))
    expect(page.get_by_role("radio", name="US first names")).to_be_checked()
    expect(playground.slider("Training steps")).to_have_value("1000")
    expect(playground.statistics).to_contain_text("29,910 names")
    expect(page.locator("#applied")).to_be_hidden()
    page.go_forward()
    expect(page.get_by_role("radio", name="Pokémon names")).to_be_checked()
    expect(playground.slider("Training steps")).to_have_value("500")
    expect(playground.statistics).to_contain_text("1,023 names")


def test_undo_puts_the_settings_back_and_the_data_stay(playground: Playground) -> None:
    page = playground.open("#seed=7").wait_worker().page
    page.get_by_role("radio", name="Dinosaurs").check()
    expect(playground.slider("Context length")).to_have_value("32")
    undo = playground.button("Undo the recommended settings")
    undo.focus()
    undo.press("Enter")
    expect(page).to_have_url(at("#data=dinosaurs&seed=7"))
    expect(playground.slider("Context length")).to_have_value("16")
    expect(playground.statistics).to_contain_text("1,284 names")
    expect(undo).to_be_hidden()
    use = playground.button("Use recommended settings")
    expect(use).to_be_focused()
    use.press("Enter")
    expect(playground.slider("Context length")).to_have_value("32")
    expect(undo).to_be_focused()


def test_the_users_own_settings_stay_and_recommended_ones_are_offered(
    playground: Playground,
) -> None:
    page = playground.open().page
    playground.set_slider("Layers", 2)
    page.get_by_role("radio", name="Sums").check()
    expect(page).to_have_url(at("#data=sums&n_layer=2"))
    button = playground.button("Use recommended settings")
    expect(button).to_have_accessible_description(
        "Embedding size 32, Layers 1, Training steps 3,000, Batch size 16"
    )
    button.click()
    expect(page).to_have_url(at("#data=sums&n_embd=32&num_steps=3000&batch_size=16"))
    expect(page.locator("#applied")).to_contain_text("Set as recommended for Sums")


def test_an_address_means_what_it_says(playground: Playground) -> None:
    page = playground.open("#data=pokemon").wait_worker().page
    expect(page.get_by_role("radio", name="Pokémon names")).to_be_checked()
    expect(playground.slider("Training steps")).to_have_value("1000")
    expect(playground.button("Use recommended settings")).to_be_visible()
    page.evaluate("location.hash = '#data=dinosaurs'")
    expect(playground.statistics).to_contain_text("1,284 names")
    expect(playground.slider("Training steps")).to_have_value("1000")
    expect(page).to_have_url(at("#data=dinosaurs"))


def test_a_text_gets_its_recommended_settings_once(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    page.get_by_role("radio", name="Bring your own").check()
    text = page.get_by_role("textbox", name="Your own text")
    text.fill("anna\nbob\ncleo\n")
    expect(page.locator("#applied")).to_contain_text("Set as recommended for your own text: ")
    expect(page).to_have_url(at("#data=own&block_size=8&num_steps=300"))
    text.press_sequentially("a long line of twenty characters\n" * 3)
    expect(playground.statistics).to_contain_text("6 lines")
    expect(playground.slider("Context length")).to_have_value("8")
    expect(playground.button("Use recommended settings")).to_have_accessible_description(
        re.compile("Context length 64")
    )
    page.go_back()
    expect(page).to_have_url(at(""))
    expect(playground.slider("Training steps")).to_have_value("1000")


@pytest.mark.expects_errors
def test_where_data_cannot_be_loaded_the_settings_stay_too(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    page.route("**/movies.txt*", lambda route: route.abort())
    page.get_by_role("radio", name="Movie titles").click()
    expect(page.locator("#data-notice")).to_contain_text("could not be loaded")
    expect(page).to_have_url(at(""))
    expect(playground.slider("Training steps")).to_have_value("1000")


# ---- reset, and values that are refused ----------------------------------------------------------


def test_reset_sets_every_setting_to_its_default_and_keeps_the_data(
    playground: Playground,
) -> None:
    page = playground.open("#data=tunes&n_layer=3&seed=9&temperature=1.5&engine=scalar").page
    page.get_by_text("Advanced").click()
    reset = playground.button("Reset settings")
    before = num_entries(page)
    reset.click()
    expect(page).to_have_url(at("#data=tunes"))
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("42")
    expect(page.get_by_label("Engine")).to_have_value("auto")
    expect(reset).to_be_disabled()
    assert num_entries(page) == before + 1
    page.go_back()
    expect(page).to_have_url(at("#data=tunes&n_layer=3&seed=9&temperature=1.5&engine=scalar"))
    expect(playground.slider("Layers")).to_have_value("3")
    expect(reset).to_be_enabled()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("4294967296", "Seed must lie between 0 and 4294967295, but is 4294967296. It stays 7."),
        ("1e3", "Seed must be a whole number, not '1e3'. It stays 7."),
        ("", "Seed must be a whole number, not empty. It stays 7."),
    ],
)
def test_a_refused_seed_changes_nothing(playground: Playground, typed: str, words: str) -> None:
    page = playground.open("#seed=7").page
    page.get_by_text("Advanced").click()
    field = page.get_by_role("spinbutton", name="Seed")
    field.press("ControlOrMeta+a")
    field.press_sequentially(typed) if typed else field.press("Delete")
    expect(page).to_have_url(at("#seed=7"))
    field.press("Enter")
    expect(page.locator("#seed-error")).to_have_text(words)
    expect(field).to_have_accessible_description(re.compile(re.escape(words)))
    expect(field).to_have_value(typed)
    expect(page).to_have_url(at("#seed=7"))
    playground.slider("Layers").focus()
    expect(field).to_have_value("7")
    field.fill("8")
    expect(page.locator("#seed-error")).to_be_hidden()
    field.press("Enter")
    expect(page).to_have_url(at("#seed=8"))


def test_a_seed_counts_that_was_typed_right_before_train_is_pressed(
    playground: Playground,
) -> None:
    page = playground.open("#num_steps=100&pace=full").wait_worker().page
    page.get_by_text("Advanced").click()
    field = page.get_by_role("spinbutton", name="Seed")
    losses = []
    for seed in ("42", "4242"):
        field.fill(seed)
        playground.button("Train").click()
        wait_status(page, r"step 100 / 100")
        expect(playground.button("Train")).to_be_visible()
        losses.append(playground.loss())
    expect(page).to_have_url(at("#num_steps=100&seed=4242&pace=full"))
    assert losses[0] != losses[1]
    expect(page.locator("#changed-notice")).to_be_hidden()
