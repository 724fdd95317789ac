"""Long runs, seen from elsewhere: title, icon, screen, a hidden tab; and the keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status

# Counts the requests to keep the screen on, and those that were given up again.
COUNT_LOCKS = """
window.locks = { held: 0 };
const request = async () => {
  window.locks.held += 1;
  return { release: async () => { window.locks.held -= 1; } };
};
Object.defineProperty(navigator, "wakeLock", { value: { request } });
"""
# As a browser does with a tab that is hidden: it draws no frame.
# The last step of which the chart shows a loss.
LAST_DRAWN_STEP = """
(({ data: [steps, losses] }) => steps[losses.findLastIndex((loss) => loss !== undefined)])(
  document.getElementById("chart").plot,
)
"""
HIDE = """
(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  if (hidden) {
    window.kept = [];
    window.draw ??= window.requestAnimationFrame;
    window.requestAnimationFrame = (act) => window.kept.push(act);
  } else {
    window.requestAnimationFrame = window.draw;
    window.kept.forEach((act) => requestAnimationFrame(act));
  }
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
TITLE = "microgpt playground"


def icon(page: Page) -> str:
    return str(page.evaluate("document.querySelector('link[rel=icon]').href"))


def test_a_long_run_shows_in_title_and_icon_and_keeps_the_screen_on(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(COUNT_LOCKS)
    playground.open("#num_steps=1000000&pace=full").wait_worker()
    usual = icon(page)
    playground.button("Train").click()
    expect(page).to_have_title(re.compile(rf"^\d+% loss \d\.\d\d – {TITLE}$"), timeout=30_000)
    assert page.evaluate("window.locks.held") == 1
    assert icon(page).startswith("blob:")
    playground.button("Pause").click()
    expect(page).to_have_title(TITLE)
    assert icon(page) == usual
    assert page.evaluate("window.locks.held") == 0


def test_a_short_run_changes_neither_title_nor_icon(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    usual = icon(page)
    playground.train(500)
    expect(page).to_have_title(TITLE)
    assert icon(page) == usual


def test_a_run_of_a_hidden_tab_goes_on_and_is_drawn_when_it_is_seen(
    playground: Playground,
) -> None:
    page = playground.open("#num_steps=100000&n_layer=2&pace=full").wait_worker().page
    playground.button("Train").click()
    wait_status(page, r"step [1-9][\d,]* / 100,000")
    page.evaluate(HIDE, True)
    expect(page).to_have_title(re.compile(r"^Done: loss \d\.\d\d"), timeout=90_000)
    page.evaluate(HIDE, False)
    expect(page).to_have_title(TITLE)
    wait_status(page, "step 100,000 / 100,000")
    page.wait_for_function(LAST_DRAWN_STEP + " > 98_000")


def test_single_keys_press_the_pages_buttons(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    page.keyboard.press("s")
    wait_status(page, "step 1 / 1,000")
    page.keyboard.press("s")
    wait_status(page, "step 2 / 1,000")
    page.keyboard.press("Space")
    expect(playground.button("Pause")).to_be_visible()
    assert page.evaluate("window.scrollY") == 0
    page.keyboard.press("Space")
    expect(playground.button("Resume")).to_be_visible()
    page.keyboard.press("g")
    expect(playground.samples.first).to_be_visible()
    tiles = playground.tiles.count()
    page.keyboard.press("ArrowRight")
    expect(playground.tiles).to_have_count(tiles + 1)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#text-row")).to_be_visible()


def test_keys_that_are_typed_press_nothing(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.text.focus()
    page.keyboard.type("sg")
    expect(playground.text).to_have_value(re.compile("sg$"))
    expect(playground.status).to_contain_text("step 0 / 1,000")
    expect(playground.button("Train")).to_be_visible()


def test_the_list_of_keys_opens_by_its_key_and_they_can_be_switched_off(
    playground: Playground,
) -> None:
    page = playground.open().wait_worker().page
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_role("row")).to_have_count(6)
    expect(dialog).to_contain_text("Train, pause or resume")
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("s")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.reload()
    playground.wait_worker()
    page.keyboard.press("s")
    expect(playground.status).to_contain_text("step 0 / 1,000")
    playground.button("Keyboard shortcuts").click()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Close").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    wait_status(page, "step 1 / 1,000")
