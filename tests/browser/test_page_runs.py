"""Runs side by side: past runs in the chart and in a table, shown again, compared, kept, saved."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import Playground
from tests.browser.past_runs import (
    DRAWN,
    EMPTY_PAGE,
    KEPT,
    MULTIPLY,
    OLD_DATABASE,
    WAIT_KEPT,
)
from tests.browser.test_page_look import check_state
from tests.browser.test_page_models import download, open_dialog
from tests.browser.watch import wait_status

SMALL = "#n_embd=8&block_size=8&num_steps=100&pace=full"


def train(playground: Playground, steps: int = 100, **sliders: float) -> None:
    """Train with some sliders moved first."""
    for name, value in sliders.items():
        playground.set_slider(name.replace("_", " "), value)
    playground.button("Train").click()
    wait_status(playground.page, f"step {steps} / {steps}")
    expect(playground.button("Train")).to_be_visible()


def three_runs(playground: Playground) -> Page:
    """A current run, and two past ones that differ in layers and rate."""
    page = playground.open(SMALL).wait_worker().page
    train(playground)
    train(playground, Layers=2)
    train(playground, Learning_rate=4)
    playground.button("Compare 3 runs").click()
    expect(rows(page)).to_have_count(3)
    return page


def asked_anew(playground: Playground) -> dict[str, float]:
    """The bars of the model as it is now; while it trained they may be of a step before."""
    playground.press("a")
    playground.button("Back").click()
    playground.page.locator("#probabilities.current").wait_for()
    return playground.probability_by_token()


def rows(page: Page) -> Locator:
    return page.locator("#runs-rows tr")


def names(page: Page) -> list[str]:
    return page.locator("#runs-rows tr th").all_inner_texts()


def drawn(page: Page) -> list[str]:
    found: list[str] = page.evaluate(DRAWN)
    return found


def choose(page: Page, *titles: str) -> None:
    """Choose these runs and no others."""
    for box in page.locator("#runs-rows input:checked").all():
        box.uncheck()
    for title in titles:
        page.get_by_role("checkbox", name=f"Choose {title}", exact=True).check()


def wait_kept_runs(page: Page, count: int) -> None:
    page.wait_for_function(WAIT_KEPT, arg=count)


def test_past_runs_are_named_by_what_differs_sorted_coloured_and_hidden(
    playground: Playground, tmp_path: Path
) -> None:
    page = three_runs(playground)
    with page.expect_download() as started:
        playground.button("Save the chart as SVG").click()
    started.value.save_as(tmp_path / "loss.svg")
    assert "2 layers, lr 0.01" in (tmp_path / "loss.svg").read_text(encoding="utf-8")
    assert names(page) == ["lr 0.005 now", "2 layers, lr 0.01", "1 layer"]
    assert drawn(page) == ["2 layers, lr 0.01", "1 layer"]
    heads = page.locator("#runs-head").get_by_role("button").all_inner_texts()
    assert heads == [*("Run", "Layers", "Learning rate", "Parameters", "Loss", "Held out", "Time")]
    loss = page.locator("#runs-head").get_by_role("button", name=re.compile("^Loss"))
    for order in (False, True):
        loss.click()
        column = [float(text) for text in rows(page).locator("td:nth-child(6)").all_inner_texts()]
        assert column == sorted(column, reverse=order)
    expect(page.locator("#runs-head [aria-sort=descending]")).to_have_text("Loss ↓")
    loss.click()
    colours = "() => document.querySelector('#chart').past.map(({ colour }) => colour)"
    before = page.evaluate(colours)
    page.get_by_label("Colour by").select_option("n_layer")
    assert page.evaluate(colours) == [1, 0, before[2]], "the last is of the page's model"
    choose(page, "1 layer")
    playground.button("Hide").click()
    expect(page.get_by_role("row", name="1 layer hidden")).to_be_visible()
    assert drawn(page) == ["2 layers, lr 0.01"]
    playground.button("Show in the chart").click()
    expect(page.get_by_role("row", name="1 layer hidden")).to_be_hidden()
    assert drawn(page) == ["2 layers, lr 0.01", "1 layer"]
    page.get_by_role("row", name="1 layer").hover()
    emphasised = "() => document.querySelector('#chart').past.filter((run) => run.emphasised)"
    page.wait_for_function(f"({emphasised})()[0]?.name === '1 layer'")


def test_past_runs_are_named_by_the_user_pinned_and_deleted_and_survive_a_reload(
    playground: Playground,
) -> None:
    page = three_runs(playground)
    choose(page, "1 layer")
    playground.button("Rename").click()
    page.get_by_label("Name of the run").fill("the <b>first</b>")
    playground.button("Name it").click()
    expect(page.get_by_role("button", name="the <b>first</b>", exact=True)).to_be_visible()
    playground.button("Pin").click()
    expect(page.get_by_role("row", name="the <b>first</b> pinned")).to_be_visible()
    choose(page, "2 layers, lr 0.01")
    playground.button("Delete").click()
    expect(page.locator("#runs-said")).to_contain_text("‘2 layers, lr 0.01’ is deleted.")
    expect(rows(page)).to_have_count(2)
    wait_kept_runs(page, 1)
    playground.button("Undo").nth(0).click()
    expect(rows(page)).to_have_count(3)
    wait_kept_runs(page, 2)
    assert ("the <b>first</b>" in drawn(page)) is True
    page.reload()
    playground.wait_worker()
    playground.button("Compare 3 runs").click()
    expect(rows(page)).to_have_count(3)
    assert names(page) == ["lr 0.005 now", "2 layers, lr 0.01", "the <b>first</b> pinned"]
    assert drawn(page) == ["2 layers, lr 0.01", "the <b>first</b>"]
    # Weights in 32 bits without the optimizer's state, and two losses a step in 64.
    sizes = sorted(size for _, size in page.evaluate(KEPT))
    assert 1_328 * 4 + 1600 < sizes[0] < 1_328 * 4 + 1600 + 3000


def test_a_press_shows_a_past_run_again_with_settings_and_model(playground: Playground) -> None:
    page = playground.open(SMALL).wait_worker().page
    train(playground)
    bars, status = asked_anew(playground), playground.status.inner_text()
    train(playground, Layers=2)
    assert asked_anew(playground) != bars
    playground.button("Compare 2 runs").click()
    page.get_by_role("button", name="1 layer", exact=True).click()
    expect(page.locator("#runs-said")).to_have_text(re.compile("‘1 layer’ is here again."))
    expect(playground.slider("Layers")).to_have_value("1")
    assert "n_layer" not in page.url
    assert playground.status.inner_text().split("computed")[0] == status.split("computed")[0]
    expect(page.locator("#model-name")).to_contain_text("The model that you train above")
    assert asked_anew(playground) == pytest.approx(bars, abs=2e-3)
    assert names(page) == ["1 layer now", "2 layers"], "it is the current one, and nothing is lost"
    playground.button("Train longer").click()  # a run of its own, which goes on from there
    expect(rows(page)).to_have_count(3)
    wait_status(page, "step 200 / 200")
    now, *others = names(page)
    assert (now, len(others)) == ("200 steps, steered now", 2)
    assert drawn(page) == others


def test_two_runs_are_compared_at_the_moment_of_the_text(playground: Playground) -> None:
    page = three_runs(playground)
    choose(page, "1 layer")
    expect(playground.button("Compare")).to_be_disabled()
    choose(page, "lr 0.005", "1 layer")
    playground.button("Compare").click()
    compared = page.get_by_role("region", name="Two runs compared")
    expect(compared.get_by_role("row", name="Layers 2 1")).to_be_visible()
    expect(compared.get_by_role("row", name="Learning rate 0.005 0.01")).to_be_visible()
    expect(compared.locator("polyline")).to_have_count(2)
    for title in ("lr 0.005", "1 layer"):
        written = compared.get_by_role("list", name=f"Written by {title}").get_by_role("listitem")
        expect(written).to_have_count(6)
    expect(compared.locator("#compared-moment")).to_have_text("What comes after “mari”")
    shown = playground.probability_by_token()
    bars = compared.locator(".compared-bars li")
    of_current = {
        bar.locator(".tile").inner_text(): float(str(bar.get_attribute("title")).split("%")[0])
        / 100
        for bar in bars.all()
    }
    assert of_current == pytest.approx({name: shown[name] for name in of_current}, abs=1e-3)
    before = bars.evaluate_all("bars => bars.map(({ title }) => title)")
    playground.press("a")
    expect(compared.locator("#compared-moment")).to_have_text("What comes after “maria”")
    assert bars.evaluate_all("bars => bars.map(({ title }) => title)") != before
    compared.get_by_role("button", name="Close Two runs compared").click()
    expect(compared).to_be_hidden()


def test_the_table_is_saved_as_csv_and_json(playground: Playground, tmp_path: Path) -> None:
    page = three_runs(playground)
    with page.expect_download() as started:
        playground.button("Save the table as CSV").click()
    started.value.save_as(tmp_path / "runs.csv")
    table = list(csv.DictReader((tmp_path / "runs.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["Run"] for row in table] == ["lr 0.005", "2 layers, lr 0.01", "1 layer"]
    assert [row["Layers"] for row in table] == ["2", "2", "1"]
    shown = [float(text) for text in rows(page).locator("td:nth-child(6)").all_inner_texts()]
    assert [float(row["Loss"]) for row in table] == pytest.approx(shown, abs=6e-4)
    with page.expect_download() as started:
        playground.button("Save the table as JSON").click()
    started.value.save_as(tmp_path / "runs.json")
    runs = json.loads((tmp_path / "runs.json").read_text(encoding="utf-8"))["runs"]
    assert [run["settings"]["n_layer"] for run in runs] == [2, 2, 1]
    for run in runs:
        curve = run["curve"]
        assert len(curve["steps"]) == len(curve["smoothed_loss"]) > 50
        assert curve["smoothed_loss"][-1] == pytest.approx(run["smoothed_loss"], abs=0.05)


def test_twenty_past_runs_are_kept_and_pinned_ones_beside_them(playground: Playground) -> None:
    page = playground.open(SMALL).wait_worker().page
    train(playground)
    train(playground, Layers=2)
    wait_kept_runs(page, 1)
    page.evaluate(MULTIPLY, 20)
    page.reload()
    playground.wait_worker()
    expect(playground.button("Compare 21 runs")).to_be_visible()
    assert len(drawn(page)) == 20
    for layers in (1, 2):
        train(playground, Layers=layers)
    playground.button("Compare 22 runs").click()
    expect(rows(page)).to_have_count(22)
    wait_kept_runs(page, 21)
    expect(page.get_by_role("row", name="pinned")).to_have_count(1)
    assert names(page)[-1].endswith("pinned"), "it is the oldest"


def test_what_was_kept_before_there_were_past_runs_is_still_there(playground: Playground) -> None:
    page = playground.page
    page.route("**/microgpt/", lambda route: route.fulfill(body=EMPTY_PAGE), times=1)
    page.goto("")
    page.evaluate(OLD_DATABASE)
    page.goto("about:blank")  # else only the fragment would be another
    playground.open(SMALL).wait_worker()
    train(playground)
    train(playground, Layers=2)
    wait_kept_runs(page, 1)
    playground.button("Models").click()
    expect(page.locator("#saved-models")).to_contain_text("of before")


def test_past_runs_go_into_the_file_with_everything_and_come_back(
    playground: Playground, tmp_path: Path
) -> None:
    page = playground.open(SMALL).wait_worker().page
    train(playground)
    train(playground, Layers=2)
    wait_kept_runs(page, 1)
    kept = page.evaluate(KEPT)
    open_dialog(playground)
    path = download(playground, "Export all", tmp_path / "all.microgpt")
    playground.button("Forget everything").click()
    page.locator("#models-agree").click()
    expect(playground.status).to_contain_text("step 0 /")
    playground.wait_worker()
    expect(page.locator("#open-runs")).to_be_hidden()
    open_dialog(playground)
    page.locator("#model-file").set_input_files(path)
    expect(page.locator("#models-said")).to_contain_text("Imported")
    page.keyboard.press("Escape")
    playground.button("1 past run").click()
    page.get_by_role("button", name="run", exact=True).click()
    wait_status(page, "step 100 / 100")
    assert page.evaluate(KEPT) == kept


@pytest.mark.expects_errors
def test_a_table_that_cannot_be_fetched_is_tried_again(playground: Playground) -> None:
    page = playground.open(SMALL).wait_worker().page
    train(playground)
    train(playground, Layers=2)
    page.route("**/runs.bin", lambda route: route.abort())
    playground.button("Compare 2 runs").click()
    expect(page.locator("#runs-notice")).to_be_visible()
    page.unroute("**/runs.bin")
    page.locator("#runs-retry").click()
    expect(rows(page)).to_have_count(2)


@pytest.mark.context_options(color_scheme="dark")
def test_the_table_is_laid_out_well_and_accessible(playground: Playground) -> None:
    page = three_runs(playground)
    choose(page, "lr 0.005", "1 layer")
    playground.button("Compare").click()
    expect(page.locator(".compared-bars")).to_be_visible()
    page.get_by_label("Colour by").select_option("n_layer")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        check_state(page, f"runs-{width}-dark")
