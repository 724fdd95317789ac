"""The model code, in every browser: edited, trained, wrong in a line, and kept."""

from __future__ import annotations

from tests.browsers.driver import CONTROL, END, ENTER, until
from tests.browsers.page import PlaygroundPage

CONTENT = "document.querySelector('#code-editor .editor')?.shadowRoot.querySelector('.cm-content')"
FOCUS = f"() => {{ {CONTENT}.focus(); return true; }}"
LAST_LINES = f"() => [...({CONTENT}?.querySelectorAll('.cm-line') ?? [])].slice(-2).map(\
(line) => line.textContent)"
MARKS = "() => document.querySelector('#code-editor .editor').shadowRoot.querySelectorAll(\
'.cm-lint-marker-error').length"


def test_the_model_code_is_edited_trained_and_kept(playground: PlaygroundPage) -> None:
    playground.open("#pace=full")
    playground.press("Edit the code")
    playground.wait("#code-state", "The model as it came")
    driver = playground.driver
    driver.evaluate(FOCUS)
    driver.press_keys(CONTROL, END)
    driver.type_text("width = 2")
    driver.press_keys(CONTROL, ENTER)
    playground.wait_status("step 1,000 / 1,000")
    playground.wait("#code-state", "Fits: 4,192 parameters")
    assert driver.evaluate(MARKS) == 0

    driver.press_keys(ENTER)
    driver.type_text("oops")
    playground.wait("#code-state", r"Line \d+: ")
    until(lambda: driver.evaluate(MARKS) == 1, "the line is marked")
    driver.press_keys(CONTROL, ENTER)
    playground.wait("#training-notice", r"Line \d+: ")
    playground.wait_status("step 1,000 / 1,000")

    playground.reload()
    playground.wait("#code-state", r"Line \d+: ")
    driver.evaluate(FOCUS)
    driver.press_keys(CONTROL, END)  # only lines in sight are drawn
    until(lambda: driver.evaluate(LAST_LINES) == ["width = 2", "oops"], "the text is there")
