"""A model goes from the command line into every browser, under a name, and opens again."""

from __future__ import annotations

from pathlib import Path

from microgpt.cli.main import main
from tests.browsers.page import PlaygroundPage


def test_a_model_opens_is_saved_and_opens_again(playground: PlaygroundPage, tmp_path: Path) -> None:
    path = tmp_path / "names.safetensors"
    options = ["--data", "baby-names", "--n-embd", "8", "--steps", "100", "--samples", "0"]
    assert main(["train", *options, "--save", str(path)]) == 0
    playground.open("#n_embd=8&num_steps=200&pace=full")
    playground.press("Train")
    playground.wait_status("step 200 / 200")
    playground.driver.choose_files("#model-file", [path])
    playground.wait("#model-name", "The model from ‘names.safetensors’")
    playground.wait_status("step 100 / 100")
    playground.press("Models")
    playground.wait("#model-facts", "Simple baby names, 100 steps")
    playground.press("Save")
    playground.wait("#saved-models", "Simple baby names, 100 steps")
    playground.press("Close", "#models-close")
    playground.press("Show it")
    playground.wait("body[data-page=ready]", ".")
    playground.wait_status("step 200 / 200")
    playground.wait_worker()
    playground.press("Models")
    playground.wait("#saved-models", "Simple baby names, 100 steps")
    playground.press("Open ‘names’")
    playground.wait("#model-name", "The model from ‘names’")
    playground.wait_status("step 100 / 100")
