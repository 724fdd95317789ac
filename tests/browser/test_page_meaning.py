"""What a run means: baselines, the verdict, one change to try, and its lines beside the data's."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status


def test_baselines_stand_in_the_chart_and_in_the_verdict(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.train(1000)
    labels = page.locator("#chart .level-label:visible")
    expect(labels).to_have_text([r"guessing 3.30", *[re.compile(n) for n in ("uni", "bi", "tri")]])
    losses = [float(text.split()[-1]) for text in labels.all_inner_texts()]
    assert losses == sorted(losses, reverse=True)
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text(re.compile(r"It has passed the (uni|bi)grams at step \d+"))
    expect(verdict).to_contain_text("It learns, and does not memorise")
    expect(page.locator("#key-counting")).to_be_visible()
    page.get_by_role("radio", name="Dinosaurs").check()
    playground.button("Start over").click()
    expect(page.locator("#chart .level-label:visible")).to_have_count(1)


def test_data_learned_by_heart_are_said_to_be_and_a_smaller_model_is_offered(
    playground: Playground,
) -> None:
    page = playground.open("#n_embd=64&learning_rate=0.01").wait_worker().page
    lines = ["".join(chr(97 + (i * k) % 26) for k in range(1, 9)) for i in range(1, 41)]
    playground.paste("\n".join(lines))
    expect(playground.statistics).to_contain_text("40")
    page.get_by_role("slider", name="Embedding", exact=False).first.wait_for()
    playground.train(2000)
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("It memorises", timeout=60_000)
    expect(verdict).to_contain_text("stand in the data")


def test_the_change_that_is_offered_is_trained_at_a_press(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    expect(page.locator("#advice")).to_be_hidden()
    playground.train(100)
    offered = page.locator("#advice")
    expect(offered).to_have_text("Train 1,000 more steps")
    offered.click()
    wait_status(page, "step 1,100 / 1,100", seconds=60)
    expect(offered).to_have_text(re.compile("Try"))
    page.go_back()
    expect(page.get_by_role("slider", name="Training steps")).to_have_attribute(
        "aria-valuetext", "100"
    )


def test_every_line_has_the_nearest_one_of_the_data(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.train(1000)
    opens = playground.button("What it means")
    opens.click()
    rows = page.locator("#nearest-rows tr")
    expect(rows).to_have_count(12, timeout=60_000)
    for row in rows.all():
        written, nearest, edits = row.locator("td").all_inner_texts()
        assert (written == nearest) == (edits == "the same")
        assert nearest
    facts = page.locator("#meaning-facts")
    for term in ("Counting", "Loss", "Stand in the data", "Diversity"):
        expect(facts).to_contain_text(term)
    playground.train(500)
    expect(page.locator("#nearest-rows tr")).to_have_count(0)
    opens.click()
    expect(rows).to_have_count(12, timeout=60_000)
    opens.click()
    expect(page.locator("#meaning")).to_be_hidden()
