"""A run is there again in every browser: interrupted, reloaded, resumed, closed and opened."""

from __future__ import annotations

from pathlib import Path

from tests.browsers.kept import kept_losses
from tests.browsers.page import PlaygroundPage

STEPS = 100
# At the pace that spreads it over some seconds, so that it can be interrupted.
SLOW = f"#engine=scalar&num_steps={STEPS}&n_embd=8&n_head=2&block_size=8"


def test_a_run_interrupted_twice_equals_one_that_was_not(playground: PlaygroundPage) -> None:
    playground.open(SLOW)
    playground.press("Train")
    whole = kept_losses(playground, STEPS)
    playground.press("Start over")
    playground.wait_status(f"step 0 / {STEPS}")
    playground.press("Train")
    playground.wait_step(10)
    playground.press("Pause")
    playground.wait("#train", "Resume")
    step = playground.step()
    assert kept_losses(playground, step) == whole[:step]
    playground.reload()
    playground.wait("#verdict", f"Your run is back as you left it, at step {step}")
    assert playground.step() == step
    playground.press("Resume")
    playground.wait_step(step + 10)
    playground.crash()
    playground.wait("#training-notice", r"goes on from step (\d+)")
    playground.wait_worker()
    playground.leave()
    playground.open()
    back = int(playground.wait("#verdict", r"Your run is back as you left it, at step (\d+)")[1])
    assert step <= back < STEPS
    playground.press("Resume")
    assert kept_losses(playground, STEPS) == whole


def test_a_file_of_some_megabytes_and_its_run_are_there_again(
    playground: PlaygroundPage, tmp_path: Path
) -> None:
    file = tmp_path / "numbers.txt"
    lines = "".join(f"line {i} {'of many' * 12}\n" for i in range(20_000))
    file.write_text(lines, encoding="utf-8")
    playground.open("#pace=full&num_steps=100")
    playground.choose_files([file])
    playground.wait("#statistics", "20,000 lines")
    playground.press("Train")
    kept_losses(playground, 100)
    playground.reload()
    playground.wait_status("step 100 / 100")
    playground.wait("#verdict", "The loss fell")
    playground.wait("#statistics", "20,000 lines")
    playground.press("Train longer")
    playground.wait_status("step 200 / 200")
