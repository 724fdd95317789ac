"""The inside of the model: its views opened and closed, fetched, asked and drawn."""

from __future__ import annotations

import re
from math import exp, log

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import CRASH, EXPOSE_WORKER, Playground

MODULES = "**/inside.bin*"
# Hands the page an answer as if its worker had sent it.
ANSWER = """
(fields) => {
  const data = { type: "inspection", ...fields };
  newestWorker.dispatchEvent(new MessageEvent("message", { data }));
}
"""


def opener(page: Page) -> Locator:
    return page.get_by_role("button", name="Choice", exact=True)


def choice(page: Page) -> Locator:
    return page.get_by_role("region", name="Choice")


def words(page: Page) -> Locator:
    """How the token at the moment is chosen."""
    return page.locator(".choice-words")


def parts(page: Page, label: str = "What can be chosen") -> dict[str, tuple[float, bool]]:
    """Of each token on the bar its probability, and whether it is cut."""
    found: list[str] = (
        choice(page)
        .get_by_role("list", name=label)
        .evaluate("list => [...list.children].map(item => item.dataset.exact)")
    )
    matches = [re.fullmatch(r"(.+): <?([\d.]+)%(, cut)?", text) for text in found]
    return {match[1]: (float(match[2]) / 100, bool(match[3])) for match in matches if match}


def test_a_view_is_fetched_when_it_is_opened_and_closes_again(playground: Playground) -> None:
    page = playground.page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    playground.open().wait_worker()
    expect(opener(page)).to_have_attribute("aria-expanded", "false")
    expect(choice(page)).to_be_hidden()
    assert [url for url in fetched if "/inside." in url] == []
    opener(page).press("Enter")
    expect(opener(page)).to_have_attribute("aria-expanded", "true")
    expect(words(page)).to_contain_text("The next number of the dice is 0.")
    assert sorted(re.findall(r"/(inside\.\w+)", " ".join(fetched))) == [
        "inside.bin",
        "inside.css",
        "inside.mjs",
    ]
    assert page.url.endswith("#open=choice")

    page.go_back()
    expect(choice(page)).to_be_hidden()
    page.go_forward()
    expect(words(page)).to_be_visible()
    choice(page).get_by_role("button", name="Close Choice").focus()
    page.keyboard.press("Escape")
    expect(choice(page)).to_be_hidden()
    expect(opener(page)).to_be_focused()
    expect(opener(page)).to_have_attribute("aria-expanded", "false")
    assert not page.url.endswith("open=choice")


def test_the_address_opens_views_and_refuses_what_there_is_not(playground: Playground) -> None:
    page = playground.open("#open=choice,tea").wait_worker().page
    notice = page.locator("#training-notice")
    expect(notice).to_have_text("There is nothing called 'tea' to open on this page.")
    page.goto("#open=choice,lens")
    expect(words(page)).to_be_visible()
    expect(notice).to_be_hidden()


def test_choice_shows_what_the_sampler_draws_from(playground: Playground) -> None:
    """The bar is that of the page's own bars; what was cut is hatched; settings redraw at once."""
    page = playground.open("#open=choice&temperature=1").wait_worker().page
    expect(words(page)).to_be_visible()
    shown = playground.probability_by_token()
    named = {name: share for name, (share, _) in parts(page).items() if name in shown}
    assert len(named) > 10
    assert named == pytest.approx({name: shown[name] for name in named}, abs=1e-9)
    entropy = -sum(share * log(share) for share in shown.values() if share)
    said = choice(page).get_by_text("as uncertain as a choice among")
    match = re.search(r"among ([\d.]+) equally likely letters\.", said.inner_text())
    assert match is not None, said.inner_text()
    assert float(match[1]) == pytest.approx(exp(entropy), rel=0.02)

    playground.set_slider("Top-k", 3)
    before = choice(page).get_by_role("list", name="Before anything was cut")
    expect(before).to_be_visible()
    three = sorted(shown, key=lambda token: -shown[token])[:3]
    kept = parts(page)
    assert sorted(kept) == sorted(three)
    assert sum(share for share, _ in kept.values()) == pytest.approx(1, abs=0.001)
    cut = parts(page, "Before anything was cut")
    assert {name for name, (_, is_cut) in cut.items() if not is_cut} == set(three)
    expect(said).to_contain_text("cut 24 of 27 tokens")
    playground.set_slider("Temperature", 0)
    expect(words(page)).to_contain_text("At temperature 0 there is no dice")


def test_the_dice_shows_what_will_be_and_what_was_chosen(playground: Playground) -> None:
    page = playground.open("#open=choice").wait_worker().page
    expect(words(page)).to_contain_text("It falls on")
    match = re.search(r"is (0\.\d{3})\. It falls on (?:“(.)”|the (end))", words(page).inner_text())
    assert match is not None, words(page).inner_text()
    number, token = match[1], match[2] or match[3]
    playground.button("Next token").click()
    expect(playground.tiles).to_have_text([*"mari", token])
    expect(words(page)).not_to_contain_text(number)
    playground.tiles.nth(3).click()
    expect(words(page)).to_contain_text(f"The dice showed {number}, which falls on")
    playground.button("Undo").click()
    expect(words(page)).to_contain_text(f"The next number of the dice is {number}.")
    playground.press("x")
    playground.tiles.nth(3).click()
    expect(words(page)).to_contain_text("You chose “x” yourself. The dice would have shown 0.")


def test_what_is_pointed_at_lights_up_everywhere_with_its_exact_number(
    playground: Playground,
) -> None:
    page = playground.open("#open=choice").wait_worker().page
    bar = choice(page).get_by_role("list", name="What can be chosen")
    expect(bar).to_be_visible()
    exact = choice(page).locator(".exact")
    lit_in_case = page.locator("#probabilities .lit .name")
    bar.locator("[data-token]").first.hover()
    expect(lit_in_case).to_have_text("a")
    expect(page.locator("#generated .lit")).to_have_text("a")
    expect(exact).to_have_text(re.compile(r"^a: [\d.]+%$"))
    bar.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(exact).not_to_have_text(re.compile("^a: "))
    expect(lit_in_case).not_to_have_text("a")
    playground.tiles.nth(1).hover()
    expect(bar.locator(".lit")).to_have_text(re.compile("^a"))


def test_only_the_newest_answer_counts(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(EXPOSE_WORKER)
    playground.open("#open=choice").wait_worker()
    expect(words(page)).to_contain_text("It falls on")
    before = words(page).inner_text()
    stale = {"number": 0, "views": {"choice": {"greedy": True, "token": 0}}}
    page.evaluate(ANSWER, stale)
    playground.press("x")
    expect(words(page)).not_to_have_text(before)
    expect(words(page)).to_contain_text("It falls on")


def test_where_nothing_can_follow_a_sentence_stands_instead(playground: Playground) -> None:
    page = playground.open("#open=choice").wait_worker().page
    expect(words(page)).to_be_visible()
    playground.text.fill("abcdefghijklmnop")
    notice = choice(page).locator(".view-notice")
    expect(notice).to_contain_text("The context is full, so nothing can follow")
    expect(words(page)).to_be_hidden()
    playground.tiles.nth(2).click()
    expect(words(page)).to_contain_text("You chose “d” yourself")
    expect(notice).to_be_hidden()


@pytest.mark.expects_errors
def test_what_could_not_be_fetched_is_fetched_again(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    page.route(MODULES, lambda route: route.abort())
    opener(page).click()
    notice = choice(page).locator(".view-notice")
    expect(notice).to_contain_text("This view could not be loaded")
    page.unroute(MODULES)
    notice.get_by_role("button", name="Try again").click()
    expect(words(page)).to_be_visible()
    expect(notice).to_be_hidden()
    expect(page.locator("#page-notice")).to_be_hidden()


@pytest.mark.expects_errors
def test_views_come_back_with_a_new_worker_and_follow_a_run(playground: Playground) -> None:
    page = playground.open("#open=choice&temperature=1").wait_worker().page
    expect(words(page)).to_be_visible()
    playground.worker.evaluate(CRASH)
    expect(page.locator("#training-notice")).to_contain_text("A new Python ")
    page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    before = parts(page)
    playground.press("x")
    bar = choice(page).get_by_role("list", name="What can be chosen")
    expect(page.locator(".regions.waiting")).to_have_count(0)
    after = parts(page)
    assert before != after
    playground.train(100)
    expect(page.locator(".regions.waiting")).to_have_count(0)
    expect(bar).to_be_visible()
    shown, now = playground.probability_by_token(), parts(page)
    assert now != after
    named = {name: share for name, (share, _) in now.items() if name in shown}
    assert named == pytest.approx({name: shown[name] for name in named}, abs=1e-9)
