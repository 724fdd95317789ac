"""Links that hide, lock and open parts of the page, and the dialog that makes them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from app.shared.arrangement import LOCKED
from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.test_page_look import axe_findings
from tests.browser.watch import wait_status

# Run before the page's own scripts: notes how things are when the first picture has been painted.
AT_FIRST = """
new PerformanceObserver((_, observer) => {
  observer.disconnect();
  const seen = (selector) => document.querySelector(selector).checkVisibility();
  window.atFirst = {
    chart: seen("#chart"), header: seen("header"), text: seen("#text"),
    steps: document.querySelector("#num_steps").disabled,
    rate: document.querySelector("#learning_rate").disabled,
    train: document.querySelector("#train").ariaDisabled,
    advanced: document.querySelector("#advanced").open,
    python: document.body.dataset.page ?? "not yet",
  };
}).observe({ type: "paint", buffered: true });
"""


def tip(page: Page) -> str:
    """The explanation that is shown."""
    page.locator("#tip").wait_for()
    return page.locator("#tip").inner_text()


# ---- from the first picture on -------------------------------------------------------------------


def test_a_link_holds_from_the_first_picture_on(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(AT_FIRST)
    page.goto("#hide=chart,header&lock=train,num_steps&open=advanced")
    page.wait_for_function("window.atFirst")
    assert page.evaluate("window.atFirst") == {
        "chart": False,
        "header": False,
        "text": True,
        "advanced": True,
        "python": "not yet",
        "steps": True,
        "rate": False,
        "train": "true",
    }
    # What is pressed before Python is there is not kept for it.
    page.locator("#train").dispatch_event("click")
    page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    expect(page.locator("#chart")).to_be_hidden()
    playground.wait_worker()
    expect(playground.status).to_contain_text("step 0 /")
    assert page.url.endswith("#hide=chart,header&lock=train,num_steps&open=advanced")
    # Back to a page that shows everything.
    page.evaluate("location.hash = 'n_embd=32'")
    expect(page.locator("#chart")).to_be_visible()
    expect(page.locator("#num_steps")).to_be_enabled()
    playground.button("Train").click()
    wait_status(page, "loss [0-9.]+")


def test_what_is_not_there_is_said_and_the_rest_applies(playground: Playground) -> None:
    page = playground.open("#hide=walls,verdict").page
    expect(page.locator("#training-notice")).to_have_text(
        "There is nothing called 'walls' to hide on this page."
    )
    expect(page.locator("#verdict")).to_be_hidden()
    expect(page).to_have_url(re.compile("#hide=verdict$"))


# ---- locks ---------------------------------------------------------------------------------------


def test_a_locked_setting_stays_whatever_is_chosen(playground: Playground) -> None:
    page = playground.open("#num_steps=300&lock=model,num_steps").page
    steps = playground.slider("Training steps")
    expect(steps).to_have_value("300")
    expect(steps).to_be_disabled()
    expect(playground.slider("Embedding size")).to_be_disabled()
    expect(playground.slider("Learning rate")).to_be_enabled()
    # A data set recommends other values: only those that are not locked are taken.
    page.get_by_role("radio", name="Pokémon names").check()
    expect(page.locator("#applied-words")).to_contain_text("Batch size")
    expect(page.locator("#applied-words")).not_to_contain_text("Embedding size")
    expect(steps).to_have_value("300")
    expect(page.locator("#n_embd-value")).to_have_text("16")
    kept = "num_steps=300&batch_size=8&temperature=0.6&lock=model,num_steps"
    expect(page).to_have_url(re.compile(f"#data=pokemon&{kept}$"))
    page.locator("#undo-recommended").click()
    page.locator("#advanced summary").click()
    playground.set_slider("Learning rate", 0)
    playground.button("Reset settings").click()
    expect(page.locator("#learning_rate-value")).to_have_text("0.01")
    expect(steps).to_have_value("300")
    expect(playground.button("Reset settings")).to_be_disabled()
    page.go_back()
    expect(page.locator("#learning_rate-value")).to_have_text("0.001")
    expect(steps).to_have_value("300")
    expect(steps).to_be_disabled()
    # The mouse and the keyboard find out why.
    page.locator("[data-setting=num_steps]").hover()
    assert tip(page).endswith(LOCKED)
    page.mouse.move(0, 0)
    expect(page.locator("#tip")).to_be_hidden()
    group = page.get_by_role("group", name="Training steps")
    group.focus()
    assert tip(page).endswith(LOCKED)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(steps).to_have_value("300")
    expect(group).to_have_accessible_description(LOCKED)


def test_locked_buttons_views_data_and_code_take_no_press_key_or_drop(
    playground: Playground,
) -> None:
    page = playground.open("#lock=train,views,data,code,text&open=votes").wait_worker().page
    url = page.url
    for name in ("Train", "Lens", "Votes", "Edit the code", "Next token"):
        button = playground.button(name)
        expect(button).to_be_visible()
        assert button.get_attribute("aria-disabled") == "true", name
        button.dispatch_event("click")
        button.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Space")
    assert tip(page).endswith(LOCKED)
    page.locator("#view-votes .view-close").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.locator("#picture [data-line]").first.dispatch_event("click")
    page.locator("#samples button").first.dispatch_event("click")
    expect(page.locator("#dataset input:enabled")).to_have_count(0)
    expect(page.locator("#find-data")).to_be_disabled()
    page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.setData("text/plain", "one\\ntwo");
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
        }"""
    )
    assert axe_findings(page) == []
    # A press that is allowed comes after all of these.
    playground.button("Generate").click()
    expect(playground.samples).to_have_count(20)
    expect(page.locator("#view-votes")).to_be_visible()
    expect(page.locator("#view-lens")).to_be_hidden()
    expect(page.locator("#code")).to_be_hidden()
    expect(page.locator("#dataset input:checked")).to_have_value("us-names")
    expect(playground.status).to_contain_text("step 0 /")
    expect(playground.text).to_have_value("mari")
    assert page.url == url


# ---- the dialog ----------------------------------------------------------------------------------


def preview(page: Page, place: str) -> FrameLocator:
    """The page in the preview, once its own Python is up."""
    frame = page.frame_locator(f"#{place} iframe")
    frame.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    return frame


def test_a_teacher_makes_a_link_and_sees_what_it_shows(playground: Playground) -> None:
    page = playground.open("#n_layer=2&open=lens").page
    before = page.evaluate("[history.length, sessionStorage.length, localStorage.length]")
    playground.button("Share").click()
    page.get_by_role("tab", name="For a class").click()
    expect(page.get_by_label("Open Lens")).to_be_checked()
    frame = preview(page, "class-preview")
    expect(frame.locator("#chart")).to_be_visible()
    page.get_by_label("Hide Loss chart").check()
    page.get_by_label("Lock How it learns").check()
    page.locator("#class-lists summary", has_text="Views").click()
    page.get_by_label("Open Votes").check()
    page.get_by_label("Open Lens").uncheck()
    expect(page.locator("#class-words")).to_have_text("It hides 1, locks 1, opens 1.")
    # The preview follows.
    expect(frame.locator("#chart")).to_be_hidden()
    expect(frame.locator("#num_steps")).to_be_disabled()
    expect(frame.locator("#view-votes")).to_be_visible()
    expect(frame.locator("#view-lens")).to_be_hidden()
    expect(frame.locator("#n_layer-value")).to_have_text("2")
    link = page.get_by_role("textbox", name="Link for a class").input_value()
    assert link.endswith("#n_layer=2&hide=chart&lock=settings&open=votes")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#copy-class-link").click()
    expect(page.locator("#class-state")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == link
    # The page itself is as it was, and the preview has left nothing behind.
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.locator("#chart")).to_be_visible()
    assert page.url.endswith("#n_layer=2&open=lens")
    now = page.evaluate("[history.length, sessionStorage.length, localStorage.length]")
    assert now == before


@pytest.mark.context_options(viewport={"width": 390, "height": 844})
def test_the_pages_of_the_dialog_fit_on_a_phone(playground: Playground) -> None:
    page = playground.open().page
    playground.button("Share").click()
    for tab in ("For a class", "Embed"):
        page.get_by_role("tab", name=tab).click()
        wide = page.evaluate("document.getElementById('share-dialog').scrollWidth")
        assert wide <= 390, tab
        small = page.evaluate(
            """[...document.querySelectorAll("#share-dialog :is(label, button, select, summary)")]
               .filter((each) => each.checkVisibility() && each.offsetHeight < 44
                 && !each.matches(".setting label, .preview-head label"))
               .map((each) => each.textContent)"""
        )
        assert small == [], tab
        assert axe_findings(page) == [], tab
