"""The inside of the model, in every browser: votes, attention, lens, and a part switched off."""

from __future__ import annotations

import re

import pytest

from tests.browsers.driver import until
from tests.browsers.page import PlaygroundPage

PRESS_MLP = "() => document.querySelector('[data-switch=\"layer0.mlp\"]').click()"
OPEN = "#pace=full&open=votes,attention,lens"


def number(words: str) -> float:
    """A number as the page writes it, with a minus sign of its own."""
    return float(words.replace("−", "-"))


def test_the_views_follow_the_moment_and_what_is_switched_off(playground: PlaygroundPage) -> None:
    playground.open(OPEN)
    playground.press("Train")
    playground.wait_status("step 1,000 / 1,000")
    playground.wait("#view-attention", r"After “i”, this head reads .* with [\d.]+%")
    playground.wait("#view-lens", "Layer 1, MLP")
    logit = r"The logit of “?\w+”? is ([+−][\d.]+)"
    said = playground.wait("#view-votes", logit)[1]
    votes = [number(value) for value in playground.texts("#view-votes .votes-bars .bar-value")]
    assert len(votes) == 7, "token, position, four heads and an MLP"
    assert sum(votes) == pytest.approx(number(said), abs=0.04)

    before = playground.texts("#view-lens .lens-best")
    playground.press("Back")
    playground.wait("#view-attention", "After “r”, this head reads")
    until(lambda: playground.texts("#view-lens .lens-best") != before, "the lens follows")

    playground.press("Switch off")
    playground.wait("#view-switch-off", "MLP")
    playground.driver.evaluate(PRESS_MLP)
    without = playground.wait("#view-switch-off", r"loss is (\d\.\d+) instead of (\d\.\d+)")
    assert float(without[1]) > float(without[2])
    mlp = r"Layer 1, MLP\s+([+−][\d.]+)"
    until(
        lambda: (
            re.search(mlp, "\n".join(playground.texts("#view-votes .votes-bars"))) is not None
            and number(playground.wait("#view-votes .votes-bars", mlp)[1]) == 0
        ),
        "a part that is off has no vote",
    )
    playground.press("Restore all")
    playground.wait("#view-switch-off", "All parts are at work")
