"""Models in files, under names, and everything in one file: opened, saved, and nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from microgpt.checkpoint import from_bytes
from microgpt.cli.main import main
from microgpt.model_code.gallery import GALLERY
from microgpt.training_record import record_from_about
from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.kept import JUDGED, OVER, read_run, wait_kept
from tests.browser.test_page_keeping_faults import FORBIDDEN
from tests.browser.watch import wait_status

SMALL = "#n_embd=8&block_size=8&num_steps=100&pace=full"
OWN_TEXT = "ada\nbob\ncleo\ndora\n" * 5
# Drops a file with these bytes, of this name, onto the chart.
DROP_FILE = """
([name, bytes]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
    const options = { dataTransfer, bubbles: true, cancelable: true };
    for (const type of ["dragover", "drop"])
        document.getElementById("chart").dispatchEvent(new DragEvent(type, options));
}
"""


def saved(path: Path, *options: str) -> Path:
    """A model of the command line's."""
    assert main(["train", "--samples", "0", "--save", str(path), *options]) == 0
    return path


def choose(page: Page, path: Path) -> None:
    """Open a file, as the chooser of Open model does."""
    page.locator("#model-file").set_input_files(path)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Models")


def open_dialog(playground: Playground) -> Locator:
    playground.button("Models").click()
    expect(dialog(playground.page).locator("#storage-used")).to_contain_text("200 MB")
    return dialog(playground.page)


def download(playground: Playground, button: str, path: Path) -> Path:
    """Save what a button of the dialog offers."""
    with playground.page.expect_download() as started:
        playground.button(button).click()
    started.value.save_as(path)
    return path


def back(playground: Playground) -> None:
    """Go back to what there was before a model was opened."""
    playground.button("Show it").click()
    expect(playground.page.locator("#kept-notice")).to_be_hidden()
    playground.page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)


# ---- files ---------------------------------------------------------------------------------------


def test_a_model_of_the_command_line_opens_and_nothing_is_lost(
    playground: Playground, tmp_path: Path
) -> None:
    options = ("--data", "movies", "--steps", "400", "--n-embd", "8", "--eval-fraction", "0.1")
    path = saved(tmp_path / "cli.safetensors", *options)
    page = playground.open(SMALL).wait_worker().page
    playground.train(100)
    playground.press("a", "n")
    wait_kept(page, "runs", f"{OVER} && {JUDGED}")
    before = read_run(page)
    text = [each.split("\n")[0] for each in playground.tiles.all_inner_texts()]
    choose(page, path)
    wait_status(page, "step 400 / 400")
    expect(page.locator("#model-name")).to_have_text("The model from ‘cli.safetensors’.")
    expect(page.locator("#verdict")).to_contain_text("trained for 400 steps on Movie titles.")
    expect(page.get_by_role("radio", name="Movie titles")).to_be_checked()
    assert page.url.endswith("#data=movies&n_embd=8&num_steps=400&pace=full")
    losses = record_from_about(from_bytes(path.read_bytes()).about).losses
    assert f"loss {losses[-1]:.4f}" in playground.status.inner_text()
    page.locator("#probabilities.current").wait_for()
    playground.button("Train longer").click()
    wait_status(page, "step 800 / 800")
    wait_kept(page, "runs", OVER)
    assert read_run(page).raw[:400] == list(losses)
    back(playground)
    wait_status(page, "step 100 / 100")
    assert page.url.endswith(SMALL)
    assert [each.split("\n")[0] for each in playground.tiles.all_inner_texts()] == text
    playground.wait_worker()
    assert read_run(page) == before


def test_a_stopped_run_goes_on_from_a_file_of_either_side(
    playground: Playground, context: BrowserContext, tmp_path: Path
) -> None:
    options = ("--steps", "400", "--n-embd", "8", "--block-size", "8", "--eval-fraction", "0.1")
    path = saved(tmp_path / "cli.safetensors", *options, "--stop-after", "150")
    page = playground.open(SMALL.replace("100", "400")).wait_worker().page
    playground.button("Train").click()
    wait_kept(page, "runs", OVER)
    whole = read_run(page)
    choose(page, path)
    wait_status(page, "step 150 / 400")
    expect(page.locator("#verdict")).to_contain_text("It was stopped there: press Resume")
    playground.button("Step").click()
    wait_status(page, "step 151 / 400")
    open_dialog(playground)
    again = download(playground, "Download model", tmp_path / "page.safetensors")
    other = Playground(context.new_page()).open().wait_worker()
    choose(other.page, again)
    wait_status(other.page, "step 151 / 400")
    other.button("Resume").click()
    wait_kept(other.page, "runs", OVER)
    resumed = read_run(other.page)
    # From step 150 on it is computed by the page; before, the command line's numbers are as good.
    assert resumed.raw[150:] == pytest.approx(whole.raw[150:], abs=2e-3)
    assert resumed.raw[:150] == pytest.approx(whole.raw[:150], abs=2e-3)


def test_a_model_of_the_page_opens_on_the_command_line(
    playground: Playground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = next(edit.source for edit in GALLERY if edit.name == "silu")
    page = playground.open(SMALL).wait_worker().page
    playground.paste(OWN_TEXT)
    playground.train(100)
    wait_kept(page, "runs", OVER)
    run = read_run(page)
    open_dialog(playground)
    path = download(playground, "Download model", tmp_path / "own.safetensors")
    model = from_bytes(path.read_bytes())
    record = record_from_about(model.about)
    assert list(record.losses) == run.raw
    assert (record.step, record.num_steps, record.data.name) == (100, 100, "pasted text")
    assert record.held_out == [tuple(point) for point in run.about["series"]["held_out"]]
    assert record.settings["n_embd"] == model.config.n_embd == 8
    assert main(["explain", "--model", str(path), "--text", "ad", "--json"]) == 0
    capsys.readouterr()
    # With code of its own, the file brings it: it is asked for, and lost by nobody who declines.
    coded = tmp_path / "coded.safetensors"
    code = tmp_path / "code.py"
    code.write_text(source, encoding="utf-8")
    saved(coded, "--code", str(code), "--data", "baby-names", "--steps", "100")
    page.keyboard.press("Escape")
    choose(page, coded)
    asked = dialog(page)
    expect(asked).to_contain_text("brings its own code")
    expect(asked.get_by_label("The model's code")).to_contain_text("def gpt(")
    playground.button("Cancel").click()
    wait_status(page, "step 100 / 100")
    expect(page.locator("#code-edited")).to_be_hidden()
    page.keyboard.press("Escape")
    choose(page, coded)
    playground.button("Use this code").click()
    expect(page.locator("#model-name")).to_have_text("The model from ‘coded.safetensors’.")
    expect(page.locator("#code-edited")).to_be_visible()
    expect(asked).to_be_hidden()
    playground.button("Train longer").click()
    wait_status(page, "step 200 / 200")
    back(playground)
    expect(page.locator("#code-edited")).to_be_hidden()
    expect(page.get_by_role("textbox", name="Your own text")).to_have_value(OWN_TEXT)
    assert read_run(page).digest == run.digest


def test_a_file_that_is_no_model_changes_nothing(playground: Playground, tmp_path: Path) -> None:
    good = saved(tmp_path / "good.safetensors", "--data", "baby-names", "--steps", "5").read_bytes()
    page = playground.open(SMALL).wait_worker().page
    playground.train(100)
    problem = dialog(page).locator("#models-problem")
    for content, words in [
        (good[:-8], "was cut off"),
        (good.replace(b'"microgpt"', b'"mcrogpt!"'), "a model of another kind"),
        (good.replace(b'"version": "1"', b'"version": "9"'), "a newer version of microgpt"),
        (good[:-8] + b"\xff" * 8, "not finite numbers"),
        (b"", "is empty"),
        (bytes(51_000_000), "51 MB; the page opens models of up to 50 MB"),
    ]:
        path = tmp_path / "bad.safetensors"
        path.write_bytes(content)
        choose(page, path)
        expect(problem).to_contain_text(words)
        page.keyboard.press("Escape")
    wait_status(page, "step 100 / 100")
    expect(page.locator("#model-name")).to_contain_text("The model that you train above")
    expect(page.locator("#kept-notice")).to_be_hidden()
    # One that is dropped onto the page is opened as well.
    page.evaluate(DROP_FILE, ["good.safetensors", list(good)])
    wait_status(page, "step 5 / 5")


# ---- models under names, and everything ----------------------------------------------------------


def test_models_are_saved_opened_deleted_and_brought_back(playground: Playground) -> None:
    page = playground.open(SMALL).wait_worker().page
    assert open_dialog(playground).locator("#model-facts").inner_text().startswith("There is no")
    expect(playground.button("Download model")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(playground.button("Models")).to_be_focused()
    playground.train(100)
    shown = open_dialog(playground)
    shown.get_by_label("Name").fill("My <model>")
    shown.get_by_label("Name").press("Enter")
    expect(shown).to_contain_text("‘My <model>’ is saved.")
    saved_list = shown.get_by_role("list", name="Saved models").get_by_role("listitem")
    expect(saved_list).to_contain_text("US first names, 100 steps, held out")
    playground.button("Save").click()
    expect(shown).to_contain_text("There is a model called ‘My <model>’ already.")
    playground.button("Replace it").click()
    expect(shown).to_contain_text("‘My <model>’ is saved.")
    expect(saved_list).to_have_count(1)
    playground.button("Delete ‘My <model>’").click()
    expect(shown).to_contain_text("‘My <model>’ is deleted.")
    shown.get_by_role("button", name="Undo").click()
    expect(shown).to_contain_text("‘My <model>’ is there again.")
    page.keyboard.press("Escape")
    playground.button("Start over").click()
    page.reload()
    playground.wait_worker()
    open_dialog(playground)
    playground.button("Open ‘My <model>’").click()
    wait_status(page, "step 100 / 100")
    expect(page.locator("#model-name")).to_have_text("The model from ‘My <model>’.")


def test_everything_goes_into_one_file_and_comes_back(
    playground: Playground, tmp_path: Path
) -> None:
    page = playground.open(SMALL).wait_worker().page
    playground.paste(OWN_TEXT)
    playground.train(100)
    wait_kept(page, "runs", f"{OVER} && {JUDGED}")
    run = read_run(page)
    shown = open_dialog(playground)
    playground.button("Save").click()
    expect(shown).to_contain_text("is saved.")
    path = download(playground, "Export all", tmp_path / "all.microgpt")
    playground.button("Forget everything").click()
    page.locator("#models-agree").click()
    expect(playground.status).to_contain_text("step 0 /")
    page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    assert (
        page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    )
    shown = open_dialog(playground)
    expect(shown).to_contain_text("Saved models are listed here.")
    expect(shown.get_by_role("list", name="Earlier work")).to_be_hidden()
    for content in (path.read_bytes()[:-9], b"microgpt" + b"\xff" * 50, b"{}"):
        bad = tmp_path / "bad.microgpt"
        bad.write_bytes(content)
        choose(page, bad)
        expect(shown).to_contain_text("is no export of this page, or it is damaged")
    choose(page, path)
    expect(shown).to_contain_text("Imported 1 model and 1 run")
    choose(page, path)
    expect(shown).to_contain_text("All that is in the file was here already")
    expect(shown.get_by_role("list", name="Earlier work").get_by_role("listitem")).to_have_count(1)
    shown.get_by_role("button", name="Show ‘your own text, step 100 of 100’").click()
    wait_status(page, "step 100 / 100")
    expect(page.get_by_role("textbox", name="Your own text")).to_have_value(OWN_TEXT)
    playground.wait_worker()
    assert read_run(page) == run


def test_without_storage_a_model_opens_only_if_one_agrees_to_lose_the_run(
    playground: Playground, tmp_path: Path
) -> None:
    path = saved(tmp_path / "m.safetensors", "--data", "baby-names", "--steps", "5")
    page = playground.page
    page.add_init_script(FORBIDDEN)
    playground.open(SMALL).wait_worker()
    playground.train(100)
    choose(page, path)
    expect(dialog(page)).to_contain_text("would lose what you have here")
    wait_status(page, "step 100 / 100")
    playground.button("Cancel").click()
    expect(dialog(page)).to_contain_text("keeps nothing")
    with page.expect_download() as started:
        playground.button("Download model").click()
    content = Path(started.value.path()).read_bytes()
    assert json.loads(from_bytes(content).about["steps"]) == 100
    page.keyboard.press("Escape")
    choose(page, path)
    playground.button("Open it").click()
    wait_status(page, "step 5 / 5")
