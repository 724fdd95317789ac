"""Training a finished model longer: one curve, one count of steps, a schedule that starts again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import CRASH, Playground
from tests.browser.watch import wait_status


def readout_at(playground: Playground, share: float) -> str:
    """What the chart says where the mouse points, at this share of its width."""
    plot = playground.page.locator("#chart .u-over")
    box = plot.bounding_box()
    assert box is not None
    plot.hover(position={"x": share * box["width"], "y": box["height"] / 2})
    return playground.page.locator("#chart-readout").inner_text()


@pytest.mark.parametrize("settings", ["engine=auto", "engine=auto&precision=f64"])
def test_a_finished_run_goes_on_as_often_as_one_likes(
    playground: Playground, settings: str
) -> None:
    page = playground.open(f"#{settings}").wait_worker().page
    longer, verdict = playground.button("Train longer"), page.locator("#verdict")
    expect(longer).to_be_disabled()
    playground.train(100)
    first_loss = readout_at(playground, 0.5)
    assert re.match(r"step (49|50|51): ", first_loss)
    expect(longer).to_be_enabled()
    playground.set_slider("Learning rate", 3)
    playground.set_slider("Training steps", 200)
    page.get_by_label("Pace", exact=True).select_option("watch")
    longer.click()
    expect(verdict).to_contain_text(
        "Training goes on from step 100 for another 200 steps; the learning rate starts again at "
        f"{playground.slider('Learning rate').get_attribute('aria-valuetext')}."
    )
    expect(longer).to_be_disabled()
    page.get_by_label("Pace", exact=True).select_option("full")
    wait_status(page, r"step 300 / 300", seconds=120)
    expect(verdict).to_contain_text("The loss fell from 3.3")
    # The curve of before is part of this one.
    assert readout_at(playground, 50 / 300).split(": ")[1] == first_loss.split(": ")[1]
    assert re.match(r"step (249|250|251): ", readout_at(playground, 250 / 300))
    expect(page.locator("#key-old")).to_be_hidden()
    expect(playground.live).to_have_count(3)
    expect(playground.live.first).to_contain_text("300")
    expect(longer).to_be_enabled()
    longer.click()
    wait_status(page, r"step 500 / 500", seconds=120)
    expect(playground.button("Train")).to_be_visible()


def test_train_longer_needs_the_same_data_and_model_and_says_so(playground: Playground) -> None:
    page = playground.open("#data=baby-names").wait_worker().page
    longer, notice = playground.button("Train longer"), page.locator("#changed-notice")
    playground.train(100)
    expect(longer).to_be_enabled()
    expect(notice).to_be_hidden()
    playground.set_slider("Training steps", 300)
    expect(longer).to_be_enabled()
    expect(notice).to_be_hidden()
    playground.set_slider("Layers", 2)
    expect(longer).to_be_disabled()
    expect(notice).to_contain_text("The picture shows the next model; what writes below is the one")
    expect(notice).to_contain_text("To train it longer, set this again: Layers 1.")
    expect(playground.button("Restart with changes")).to_be_hidden()
    playground.set_slider("Layers", 1)
    expect(longer).to_be_enabled()
    expect(notice).to_be_hidden()
    page.get_by_role("radio", name="Dinosaurs").check()
    expect(longer).to_be_disabled()
    expect(notice).to_contain_text("What writes below was trained on Simple baby names")
    page.get_by_role("radio", name="Simple baby names").check()
    expect(longer).to_be_enabled()
    longer.click()
    wait_status(page, r"step 400 / 400")


def test_start_over_forgets_what_was_trained_longer(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.train(100)
    playground.button("Train longer").click()
    wait_status(page, r"step 200 / 200")
    playground.button("Start over").click()
    expect(playground.status).to_contain_text("step 0 / 100")
    expect(playground.button("Train longer")).to_be_disabled()
    playground.button("Train").click()
    wait_status(page, r"step 100 / 100")


@pytest.mark.expects_errors
def test_a_worker_that_dies_early_goes_on_after_the_first_run(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.train(100)
    page.get_by_label("Pace", exact=True).select_option("watch")
    playground.button("Train longer").click()
    wait_status(page, r"step 1(0[1-9]|[1-4]\d) / 200")
    playground.worker.evaluate(CRASH)
    notice = re.compile(r"goes on from step 1[0-4]\d\.")
    expect(page.locator("#training-notice")).to_contain_text(notice)
    page.get_by_label("Pace", exact=True).select_option("full")
    wait_status(page, r"step 200 / 200", seconds=120)
    expect(page.locator("#verdict")).to_contain_text("The loss fell")
    assert re.match(r"step (149|150|151): \d", readout_at(playground, 0.75))


@pytest.mark.expects_errors
def test_a_worker_that_dies_later_goes_on_from_the_newest_checkpoint(
    playground: Playground,
) -> None:
    # So large that the continued run is not over before it is paused.
    page = playground.open("#n_embd=64&n_layer=4&batch_size=16").wait_worker().page
    playground.train(100)
    playground.set_slider("Training steps", 10_000)
    playground.button("Train longer").click()
    wait_status(page, r"step (10[1-9]|1[1-9]\d|[2-9]\d\d|\d,\d{3}) / 10,100")
    playground.button("Pause").click()
    expect(playground.button("Resume")).to_be_visible()
    paused_at = playground.step()
    assert 100 < paused_at < 10_100
    page.workers[0].evaluate(CRASH)
    expect(page.locator("#training-notice")).to_contain_text(f"goes on from step {paused_at}")
    page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    expect(playground.button("Resume")).to_be_visible()
    playground.button("Step").click()
    wait_status(page, rf"step {paused_at + 1:,} / 10,100")
