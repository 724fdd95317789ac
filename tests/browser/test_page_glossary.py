"""Every term explains itself: on hover, on focus, and when it is tapped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.shared.experiment import Experiment
from tests.browser.app import Playground

PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 320, "height": 256}
# What has to be explained somewhere on the page, whatever else is.
WANTED = {"n_embd", "n_head", "n_layer", "block_size", "mlp", "parameters", "eval_fraction"}
WANTED |= {"held_out", "batch_size", "loss", "smoothed", "guessing", "temperature", "top_k"}
WANTED |= {"top_p", "tokenizer", "vocabulary", "vocab_limit", "learning_rate", "num_steps", "seed"}
WANTED |= {"engine", "compiled", "precision", "pace", "probability", "accuracy", "bpe"}
# Marks each visible term with its number, and returns their names.
# Whether the arrow keys go from here to the next term, or to the next control.
HAS_ARROW_KEYS = "e => e.dataset.terms !== undefined || e.closest('[role=toolbar]') !== null"
TERMS = """
() => [...document.querySelectorAll("[data-term]")]
  .filter((term) => {
    delete term.dataset.number;
    return term.checkVisibility({ visibilityProperty: true });
  })
  .map((term, number) => {
    term.dataset.number = number;
    return term.dataset.term;
  })
"""


def tip(page: Page) -> Locator:
    return page.get_by_role("tooltip")


def explanation(page: Page, term: str) -> str:
    """What is said of a term, out of sight, for screen readers."""
    text = page.locator(f"#{term}-help").text_content()
    assert text
    return text


def numbered(page: Page, number: int) -> Locator:
    return page.locator(f"[data-number='{number}']")


def unfold(page: Page) -> None:
    """Open everything that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")


def covers(other: Locator) -> bool:
    """Whether the explanation overlaps an element; or leaves the window."""
    result: bool = other.evaluate(
        """
        (other) => {
          const tip = document.getElementById("tip").getBoundingClientRect();
          const box = other.getBoundingClientRect();
          const root = document.documentElement;
          if (tip.left < 0 || tip.top < 0 || tip.right > root.clientWidth + 0.5
            || tip.bottom > root.clientHeight + 0.5) return true;
          const edge = 6; // transparent
          return tip.left + edge < box.right && tip.right - edge > box.left
            && tip.top + edge < box.bottom && tip.bottom - edge > box.top;
        }
        """
    )
    return result


def test_no_term_is_missing(playground: Playground) -> None:
    page = playground.open().page
    terms = set(page.locator("[data-term]").evaluate_all("all => all.map((e) => e.dataset.term)"))
    assert sorted(WANTED - terms) == []
    for term in sorted(terms):
        assert len(explanation(page, term)) > 20, term


def test_every_term_is_explained_on_hover(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    unfold(page)
    terms = page.evaluate(TERMS)
    assert len(terms) > 20
    for number, term in enumerate(terms):
        page.mouse.move(1, 1)
        expect(tip(page)).to_be_hidden()
        numbered(page, number).hover()
        expect(tip(page)).to_have_text(explanation(page, term))
        assert not covers(numbered(page, number)), term


def test_every_term_is_explained_on_focus(playground: Playground) -> None:
    """Beside a control by the control; the others are few stops, which arrow keys go through."""
    page = playground.open().wait_worker().page
    unfold(page)
    wanted = set(page.evaluate(TERMS))
    explained: set[str] = set()
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        for _ in range(12):
            if tip(page).is_visible():
                text = tip(page).text_content()
                found = {term for term in wanted if explanation(page, term) == text}
                assert found, text
                focused = page.locator(":focus")
                assert covers(focused) is False or focused.get_attribute("data-terms") == ""
                if found <= explained:
                    break
                explained |= found
            if not page.locator(":focus").evaluate(HAS_ARROW_KEYS):
                break
            page.keyboard.press("ArrowRight")
    assert sorted(wanted - explained) == []


@pytest.mark.context_options(viewport=PHONE, has_touch=True, is_mobile=True)
def test_every_term_is_explained_when_it_is_tapped(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    for chip in ("Data", "Model"):
        page.locator(f"#{chip.lower()}-chip").tap()
        unfold(page)
        for number, term in enumerate(page.evaluate(TERMS)):
            if numbered(page, number).evaluate("e => e.closest('summary, button') !== null"):
                continue  # which does something else, too
            numbered(page, number).tap()
            expect(tip(page)).to_have_text(explanation(page, term))
            assert not covers(numbered(page, number)), term
            numbered(page, number).tap()
            expect(tip(page)).to_be_hidden()
    page.locator("[data-term=loss]").tap()
    expect(tip(page)).to_be_visible()
    page.locator("#verdict").tap()
    expect(tip(page)).to_be_hidden()


@pytest.mark.context_options(viewport=PHONE, has_touch=True, is_mobile=True)
def test_a_tap_on_a_label_brings_up_no_keyboard(playground: Playground) -> None:
    page = playground.open().page
    page.locator("#model-chip").tap()
    page.get_by_text("Advanced").tap()
    page.locator("label[for=seed]").tap()
    expect(tip(page)).to_contain_text("the same seed gives the same run")
    expect(page.get_by_role("spinbutton", name="Seed")).not_to_be_focused()


def test_an_explanation_has_the_numbers_of_the_page(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    expect(playground.slider("Embedding size")).to_have_accessible_description(
        "How many numbers represent each token inside the model. Here each of the 27 tokens "
        "becomes 16 numbers."
    )
    page.locator("label[for=n_embd]").hover()
    expect(tip(page)).to_contain_text("becomes 16 numbers")
    playground.set_slider("Embedding size", 64)
    expect(tip(page)).to_contain_text("becomes 64 numbers")
    page.get_by_role("radio", name="Pokémon names").check()
    expect(playground.statistics).to_contain_text("1,023 names")  # until then labels move
    page.locator("label[for=eval_fraction]").evaluate("e => { e.closest('details').open = true; }")
    page.locator("label[for=eval_fraction]").hover()
    expect(tip(page)).to_contain_text("Here that is 102 of 1,023 names.")
    expect(playground.slider("Embedding size")).to_have_accessible_description(
        re.compile("each of the 30 tokens")
    )
    held_out = Experiment().values["eval_fraction"]
    assert round(1023 * float(held_out)) == 102


def test_an_explanation_can_be_hovered_and_dismissed(playground: Playground) -> None:
    page = playground.open().page
    label = page.locator("label[for=n_layer]")
    label.hover()
    expect(tip(page)).to_be_visible()
    start, end = label.bounding_box(), tip(page).bounding_box()
    assert start is not None
    assert end is not None
    # Over the slider, which lies between the two.
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.move(end["x"] + 15, end["y"] + 15, steps=12)
    expect(tip(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip(page)).to_be_hidden()
    page.locator("#verdict").hover()
    label.hover()
    expect(tip(page)).to_be_visible()
    page.locator("#verdict").hover()
    expect(tip(page)).to_be_hidden()


def test_an_explanation_follows_its_control(playground: Playground) -> None:
    page = playground.open().page
    page.keyboard.press("Tab")
    playground.slider("Temperature").focus()
    expect(tip(page)).to_contain_text("wilder")
    page.mouse.move(640, 300)
    page.mouse.wheel(0, 200)
    expect(tip(page)).to_be_visible()
    slider = playground.slider("Temperature")
    page.wait_for_function("scrollY > 100")
    assert not covers(slider)
    playground.button("Generate").focus()
    expect(tip(page)).to_be_hidden()


@pytest.mark.context_options(viewport=ZOOMED)
def test_at_a_zoom_of_400_percent_an_explanation_fits_and_covers_no_control(
    playground: Playground,
) -> None:
    page = playground.open().page
    page.locator("#model-chip").click()
    page.keyboard.press("Tab")
    for name in ("Embedding size", "Attention heads", "Context length", "Learning rate"):
        playground.slider(name).focus()
        expect(tip(page)).to_be_visible()
        assert not covers(playground.slider(name)), name
