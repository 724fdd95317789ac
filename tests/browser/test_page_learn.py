"""Learn: the six programs in their editor, run, stopped, edited, broken and reset."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.learn import LearnPage
from tests.browser.test_page_look import axe_findings, check_state, widths_and_themes
from tests.browser.watch import Watch

NEXT_LINE = """(element) => {
  while (!element.classList.contains("cm-line")) element = element.nextElementSibling;
  return element.textContent;
}"""
LOOP = "\n\nwhile True:\n    pass\n"


@pytest.fixture
def learn(playground: Playground) -> LearnPage:
    return LearnPage(playground)


def test_learn_is_fetched_when_it_is_opened_and_the_playground_lives_on(
    playground: Playground, learn: LearnPage, watch: Watch
) -> None:
    page = playground.open().wait_worker().page
    assert not [url for url in watch.requested if "learn." in url or "editor." in url]
    playground.set_slider("Training steps", 10_000)
    playground.button("Train").click()
    page.get_by_role("link", name="Learn").click()
    expect(page).to_have_url(re.compile("place=learn$"))
    expect(page.get_by_role("link", name="Learn")).to_have_attribute("aria-current", "page")
    expect(playground.button("Pause")).to_be_hidden()
    learn.wait_ready()
    expect(page.locator("#status-step")).to_have_text("step 10,000 / 10,000", timeout=60_000)
    learn.go("Attention")
    expect(page).to_have_url(re.compile("place=learn&program=3$"))
    expect(page.get_by_role("heading", name="train3: Attention")).to_be_visible()
    page.go_back()
    page.go_back()
    expect(playground.status).to_contain_text("step 10,000 / 10,000")  # its run has gone on
    expect(page.get_by_role("link", name="Playground")).to_have_attribute("aria-current", "page")
    expect(page).to_have_url(re.compile("num_steps=10000$"))


def test_every_program_runs_and_its_losses_are_drawn(learn: LearnPage) -> None:
    page = learn.open().page
    for number, lesson in enumerate(
        ("Counts", "A network", "Autograd", "Attention", "The GPT", "Adam")
    ):
        learn.go(lesson)
        expect(learn.editor).to_contain_text("train" + str(number) if number else "train0")
        expect(learn.status).to_have_text(re.compile(r"^Ready: runs [\d,]+"))
        learn.run()
        learn.wait_done()
        expect(learn.output).to_contain_text("step 3")
        expect(learn.output.locator("div").filter(has_text="sample")).to_have_count(20)
    assert page.locator("#run-chart canvas").count() == 1
    expect(page.locator("#run-chart .old")).to_be_visible()  # the programs before
    page.locator("#run-chart .u-over").hover()
    expect(page.locator("#run-chart .chart-readout")).to_contain_text("smoothed")
    learn.press("Clear")
    expect(page.locator("#run-chart .old")).to_be_hidden()


def test_what_is_new_is_marked_and_explained_and_the_rest_is_folded(learn: LearnPage) -> None:
    page = learn.open("#place=learn&program=3").page
    expect(learn.editor).to_contain_text("unchanged lines")
    expect(page.locator(".cm-changedLine").first).to_be_visible()
    learn.press("RMSNorm")
    note = page.locator(".note", has_text="scales a vector")
    expect(note).to_be_in_viewport()
    assert note.evaluate(NEXT_LINE).startswith("def rmsnorm(")
    learn.press("Whole program")
    expect(learn.editor).not_to_contain_text("unchanged lines")
    expect(page.locator(".cm-changedLine")).to_have_count(0)


def test_a_run_is_stopped_and_another_one_follows(learn: LearnPage) -> None:
    learn.open("#place=learn&program=3")
    learn.run(1000)
    expect(learn.status).to_have_text(re.compile(r"^step [\d,]+ / 1,000"), timeout=60_000)
    learn.press("Stop")
    expect(learn.status).to_have_text(re.compile(r"^Stopped after step \d+"))
    learn.run()
    learn.wait_done()
    expect(learn.output).to_contain_text("step 3")


def test_an_endless_loop_is_said_with_its_line_and_stopped(learn: LearnPage) -> None:
    page = learn.open().page
    learn.add(LOOP)
    learn.run()
    expect(learn.problem).to_have_text(
        re.compile(
            r"^Nothing has been printed for \d+ seconds, and it is in line \d+: if that is an "
            "endless loop, press Stop.$"
        ),
        timeout=60_000,
    )
    assert re.search(r"while True|pass", page.locator(".cm-highlighted").inner_text())
    expect(learn.output).to_contain_text("sample")
    learn.press("Stop")
    expect(learn.problem).to_be_hidden()
    learn.press("Reset")
    learn.run()
    learn.wait_done()


def test_a_mistake_is_one_sentence_with_its_line_marked(learn: LearnPage) -> None:
    page = learn.open().page
    learn.add("\n\nthis_is_no_name\n")
    learn.run()
    sentence = re.compile(r"^The program broke off in line \d+: NameError: .*this_is_no_name.*\.$")
    expect(learn.problem).to_have_text(sentence, timeout=60_000)
    expect(page.locator(".cm-lintRange-error")).to_have_text("this_is_no_name")
    expect(learn.output).to_contain_text("Traceback (most recent call last)")
    expect(learn.status).to_have_text(re.compile("^Broken off"))
    learn.press("Reset")
    learn.add("\n)")
    page.keyboard.press("Control+Enter")
    expect(learn.problem).to_have_text(re.compile(r"^Line \d+ is no valid Python: unmatched"))
    learn.press("Reset")
    learn.run()
    learn.wait_done()
    expect(learn.problem).to_be_hidden()
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)


def test_edits_survive_a_reload_and_are_reset(learn: LearnPage) -> None:
    page = learn.open("#place=learn&program=1").page
    reset = page.locator("#reset-program")
    expect(reset).to_be_disabled()
    learn.add("\nprint('mine')\n")
    expect(reset).to_be_enabled()
    page.reload()  # at once
    learn.wait_ready()
    expect(reset).to_be_enabled()
    learn.run(1)
    learn.wait_done()
    expect(learn.output).to_contain_text("mine")
    assert "mine" not in page.url
    learn.go("Autograd")
    expect(reset).to_be_disabled()
    learn.go("A network")
    expect(reset).to_be_enabled()
    learn.press("Reset")
    expect(reset).to_be_disabled()
    page.reload()
    learn.wait_ready()
    expect(reset).to_be_disabled()


def test_the_playground_s_data_can_be_learned_from(
    playground: Playground, learn: LearnPage
) -> None:
    page = playground.open("#data=words").wait_worker().page
    expect(playground.statistics).to_contain_text("10,716 words")
    page.get_by_role("link", name="Learn").click()
    learn.wait_ready()
    page.get_by_role("combobox", name="Data").select_option(label="the playground's: English words")
    learn.run(50)
    learn.wait_done()
    expect(learn.output).to_contain_text("step 50")


def test_a_worker_that_dies_is_replaced(learn: LearnPage) -> None:
    page = learn.open().page
    page.workers[-1].evaluate("setTimeout(() => { throw new Error('by the test') }, 0)")
    expect(learn.problem).to_contain_text("Python starts again, your program is kept")
    learn.run()
    learn.wait_done()


@pytest.mark.expects_errors
def test_where_learn_cannot_be_fetched_it_can_be_tried_again(learn: LearnPage) -> None:
    page = learn.page
    page.route("**/learn.bin", lambda route: route.abort())
    page.goto("#place=learn")
    notice = page.get_by_role("alert").filter(has_text="Learn could not be loaded")
    expect(notice).to_be_visible(timeout=READY_TIMEOUT_MS)
    page.unroute("**/learn.bin")
    notice.get_by_role("button", name="Try again").click()
    learn.wait_ready()


@pytest.mark.parametrize("name", widths_and_themes())
def test_learn_looks_right_at_every_width_and_in_both_themes(learn: LearnPage, name: str) -> None:
    page = learn.open("#place=learn&program=5").page
    check_state(page, f"learn-{name}")
    learn.run(20)
    learn.wait_done()
    check_state(page, f"learn-run-{name}")
    assert axe_findings(page) == []
