"""A run, its data and its text survive a reload, a crash and a closed tab, each tab's its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.app import CRASH, READY_TIMEOUT_MS, Playground
from tests.browser.kept import OVER, STEPS_DONE, KeptRun, read_run, wait_forgotten, wait_kept
from tests.browser.watch import wait_status

STEPS = 300
WATCHED = f"num_steps={STEPS}"  # at the pace that spreads it over some seconds
BACK = "Your run is back as you left it, at step"


def wait_page(page: Page) -> Playground:
    """Wait until the page's own Python is up again."""
    page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    return Playground(page)


def reload(page: Page) -> Playground:
    page.reload()
    return wait_page(page)


def finish(playground: Playground) -> KeptRun:
    """Wait until the run is over and kept."""
    wait_kept(playground.page, "runs", OVER)
    return read_run(playground.page)


def interrupt(playground: Playground) -> int:
    """Begin a run and wait until it is kept; returns the step that it is kept at, at least."""
    playground.button("Train").click()
    wait_kept(playground.page, "runs", f"{STEPS_DONE} > 20")
    kept = read_run(playground.page).about["checkpoint_step"]
    assert isinstance(kept, int)
    return kept


def resume(playground: Playground, at_least: int) -> KeptRun:
    """Resume the run that is back, at full speed, and wait until it is over."""
    words = playground.page.locator("#verdict")
    expect(words).to_contain_text(BACK)
    step = playground.step()
    assert at_least <= step < STEPS
    playground.wait_worker()
    expect(playground.button("Resume")).to_be_visible()
    expect(words).to_contain_text(BACK)
    assert playground.step() == step, "nothing goes on before somebody wants it"
    playground.page.get_by_label("Pace", exact=True).select_option("full")
    playground.button("Resume").click()
    return finish(playground)


# ---- what comes back -----------------------------------------------------------------------------


def test_a_finished_run_and_the_text_are_there_after_a_reload(playground: Playground) -> None:
    page = playground.open("#data=baby-names&temperature=0").wait_worker().page
    playground.train(300)
    playground.button("Reset").click()
    expect(playground.tiles).to_have_count(0)
    playground.press("k", "a")
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(3)
    playground.tiles.nth(1).click()
    page.locator("#probabilities.current").wait_for()
    finish(playground)
    tiles, bars = playground.tiles.all_inner_texts(), playground.probability_by_token()
    verdict, live = page.locator("#verdict").inner_text(), playground.live.all_inner_texts()
    status = playground.status.inner_text().split("computed")[0]
    reload(page)
    # Before the worker is there.
    assert playground.status.inner_text().split("computed")[0] == status
    assert page.locator("#verdict").inner_text() == verdict
    assert playground.live.all_inner_texts() == live
    expect(playground.button("Train")).to_be_visible()
    page.locator("#chart .u-over").hover()
    expect(page.locator("#chart-readout")).to_contain_text(re.compile(r"step 1\d\d: "))
    # And once it is.
    playground.wait_worker()
    expect(page.locator("#model-name")).to_contain_text("The model that you train")
    page.locator("#probabilities.current").wait_for()
    assert playground.tiles.all_inner_texts() == tiles
    assert playground.probability_by_token() == bars
    assert page.locator("#verdict").inner_text() == verdict
    playground.button("Train longer").click()
    wait_status(page, r"step 600 / 600")
    wait_kept(page, "runs", f"{STEPS_DONE} === 600")
    assert len(finish(playground).raw) == 600
    playground.button("Start over").click()
    reload(page)
    expect(playground.status).to_contain_text("step 0 / 300")
    playground.wait_worker()
    expect(page.locator("#model-name")).to_contain_text("A small model")


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_a_run_that_was_interrupted_equals_one_that_was_not(
    playground: Playground, precision: str
) -> None:
    page = playground.open(f"#{WATCHED}&engine=wasm&precision={precision}").wait_worker().page
    kept = interrupt(playground)
    resumed = resume(reload(page), kept)
    playground.button("Start over").click()
    wait_forgotten(page)
    playground.button("Train").click()
    whole = finish(playground)
    assert resumed.about["precision"] == precision
    assert resumed.raw == whole.raw
    assert resumed.smooth == whole.smooth
    assert resumed.digest == whole.digest
    for name in ("held_out", "all_held_out", "accuracy"):
        assert resumed.about["series"][name] == whole.about["series"][name]


@pytest.mark.expects_errors
def test_a_page_that_is_closed_with_a_dead_worker_is_opened_again_as_it_was(
    playground: Playground, context: BrowserContext
) -> None:
    page = playground.open(f"#{WATCHED}&data=movies").wait_worker().page
    kept = interrupt(playground)
    playground.worker.evaluate(CRASH)
    page.locator("body[data-worker=dead]").wait_for()
    page.close()
    again = Playground(context.new_page()).open()
    assert "data=movies" in again.page.url
    expect(again.page.get_by_role("radio", name="Movie titles")).to_be_checked()
    run = resume(again, kept)
    assert len(run.raw) == STEPS
    assert len(run.smooth) == STEPS


def test_own_data_and_a_run_on_them_come_back(playground: Playground, tmp_path: Path) -> None:
    page = playground.open().wait_worker().page
    lines = b"".join(b"line number %d of many\n" % number for number in range(50_000))
    playground.choose(tmp_path, lines_txt=lines)  # more than 1 MB
    expect(playground.statistics).to_contain_text("50,000 lines", timeout=READY_TIMEOUT_MS)
    playground.train(100)
    finish(playground)
    # A run's data are kept even where others are chosen by now.
    playground.button("All data sets").click()
    page.get_by_role("radio", name="Dinosaurs").check()
    expect(playground.statistics).to_contain_text("names")
    reload(page)
    playground.wait_worker()
    expect(playground.status).to_contain_text("step 100 / 100")
    expect(page.get_by_role("radio", name="Dinosaurs")).to_be_checked()
    expect(page.locator("#model-name")).to_contain_text("The model that you train")
    expect(page.locator("#changed-notice")).to_contain_text("What writes below was trained on")
    expect(playground.statistics).to_contain_text("1,284 names")  # loaded behind those of the run
    page.get_by_role("radio", name="Bring your own").check()
    expect(playground.statistics).to_contain_text("50,000 lines", timeout=READY_TIMEOUT_MS)
    playground.button("Train longer").click()
    wait_status(page, r"step 200 / 200")


def test_a_run_keeps_its_text_though_it_was_edited_since(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.paste("anna\nbob\ncleo\n" * 20)
    playground.train(100)
    finish(playground)
    page.get_by_role("textbox", name="Your own text").fill("dora\nemil\n" * 20)
    expect(playground.preview).to_contain_text("dora")
    # The text, and that of the run; what the run can go back to lies beside them.
    wait_kept(page, "data", "kept.filter((each) => each.about.includes('files')).length === 2")
    reload(page)
    playground.wait_worker()
    expect(page.get_by_role("textbox", name="Your own text")).to_have_value(re.compile("^dora"))
    expect(playground.preview).to_contain_text("dora")
    expect(page.locator("#model-name")).to_contain_text("The model that you train")
    expect(playground.probabilities.filter(visible=True)).to_have_count(8)  # a b c e l n o, end


def test_edited_code_and_its_run_come_back(playground: Playground, context: BrowserContext) -> None:
    page = playground.open("#open=code&num_steps=100&pace=full").wait_worker().page
    page.locator("#code-editor .cm-content").wait_for()
    playground.button("SiLU").click()
    page.locator("#train").click()
    code = finish(playground).about["code"]
    assert isinstance(code, str)
    assert "silu" in code
    page.close()
    again = Playground(context.new_page()).open().wait_worker()
    expect(again.status).to_contain_text("step 100 / 100")
    expect(again.page.locator("#model-name")).to_contain_text("The model that you train")
    expect(again.button("SiLU")).to_have_attribute("aria-pressed", "true")
    again.button("Train longer").click()
    wait_status(again.page, r"step 200 / 200")


# ---- another address, another tab ----------------------------------------------------------------


def test_an_address_goes_before_what_is_kept(
    playground: Playground, context: BrowserContext
) -> None:
    page = playground.open("#data=movies").wait_worker().page
    playground.train(100)
    finish(playground)
    page.close()
    other = Playground(context.new_page()).open("#n_layer=2").wait_worker()
    notice = other.page.locator("#kept-notice")
    expect(notice).to_contain_text("This address has settings of its own")
    expect(notice).to_contain_text("step 100 of 100 on Movie titles")
    expect(other.status).to_contain_text("step 0 / 1,000")
    other.train(200)  # which does not replace it
    finish(other)
    other.button("Show it").click()
    wait_status(other.page, "step 100 / 100")
    assert "data=movies" in other.page.url
    expect(notice).to_be_hidden()
    other.page.close()
    third = Playground(context.new_page()).open("#n_layer=4")
    expect(third.page.locator("#kept-notice")).to_contain_text("on Movie titles")
    third.button("Forget it").click()
    expect(third.page.locator("#kept-notice")).to_be_hidden()
    third.page.close()
    last = Playground(context.new_page()).open("#n_layer=4")
    expect(last.page.locator("#kept-notice")).to_contain_text("step 200 of 200 on US first names")


def test_tabs_never_overwrite_each_other(context: BrowserContext) -> None:
    first = Playground(context.new_page()).open("#pace=full&num_steps=100").wait_worker()
    first.button("Train").click()
    finish(first)
    with context.expect_page() as opened:  # which begins with what the first tab remembers
        first.page.evaluate("() => void window.open(location.href)")
    second = wait_page(opened.value).wait_worker()
    expect(second.status).to_contain_text("step 0 / 100")
    second.train(200)
    finish(second)
    tabs = {100: first, 200: second}
    for steps, tab in tabs.items():
        reload(tab.page)
        expect(tab.status).to_contain_text(f"step {steps} / {steps}")
        tab.button("Train longer").click()
        wait_kept(tab.page, "runs", f"{STEPS_DONE} === {2 * steps}")
    assert [len(read_run(tab.page).raw) for tab in tabs.values()] == [200, 400]


def test_all_is_forgotten_and_another_tab_goes_on(context: BrowserContext) -> None:
    here, there = (Playground(context.new_page()).open().wait_worker() for _ in range(2))
    for tab in (here, there):
        tab.train(100)
        finish(tab)
    save = "(name, replace) => microgpt.store.saveModel(name, '{}', new Blob(['...']), replace)"
    names = "() => microgpt.store.listModels().then((all) => all.map((each) => each.name))"
    assert here.page.evaluate(f"() => ({save})('mine', false)") == ""
    assert there.page.evaluate(f"() => ({save})('mine', false)") == "taken"
    assert there.page.evaluate(f"() => ({save})('mine', true)") == ""
    assert there.page.evaluate(names) == ["mine"]
    assert here.page.evaluate("() => microgpt.store.forgetAll()") == ""
    assert there.page.evaluate(names) == []
    reload(here.page)
    expect(here.status).to_contain_text("step 0 /")
    there.button("Train longer").click()
    wait_kept(there.page, "runs", f"{STEPS_DONE} === 200")
    assert len(read_run(there.page).raw) == 200
