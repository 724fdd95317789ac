"""Neurons and Map in the page: where neurons fire, what lies where, found by pointer and keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import Playground

# The middle of each point of the map in percent of its frame, by name.
PLACES = """
points => Object.fromEntries(points.map((point) => {
  const box = point.getBoundingClientRect();
  const frame = point.closest(".map-frame").getBoundingClientRect();
  return [point.getAttribute("aria-label"), [
    (100 * (box.x + box.width / 2 - frame.x)) / frame.width,
    (100 * (box.y + box.height / 2 - frame.y)) / frame.height,
  ]];
}))
"""
# All five at one side of the names from left to right, the end aside.
VOWELS_TOGETHER = re.compile(
    r"From left to right: (end, )?([aeiou], (end, )?){5}|(, (end, )?[aeiou]){5}(, end)?\."
)


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def points(page: Page) -> Locator:
    return region(page, "Map").get_by_role("option")


def places(page: Page) -> dict[str, list[float]]:
    """Where the points are, once they have come to rest."""
    page.wait_for_function("() => document.getAnimations().length === 0")
    found: dict[str, list[float]] = points(page).evaluate_all(PLACES)
    return found


def settled(page: Page) -> None:
    expect(page.locator(".regions.waiting")).to_have_count(0)


def test_after_a_default_run_the_vowels_lie_together(playground: Playground) -> None:
    page = playground.open("#open=map").wait_worker().page
    expect(points(page)).to_have_count(27)
    playground.train(1000)
    expect(region(page, "Map")).to_contain_text(VOWELS_TOGETHER)  # with its last picture
    settled(page)
    found = places(page)
    assert all(0 < x < 100 and 0 < y < 100 for x, y in found.values())
    across = sorted((name for name in found if name != "end"), key=lambda name: found[name][0])
    assert {"".join(sorted(across[:5])), "".join(sorted(across[-5:]))} & {"aeiou"}
    share = re.search(r"First axis: ([\d.]+)%", region(page, "Map").inner_text())
    assert share is not None
    assert 25 < float(share[1]) < 45

    # The text equivalent names them in the same order.
    order = region(page, "Map").get_by_text("From left to right: ").text_content() or ""
    named = order.removeprefix("From left to right: ").rstrip(".").split(", ")
    assert [name for name in named if name != "end"] == across


def test_neighbours_by_pointer_and_by_keys_and_the_map_of_positions(
    playground: Playground,
) -> None:
    page = playground.open("#open=map").wait_worker().page
    view = region(page, "Map")
    near, exact = view.locator(".map-near"), view.locator(".exact")
    expect(near).to_have_text(re.compile(r"^Nearest to “i”: .+ 0\.\d\d, .+, .+\.$"))
    expect(view.locator(".map-line")).to_have_count(3)
    points(page).and_(page.locator("[aria-label=k]")).hover()
    expect(near).to_have_text(re.compile("^Nearest to “k”: "))
    expect(exact).to_have_text(re.compile("^k: .+ on the first axis, .+ on the second$"))
    expect(page.locator("#probabilities .lit .name")).to_have_text("k")
    playground.press("a")  # the map speaks of the moment again
    expect(near).to_have_text(re.compile("^Nearest to “a”: "))

    found = places(page)
    view.get_by_role("button", name="Positions").focus()
    page.keyboard.press("Tab")  # one stop for all points
    first = page.locator(":focus").get_attribute("aria-label") or ""
    page.keyboard.press("PageDown")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "b")
    page.keyboard.press("PageUp")
    expect(page.locator(":focus")).to_have_attribute("aria-label", first)
    for key, axis, sign in (("ArrowRight", 0, 1), ("ArrowDown", 1, 1), ("ArrowLeft", 0, -1)):
        before = page.locator(":focus").get_attribute("aria-label") or ""
        page.keyboard.press(key)
        after = page.locator(":focus").get_attribute("aria-label") or ""
        ahead = [name for name in found if sign * (found[name][axis] - found[before][axis]) > 0.5]
        assert after in ahead or after == before
        expect(near).to_have_text(re.compile(f"^Nearest to (“{after}”|the {after}): "))
    page.keyboard.press("Shift+Tab")
    expect(view.get_by_role("button", name="Positions")).to_be_focused()

    page.keyboard.press("Enter")
    expect(points(page)).to_have_count(16)
    expect(near).to_have_text(re.compile("^Nearest to place 5: place "))
    expect(view.get_by_role("listbox", name="Position embeddings")).to_be_visible()
    points(page).nth(2).hover()
    expect(page.locator("#generated .lit")).to_have_text("a")


def test_neurons_fire_in_the_data_and_light_up_in_votes(playground: Playground) -> None:
    page = playground.open("#open=votes,neurons").wait_worker().page
    view = region(page, "Neurons")
    bars = view.get_by_role("list", name="The most active neurons").get_by_role("listitem")
    expect(view.locator(".neurons-words")).to_have_text(re.compile(r"\d+ of 64 neurons are active"))
    lines = view.get_by_role("list", name="Where it fires most").get_by_role("listitem")
    expect(lines).to_have_count(6, timeout=30_000)  # the scalar engine looks for them
    strengths = [float(text) for text in lines.locator(".bar-value").all_inner_texts()]
    assert strengths == sorted(strengths, reverse=True)
    expect(lines.locator(".fires")).to_have_count(6)
    expect(view.get_by_role("list", name="Pushed up").locator(".tile").first).to_be_visible()

    second = bars.nth(1).get_by_role("button")
    name = second.inner_text()
    second.press("Enter")
    detail = view.locator(".neuron-name")
    expect(detail).to_contain_text(name.lower())
    expect(second).to_be_focused()
    expect(second).to_have_attribute("aria-expanded", "true")
    view.get_by_role("combobox").select_option(label="Layer 1, MLP, neuron 7")
    expect(detail).to_contain_text("neuron 7 is at")
    expect(bars.locator("[aria-expanded=true]")).to_have_count(
        1 if bars.filter(has_text=re.compile(r"^\s*Neuron 7\b")).count() else 0
    )

    page.get_by_role("button", name="Layer 1, MLP").click()
    term = region(page, "Votes").locator("[data-part^='layer0.mlp.neuron']")
    part = bars.first.get_attribute("data-part")
    expect(term.first).to_be_visible()
    bars.first.hover()
    expect(region(page, "Votes").locator(f"[data-part='{part}'].lit")).to_have_count(1)
    expect(view.locator(".exact")).to_have_text(
        re.compile(r"^Layer 1, MLP, neuron \d+: activation")
    )


@pytest.mark.context_options(reduced_motion="reduce")
def test_the_inside_of_a_larger_model_of_pieces_of_words(playground: Playground) -> None:
    page = (
        playground.open("#tokenizer=bpe&vocab_limit=300&n_layer=2&n_embd=32&open=neurons,map")
        .wait_worker()
        .page
    )
    playground.train(100)
    settled(page)
    view = region(page, "Map")
    expect(view).to_contain_text("The 40 most frequent tokens are named.")
    assert points(page).count() > 200
    assert view.locator(".map-point:not(.dot)").count() == 40
    assert page.evaluate("document.getAnimations().length") == 0
    page.get_by_role("textbox", name="Text").fill("")
    expect(view.locator(".map-near")).to_have_text(re.compile("^Nearest to the end: "))
    neurons = region(page, "Neurons")
    expect(neurons.locator(".neurons-words")).to_have_text(re.compile("of 256 neurons"))
    expect(neurons.locator(".neuron-lines .fires").first).to_be_visible()
