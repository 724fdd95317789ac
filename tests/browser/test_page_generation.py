"""Generating with a model: token by token, and many samples at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up and the shipped model loaded."""
    return playground.open().wait_worker()


def generated_text(playground: Playground) -> str:
    return "".join(playground.tiles.all_inner_texts()).removesuffix("end")


def test_the_shipped_model_generates_at_once(ready: Playground) -> None:
    ready.set_slider("Samples", 7)
    ready.button("Generate").click()
    expect(ready.samples).to_have_count(7)
    expect(ready.page.locator("#samples .writing")).to_have_count(0)
    texts = ready.samples.all_inner_texts()
    assert all(re.fullmatch(r"[a-z]{1,16}\s*…?|\(nothing\)", text) for text in texts), texts


def test_the_explorer_shows_every_probability(ready: Playground) -> None:
    probs = ready.probability_by_token()
    assert list(probs) == [*"abcdefghijklmnopqrstuvwxyz", "end"]
    assert abs(sum(probs.values()) - 1) < 0.002
    ready.button("Next token").click()
    expect(ready.tiles).to_have_count(1)
    chosen = ready.page.locator("#probabilities .chosen")
    expect(chosen).to_have_count(1)
    letter = ready.tiles.first.inner_text()
    expect(chosen).to_contain_text(letter)
    # The tile states the same probability as the case.
    label = re.fullmatch(
        rf"{letter}, <?([\d.]+)%", ready.tiles.first.get_attribute("aria-label") or ""
    )
    assert label is not None
    assert abs(float(label[1]) / 100 - ready.probability_by_token()[letter]) < 0.001


def test_next_back_and_reset(ready: Playground) -> None:
    for count in (1, 2):
        ready.button("Next token").click()
        expect(ready.tiles).to_have_count(count)
    ready.button("Back").click()
    expect(ready.tiles).to_have_count(1)
    ready.button("Reset").click()
    expect(ready.tiles).to_have_count(0)
    expect(ready.button("Back")).to_be_disabled()
    expect(ready.page.locator("#stepper-words")).to_contain_text("What comes first?")


def test_auto_play_generates_to_the_end(ready: Playground) -> None:
    ready.button("Auto-play").click()
    expect(ready.button("Auto-play")).to_have_attribute("aria-pressed", "true")
    words = ready.page.locator("#stepper-words")
    expect(words).to_contain_text(re.compile("line ends here|context of 16"), timeout=30_000)
    expect(ready.button("Auto-play")).to_have_attribute("aria-pressed", "false")
    expect(ready.button("Next token")).to_be_disabled()


def test_an_earlier_tile_shows_the_probabilities_at_that_point(ready: Playground) -> None:
    ready.set_slider("Temperature", 0)
    first = None
    for count in (1, 2, 3):
        ready.button("Next token").click()
        expect(ready.tiles).to_have_count(count)
        first = first or ready.probability_by_token()
    assert ready.probability_by_token() != first or len(set(generated_text(ready))) == 1
    ready.tiles.nth(0).click()
    expect(ready.tiles.nth(0)).to_have_attribute("aria-current", "true")
    assert ready.probability_by_token() == first
    expect(ready.tiles.nth(0)).to_be_focused()


def test_at_temperature_0_all_samples_are_the_same(ready: Playground) -> None:
    ready.set_slider("Temperature", 0)
    ready.set_slider("Samples", 4)
    ready.button("Generate").click()
    expect(ready.samples).to_have_count(4)
    expect(ready.page.locator("#samples .writing")).to_have_count(0)
    assert len(set(ready.samples.all_inner_texts())) == 1


def test_a_new_temperature_applies_from_the_next_token(ready: Playground) -> None:
    ready.button("Next token").click()
    expect(ready.tiles).to_have_count(1)
    ready.set_slider("Temperature", 0)
    ready.button("Next token").click()
    expect(ready.tiles).to_have_count(2)
    assert sorted(ready.probability_by_token().values())[-2:] == [0.0, 1.0]


def test_a_token_can_be_chosen_by_hand(ready: Playground) -> None:
    for letter in "zq":
        count = ready.tiles.count()
        ready.button("Next token").click()
        expect(ready.tiles).to_have_count(count + 1)
        ready.page.locator("#probabilities button").filter(has_text=letter).first.click()
        expect(ready.tiles.last).to_have_text(letter)
    assert generated_text(ready) == "zq"
    # At an earlier position, which removes what followed.
    ready.tiles.nth(0).click()
    ready.page.locator("#probabilities button").filter(has_text="k").first.click()
    expect(ready.tiles).to_have_count(1)
    assert generated_text(ready) == "k"


def test_the_case_can_be_used_with_the_keyboard(ready: Playground) -> None:
    buttons = ready.page.locator("#probabilities button")
    expect(ready.page.locator("#probabilities button[tabindex='0']")).to_have_count(1)
    buttons.first.focus()
    buttons.first.press("ArrowRight")
    expect(buttons.nth(1)).to_be_focused()
    expect(ready.page.locator("#stepper-words")).to_contain_text("“b”")
    buttons.nth(1).press("Enter")
    expect(ready.tiles).to_have_count(1)
    assert generated_text(ready) == "b"


def test_every_sample_starts_with_the_prefix(ready: Playground) -> None:
    prefix = ready.page.get_by_role("textbox", name="Prefix")
    prefix.fill("kar")
    ready.set_slider("Samples", 5)
    ready.button("Generate").click()
    expect(ready.samples).to_have_count(5)
    expect(ready.page.locator("#samples .writing")).to_have_count(0)
    assert all(text.startswith("kar") for text in ready.samples.all_inner_texts())
    prefix_tiles = ready.page.locator("#generated .given")
    expect(prefix_tiles).to_have_text(["k", "a", "r"])


def test_a_prefix_with_an_unknown_character_is_rejected_with_an_explanation(
    ready: Playground,
) -> None:
    prefix = ready.page.get_by_role("textbox", name="Prefix")
    prefix.fill("kaß")
    notice = ready.page.locator("#writing-notice")
    expect(notice).to_contain_text("does not know the character 'ß'")
    expect(prefix).to_have_value("kaß")
    ready.button("Generate").click()
    expect(notice).to_contain_text("'ß'")
    expect(ready.samples).to_have_count(0)
    prefix.fill("ka")
    expect(notice).to_be_hidden()


def test_a_prefix_as_long_as_the_context_is_rejected_with_an_explanation(ready: Playground) -> None:
    ready.page.get_by_role("textbox", name="Prefix").fill("a" * 16)
    expect(ready.page.locator("#writing-notice")).to_contain_text("shorter than the context length")


def test_the_probabilities_are_those_of_the_trained_model(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Simple baby names").check()
    expect(ready.page.locator("#statistics")).to_contain_text("50 names")
    ready.train(100)
    shown = ready.probability_by_token()
    assert max(shown.values()) > 0.2, "an untrained model finds all tokens about equally likely"
    ready.button("Reset").click()
    ready.button("Next token").click()
    expect(ready.tiles).to_have_count(1)
    assert ready.probability_by_token() == shown


def test_starting_over_restores_the_shipped_model(ready: Playground) -> None:
    ready.page.get_by_role("radio", name="Simple baby names").check()
    expect(ready.page.locator("#statistics")).to_contain_text("50 names")
    ready.train(100)
    ready.button("Start over").click()
    expect(ready.page.locator("#model-name")).to_contain_text("trained on US first names")
    expect(ready.probabilities).to_have_count(27)


def test_the_model_can_generate_while_it_trains(ready: Playground) -> None:
    ready.button("Train").click()
    expect(ready.page.locator("#model-name")).to_contain_text("The model that you train")
    ready.button("Next token").click()
    expect(ready.tiles).to_have_count(1)
    ready.button("Generate").click()
    expect(ready.samples.first).to_be_visible()
    expect(ready.button("Pause")).to_be_visible()
