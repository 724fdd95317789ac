"""What people come for, in every browser: load, train, pause, write, step, upload, come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from microgpt.cli.files import DATASETS_FOLDER
from microgpt.config import TrainConfig
from microgpt.dataset import split_lines
from microgpt.run import prepare_run
from tests.browsers.kept import kept_losses
from tests.browsers.page import PlaygroundPage

TILES = '[aria-label="Generated tokens"] button'
PROBABILITIES = '[aria-label="Token probabilities"] > li'
IS_CHOSEN = "name => document.querySelector('input[name=data]:checked')?.value === name"
OVERFLOW = "() => document.scrollingElement.scrollWidth - innerWidth"


def write_one_token(playground: PlaygroundPage) -> None:
    """Writes the first token of a new text."""
    playground.press("Reset")
    playground.wait_count(TILES, 0)
    playground.press("Next token")
    playground.wait_count(TILES, 1)


def test_train_pause_step_and_write(playground: PlaygroundPage) -> None:
    playground.open("#pace=full&engine=scalar")  # slow, so that Pause is pressed in time
    playground.choose_data("Simple baby names")
    playground.wait("#statistics", r"\d names")
    playground.press("Train")
    playground.wait_step(1)
    playground.press("Pause")
    playground.wait("#train", "Resume")
    paused = playground.step()
    playground.press("Step")
    playground.wait_step(paused + 1)
    write_one_token(playground)
    playground.press("Back")
    playground.wait_count(TILES, 0)
    playground.press("Generate")
    playground.wait("#samples-words", "20 written")
    playground.press("Resume")
    playground.wait("#train", "Pause")
    playground.press("Start over")
    playground.wait_status("step 0 /")


def test_further_seeds_are_trained_beside_a_run(playground: PlaygroundPage) -> None:
    playground.open("#num_steps=100&num_runs=5&pace=full")
    playground.press("Train")
    playground.wait("#seeds-words", "5 seeds: held out")
    playground.wait_status("step 100 / 100")


def test_the_losses_are_those_that_the_core_computes(playground: PlaygroundPage) -> None:
    training = TrainConfig(num_steps=100, eval_fraction=0.1)
    names = (DATASETS_FOLDER / "us-names.txt").read_text(encoding="utf-8")
    run = prepare_run(split_lines(names), training, "scalar")
    expected = [loss for progress in run.train() for loss in progress.losses][-1]
    playground.open("#num_steps=100")
    playground.press("Train")
    shown = playground.wait_status(r"step 100 / 100\s*loss (\d\.\d{4})")
    assert float(shown[1]) == pytest.approx(expected, abs=1e-3)


def test_a_file_of_one_s_own_is_still_there_after_a_reload(
    playground: PlaygroundPage, tmp_path: Path
) -> None:
    file = tmp_path / "rivers.txt"
    file.write_text("rhine\nrhone\nelbe\noder\nloire\n" * 20, encoding="utf-8")
    playground.open("#pace=full&num_steps=100")
    playground.choose_files([file])
    playground.wait("#statistics", "100 lines")
    playground.press("Train")
    playground.wait_status(r"step 100 / 100")
    kept_losses(playground, 100)  # and so are its data, which are written first
    playground.reload()
    playground.wait("#statistics", "100 lines")
    assert playground.driver.evaluate(IS_CHOSEN, "own")
    playground.press("Train")
    playground.wait_status(r"step 100 / 100")


def test_the_page_fits_a_phone(playground: PlaygroundPage) -> None:
    playground.driver.resize(390, 844)
    playground.open("#pace=full&num_steps=100")
    assert playground.driver.evaluate(OVERFLOW) <= 0
    playground.press("Train")
    playground.wait_status(r"step 100 / 100")
    playground.wait("#train-longer", "Train longer")  # the last to appear above what is written
    write_one_token(playground)
    assert playground.driver.evaluate(OVERFLOW) <= 0


def test_a_run_survives_the_death_of_its_worker(playground: PlaygroundPage) -> None:
    playground.open("#pace=full&engine=scalar")  # slow, so that the worker dies in time
    playground.press("Train")
    playground.wait_step(100)  # by then, a checkpoint was saved
    playground.crash()
    notice = playground.wait("#training-notice", r"goes on from step (\d+)")
    resumed = int(notice[1])
    assert 0 < resumed < 1000
    playground.wait_worker()
    playground.wait_step(resumed + 1)
    playground.press("Pause")
    playground.wait("#train", "Resume")
    write_one_token(playground)
