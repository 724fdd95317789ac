"""One scalar: an expression, forward and backward step by step, and what is wrong with one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import READY_TIMEOUT_MS
from tests.browser.test_page_look import axe_findings, check_state, widths_and_themes

OPEN = "#place=learn&program=scalar"


@pytest.fixture
def scalar(page: Page) -> Page:
    """The page on one scalar, with its first expression."""
    page.goto(OPEN)
    expect(items(page)).to_have_count(5, timeout=READY_TIMEOUT_MS)
    return page


def items(page: Page) -> Locator:
    """The numbers of the expression, as the tree has them."""
    return page.locator("#scalar-tree").get_by_role("treeitem")


def numbers(page: Page, kind: str) -> list[str]:
    """The `value` or the `slope` of each of them."""
    texts = items(page).locator(f".step-{kind}").all_inner_texts()
    return [text.replace("slope", "").strip() for text in texts]


def words(page: Page) -> Locator:
    return page.locator("#walk-words")


def press(page: Page, name: str) -> None:
    page.locator("#scalar").get_by_role("button", name=name, exact=True).click()


def test_forward_and_backward_step_by_step(scalar: Page) -> None:
    assert numbers(scalar, "value") == ["·", "·", "2.00", "−3.00", "10.0"]
    press(scalar, "Next")
    expect(words(scalar)).to_have_text("Forward: a * b = 2 × (−3) = −6.")
    assert numbers(scalar, "value") == ["·", "−6.00", "2.00", "−3.00", "10.0"]
    press(scalar, "Next")
    press(scalar, "Next")
    expect(words(scalar)).to_contain_text("its gradient is 1")
    press(scalar, "Next")
    expect(words(scalar)).to_contain_text("A sum hands its gradient on as it is")
    press(scalar, "Next")
    expect(words(scalar)).to_contain_text("a gets (−3) × 1 = −3, b gets 2 × 1 = 2.")
    assert numbers(scalar, "slope") == ["1.00", "1.00", "−3.00", "2.00", "1.00"]
    assert scalar.locator(".graph-gradient").all_text_contents() == [
        f"grad {figure}" for figure in ("−3", "2", "1", "1", "1")
    ]
    expect(scalar.get_by_role("button", name="Next")).to_be_disabled()
    press(scalar, "Back")
    assert numbers(scalar, "slope") == ["1.00", "1.00", "·", "·", "1.00"]


def test_a_number_that_is_moved_changes_all_at_the_same_step(scalar: Page) -> None:
    for _ in range(5):
        press(scalar, "Next")
    slider = scalar.get_by_role("slider", name="a", exact=True)
    slider.focus()
    slider.press("ArrowRight")
    expect(items(scalar).first.locator(".step-value")).to_have_text("3.70")
    expect(scalar.get_by_role("spinbutton", name="a, exactly")).to_have_value("2.1")
    scalar.get_by_role("spinbutton", name="b, exactly").fill("0.5")
    expect(items(scalar).first.locator(".step-value")).to_have_text("11.1")
    expect(scalar.locator("#walk-place")).to_have_text("Step 5 of 5")


def test_another_expression_begins_anew_and_the_tree_opens_and_closes(scalar: Page) -> None:
    press(scalar, "relu(a*w + b)")
    expect(items(scalar)).to_have_count(6)
    scalar.get_by_role("textbox", name="Expression").fill("(a - b)**2")
    expect(items(scalar).first).to_contain_text("(a - b) ** 2")
    expect(scalar.locator("#walk-place")).to_have_text("Step 0 of 7")
    expect(items(scalar)).to_have_count(5)
    items(scalar).nth(1).click()
    expect(items(scalar)).to_have_count(2)
    scalar.locator("#scalar-tree").get_by_role("tree").press("ArrowRight")
    expect(items(scalar)).to_have_count(5)
    expect(scalar.locator("#scalar .exact")).to_contain_text("a - b is not computed yet.")


def test_play_goes_on_by_itself_to_the_end(scalar: Page) -> None:
    press(scalar, "Play")
    expect(scalar.locator("#walk-place")).to_have_text("Step 5 of 5", timeout=30_000)
    expect(scalar.locator("#scalar-play")).to_have_attribute("aria-pressed", "false")


def test_a_wrong_expression_is_one_sentence_with_its_place(scalar: Page) -> None:
    field = scalar.get_by_role("textbox", name="Expression")
    field.fill("a * foo(b)")
    problem = scalar.locator("#expression-problem")
    expect(problem).to_contain_text("functions exp, log and relu alone: see “foo(b)”")
    expect(problem.locator("mark")).to_have_text("f")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert axe_findings(scalar) == []
    field.fill("a * exp(b)")
    expect(problem).to_be_hidden()
    expect(items(scalar).first).to_contain_text("a * exp(b)")


@pytest.mark.parametrize("name", widths_and_themes())
def test_it_looks_right_at_every_width_and_in_both_themes(scalar: Page, name: str) -> None:
    scalar.get_by_role("textbox", name="Expression").fill("relu(a*w + b) * (a - 2) / c")
    expect(scalar.locator("#walk-place")).to_have_text("Step 0 of 15")
    for _ in range(10):
        press(scalar, "Next")
    expect(words(scalar)).to_have_text(re.compile("^Backward"))
    check_state(scalar, f"scalar-{name}")
    assert axe_findings(scalar) == []
