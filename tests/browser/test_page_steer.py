"""Steering a run: changes in mid-run, going back along the chart, a single step, stop rules."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app import CRASH, EXPOSE_WORKER, Playground
from tests.browser.watch import wait_status

SLOW = "#engine=scalar"  # so that the run still goes on when it is changed
# Goes back and forth along the run, and resolves to the milliseconds that each took to be shown.
DRAG = """
async (steps) => {
  const slider = document.querySelector(".course-slider");
  const times = [];
  for (const step of steps) {
    const began = performance.now();
    const shown = new Promise((resolve) => {
      const listen = ({ data }) => {
        if (data.type !== "exploration") return;
        window.newestWorker.removeEventListener("message", listen);
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
      };
      window.newestWorker.addEventListener("message", listen);
    });
    slider.value = step;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    times.push(await shown);
  }
  return times;
}
"""


def course(playground: Playground) -> Locator:
    """The slider along the run."""
    return playground.slider("Go back along the run")


def drag(playground: Playground, first: float, last: float) -> None:
    """Drag along the chart, between these shares of its width."""
    page, plot = playground.page, playground.page.locator("#chart .u-over")
    box = plot.bounding_box()
    assert box is not None
    x, y, width = box["x"], box["y"] + box["height"] / 2, box["width"]
    page.mouse.move(x + first * width, y)
    page.mouse.down()
    page.mouse.move(x + last * width, y, steps=6)
    page.mouse.up()


def marks(playground: Playground) -> Locator:
    return playground.page.locator(".course-mark")


def trained(playground: Playground, steps: int = 1000) -> Playground:
    """A run that is over, and can be gone back along."""
    playground.open().wait_worker()
    playground.train(steps)
    expect(course(playground)).to_be_visible()
    return playground


# ---- going back ----------------------------------------------------------------------------------


def test_a_drag_along_the_chart_goes_back_and_everything_follows(playground: Playground) -> None:
    page = trained(playground).page
    playground.button("Generate").click()
    written = playground.page.locator("#samples-words")
    expect(written).to_contain_text("20 written")
    sample = playground.samples.first.text_content() or ""
    expected = playground.probability_by_token()
    last_loss = playground.loss()
    drag(playground, 0.98, 0.1)
    wait_status(page, r"step 100 / 1,000")
    assert playground.loss() != last_loss, "it is that of step 100"
    expect(playground.button("Resume")).to_be_visible()
    expect(page.locator("#verdict")).to_contain_text("You have gone back to step 100 of 1,000.")
    expect(page.locator(".course-later")).to_be_visible()
    expect(playground.live).to_have_count(1)
    expect(playground.samples.first).not_to_have_text(sample)
    assert playground.probability_by_token() != expected
    drag(playground, 0.1, 0.99)
    wait_status(page, r"step 1,000 / 1,000")
    expect(playground.button("Train")).to_be_visible()
    expect(page.locator(".course-later")).to_be_hidden()
    expect(playground.samples.first).to_have_text(sample)
    expect(playground.live).to_have_count(10)
    assert playground.probability_by_token() == expected, "nothing was lost"


def test_training_goes_on_from_there_and_what_came_later_is_lost(playground: Playground) -> None:
    page = trained(playground).page
    drag(playground, 0.98, 0.5)
    wait_status(page, r"step 500 / 1,000")
    playground.button("Step").click()
    wait_status(page, r"step 501 / 1,000")
    expect(course(playground)).to_have_value("501")
    drag(playground, 0.5, 0.98)
    wait_status(page, r"step 501 / 1,000")
    playground.button("Resume").click()
    wait_status(page, r"step 1,000 / 1,000")
    expect(page.locator("#verdict")).to_contain_text("The loss fell")
    expect(marks(playground)).to_have_count(0)


def test_the_arrows_go_from_one_kept_step_to_the_next(playground: Playground) -> None:
    page = trained(playground).page
    course(playground).focus()
    page.keyboard.press("ArrowLeft")
    wait_status(page, r"step 950 / 1,000")
    page.keyboard.press("ArrowLeft")
    wait_status(page, r"step 900 / 1,000")
    expect(course(playground)).to_have_attribute("aria-valuetext", "step 900")
    page.keyboard.press("ArrowRight")
    wait_status(page, r"step 950 / 1,000")


def test_a_drag_shows_each_step_in_time(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(EXPOSE_WORKER)
    trained(playground)
    times = page.evaluate(DRAG, [500, 50, 950, 300, 100, 800, 0, 650, 400, 200])
    print(f"a drag shows a step in {min(times):.0f} to {max(times):.0f} ms")
    assert len(times) == 10


def test_what_can_be_gone_back_to_survives_a_reload(playground: Playground) -> None:
    page = trained(playground).page
    page.wait_for_function("window.microgpt.store !== null")
    page.wait_for_timeout(1000)
    page.reload()
    page.locator("body[data-worker=ready]").wait_for()
    wait_status(page, r"step 1,000 / 1,000")
    expect(course(playground)).to_be_visible()
    expect(page.locator(".course-kept")).to_have_count(21)
    drag(playground, 0.98, 0.3)
    wait_status(page, r"step 300 / 1,000")
    playground.button("Resume").click()
    wait_status(page, r"step 1,000 / 1,000")


@pytest.mark.expects_errors
def test_it_survives_the_death_of_the_worker(playground: Playground) -> None:
    page = trained(playground).page
    drag(playground, 0.98, 0.5)
    wait_status(page, r"step 500 / 1,000")
    playground.worker.evaluate(CRASH)
    expect(page.locator("#training-notice")).to_contain_text("goes on from step 1000")
    page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    wait_status(page, r"step 1,000 / 1,000")
    expect(playground.button("Train")).to_be_visible()
    drag(playground, 0.98, 0.2)
    wait_status(page, r"step 200 / 1,000")


def test_one_can_go_back_to_the_same_step_again(playground: Playground) -> None:
    page = trained(playground).page
    for _ in range(2):
        course(playground).fill("500")
        wait_status(page, r"step 500 / 1,000")
        playground.button("Resume").click()
        wait_status(page, r"step 1,000 / 1,000")


def test_nothing_of_a_run_is_left_when_another_takes_its_place(playground: Playground) -> None:
    page = trained(playground, 300).page
    playground.button("Train longer").click()
    wait_status(page, r"step 600 / 600")
    expect(marks(playground)).to_have_count(1)
    course(playground).fill("300")
    wait_status(page, r"step 300 / 600")
    playground.button("Start over").click()
    playground.button("Step").click()
    wait_status(page, r"step 1 / 300")
    expect(marks(playground)).to_have_count(0)
    expect(page.locator(".course-later")).to_be_hidden()
    playground.set_slider("Layers", 2)
    playground.button("Restart with changes").click()
    wait_status(page, r"step 300 / 300")
    expect(page.locator("#step-documents")).to_be_hidden()
    expect(playground.live.first).to_be_visible()


# ---- changes -------------------------------------------------------------------------------------


def test_each_change_in_mid_run_is_a_mark_on_the_chart(playground: Playground) -> None:
    page = playground.open(SLOW).wait_worker().page
    playground.button("Train").click()
    wait_status(page, r"step [1-9]\d* / 1,000")
    playground.set_slider("Learning rate", 3)
    expect(marks(playground)).to_have_text(["Learning rate 0.003"])
    expect(page.locator("#changed-notice")).to_contain_text("This run goes on with your changes.")
    expect(playground.button("Restart with changes")).to_be_visible()
    # A second change at the same step, which takes long here, goes into the same mark.
    playground.set_slider("Temperature", 1)
    expect(marks(playground).last).to_contain_text("Temperature 1")
    playground.set_slider("Training steps", 2000)
    expect(marks(playground).last).to_contain_text("Training steps 2,000")
    wait_status(page, r"step [1-9][\d,]* / 2,000")
    playground.button("Pause").click()
    expect(playground.button("Resume")).to_be_visible()
    assert "Temperature 1" in " ".join(marks(playground).all_inner_texts())


def test_a_change_right_before_resuming_holds(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    page.get_by_label("Pace", exact=True).select_option("full")
    playground.button("Step").click()
    wait_status(page, r"step 1 / 1,000")
    playground.set_slider("Training steps", 1500)
    playground.button("Resume").click()
    wait_status(page, r"step 1,500 / 1,500")


def test_what_needs_a_new_model_never_locks(playground: Playground) -> None:
    page = playground.open(SLOW).wait_worker().page
    playground.button("Train").click()
    wait_status(page, r"step [1-9]\d* / 1,000")
    playground.set_slider("Layers", 2)
    expect(page.locator("#changed-notice")).to_contain_text("Your changes apply to the next run")
    playground.button("Restart with changes").click()
    wait_status(page, r"step [1-9]\d* / 1,000")
    expect(marks(playground)).to_have_count(0)


def test_training_longer_is_marked_and_goes_on_with_other_settings(playground: Playground) -> None:
    page = trained(playground, 300).page
    playground.set_slider("Learning rate", 2)
    playground.button("Train longer").click()
    wait_status(page, r"step 600 / 600")
    expect(marks(playground)).to_have_text(["Longer, Learning rate 0.002"])
    drag(playground, 0.98, 0.25)
    wait_status(page, r"step 150 / 600")
    playground.button("Resume").click()
    wait_status(page, r"step 300 / 300")


def test_the_settings_of_the_chosen_optimizer_are_shown(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    page.get_by_text("More ways to learn").click()
    optimizer = page.get_by_label("Optimizer", exact=True)
    expect(playground.slider("Beta 1")).to_be_visible()
    expect(playground.slider("Momentum")).to_be_hidden()
    optimizer.select_option("sgd")
    expect(playground.slider("Beta 1")).to_be_hidden()
    expect(playground.slider("Momentum")).to_be_visible()
    optimizer.select_option("adamw")
    expect(playground.slider("Weight decay")).to_be_visible()
    expect(playground.slider("Warm-up")).to_be_hidden()
    page.get_by_label("Schedule", exact=True).select_option("wsd")
    expect(playground.slider("Warm-up")).to_be_visible()
    expect(playground.slider("Decay phase")).to_be_visible()
    page.get_by_label("Schedule", exact=True).select_option("constant")
    assert "optimizer=adamw" in page.url
    assert "schedule=constant" in page.url
    playground.train(200)
    expect(page.locator("#verdict")).to_contain_text("The loss fell")


# ---- a single step, and stop rules ---------------------------------------------------------------


def test_a_step_shows_its_document_with_losses_before_and_after(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.button("Step").click()
    region = page.get_by_role("region", name="What the step learned from")
    expect(region).to_contain_text("Step 1 learned from this line")
    tokens = region.get_by_role("listitem")
    said = tokens.locator(".hidden").all_inner_texts()
    losses = [re.fullmatch(r"(.+): (\d\.\d+) before, (\d\.\d+) after", each) for each in said]
    assert all(losses)
    assert said[-1].startswith("end: ")
    first = losses[0]
    assert first is not None
    assert float(first[3]) < float(first[2]) + 0.5
    playground.button("Step").click()
    expect(region).to_contain_text("Step 2 learned from this line")
    playground.button("Resume").click()
    expect(region).to_be_hidden()
    wait_status(page, r"step 1,000 / 1,000")


def test_a_run_stops_by_itself_and_says_why(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    page.get_by_text("Stop by itself").click()
    boxes = page.locator("#stops").get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    assert not any(box.is_checked() for box in boxes.all())
    page.get_by_label("Loss to stop at").fill("2.5")
    page.get_by_label("when the loss has come down to").check()
    playground.set_slider("Training steps", 5000)
    page.get_by_label("Pace", exact=True).select_option("full")
    playground.button("Train").click()
    notice = page.locator("#stopped-notice")
    expect(notice).to_contain_text("the loss has reached 2.5")
    expect(playground.button("Resume")).to_be_visible()
    assert playground.step() < 5000
    expect(page.locator("#go-back")).to_be_hidden()
    playground.button("Resume").click()
    expect(notice).to_be_hidden()
    wait_status(page, r"step 5,000 / 5,000")


def test_where_the_held_out_loss_rises_the_best_step_is_offered(playground: Playground) -> None:
    address = "#data=dinosaurs&n_embd=64&learning_rate=0.02&eval_fraction=0.2"
    page = playground.open(address).wait_worker().page
    page.get_by_text("Stop by itself").click()
    page.get_by_label("when the held-out loss has risen for a while").check()
    playground.set_slider("Training steps", 10_000)
    page.get_by_label("Pace", exact=True).select_option("full")
    playground.button("Train").click()
    notice = page.locator("#stopped-notice")
    expect(notice).to_contain_text("the held-out loss was lowest at step", timeout=60_000)
    offer = page.locator("#go-back")
    match = re.search(r"Go back to step ([\d,]+)", offer.inner_text())
    assert match is not None
    offer.click()
    wait_status(page, rf"step {match[1]} / 10,000")
