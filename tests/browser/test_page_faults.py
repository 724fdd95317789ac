"""What happens when the worker dies: the page says so, starts another, and goes on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status

CRASH = "setTimeout(() => { throw new Error('the test has struck') }, 0)"


def strike(playground: Playground) -> int:
    """Let the worker die in the middle of a run; returns the step that it goes on from."""
    playground.page.workers[0].evaluate(CRASH)
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("A new Python is being started")
    match = re.search(r"goes on from step (\d+)", notice.inner_text())
    assert match is not None, notice.inner_text()
    playground.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    return int(match[1])


@pytest.mark.expects_errors
def test_a_run_goes_on_in_a_new_worker(playground: Playground) -> None:
    playground.open("#engine=scalar&pace=full").wait_worker()
    playground.button("Train").click()
    # Far enough for a checkpoint to have been kept.
    wait_status(playground.page, r"step (1\d\d|[2-9]\d\d) / 1000", seconds=120)
    before = playground.step()
    resumed = strike(playground)
    assert 0 < resumed <= before + 100
    wait_status(playground.page, rf"step ({'|'.join(str(resumed + n) for n in range(1, 80))}) /")
    expect(playground.button("Pause")).to_be_visible()


@pytest.mark.expects_errors
def test_a_compiled_run_is_finished_in_a_new_worker(playground: Playground) -> None:
    playground.open("#num_steps=10000").wait_worker()
    playground.button("Train").click()
    wait_status(playground.page, r"step [3-9]\d{3} / 10000")
    assert 0 < strike(playground) < 10_000
    wait_status(playground.page, r"step 10000 / 10000")
    expect(playground.button("Train")).to_be_visible()
    expect(playground.page.locator("#verdict")).to_contain_text("The loss fell")


@pytest.mark.expects_errors
def test_a_finished_model_outlives_its_worker(playground: Playground) -> None:
    playground.open("#data=baby-names&temperature=0").wait_worker().train(100)
    playground.button("Reset").click()
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(1)
    before = playground.probability_of_each()
    playground.page.workers[0].evaluate(CRASH)
    playground.page.locator("body[data-worker=dead]").wait_for()
    playground.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    wait_status(playground.page, r"step 100 / 100")
    expect(playground.button("Train")).to_be_visible()
    expect(playground.page.locator("#model-name")).to_contain_text("The model that you train")
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(1)
    assert playground.probability_of_each() == before


@pytest.mark.expects_errors
def test_a_worker_that_hangs_is_noticed_and_replaced(playground: Playground) -> None:
    playground.open().wait_worker()
    (worker,) = playground.page.workers
    worker.evaluate("void setTimeout(() => { for (;;); }, 0)")
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("has not answered", timeout=60_000)
    playground.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(1)


@pytest.mark.expects_errors
def test_a_worker_that_dies_again_and_again_is_given_up(playground: Playground) -> None:
    playground.open()
    for _ in range(4):
        playground.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
        playground.page.workers[-1].evaluate(CRASH)
        playground.page.locator("body[data-worker=dead]").wait_for()
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("reload the page to go on")


@pytest.mark.expects_errors
def test_a_site_with_a_missing_file_says_so(playground: Playground) -> None:
    page = playground.page
    page.route("**/python_stdlib.zip*", lambda route: route.fulfill(status=404))
    page.goto("")
    expect(page.locator("#training-notice")).to_contain_text("Python", timeout=60_000)
    expect(page.locator("#training-notice")).to_be_visible()
