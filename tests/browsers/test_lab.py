"""The Lab in every browser: an experiment is run, drawn, kept, and one of its runs is opened."""

from __future__ import annotations

from tests.browsers.driver import until
from tests.browsers.page import PlaygroundPage

EXPERIMENT = "#place=lab&lab=data=words;num_steps=100;learning_rate=0.01,0.02,0.03;seeds=2"
DRAWN = "() => document.querySelector('#lab-figure .uplot canvas')?.width > 0"


def test_an_experiment_is_run_and_kept_and_a_run_of_it_is_opened(
    playground: PlaygroundPage,
) -> None:
    playground.open(EXPERIMENT)
    playground.press("Run")
    playground.wait("#lab-done", "^6 of 6 runs$")
    playground.wait("#lab-left", "of computing$")
    until(lambda: playground.driver.evaluate(DRAWN), "the results are drawn")
    playground.press("Numbers", "summary")
    playground.wait_count("#lab-table tbody tr", 3)
    rows = playground.texts("#lab-table tbody tr")
    assert rows[0].startswith("Learning rate 0.01")
    playground.reload()
    playground.wait("#lab-done", "^6 of 6 runs$")
    playground.press("Numbers", "summary")
    until(lambda: playground.texts("#lab-table tbody tr") == rows, "the same results are there")
    playground.press("Open Learning rate 0.02 in the playground")
    playground.wait_status("step 100 / 100")
