"""Models in files, under names and in one file with everything: opened, saved, and nothing lost."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from microgpt.cli.main import main
from tests.browser.app import Playground
from tests.browser.watch import wait_status


def saved(folder: Path, *options: str) -> Path:
    """A model of the command line's."""
    path = folder / "cli.safetensors"
    assert main(["train", "--samples", "0", "--save", str(path), *options]) == 0
    return path


def test_a_model_of_the_command_line_opens(playground: Playground, tmp_path: Path) -> None:
    path = saved(tmp_path, "--data", "movies", "--steps", "40", "--n-embd", "8")
    page = playground.open("#data=baby-names").wait_worker().page
    playground.train(30)
    page.locator("#model-file").set_input_files(path)
    wait_status(page, r"step 40 / 40")
    expect(page.locator("#model-name")).to_have_text("The model from ‘cli.safetensors’.")
    expect(page.locator("#verdict")).to_contain_text("This is the model from ‘cli.safetensors’")
    print(page.locator("#verdict").inner_text())
    print(page.locator("#training").inner_text())
    print(page.url)
    page.screenshot(path="/tmp/opened.png")
    playground.button("Train longer").click()
    page.wait_for_timeout(3000)
    print(page.locator("#training").inner_text())
    page.get_by_role("button", name="Show it").click()
    wait_status(page, r"step 30 / 30")
    print(page.url)
