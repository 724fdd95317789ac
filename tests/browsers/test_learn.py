"""Learn, in every browser: a program runs, is stopped in an endless loop; one scalar, both ways."""

from __future__ import annotations

from tests.browsers.driver import until
from tests.browsers.page import PlaygroundPage

SET_STEPS = """(steps) => {
  const field = document.getElementById("run-steps");
  field.value = steps;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}"""


def test_a_program_runs_and_another_one_is_stopped(playground: PlaygroundPage) -> None:
    playground.open("#place=learn&program=2")
    playground.wait("#run-status", "^Ready")
    playground.driver.evaluate(SET_STEPS, 3)
    playground.press("Run")
    playground.wait("#run-status", "^Done in")
    playground.wait("#output", r"step 3 \| loss [\d.]+")
    playground.driver.evaluate(SET_STEPS, 1000)
    playground.press("Run")
    playground.wait("#run-status", r"^step [\d,]+ / 1,000")
    playground.press("Stop")
    playground.wait("#run-status", r"^Stopped after step \d+")
    playground.press("Playground", "a")
    playground.wait("#status", "step 0 / 1,000")


def test_one_scalar_goes_forward_and_back(playground: PlaygroundPage) -> None:
    playground.open("#place=learn&program=scalar")
    playground.wait("#walk-place", "Step 0 of 5")
    for _ in range(5):
        playground.press("Next")
    playground.wait("#walk-words", r"a gets \(−3\) × 1 = −3, b gets 2 × 1 = 2")
    values = ["4.00", "−6.00", "2.00", "−3.00", "10.0"]
    until(lambda: playground.texts("#scalar-tree .step-value") == values, "all are computed")
