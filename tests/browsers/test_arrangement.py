"""In every browser: a link that hides and locks, the dialog that makes it, a page for frames."""

from __future__ import annotations

from tests.browsers.driver import ENTER, until
from tests.browsers.page import PlaygroundPage

# How things are in the first frame of this site on the page.
IN_FRAME = """
(selector) => {
  const seen = document.querySelector("iframe")?.contentDocument?.querySelector(selector);
  return seen ? [seen.checkVisibility(), seen.disabled ?? null] : null;
}
"""
# In a list that scrolls on its own.
CHOOSE = """
(verb, name) => document.querySelector(`#class-lists [data-verb=${verb}][value=${name}]`).click()
"""
STATE = """
() => ["#chart", "#n_embd", "#num_steps", "#train"].map((selector) => {
  const element = document.querySelector(selector);
  return [element.checkVisibility(), element.disabled ?? null, element.ariaDisabled];
})
"""


def test_a_link_for_a_class_is_made_and_holds(playground: PlaygroundPage) -> None:
    playground.open()
    playground.press("Share")
    playground.press("For a class", "[role=tab]")
    until(
        lambda: playground.driver.evaluate(IN_FRAME, "body[data-page=ready]"), "the preview is up"
    )
    playground.driver.evaluate(CHOOSE, "hide", "chart")
    playground.driver.evaluate(CHOOSE, "lock", "model")
    until(lambda: playground.driver.evaluate(IN_FRAME, "#chart") == [False, None], "it is hidden")
    until(lambda: playground.driver.evaluate(IN_FRAME, "#n_embd") == [True, True], "it is locked")
    link = playground.driver.evaluate("() => document.getElementById('class-link').value")
    assert link.endswith("#hide=chart&lock=model")
    playground.leave()
    playground.open(f"#{link.split('#')[1]},train")
    state = [[False, None, None], [True, True, None], [True, False, None], [True, False, "true"]]
    assert playground.driver.evaluate(STATE) == state
    playground.driver.evaluate("() => document.getElementById('train').focus()")
    playground.driver.press_keys(ENTER)
    playground.press("Train")
    playground.wait("#tip", "The link that opened this page keeps this as it is")
    playground.press("Pokémon names", "input[type=radio]")
    playground.wait("#applied-words", "Batch size")
    assert playground.texts("#n_embd-value") == ["16"]
    assert playground.step() == 0


def test_the_page_for_frames_trains_and_keeps_nothing(playground: PlaygroundPage) -> None:
    playground.open("?embed=training,chart#num_steps=100&pace=full")
    assert playground.texts("header, footer, #writing, #data") == []
    playground.press("Train")
    playground.wait_status("step 100 / 100")
    playground.wait("#train", "Train")
    assert playground.driver.evaluate("() => localStorage.length + sessionStorage.length") == 0
    playground.reload()
    playground.wait_status("step 0 / 100")
