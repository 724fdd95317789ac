"""A link with a text and a whole model shows the same in every browser; a broken one says so."""

from __future__ import annotations

from tests.browsers.driver import until
from tests.browsers.page import PlaygroundPage

TICK = "(id) => { const box = document.getElementById(id); if (!box.checked) box.click(); }"
# The link of the dialog, once the model is in it.
READ_LINK = """
() => {
  const link = document.getElementById("link").value;
  const done = !document.getElementById("copy-link").disabled && /&model=/.test(link);
  return done && /[#&]text=/.test(link) ? link : null;
}
"""
BARS = """
() => [...document.querySelectorAll("#probabilities.current .ink")].map((ink) =>
  parseFloat(getComputedStyle(ink).getPropertyValue("--now")))
"""
GO = "(fragment) => { location.hash = fragment; }"
CLOSE_BARS = 0.01  # parts of the highest one


def test_a_link_with_a_model_shows_its_bars(playground: PlaygroundPage) -> None:
    playground.open("#data=dinosaurs&num_steps=100&pace=full")
    playground.press("Train")
    playground.wait_status("step 100 / 100")
    playground.press("Share")
    playground.wait("#link-length", "characters")
    for part in ("link-text", "link-model"):
        playground.driver.evaluate(TICK, part)
    link = str(until(lambda: playground.driver.evaluate(READ_LINK), "the link"))
    bars = until(lambda: playground.driver.evaluate(BARS), "the bars")
    playground.leave()
    playground.open(link.removeprefix(playground.url))
    playground.wait("#model-name", "came with this link: 4,192 parameters, trained on Dinosaurs")
    again = until(lambda: playground.driver.evaluate(BARS), "the bars")
    assert max(abs(a - b) for a, b in zip(bars, again, strict=True)) < CLOSE_BARS
    playground.driver.evaluate(GO, link.removeprefix(playground.url)[:-10])
    playground.wait("#brought-words", "cut off or changed on its way")
    playground.wait("#model-name", "A small model that was trained on US first names")
