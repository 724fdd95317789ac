"""Training on the page: starting, pausing, stepping, resuming, starting over."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import EXPOSE_WORKER, Playground
from tests.browser.watch import wait_status

# As if from the worker, which posts thousands in one message on a fast or busy machine.
POST_LOSSES = """
({ run, step, count }) => {
  const blob = new Uint8Array(new Float64Array(2 * count).fill(1.5).buffer);
  const about = { type: "progress", run, step, held_out: [], accuracy: [], seconds: 1 };
  window.newestWorker.dispatchEvent(new MessageEvent("message", { data: { ...about, blob } }));
}
"""


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up."""
    return playground.open().wait_worker()


def test_200_steps_reduce_the_loss(ready: Playground) -> None:
    ready.set_slider("Training steps", 200)
    ready.page.get_by_label("Pace", exact=True).select_option("full")
    ready.button("Train").click()
    expect(ready.button("Pause")).to_be_visible()
    wait_status(ready.page, r"step 200 / 200", seconds=120)
    expect(ready.button("Train")).to_be_visible()
    # The verdict gives smoothed losses, which do not jump from name to name.
    verdict = ready.page.locator("#verdict").inner_text()
    match = re.search(r"fell from (\d\.\d+) to (\d\.\d+)", verdict)
    assert match is not None, verdict
    first, last = map(float, match.groups())
    assert 3.1 < first < 3.6
    assert last < first - 0.4
    expect(ready.status).to_contain_text(re.compile(r"held out \d\.\d+"))
    expect(ready.status).to_contain_text(re.compile(r"computed in .* steps/s"))
    expect(ready.live).to_have_count(2)


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("engine", ["scalar", "wasm"])
def test_the_losses_are_those_that_the_core_computes(
    playground: Playground, engine: str, batch_size: int
) -> None:
    """The first losses are those of the same run on the command line, with the same seed."""
    from microgpt.cli.files import DATASETS_FOLDER
    from microgpt.config import TrainConfig
    from microgpt.dataset import split_lines
    from microgpt.run import prepare_run

    training = TrainConfig(num_steps=1000, batch_size=batch_size, eval_fraction=0.1)
    names = (DATASETS_FOLDER / "us-names.txt").read_text(encoding="utf-8")
    run = prepare_run(split_lines(names), training, "scalar")
    expected = [loss for progress in run.train(stop=3) for loss in progress.losses]
    playground.open(f"#engine={engine}&batch_size={batch_size}").wait_worker()
    for number, loss in enumerate(expected, start=1):
        playground.button("Step").click()
        wait_status(playground.page, rf"step {number} / 1,000\s*loss \d")
        # Four digits are shown; those of a 32-bit loss may be rounded the other way.
        assert playground.loss() == pytest.approx(loss, abs=1e-4)


def test_thousands_of_losses_may_arrive_at_once(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(EXPOSE_WORKER)
    playground.open("#num_steps=10000").wait_worker()
    playground.button("Step").click()
    wait_status(page, "step 1 / 10,000")
    page.evaluate(POST_LOSSES, {"run": 1, "step": 9000, "count": 8999})
    wait_status(page, r"step 9,000 / 10,000\s*loss 1.5000")


def test_pause_stops_the_run_and_resume_continues_it(ready: Playground) -> None:
    ready.button("Train").click()
    wait_status(ready.page, r"step ([5-9]|[1-9]\d{1,2}) / 1,000")
    ready.button("Pause").click()
    expect(ready.button("Resume")).to_be_visible()
    paused_at = ready.step()
    # The worker answers while paused, and has trained no further by then.
    tokens = ready.tiles.count()
    ready.button("Next token").click()
    expect(ready.tiles).to_have_count(tokens + 1)
    assert ready.step() == paused_at
    ready.button("Step").click()
    wait_status(ready.page, rf"step {paused_at + 1} / 1,000")
    expect(ready.button("Resume")).to_be_visible()
    ready.button("Resume").click()
    wait_status(ready.page, rf"step (?!{paused_at + 1} )[1-9][\d,]* / 1,000")
    assert ready.step() > paused_at + 1


def test_start_over_discards_the_run(ready: Playground) -> None:
    ready.button("Train").click()
    wait_status(ready.page, r"step ([1-9]|\d\d) / 1,000")
    ready.button("Start over").click()
    expect(ready.status).to_contain_text("step 0 / 1,000")
    expect(ready.button("Train")).to_be_visible()
    expect(ready.button("Start over")).to_be_disabled()
    expect(ready.live).to_have_count(0)


def test_a_changed_setting_offers_a_restart(ready: Playground) -> None:
    ready.button("Train").click()
    wait_status(ready.page, r"step ([1-9]|\d\d) / 1,000")
    restart = ready.button("Restart with changes")
    expect(restart).to_be_hidden()
    ready.set_slider("Embedding size", 8)
    expect(restart).to_be_visible()
    ready.set_slider("Embedding size", 16)
    expect(restart).to_be_hidden()
    ready.set_slider("Training steps", 3000)
    restart.click()
    expect(restart).to_be_hidden()
    wait_status(ready.page, r"step \d{1,3} / 3,000")
    expect(ready.page.locator(".course-mark")).to_have_count(0)


def test_on_other_data_train_starts_a_new_run_though_one_is_paused(ready: Playground) -> None:
    page = ready.page
    ready.button("Train").click()
    wait_status(page, r"step ([1-9]|\d\d) / 1,000")
    ready.button("Pause").click()
    expect(ready.button("Resume")).to_have_count(1)
    paused_at = ready.step()
    page.get_by_role("radio", name="Pokémon names").check()
    notice = page.locator("#changed-notice")
    expect(notice).to_contain_text(
        "This run is paused on US first names. You have chosen Pokémon names."
    )
    expect(ready.button("Restart with changes")).to_be_hidden()
    expect(ready.button("Train on Pokémon names")).to_be_visible()
    notice.get_by_role("button", name="Resume").click()
    expect(ready.button("Pause")).to_be_visible()
    wait_status(page, rf"step ({'|'.join(str(paused_at + n) for n in range(3, 99))}) / 1,000")
    expect(notice).to_contain_text("This run trains on US first names. The next one trains on")
    ready.button("Pause").click()
    ready.button("Train on Pokémon names").click()
    expect(page.locator("#verdict")).to_contain_text("Training on 921 documents, 102 held out.")
    expect(ready.button("Pause")).to_be_visible()
    expect(notice).to_be_hidden()


def test_no_other_data_no_other_button(ready: Playground) -> None:
    """The paused run is not given up for a text that is still to be pasted."""
    ready.button("Train").click()
    wait_status(ready.page, r"step ([1-9]|\d\d) / 1,000")
    ready.button("Pause").click()
    ready.page.get_by_role("radio", name="Bring your own").check()
    expect(ready.page.locator("#statistics")).not_to_contain_text("29,910")
    expect(ready.button("Resume")).to_be_visible()


def test_after_a_run_the_status_says_how_long_the_next_one_takes(ready: Playground) -> None:
    status = ready.page.locator("#status-time")
    ready.train(200)
    expect(status).to_have_text(re.compile(r"computed in .* steps/s · next: about [\d.]+ m?s$"))
    before = status.inner_text()
    ready.set_slider("Training steps", 10_000)
    expect(status).not_to_have_text(before)
    ready.page.get_by_text("Advanced", exact=True).click()
    ready.page.get_by_label("Engine").select_option("Scalar Python")
    expect(status).to_have_text(re.compile(r"next: about \d+ min"))


def test_a_long_run_says_so_at_its_start(playground: Playground) -> None:
    playground.open("#engine=scalar").wait_worker()
    expect(playground.page.locator("#status-time")).to_contain_text("computes in about")
    playground.button("Train").click()
    expect(playground.page.locator("#verdict")).to_contain_text(
        re.compile(r"It will compute for about .*: with the compiled engine")
    )


def test_the_samples_of_the_shipped_model_make_room_and_come_back(playground: Playground) -> None:
    page = playground.page
    live, heading = page.locator("#live"), page.locator("#live-heading")
    playground.open().wait_worker()
    lines, title = live.inner_html(), heading.inner_text()
    playground.train(100)
    expect(heading).to_have_text("Written while it learns")
    expect(playground.live).to_have_count(1)
    playground.button("Start over").click()
    expect(heading).to_have_text(title)
    assert live.inner_html() == lines


def test_the_parameter_count_follows_the_sliders(ready: Playground) -> None:
    count = ready.page.locator("#num-params")
    expect(count).to_have_text("4,192")
    ready.set_slider("Embedding size", 32)
    expect(count).to_have_text("14,528")
    ready.set_slider("Layers", 4)
    expect(count).to_have_text("51,392")
    ready.page.get_by_role("radio", name="Movie titles").check()
    expect(count).to_have_text("54,400")
    ready.page.locator("#num-params").click()
    rows = ready.page.locator("#breakdown tr")
    expect(rows).to_have_count(9)
    totals = [
        int(text.replace(",", "")) for text in rows.locator("td:last-child").all_inner_texts()
    ]
    assert sum(totals) == 54_400


def test_sliders_stop_only_at_valid_values(ready: Playground) -> None:
    embedding = ready.slider("Embedding size")
    embedding.focus()
    for expected in ("32", "64", "64"):
        embedding.press("ArrowRight")
        expect(embedding).to_have_value(expected)
    for expected in ("32", "16", "8", "8"):
        embedding.press("ArrowLeft")
        expect(embedding).to_have_value(expected)
    rate = ready.slider("Learning rate")
    expect(rate).to_have_attribute("aria-valuetext", "0.01")
    rate.press("End")
    expect(rate).to_have_attribute("aria-valuetext", "0.5")
    rate.press("Home")
    expect(rate).to_have_attribute("aria-valuetext", "0.001")


def test_the_engine_can_be_chosen(ready: Playground) -> None:
    ready.page.get_by_text("Advanced", exact=True).click()
    ready.page.get_by_label("Engine").select_option("Scalar Python")
    ready.page.get_by_label("Precision").select_option("64 bit (exact)")
    expect(ready.page).to_have_url(re.compile("#engine=scalar&precision=f64$"))
    ready.button("Step").click()
    wait_status(ready.page, "step 1 / 1,000")
    restart = ready.button("Restart with changes")
    expect(restart).to_be_hidden()
    ready.page.get_by_label("Precision").select_option("32 bit (fast)")
    expect(restart).to_be_visible()


def test_the_batch_size_doubles_at_every_stop_and_the_run_takes_longer(ready: Playground) -> None:
    ready.page.get_by_text("Advanced", exact=True).click()
    batch = ready.slider("Batch size")
    expect(batch).to_have_attribute("aria-valuetext", "1")
    time = ready.page.locator("#status-time")
    before = time.inner_text()
    assert before.startswith("computes in about")
    batch.press("ArrowRight")
    expect(batch).to_have_attribute("aria-valuetext", "2")
    expect(ready.page).to_have_url(re.compile("#batch_size=2$"))
    expect(time).not_to_have_text(before)
    expect(time).to_contain_text("computes in about")
    batch.press("End")
    expect(batch).to_have_attribute("aria-valuetext", "4,096")


def test_the_page_keeps_working_when_a_run_diverges(playground: Playground) -> None:
    playground.open("#learning_rate=0.5&n_embd=64&n_layer=4&pace=full").wait_worker()
    playground.button("Train").click()
    notice = playground.page.locator("#training-notice")
    status = playground.status
    expect(notice.or_(status.filter(has_text=re.compile(r"step [3-9]\d? /"))).first).to_be_visible(
        timeout=60_000
    )
    playground.button("Start over").click()
    expect(playground.button("Train")).to_be_visible()


def test_losses_can_be_read_off_the_chart(ready: Playground) -> None:
    ready.train(100)
    over = ready.page.locator("#chart .u-over")
    box = over.bounding_box()
    assert box is not None
    ready.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    readout = ready.page.locator("#chart-readout")
    expect(readout).to_have_text(re.compile(r"step (49|50|51): \d\.\d{3}, smoothed \d\.\d{3}"))
    expect(ready.page.locator(".guess-label")).to_have_text("guessing 3.30")
