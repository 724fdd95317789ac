"""BPE on the page: learning the merges, stepping through them, training and generating."""

from __future__ import annotations

import re
from math import log

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app import CRASH, Playground
from tests.browser.watch import wait_status

# A few words, each of which soon becomes a single token.
LINES = "banana bandana\nbandana banana\nanna ran\nan ant ran\n" * 4
LEARNED = re.compile(r"tokens: \d+ characters, \d+ pairs? and the end")
LEARN_TIMEOUT_MS = 60_000  # enough to learn the merges on a busy machine


@pytest.fixture
def bpe(playground: Playground) -> Playground:
    """The page with its worker up and the merges of a pasted text learned."""
    playground.open("#data=own&tokenizer=bpe&vocab_limit=64&eval_fraction=0").wait_worker()
    playground.page.get_by_role("textbox", name="Your own text").fill(LINES)
    expect(vocab_summary(playground)).to_have_text(LEARNED, timeout=LEARN_TIMEOUT_MS)
    expect(vocab_summary(playground)).to_contain_text("tokens: 7 characters")
    return playground


def vocab_summary(playground: Playground) -> Locator:
    """What the page says about the tokens, next to their number."""
    return playground.page.locator("#vocab-words")


def vocab_size(playground: Playground) -> int:
    """The size of the vocabulary that the page shows."""
    return int(playground.page.locator("#vocab-size").inner_text().replace(",", ""))


def num_params(playground: Playground) -> int:
    return int(playground.page.locator("#num-params").inner_text().replace(",", ""))


def token_lines(playground: Playground) -> list[list[str]]:
    """The tiles of each line of the data that is shown in tokens."""
    lines: list[list[str]] = playground.page.locator(".token-line").evaluate_all(
        "lines => lines.map(line => [...line.children].map(tile => tile.textContent))"
    )
    return lines


# ---- settings ------------------------------------------------------------------------------------


def test_the_vocabulary_and_the_model_follow_the_settings(playground: Playground) -> None:
    playground.open("#data=pokemon").wait_worker()
    expect(playground.page.locator("#statistics")).to_contain_text("1,023 names")
    expect(playground.slider("Vocabulary")).to_be_hidden()
    before = vocab_size(playground), num_params(playground)
    assert before[0] < 60
    playground.page.get_by_label("Tokens", exact=True).select_option("bpe")
    playground.set_slider("Vocabulary", 0)
    expect(vocab_summary(playground)).to_have_text(LEARNED, timeout=LEARN_TIMEOUT_MS)
    assert vocab_size(playground) == 64
    assert num_params(playground) == before[1] + 2 * 16 * (64 - before[0])
    assert "tokenizer=bpe" in playground.page.url
    assert "vocab_limit=64" in playground.page.url
    playground.page.get_by_label("Tokens", exact=True).select_option("characters")
    expect(vocab_summary(playground)).to_contain_text("characters and the end")
    assert (vocab_size(playground), num_params(playground)) == before


def test_a_vocabulary_too_small_for_the_characters_is_reported(
    playground: Playground,
) -> None:
    playground.open("#data=own&tokenizer=bpe&vocab_limit=64").wait_worker()
    many = "\n".join(chr(0x4E00 + i) for i in range(300))
    playground.page.get_by_role("textbox", name="Your own text").fill(many)
    expect(vocab_summary(playground)).to_have_text("tokens are too few", timeout=LEARN_TIMEOUT_MS)
    playground.button("Train").click()
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("300 different characters", timeout=LEARN_TIMEOUT_MS)
    playground.set_slider("Vocabulary", 3)
    expect(vocab_summary(playground)).to_contain_text(
        "300 characters, 0 pairs", timeout=LEARN_TIMEOUT_MS
    )


# ---- merges and lengths --------------------------------------------------------------------------


def test_the_merges_can_be_stepped_through(bpe: Playground) -> None:
    bpe.page.locator("#merges summary").click()
    rows = bpe.page.locator("#merge-rows tr")
    expect(rows.first).to_be_visible()
    all_merged = token_lines(bpe)
    assert "banana" in all_merged[0]
    assert all("".join(line).isprintable() for line in all_merged)
    slider = bpe.slider("Merges applied")
    slider.fill("1")
    expect(rows).to_have_count(1)
    expect(rows.locator(".tile")).to_have_text(["a", "n", "an"])
    assert token_lines(bpe)[0][:4] == ["b", "an", "an", "a"]
    slider.fill("0")
    expect(rows).to_have_count(0)
    assert token_lines(bpe)[0] == list("banana␣bandana")
    bpe.button("Play").click()
    expect(bpe.button("Play")).to_be_visible(timeout=LEARN_TIMEOUT_MS)
    assert token_lines(bpe) == all_merged


def test_lengths_and_the_recommended_context_are_counted_in_tokens(
    playground: Playground,
) -> None:
    page = playground.open("#data=own&block_size=8").wait_worker().page
    page.get_by_role("textbox", name="Your own text").fill("banana bandana\n" * 30)
    histogram, cut = page.locator("#histogram"), page.locator("#cut-words")
    expect(histogram).to_contain_text("14 characters")
    expect(cut).to_contain_text("100% of the lines are longer than the context length")
    expect(page.locator("#recommended-help")).to_contain_text("Context length 16")
    page.get_by_label("Tokens", exact=True).select_option("bpe")
    expect(histogram).to_contain_text("2 tokens", timeout=LEARN_TIMEOUT_MS)
    expect(histogram.locator(".context")).to_have_text("context 8 ›")
    expect(cut).to_have_text("All lines fit the context length.")
    expect(page.locator("#recommended-help")).not_to_contain_text("Context length")
    # When the same lines are loaded again, these lengths stay.
    page.get_by_text("How it is loaded").click()
    expect(page.locator("#rare-found")).to_have_text("No character is rare.")
    playground.set_slider("Rare below", 6)
    expect(page.locator("#rare-found")).to_contain_text("are rare")
    expect(histogram).to_contain_text("2 tokens", timeout=LEARN_TIMEOUT_MS)
    page.get_by_label("Tokens", exact=True).select_option("characters")
    expect(histogram).to_contain_text("14 characters")
    expect(cut).to_contain_text("100% of the lines")


# ---- the loss of guessing, and which runs can be compared ----------------------------------------


def expect_guess_label(playground: Playground, guessing: float) -> None:
    """Expect this loss in the label of the guessing line, and the whole label inside the chart."""
    label = playground.page.locator(".guess-label")
    expect(label).to_have_text(f"guessing {guessing:.2f}")
    box, chart = label.bounding_box(), playground.page.locator("#chart").bounding_box()
    assert box is not None
    assert chart is not None
    assert chart["y"] <= box["y"]
    assert box["y"] + box["height"] <= chart["y"] + chart["height"]
    assert box["x"] + box["width"] <= chart["x"] + chart["width"]


def test_the_loss_of_guessing_follows_the_tokens(playground: Playground) -> None:
    playground.open("#data=pokemon").wait_worker()
    verdict = playground.page.locator("#verdict")
    expect(playground.page.locator("#statistics")).to_contain_text("1,023 names")
    expect(verdict).to_contain_text(f"Guessing blindly costs {log(vocab_size(playground)):.2f}")
    playground.page.get_by_label("Tokens", exact=True).select_option("bpe")
    for stop in (0, 3):
        playground.set_slider("Vocabulary", stop)
        expect(vocab_summary(playground)).to_have_text(LEARNED, timeout=LEARN_TIMEOUT_MS)
        guessing = log(vocab_size(playground))
        expect(verdict).to_contain_text(f"Guessing blindly costs {guessing:.2f}")
        expect_guess_label(playground, guessing)
    playground.page.get_by_label("Learning rate").fill("0.05")
    playground.train(300)  # the losses fall far below that line, so it moves up
    expect_guess_label(playground, guessing)


def test_only_runs_on_the_same_tokens_are_compared(playground: Playground) -> None:
    page = playground.open("#data=baby-names").wait_worker().page
    earlier = page.get_by_text("past runs", exact=True)
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


# ---- training and generating ---------------------------------------------------------------------


def test_training_and_generating_with_bpe(bpe: Playground) -> None:
    tokens = vocab_size(bpe)
    bpe.train(300)
    verdict = bpe.page.locator("#verdict")
    expect(verdict).to_contain_text("for each character")
    expect(verdict).to_contain_text("of the lines that it writes stand in the data")
    case = bpe.page.get_by_role("list", name="Token probabilities")
    expect(case.get_by_role("button")).to_have_count(tokens)
    probs = [
        float(value)
        for value in case.locator(".now").evaluate_all(
            "bars => bars.map(bar => bar.parentElement.style.getPropertyValue('--now'))"
        )
    ]
    assert case.locator(".rank").first.inner_text() == "1"
    assert probs == sorted(probs, reverse=True), "the likeliest tokens come first"
    # Press a token of several characters, then one found by searching.
    bpe.button("Reset").click()
    expect(bpe.tiles).to_have_count(0)
    # The list is in another order once the answer is there.
    expect(bpe.page.locator("#probabilities.waiting")).to_have_count(0)
    bpe.press("banana")
    expect(bpe.tiles).to_have_text(["banana"])
    bpe.page.get_by_label("Find a token").fill("␣ban")
    found = case.get_by_role("button").filter(visible=True)
    expect(found.first).to_contain_text("␣ban")
    found.first.click()
    expect(bpe.tiles).to_have_text(["banana", re.compile("^␣ban")])
    bpe.text.fill("banana ban")
    expect(bpe.tiles.first).to_have_text("banana")
    bpe.button("Generate").click()
    expect(bpe.page.locator("#samples-words")).to_contain_text("20 written")
    assert all(text.startswith("banana ban") for text in bpe.samples.all_inner_texts())
    bpe.text.fill("banaß")
    expect(bpe.page.locator("#writing-notice")).to_contain_text("'ß'")


def test_a_run_waits_for_its_merges(playground: Playground) -> None:
    playground.open("#tokenizer=bpe&vocab_limit=512&num_steps=100&pace=full")
    playground.button("Train").click()
    wait_status(playground.page, "step 100 / 100", seconds=120)
    assert vocab_size(playground) == 512
    expect(playground.page.locator("#breakdown")).to_contain_text("512 × 16")


@pytest.mark.expects_errors
def test_a_bpe_run_resumes_in_a_new_worker(playground: Playground) -> None:
    playground.open("#data=movies&tokenizer=bpe&vocab_limit=128&num_steps=10000").wait_worker()
    expect(vocab_summary(playground)).to_have_text(LEARNED, timeout=LEARN_TIMEOUT_MS)
    playground.button("Train").click()
    wait_status(playground.page, r"step [3-9],\d{3} / 10,000")
    playground.worker.evaluate(CRASH)
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("goes on from step")
    wait_status(playground.page, "step 10,000 / 10,000", seconds=120)
    expect(playground.page.locator("#verdict")).to_contain_text("for each character")


# ---- large vocabularies --------------------------------------------------------------------------


def test_of_a_large_vocabulary_the_likeliest_tokens_are_shown_first(playground: Playground) -> None:
    playground.open("#data=own&eval_fraction=0").wait_worker()
    many = "\n".join(chr(0x4E00 + i) * 3 for i in range(900))
    playground.page.get_by_role("textbox", name="Your own text").fill(many)
    expect(vocab_summary(playground)).to_contain_text("900 characters", timeout=LEARN_TIMEOUT_MS)
    playground.train(100)
    shown = playground.probabilities.filter(visible=True)
    expect(shown).to_have_count(40)
    expect(playground.page.locator("#case-words")).to_contain_text("40 likeliest of 901 tokens")
    playground.button("Show more").click()
    expect(shown).to_have_count(200)
    expect(playground.button("Show more")).to_be_hidden()
    playground.button("Reset").click()
    playground.page.get_by_label("Find a token").fill(chr(0x4E00 + 899))
    expect(shown).to_have_count(1)
    shown.get_by_role("button").click()
    expect(playground.tiles).to_have_text([chr(0x4E00 + 899)])
    playground.page.get_by_label("Find a token").fill("nothing of the kind")
    expect(shown).to_have_count(0)
    expect(playground.page.locator("#case-words")).to_contain_text("0 tokens")
