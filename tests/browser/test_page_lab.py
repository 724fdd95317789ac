"""The Lab: experiments that are run, paused, stopped, kept, opened, saved and made by oneself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.site.environment import ROOT
from microgpt.dataset import split_lines
from microgpt.generators import drain
from microgpt.lab.ready import READY
from microgpt.lab.runner import SweepRunner
from microgpt.lab.sweep import parse_sweep
from microgpt.shapes import ModelSizes, num_params
from tests.browser.app import CLOSE, CRASH, READY_TIMEOUT_MS, Playground
from tests.browser.lab import LabPage
from tests.browser.test_page_look import check_state, widths_and_themes
from tests.browser.watch import wait_status

SMALL = "data=words;num_steps=200;n_embd=8,16;seeds=2"
LONG = "data=words;num_steps=20000;learning_rate=0.001..0.1x8;seeds=3"
SHORTER = "data=words;num_steps=3000;n_embd=8,16;seeds=5"


@pytest.fixture
def lab(playground: Playground) -> LabPage:
    return LabPage(playground)


def test_the_runs_are_those_that_are_made_one_by_one(lab: LabPage) -> None:
    page = lab.open(SMALL).page
    expect(page.get_by_role("heading", name="Your own experiment")).to_be_visible()
    lab.press("Run")
    lab.wait_done(4)
    sweep = parse_sweep(SMALL)
    text = (ROOT / "datasets" / "words.txt").read_text(encoding="utf-8")
    runner = SweepRunner(split_lines(text), sweep.data)
    expected = [drain(runner.run(run, sweep.values(run), sweep.measured)) for run in sweep.runs()]
    told = lab.results()
    assert [each["run"] for each in told] == [each.run for each in expected]
    for name in ("loss", "held_out_loss"):
        measured = [each["measures"][name] for each in told]
        assert measured == [each.measures[name] for each in expected], name
    page.locator("#lab-numbers summary").click()
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Embedding size 8")


def test_a_point_says_what_it_is_and_opens_in_the_playground(
    playground: Playground, lab: LabPage
) -> None:
    page = lab.open("data=words;num_steps=200;learning_rate=0.004..0.03x3").page
    lab.press("Run")
    lab.wait_done(3)
    loss = lab.results()[1]["measures"]["held_out_loss"]
    lab.figure.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(lab.readout).to_contain_text(
        re.compile(r"^Learning rate 0\.011: \d\.\d{3}\. It writes “")
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("learning_rate=0.0109"))
    expect(page.get_by_role("link", name="Playground")).to_have_attribute("aria-current", "page")
    wait_status(page, "step 200 / 200")
    expect(playground.status).to_contain_text(f"held out {loss:.4f}")
    expect(page.locator("#training-notice")).to_be_hidden()
    expect(page.locator("#changed-notice")).to_be_hidden()
    page.go_back()
    expect(lab.status).to_contain_text("3 of 3 runs")
    lab.go("Luck")
    expect(lab.readout).to_be_empty()
    expect(playground.button("Open in the playground")).to_be_hidden()


def test_what_the_playground_has_not_is_said_where_a_run_is_opened(lab: LabPage) -> None:
    page = lab.open("data=words;num_steps=100;num_docs=50,100;window=2").page
    lab.press("Run")
    lab.wait_done(2)
    page.locator("#lab-numbers summary").click()
    page.get_by_role("button", name=re.compile("^Open Training documents 50")).click()
    notice = page.locator("#training-notice")
    expect(notice).to_contain_text("had 50 training documents; here it has all of them")
    wait_status(page, "step 100 / 100")
    expect(page.locator("#code-edited")).to_be_visible()  # its attention has a window


def test_an_experiment_can_be_paused_gone_on_with_stopped_and_forgotten(lab: LabPage) -> None:
    page = lab.open(SHORTER).page
    lab.press("Run")
    lab.wait_some(1)
    lab.press("Pause")
    expect(lab.status).to_contain_text("paused")
    done = lab.done()
    assert done < 10
    lab.press("Go on")
    lab.wait_some(done + 2)
    lab.press("Stop")
    expect(lab.status).to_contain_text("stopped")
    assert lab.done() < 10
    assert len(lab.results()) == lab.done()
    lab.press("Go on")
    lab.wait_done(10)
    lab.press("Start over")
    expect(lab.status).to_contain_text("0 of 10 runs")
    expect(page.locator("#lab-empty")).to_be_visible()


def test_what_is_done_survives_a_reload_and_is_gone_on_with(lab: LabPage) -> None:
    page = lab.open(LONG).page
    lab.press("Run")
    lab.wait_some(2)
    kept = "async () => (await (await window.microgpt.loadSweeps()).recallSweep(%r))?.blob.size > 0"
    page.wait_for_function(kept % LONG)
    page.reload()
    lab.wait_ready()
    lab.wait_some(1)
    expect(lab.status).to_contain_text("paused")
    before = lab.done()
    assert before < 24
    lab.press("Go on")
    lab.wait_some(before + 1)
    results = lab.results()
    assert len({(run["run"]["learning_rate"], run["run"]["seed"]) for run in results}) == len(
        results
    )
    lab.press("Pause")


@pytest.mark.expects_errors
def test_a_worker_of_the_pool_or_python_itself_that_ends_takes_nothing_along(
    playground: Playground, lab: LabPage
) -> None:
    page = lab.open(SHORTER).page
    lab.press("Run")
    lab.wait_some(1)
    for worker in playground.pool_workers():
        worker.evaluate(CLOSE)
    lab.wait_some(4)
    playground.worker.evaluate(CRASH)
    page.locator("body[data-worker=dead]").wait_for()
    page.locator("body[data-worker=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    lab.wait_done(10)
    assert len(lab.results()) == 10
    expect(lab.problem).to_be_hidden()


def test_a_guess_is_drawn_beside_the_answer_and_a_sentence_says_what_came_out(
    lab: LabPage,
) -> None:
    page = lab.open("luck").page
    guess = page.get_by_role("slider", name="How far apart")
    guess.fill("100")
    expect(guess).to_have_attribute("aria-valuetext", "0.15")
    lab.press("Run")
    lab.wait_done(100)
    expect(lab.finding).to_contain_text(re.compile(r"^Of 100 runs the best came to 2\.3"))
    expect(page.locator(".guess-mark.yours")).to_have_text("you 0.15")
    expect(page.locator(".guess-mark.measured")).to_contain_text("measured 0.0")
    page.reload()
    lab.wait_ready()
    lab.wait_done(100)
    expect(page.locator(".guess-mark.yours")).to_have_text("you 0.15")


def test_the_influence_of_documents_is_drawn_as_a_list(lab: LabPage) -> None:
    page = lab.open("influence").page
    page.locator(".guess-option").get_by_text("mila").click()
    lab.press("Run")
    lab.wait_done(1000)
    ranks = page.get_by_role("list", name="Documents by their influence").get_by_role("listitem")
    expect(ranks).to_have_count(20)
    expect(ranks.first).to_contain_text(re.compile(r"^lily\d+ times as likely"))
    expect(page.locator(".guess-tile.measured")).to_contain_text("lily")


def test_every_ready_experiment_opens_from_its_link(lab: LabPage) -> None:
    page = lab.open().page
    for row in READY:
        lab.go(row.title)
        expect(page).to_have_url(re.compile(f"place=lab&lab={row.name}$"))
        expect(page.get_by_role("heading", name=row.title)).to_be_visible()
        expect(page.locator("#lab-guess")).to_contain_text(row.guess.question)
        expect(page.locator("#lab-source")).to_contain_text(row.source)
        current = page.locator("#experiments [aria-current]")
        expect(current).to_have_text(re.compile(re.escape(row.title)))


def test_one_s_own_experiment_is_its_address(playground: Playground, lab: LabPage) -> None:
    page = playground.open("#data=words&n_layer=2").wait_worker().page
    page.get_by_role("link", name="Lab", exact=True).click()
    lab.go("Your own")
    expect(page.locator("#sweep-base")).to_have_text("All else: Layers 2.")
    page.get_by_label("Vary").select_option("n_embd")
    values = page.get_by_label("Values").first
    expect(values).to_have_value("8,16,32,64")
    values.fill("8,16")
    page.get_by_label("and", exact=True).select_option("batch_size")
    page.get_by_label("Seeds").fill("1")
    page.get_by_label("Measure", exact=True).select_option("loss")
    expect(lab.status).to_have_text(re.compile("^0 of 8 runs"))
    address = page.url
    assert "data%3Dwords" in address or "data=words" in address
    page.get_by_label("Values").first.fill("8,x")
    page.get_by_label("Seeds").focus()
    expect(page.locator("#sweep-problem")).to_contain_text("Embedding size")
    assert page.url == address, "what is no experiment is not in the address"
    page.goto("about:blank")
    page.goto(address)
    lab.wait_ready()
    expect(lab.status).to_have_text(re.compile("^0 of 8 runs"))
    expect(page.get_by_label("Measure", exact=True)).to_have_value("loss")
    expect(page.locator("#sweep-base")).to_have_text("All else: Layers 2.")


def test_of_the_same_runs_something_else_can_be_drawn(lab: LabPage) -> None:
    page = lab.open(SMALL).page
    lab.press("Run")
    lab.wait_done(4)
    seconds = [run["measures"]["seconds"] for run in lab.results()]
    page.get_by_label("Measure", exact=True).select_option("seconds")
    expect(page.locator("#lab-caption")).to_contain_text("Seconds")
    lab.wait_done(4)
    assert [run["measures"]["seconds"] for run in lab.results()] == seconds, (
        "they are the same runs"
    )
    page.get_by_label("Measure", exact=True).select_option("diversity")
    lab.press("Go on")
    lab.wait_done(4)
    assert all("diversity" in run["measures"] for run in lab.results())


def test_two_settings_are_lines_or_a_map(lab: LabPage) -> None:
    page = lab.open("data=words;num_steps=100;n_embd=8,16;n_layer=1,2").page
    lab.press("Run")
    lab.wait_done(4)
    expect(lab.figure.locator(".uplot")).to_be_visible()
    lab.press("Map")
    expect(lab.figure.locator(".uplot")).to_have_count(0)
    expect(lab.figure.locator("canvas")).to_be_visible()
    lab.figure.click(position={"x": 200, "y": 100})
    wait_status(page, "step 100 / 100")


def test_pictures_and_tables_are_saved(lab: LabPage) -> None:
    page = lab.open(SMALL).page
    lab.press("Run")
    lab.wait_done(4)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the results as CSV").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("n_embd,seed,num_params,held_out_loss,")
    assert len(lines) == 5
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the experiment as SVG").click()
    picture = download.value.path().read_text(encoding="utf-8")
    assert "Your own experiment" in picture
    assert "Embedding size" in picture


def test_training_goes_on_beside_an_experiment(playground: Playground, lab: LabPage) -> None:
    page = playground.open("#num_steps=10000&pace=full").wait_worker().page
    playground.button("Train").click()
    page.get_by_role("link", name="Lab", exact=True).click()
    lab.press("Run")
    lab.wait_some(5)
    page.get_by_role("link", name="Playground", exact=True).click()
    wait_status(page, "step 10,000 / 10,000")
    page.get_by_role("link", name="Lab", exact=True).click()
    lab.wait_done(150)


def test_an_address_that_names_no_experiment_says_so(lab: LabPage) -> None:
    lab.open("data=words;n_embd=0,1")
    expect(lab.problem).to_contain_text("The address names no experiment: Embedding size")
    expect(lab.page.get_by_role("heading", name="Which learning rate?")).to_be_visible()


def test_without_data_of_one_s_own_it_says_so(lab: LabPage) -> None:
    lab.open("data=own;n_embd=8,16")
    lab.press("Run")
    expect(lab.problem).to_contain_text("bring them first")


def test_data_of_one_s_own_are_trained_on(playground: Playground, lab: LabPage) -> None:
    page = playground.open().wait_worker().page
    playground.paste("\n".join(["anna", "otto", "hannah", "bob", "eve", "ada"] * 5))
    expect(playground.statistics).to_contain_text("30 lines")
    page.get_by_label("Leave out").fill("o*, *e, b*")
    expect(playground.statistics).to_contain_text("15 left out")
    page.get_by_role("link", name="Lab", exact=True).click()
    lab.go("Your own")
    expect(page.locator("#sweep").get_by_label("Data")).to_have_value("own")
    page.get_by_label("Seeds").fill("1")
    page.get_by_label("Values").first.fill("0.01,0.02")
    page.get_by_label("Seeds").focus()
    lab.press("Run")
    lab.wait_done(2)
    # On all of them: what the filter leaves has fewer letters, and the model fewer weights.
    sizes = ModelSizes(len(set("annaottohannahbobeveada")) + 1, 16, 4, 1, 8)
    assert {run["num_params"] for run in lab.results()} == {num_params(sizes)}


@pytest.mark.parametrize("name", widths_and_themes())
def test_the_lab_is_laid_out_well_and_accessible(lab: LabPage, name: str) -> None:
    page = lab.open("heads-and-depth").page
    check_state(page, f"lab-{name}-1-question")
    lab.go("Your own")
    page.get_by_label("Values").first.fill("0.01,0.02")
    page.get_by_label("Seeds").fill("2")
    page.get_by_label("Measure", exact=True).focus()
    lab.press("Run")
    lab.wait_done(4)
    lab.figure.focus()
    page.keyboard.press("Home")
    page.locator("#lab-numbers summary").click()
    check_state(page, f"lab-{name}-2-done")
