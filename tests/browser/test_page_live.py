"""Live: what is changed is trained at once."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status


def test_runs_follow_the_sliders_and_the_data(playground: Playground) -> None:
    page = playground.open("#data=baby-names&num_steps=300").wait_worker().page
    live = playground.button("Live")
    live.click()
    expect(live).to_have_attribute("aria-pressed", "true")
    wait_status(page, "step 300 / 300")
    before = playground.probability_by_token()
    for steps in (400, 500, 600):  # the newest wins
        playground.set_slider("Training steps", steps)
    wait_status(page, "step 600 / 600")
    expect(page.locator("#changed-notice")).to_be_hidden()
    expect(page.locator("#model-name")).to_contain_text("The model that you train")
    playground.set_slider("Embedding size", 8)
    wait_status(page, "step 600 / 600")
    page.wait_for_function(
        "() => !document.querySelector('#status-loss').textContent.includes('–')"
    )
    page.locator("#probabilities.current").wait_for()
    assert playground.probability_by_token() != before
    page.get_by_role("radio", name="Dinosaurs").check()
    expect(page.locator("#key-shipped")).to_be_hidden()
    wait_status(page, r"step ([\d,]+) / \1")
    # A run that follows takes the place of the one before, and is no past run.
    expect(page.locator("#open-runs")).to_be_hidden()

    live.click()
    playground.set_slider("Embedding size", 16)
    expect(page.locator("#changed-notice")).to_be_visible()


def test_what_takes_long_is_not_followed(playground: Playground) -> None:
    page = playground.open("#n_embd=64&n_layer=4&num_steps=10000").wait_worker().page
    playground.button("Live").click()
    words = page.locator("#live-notice")
    expect(words).to_contain_text("Too large for Live: this run takes about")
    expect(playground.button("Train")).to_be_visible()
    for name, value in (("Layers", 1), ("Embedding size", 16), ("Training steps", 100)):
        playground.set_slider(name, value)
    expect(words).to_be_hidden()
    wait_status(page, "step 100 / 100")
