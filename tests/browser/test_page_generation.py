"""Writing token by token: pressing, moving, sampling, and the text between models."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import Playground

# Answers of the worker arrive late, as they do while it is busy.
SLOW_WORKER = """
window.Worker = class extends Worker {
  set onmessage(handle) {
    super.onmessage = (event) => setTimeout(() => handle(event), 150);
  }
};
"""


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up and the shipped model loaded."""
    return playground.open().wait_worker()


def words(playground: Playground) -> str:
    """What is said about the moment."""
    return playground.page.locator("#stepper-words").inner_text()


def expect_words(playground: Playground, pattern: str) -> None:
    expect(playground.page.locator("#stepper-words")).to_have_text(re.compile(pattern))


def expect_newest(playground: Playground, token: str) -> None:
    """Expect to be told how this token, the newest, was chosen, and what comes next."""
    expect_words(playground, rf"^“{token}”: .* of \d+\. What comes next\?")


# ---- the first visit -----------------------------------------------------------------------------


@pytest.mark.expects_errors
def test_the_text_already_holds_a_name_half_written(playground: Playground) -> None:
    playground.page.route("**/worker.mjs", lambda route: route.abort())
    playground.page.goto("")
    expect(playground.text).to_have_value("mari")
    expect(playground.tiles).to_have_text(list("mari"))
    expect_words(playground, r"“i”: [\d.]+%.* of 27\. What comes next\? “\w” is likeliest with")
    assert abs(sum(playground.probability_by_token().values()) - 1) < 0.002


def test_nothing_moves_when_python_arrives(playground: Playground) -> None:
    playground.page.goto("")
    before = (
        playground.probability_by_token(),
        playground.page.locator("#stepper-words").inner_text(),
    )
    playground.open().wait_worker()
    assert (playground.probability_by_token(), words(playground)) == before


# ---- pressing ------------------------------------------------------------------------------------


def test_pressed_letters_write_a_name(ready: Playground) -> None:
    ready.button("Reset").click()
    ready.press(*"emma")
    expect(ready.text).to_have_value("emma")
    expect(ready.tiles).to_have_text(list("emma"))
    expect_words(ready, r"^“a”: [\d.]+%, .* of 27\. What comes next\?")
    probs = ready.probability_by_token()
    assert list(probs) == [*"abcdefghijklmnopqrstuvwxyz", "end"]
    assert abs(sum(probs.values()) - 1) < 0.002


def test_letters_are_written_faster_than_answers_come(page: Page) -> None:
    page.add_init_script(SLOW_WORKER)
    playground = Playground(page).open().wait_worker()
    playground.button("Reset").click()
    playground.press(*"emma")
    assert playground.tiles.all_inner_texts() == list("emma")
    expect_newest(playground, "a")
    expect(playground.tiles).to_have_text(list("emma"))


def test_each_letter_shows_what_comes_after_it(ready: Playground) -> None:
    ready.button("Reset").click()
    expect_words(ready, r"^What comes first\? ")
    first = ready.probability_by_token()
    shown = ready.page.locator("#probabilities li:nth-child(11) .probability").text_content()
    ready.press("k")
    expect_newest(ready, "k")
    after_k = ready.probability_by_token()
    assert after_k != first
    assert f"“k”: {shown}," in words(ready), "as it was shown before the press"
    ready.press("a")
    expect_newest(ready, "a")
    ready.button("Undo").click()
    expect_newest(ready, "k")
    assert ready.probability_by_token() == after_k


def test_the_end_closes_a_text_and_another_begins(ready: Playground) -> None:
    ready.press("end")
    expect(ready.tiles).to_have_text([*"mari", "end"])
    expect_words(ready, r"^The line ends here: .*%, .* of 27\. What comes first\?")
    ready.press("k")
    expect(ready.tiles).to_have_text(["k"])
    ready.button("Undo").click()
    expect(ready.tiles).to_have_text([*"mari", "end"])


def test_a_full_context_says_so(ready: Playground) -> None:
    ready.text.fill("a" * 16)
    expect_words(ready, r"The context of 16 tokens is full: nothing can follow\.$")
    expect(ready.button("Next token")).to_be_disabled()
    ready.press("b")
    expect(ready.text).to_have_value("a" * 16)
    ready.button("Back").click()
    ready.press("b")
    expect(ready.text).to_have_value("a" * 15 + "b")


def test_an_earlier_tile_is_an_earlier_moment(ready: Playground) -> None:
    ready.text.fill("mar")
    expect_newest(ready, "r")
    at_r = ready.probability_by_token()
    ready.press("k")
    expect_newest(ready, "k")
    ready.tiles.nth(2).click()
    expect_newest(ready, "r")
    expect(ready.tiles.nth(2)).to_have_attribute("aria-current", "true")
    expect(ready.text).to_be_focused()
    assert ready.probability_by_token() == at_r
    chosen = ready.page.locator("#probabilities .chosen")
    expect(chosen).to_have_count(1)
    expect(chosen).to_contain_text("k")
    label = ready.tiles.nth(3).get_attribute("aria-label") or ""
    assert re.fullmatch(r"k, (<0\.01|[\d.]+)%", label)
    ready.tiles.nth(0).click()
    ready.press("o")
    expect(ready.tiles).to_have_text(["m", "o"])
    ready.button("Undo").click()
    expect(ready.tiles).to_have_text(list("mark"))


@pytest.mark.context_options(has_touch=True)
def test_a_tile_that_is_touched_opens_no_keyboard(ready: Playground) -> None:
    ready.tiles.nth(1).tap()
    expect_newest(ready, "a")
    expect(ready.text).not_to_be_focused()
    row = ready.page.locator("#text-row")
    box = row.bounding_box()
    assert box is not None
    row.tap(position={"x": box["width"] - 20, "y": box["height"] / 2})
    expect(ready.text).to_be_focused()
    expect_newest(ready, "i")


def test_next_back_and_reset(ready: Playground) -> None:
    ready.button("Reset").click()
    expect(ready.button("Back")).to_be_disabled()
    for count in (1, 2):
        ready.button("Next token").click()
        expect(ready.tiles).to_have_count(count)
    ready.button("Back").click()
    expect(ready.tiles).to_have_count(1)
    ready.button("Reset").click()
    expect(ready.tiles).to_have_count(0)
    expect_words(ready, "What comes first?")


def test_next_is_pressed_faster_than_answers_come(page: Page) -> None:
    page.add_init_script(SLOW_WORKER)
    playground = Playground(page).open()
    playground.button("Reset").click()
    for _ in range(2):
        playground.button("Next token").click()
    playground.wait_worker()
    expect(playground.tiles).to_have_count(2)


# Returns a list to which every state of a button is added.
STATES = """
(button) => {
    const states = [];
    const add = () => states.push(button.getAttribute("aria-pressed"));
    new MutationObserver(add).observe(button, { attributeFilter: ["aria-pressed"] });
    return states;
}
"""


def test_auto_play_generates_to_the_end(ready: Playground) -> None:
    states = ready.button("Auto-play").evaluate_handle(STATES)
    ready.button("Auto-play").click()
    said = ready.page.locator("#stepper-words")
    expect(said).to_contain_text(re.compile("line ends here|context of 16"), timeout=30_000)
    expect(ready.button("Auto-play")).to_have_attribute("aria-pressed", "false")
    assert states.json_value() == ["true", "false"]


def test_the_case_can_be_used_with_the_keyboard(ready: Playground) -> None:
    ready.button("Reset").click()
    buttons = ready.page.locator("#probabilities button")
    expect(ready.page.locator("#probabilities button[tabindex='0']")).to_have_count(1)
    buttons.first.focus()
    buttons.first.press("ArrowRight")
    expect(buttons.nth(1)).to_be_focused()
    expect_words(ready, "“b”")
    buttons.nth(1).press("Enter")
    expect(ready.tiles).to_have_text(["b"])
    buttons.nth(1).press("x")
    expect(ready.tiles).to_have_text(["b", "x"])


# ---- sampling ------------------------------------------------------------------------------------


def test_at_temperature_0_the_likeliest_token_is_all(ready: Playground) -> None:
    ready.set_slider("Temperature", 0)
    expect_words(ready, "likeliest with 100.0%")
    assert sorted(ready.probability_by_token().values())[-2:] == [0.0, 1.0]
    likeliest = ready.page.locator("#probabilities .likeliest .tile").inner_text()
    ready.button("Next token").click()
    expect(ready.tiles).to_have_text([*"mari", likeliest])
    expect(ready.tiles.last).to_have_attribute("aria-label", f"{likeliest}, 100.0%")


def test_the_probabilities_are_those_of_the_trained_model(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Simple baby names").check()
    expect(ready.page.locator("#statistics")).to_contain_text("50 names")
    ready.button("Reset").click()
    ready.train(100)
    expect_words(ready, "What comes first?")
    shown = ready.probability_by_token()
    assert max(shown.values()) > 0.2, "an untrained model finds all tokens about equally likely"
    ready.press("e")
    expect_newest(ready, "e")
    ready.button("Back").click()
    expect_words(ready, "What comes first?")
    assert ready.probability_by_token() == shown


def test_the_model_can_generate_while_it_trains(ready: Playground) -> None:
    ready.button("Train").click()
    expect(ready.page.locator("#model-name")).to_contain_text("The model that you train")
    ready.button("Next token").click()
    expect(ready.tiles).to_have_count(5)
    ready.button("Generate").click()
    expect(ready.samples.first).to_be_visible()
    expect(ready.button("Pause")).to_be_visible()


def test_a_token_that_is_asked_for_right_behind_train_comes_from_the_new_model(
    ready: Playground,
) -> None:
    ready.page.evaluate(
        """() => {
            for (const id of ["train", "next"]) document.getElementById(id).click();
        }"""
    )
    expect(ready.tiles).to_have_count(5)
    expect(ready.page.locator("#model-name")).to_contain_text("The model that you train")
    assert "".join(ready.tiles.all_inner_texts()).startswith("mari")


# ---- the text and the models ---------------------------------------------------------------------


def test_the_text_is_kept_when_the_model_changes(ready: Playground) -> None:
    ready.text.fill("kar")
    ready.press("i")
    ready.train(100)
    expect(ready.tiles).to_have_text(list("kari"))
    ready.button("Start over").click()
    expect(ready.page.locator("#model-name")).to_contain_text("trained on US first names")
    expect(ready.probabilities).to_have_count(27)
    expect(ready.tiles).to_have_text(list("kari"))
    expect(ready.button("Undo")).to_be_enabled()


def test_a_model_of_other_characters_begins_with_its_data(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Sums").check()
    expect(ready.page.locator("#statistics")).to_contain_text("sums")
    ready.train(100)
    expect(ready.text).to_have_value(re.compile(r"^\d+\+?\d*$"))
    ready.button("Start over").click()
    expect(ready.text).to_have_value("mari")
