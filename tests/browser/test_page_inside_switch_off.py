"""Switch off: parts taken out by a press, in everything that is shown and written."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground

HEAD = "Switch off head 1 of layer 1"


@pytest.fixture
def opened(playground: Playground) -> Playground:
    """The page with the view open and the shipped model."""
    return playground.open("#open=switch-off").wait_worker()


def test_a_part_is_off_until_it_is_restored(opened: Playground) -> None:
    region = opened.page.get_by_role("region", name="Switch off")
    expect(region).to_contain_text(re.compile(r"held-out loss is 2\.\d\d with all of them"))
    before, words = opened.probability_by_token(), opened.page.locator("#stepper-words")
    said = words.inner_text()
    opened.button("Switch off the MLP of layer 1").click()
    line = opened.page.locator("#switched-off")
    told = re.compile(r"Without the MLP of layer 1 the held-out loss is [\d.]+ instead of 2\.\d\d")
    expect(line).to_contain_text(told)
    expect(region).to_contain_text(told)
    assert opened.probability_by_token() != before
    region.get_by_role("button", name="Close").click()
    expect(line).to_be_visible()
    opened.train(100)
    expect(line).to_contain_text("Without the MLP of layer 1 the held-out loss is")
    opened.button("Start over").click()
    expect(opened.page.locator("#model-name")).to_contain_text("beforehand")
    opened.page.locator("#restore-parts").click()
    expect(line).to_be_hidden()
    expect(words).to_have_text(said)
    assert opened.probability_by_token() == before


def test_a_neuron_and_the_mean(opened: Playground) -> None:
    region = opened.page.get_by_role("region", name="Switch off")
    expect(opened.button(HEAD)).to_be_visible(timeout=30_000)
    region.get_by_label("Neuron").fill("6")
    region.get_by_role("button", name="Switch off", exact=True).click()
    neuron = opened.button("Switch off neuron 6 of layer 1")
    expect(neuron).to_have_attribute("aria-pressed", "true")
    expect(region).to_contain_text(
        "Without neuron 6 of layer 1 the held-out loss is", timeout=30_000
    )
    opened.button(HEAD).press("Enter")
    expect(opened.button(HEAD)).to_be_focused()
    expect(region).to_contain_text("Without neuron 6 of layer 1 and head 1 of layer 1")
    region.get_by_label("what it says on average").check()
    expect(region).to_contain_text(re.compile(r"the held-out loss is [\d.]+"), timeout=30_000)
    region.get_by_role("button", name="Restore all").click()
    expect(region).to_contain_text("All parts are at work")
    expect(neuron).to_have_count(0)


def test_another_shape_has_all_its_parts(opened: Playground) -> None:
    opened.button(HEAD).click()
    line = opened.page.locator("#switched-off")
    expect(line).to_contain_text("Without head 1 of layer 1")
    opened.set_slider("Layers", 2)
    opened.train(100)
    expect(line).to_contain_text("another shape")
    expect(opened.button("Switch off head 1 of layer 2")).to_be_visible()
