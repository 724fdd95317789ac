"""Score a text: lines inked by their surprise, sorted, and as a table."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.app import Playground


def test_lines_are_scored_sorted_and_downloaded(playground: Playground) -> None:
    page = playground.open("#open=score").wait_worker().page
    region = page.get_by_role("region", name="Score a text")
    mine = region.get_by_role("list", name="Your lines")
    own = region.get_by_role("list", name="Held-out lines of the data")
    expect(own.get_by_role("listitem")).to_have_count(100)
    region.get_by_role("textbox").fill("emma\nxqzt\n\njürgen\nmaximilianalexander")
    expect(mine.get_by_role("listitem")).to_have_count(3)
    expect(mine.get_by_role("listitem").first).to_contain_text("xqzt")
    expect(mine).to_contain_text("cut: the context is full")
    expect(region).to_contain_text("1 line is left out: the model does not know “ü”.")
    losses = [float(text) for text in own.locator(".score-loss").all_inner_texts()]
    assert losses == sorted(losses, reverse=True)
    mine.locator(".inked").first.hover()
    expect(region.locator(".exact")).to_contain_text("“x”: expected with")
    with page.expect_download() as download:
        region.get_by_role("button", name="Download CSV").click()
    rows = download.value.path().read_text(encoding="utf-8").splitlines()
    assert rows[0] == "line,source,tokens,loss,perplexity,cut"
    assert len(rows) == 1 + 3 + 100
    region.get_by_role("button", name="Take some of the data's own lines").click()
    expect(mine.get_by_role("listitem")).to_have_count(20)


def test_the_model_that_is_trained_scores(playground: Playground) -> None:
    page = playground.open("#open=score").wait_worker().page
    region = page.get_by_role("region", name="Score a text")
    region.get_by_role("textbox").fill("emma")
    mine = region.get_by_role("list", name="Your lines").locator(".score-loss")
    expect(mine).to_have_count(1)
    before = mine.inner_text()
    playground.train(100)
    expect(mine).not_to_have_text(before)
