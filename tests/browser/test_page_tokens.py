"""Tokens of several characters on the page: learnt, shown step by step, trained on and walked."""

from __future__ import annotations

import re
from math import log

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status

# A few words, which pairs soon make whole.
LINES = "banana bandana\nbandana banana\nanna ran\nan ant ran\n" * 4
LEARNT = re.compile(r"tokens: \d+ characters, \d+ pairs? and the end")
SECONDS = 60_000  # milliseconds at most for learning on a busy machine
CRASH = "setTimeout(() => { throw new Error('the test has struck') }, 0)"


@pytest.fixture
def pairs(playground: Playground) -> Playground:
    """The page with its worker up, and the byte pairs of a text of one's own learnt."""
    playground.open("#tokenizer=bpe&vocab_limit=64&eval_fraction=0").wait_worker()
    playground.page.get_by_role("textbox", name="Your own text").fill(LINES)
    expect(words(playground)).to_have_text(LEARNT, timeout=SECONDS)
    expect(words(playground)).to_contain_text("tokens: 7 characters")
    return playground


def words(playground: Playground) -> Locator:
    """What the page says of the tokens, behind their number."""
    return playground.page.locator("#vocab-words")


def size(playground: Playground) -> int:
    """How many tokens the page says there are."""
    return int(playground.page.locator("#vocab-size").inner_text().replace(",", ""))


def parameters(playground: Playground) -> int:
    return int(playground.page.locator("#num-params").inner_text().replace(",", ""))


def cut_lines(playground: Playground) -> list[list[str]]:
    """The lines of the data that are shown as tiles."""
    lines: list[list[str]] = playground.page.locator(".token-line").evaluate_all(
        "lines => lines.map(line => [...line.children].map(tile => tile.textContent))"
    )
    return lines


# ---- choosing ------------------------------------------------------------------------------------


def test_the_vocabulary_and_the_model_follow_the_settings(playground: Playground) -> None:
    playground.open("#data=pokemon").wait_worker()
    expect(playground.page.locator("#statistics")).to_contain_text("1,023 names")
    expect(playground.slider("Vocabulary")).to_be_hidden()
    before = size(playground), parameters(playground)
    assert before[0] < 60
    playground.page.get_by_label("Tokens", exact=True).select_option("bpe")
    playground.set_slider("Vocabulary", 0)
    expect(words(playground)).to_have_text(LEARNT, timeout=SECONDS)
    assert size(playground) == 64
    assert parameters(playground) == before[1] + 2 * 16 * (64 - before[0])
    assert "tokenizer=bpe" in playground.page.url
    assert "vocab_limit=64" in playground.page.url
    playground.page.get_by_label("Tokens", exact=True).select_option("characters")
    expect(words(playground)).to_contain_text("characters and the end")
    assert (size(playground), parameters(playground)) == before


def test_characters_that_have_no_room_are_said_and_training_says_so_too(
    playground: Playground,
) -> None:
    playground.open("#tokenizer=bpe&vocab_limit=64").wait_worker()
    many = "\n".join(chr(0x4E00 + i) for i in range(300))
    playground.page.get_by_role("textbox", name="Your own text").fill(many)
    expect(words(playground)).to_have_text("tokens are too few", timeout=SECONDS)
    playground.button("Train").click()
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("300 different characters", timeout=SECONDS)
    playground.set_slider("Vocabulary", 3)
    expect(words(playground)).to_contain_text("300 characters, 0 pairs", timeout=SECONDS)


# ---- step by step --------------------------------------------------------------------------------


def test_the_merges_can_be_walked_through(pairs: Playground) -> None:
    pairs.page.locator("#merges summary").click()
    rows = pairs.page.locator("#merge-rows tr")
    expect(rows.first).to_be_visible()
    everything = cut_lines(pairs)
    assert "banana" in everything[0]
    assert all("".join(line).isprintable() for line in everything)
    slider = pairs.slider("Merges applied")
    slider.fill("1")
    expect(rows).to_have_count(1)
    expect(rows.locator(".tile")).to_have_text(["a", "n", "an"])
    assert cut_lines(pairs)[0][:4] == ["b", "an", "an", "a"]
    slider.fill("0")
    expect(rows).to_have_count(0)
    assert cut_lines(pairs)[0] == list("banana␣bandana")
    pairs.button("Play").click()
    expect(pairs.button("Play")).to_be_visible(timeout=SECONDS)
    assert cut_lines(pairs) == everything


def test_lengths_and_the_context_that_suits_them_are_counted_in_tokens(
    playground: Playground,
) -> None:
    page = playground.open("#block_size=8").wait_worker().page
    page.get_by_role("textbox", name="Your own text").fill("banana bandana\n" * 30)
    histogram, cut = page.locator("#histogram"), page.locator("#cut-words")
    expect(histogram).to_contain_text("14 characters")
    expect(cut).to_contain_text("100% of the lines are longer than the context length")
    expect(page.locator("#recommended-words")).to_contain_text("Context length 16")
    page.get_by_label("Tokens", exact=True).select_option("bpe")
    expect(histogram).to_contain_text("2 tokens", timeout=SECONDS)
    expect(histogram.locator(".context")).to_have_text("context 8 ›")
    expect(cut).to_have_text("All lines fit the context length.")
    expect(page.locator("#recommended-words")).not_to_contain_text("Context length")
    # Described once more, the same lines have these lengths still.
    page.get_by_text("How it is loaded").click()
    expect(page.locator("#rare-found")).to_have_text("No character is rare.")
    playground.set_slider("Rare below", 6)
    expect(page.locator("#rare-found")).to_contain_text("are rare")
    expect(histogram).to_contain_text("2 tokens", timeout=SECONDS)
    page.get_by_label("Tokens", exact=True).select_option("characters")
    expect(histogram).to_contain_text("14 characters")
    expect(cut).to_contain_text("100% of the lines")


# ---- what guessing costs, and which runs compare -------------------------------------------------


def chart_says(playground: Playground, guessing: float) -> None:
    """The line of guessing is so high, and its name is whole."""
    label = playground.page.locator(".guess-label")
    expect(label).to_have_text(f"guessing {guessing:.2f}")
    box, chart = label.bounding_box(), playground.page.locator("#chart").bounding_box()
    assert box is not None
    assert chart is not None
    assert chart["y"] <= box["y"]
    assert box["y"] + box["height"] <= chart["y"] + chart["height"]
    assert box["x"] + box["width"] <= chart["x"] + chart["width"]


def test_what_guessing_costs_follows_the_tokens(playground: Playground) -> None:
    playground.open("#data=pokemon").wait_worker()
    verdict = playground.page.locator("#verdict")
    expect(playground.page.locator("#statistics")).to_contain_text("1,023 names")
    expect(verdict).to_contain_text(f"Guessing blindly costs {log(size(playground)):.2f}")
    playground.page.get_by_label("Tokens", exact=True).select_option("bpe")
    for stop in (0, 3):
        playground.set_slider("Vocabulary", stop)
        expect(words(playground)).to_have_text(LEARNT, timeout=SECONDS)
        guessing = log(size(playground))
        expect(verdict).to_contain_text(f"Guessing blindly costs {guessing:.2f}")
        chart_says(playground, guessing)
    playground.page.get_by_label("Learning rate").fill("0.05")
    playground.train(300)  # the losses fall far below that line, and push it up
    chart_says(playground, guessing)


def test_only_losses_of_the_same_tokens_are_compared(playground: Playground) -> None:
    page = playground.open("#data=baby-names").wait_worker().page
    earlier = page.get_by_text("earlier runs", exact=True)
    left_out = page.get_by_text("Runs on other data or tokens are left out")
    verdict = page.locator("#verdict")
    playground.train(100)
    expect(earlier).to_be_hidden()
    expect(playground.status).not_to_contain_text("a token")
    playground.train(200)
    expect(earlier).to_be_visible()
    expect(left_out).to_be_hidden()
    expect(verdict).not_to_contain_text("other tokens")
    page.get_by_label("Tokens", exact=True).select_option("bpe")
    playground.train(100)
    expect(earlier).to_be_hidden()
    expect(left_out).to_be_visible()
    expect(playground.status).to_contain_text("a token")
    expect(verdict).to_contain_text("for each character; the last run on other tokens came to")
    page.get_by_label("Tokens", exact=True).select_option("characters")
    playground.train(100)
    expect(earlier).to_be_visible()
    expect(left_out).to_be_visible()
    expect(verdict).to_contain_text("for each character; the last run on other tokens came to")


# ---- training and writing ------------------------------------------------------------------------


def test_a_run_on_pairs_and_all_that_follows(pairs: Playground) -> None:
    tokens = size(pairs)
    pairs.train(300)
    verdict = pairs.page.locator("#verdict")
    expect(verdict).to_contain_text("for each character")
    expect(verdict).to_contain_text(f"tokens instead of {tokens}")
    case = pairs.page.get_by_role("list", name="Token probabilities")
    expect(case.get_by_role("button")).to_have_count(tokens)
    chances = [
        float(value)
        for value in case.locator(".now").evaluate_all(
            "bars => bars.map(bar => bar.parentElement.style.getPropertyValue('--now'))"
        )
    ]
    assert chances == sorted(chances, reverse=True), "the likeliest come first"
    # A token of several characters is pressed, and one that is searched for.
    case.get_by_role("button", name=re.compile("^banana ")).click()
    expect(pairs.tiles).to_have_text(["banana"])
    pairs.page.get_by_label("Find a token").fill("␣ban")
    found = case.get_by_role("button").filter(visible=True)
    expect(found.first).to_contain_text("␣ban")
    found.first.click()
    expect(pairs.tiles).to_have_text([re.compile("^␣ban")])
    prefix = pairs.page.get_by_role("textbox", name="Prefix")
    prefix.fill("banana ban")
    expect(pairs.page.locator("#generated .given").first).to_have_text("banana")
    pairs.button("Generate").click()
    expect(pairs.samples).to_have_count(20)
    expect(pairs.page.locator("#samples .writing")).to_have_count(0)
    assert all(text.startswith("banana ban") for text in pairs.samples.all_inner_texts())
    prefix.fill("banaß")
    expect(pairs.page.locator("#writing-notice")).to_contain_text("'ß'")


def test_a_run_waits_for_its_pairs(playground: Playground) -> None:
    playground.open("#tokenizer=bpe&vocab_limit=512&num_steps=100&pace=full")
    playground.button("Train").click()
    wait_status(playground.page, "step 100 / 100", seconds=120)
    assert size(playground) == 512
    expect(playground.page.locator("#breakdown")).to_contain_text("512 × 16")


@pytest.mark.expects_errors
def test_a_run_on_pairs_goes_on_in_a_new_worker(playground: Playground) -> None:
    playground.open("#data=movies&tokenizer=bpe&vocab_limit=128&num_steps=10000").wait_worker()
    expect(words(playground)).to_have_text(LEARNT, timeout=SECONDS)
    playground.button("Train").click()
    wait_status(playground.page, r"step [3-9]\d{3} / 10000")
    playground.page.workers[0].evaluate(CRASH)
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("goes on from step")
    wait_status(playground.page, "step 10000 / 10000", seconds=120)
    expect(playground.page.locator("#verdict")).to_contain_text("for each character")


# ---- very many tokens ----------------------------------------------------------------------------


def test_very_many_characters_lie_in_the_case_the_likeliest_first(playground: Playground) -> None:
    playground.open("#eval_fraction=0").wait_worker()
    many = "\n".join(chr(0x4E00 + i) * 3 for i in range(900))
    playground.page.get_by_role("textbox", name="Your own text").fill(many)
    expect(words(playground)).to_contain_text("900 characters", timeout=SECONDS)
    playground.train(100)
    shown = playground.probabilities.filter(visible=True)
    expect(shown).to_have_count(40)
    expect(playground.page.locator("#case-words")).to_contain_text("40 likeliest of 901 tokens")
    playground.button("Show more").click()
    expect(shown).to_have_count(200)
    expect(playground.button("Show more")).to_be_hidden()
    playground.page.get_by_label("Find a token").fill(chr(0x4E00 + 899))
    expect(shown).to_have_count(1)
    shown.get_by_role("button").click()
    expect(playground.tiles).to_have_text([chr(0x4E00 + 899)])
    playground.page.get_by_label("Find a token").fill("nothing of the kind")
    expect(shown).to_have_count(0)
    expect(playground.page.locator("#case-words")).to_contain_text("0 tokens")
