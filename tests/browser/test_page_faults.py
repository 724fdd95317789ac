"""What the page does when its worker dies, a file is missing, or a handler raises."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.app import CLOSE, CRASH, LOOP, Playground
from tests.browser.watch import Watch, wait_status

# Run before the page's own scripts: notes the step of every checkpoint that a worker posts.
COUNT_CHECKPOINTS = """
window.checkpoints = [];
window.Worker = class extends Worker {
  constructor(...options) {
    super(...options);
    this.addEventListener("message", ({ data }) => {
      if (data.type === "checkpoint") window.checkpoints.push(data.step);
    });
  }
};
"""


def crash_worker(playground: Playground) -> int:
    """Crash the worker in the middle of a run; returns the step from which the run resumes."""
    playground.worker.evaluate(CRASH)
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("A new Python ")
    match = re.search(r"goes on from step (\d+)", notice.inner_text())
    assert match is not None, notice.inner_text()
    playground.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    return int(match[1])


@pytest.mark.expects_errors
def test_a_run_resumes_in_a_new_worker(playground: Playground) -> None:
    playground.open("#engine=scalar&pace=full").wait_worker()
    playground.button("Train").click()
    # Far enough that a checkpoint has been saved.
    wait_status(playground.page, r"step (1\d\d|[2-9]\d\d) / 1,000", seconds=120)
    before = playground.step()
    resumed = crash_worker(playground)
    assert 0 < resumed <= before + 100
    wait_status(playground.page, rf"step ({'|'.join(str(resumed + n) for n in range(1, 80))}) /")
    expect(playground.button("Pause")).to_be_visible()


@pytest.mark.expects_errors
def test_a_compiled_run_finishes_in_a_new_worker(playground: Playground) -> None:
    playground.open("#num_steps=10000").wait_worker()
    playground.button("Train").click()
    wait_status(playground.page, r"step [3-9],\d{3} / 10,000")
    assert 0 < crash_worker(playground) < 10_000
    wait_status(playground.page, r"step 10,000 / 10,000")
    expect(playground.button("Train")).to_be_visible()
    expect(playground.page.locator("#verdict")).to_contain_text("The loss fell")


@pytest.mark.expects_errors
def test_a_trained_model_survives_its_worker(playground: Playground) -> None:
    playground.open("#data=baby-names&temperature=0").wait_worker().train(100)
    playground.button("Reset").click()
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(1)
    before = playground.probability_by_token()
    playground.worker.evaluate(CRASH)
    playground.page.locator("body[data-worker=dead]").wait_for()
    playground.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    wait_status(playground.page, r"step 100 / 100")
    expect(playground.button("Train")).to_be_visible()
    expect(playground.page.locator("#model-name")).to_contain_text("The model that you train")
    playground.button("Reset").click()
    expect(playground.tiles).to_have_count(0)
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(1)
    assert playground.probability_by_token() == before


@pytest.mark.parametrize(
    ("end", "reason"), [(LOOP, "has not answered for"), (CLOSE, "has stopped without a word")]
)
def test_a_worker_that_says_nothing_is_detected_and_replaced(
    playground: Playground, end: str, reason: str
) -> None:
    """Also while nothing is going on."""
    playground.open().wait_worker()
    written = playground.tiles.count()
    playground.worker.evaluate(end)
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text(reason, timeout=60_000)
    playground.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(written + 1)


@pytest.mark.parametrize("end", [CLOSE, LOOP])
def test_a_run_loses_little_when_its_worker_falls_silent(playground: Playground, end: str) -> None:
    """The newest checkpoint is half a second old, and there is one as soon as a run has begun."""
    page = playground.page
    page.add_init_script(COUNT_CHECKPOINTS)
    playground.open("#engine=scalar&pace=full").wait_worker()
    playground.button("Train").click()
    page.wait_for_function("window.checkpoints.length >= 3", timeout=120_000)
    playground.worker.evaluate(end)
    notice = page.locator("#training-notice")
    expect(notice).to_contain_text("goes on from step", timeout=60_000)
    newest = page.evaluate("window.checkpoints.at(-1)")
    expect(notice).to_contain_text(f"goes on from step {newest}")
    page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    page.wait_for_function(f"window.checkpoints.at(-1) > {newest}", timeout=120_000)


@pytest.mark.expects_errors
def test_a_worker_that_keeps_dying_is_no_longer_replaced(playground: Playground) -> None:
    playground.open()
    for _ in range(4):
        playground.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
        playground.worker.evaluate(CRASH)
        playground.page.locator("body[data-worker=dead]").wait_for()
    notice = playground.page.locator("#training-notice")
    expect(notice).to_contain_text("reload the page to go on")


@pytest.mark.expects_errors
@pytest.mark.first_visit
def test_a_missing_file_of_the_worker_is_reported(playground: Playground) -> None:
    page = playground.page
    page.route("**/python_stdlib.zip*", lambda route: route.fulfill(status=404))
    page.goto("")
    expect(page.locator("#training-notice")).to_contain_text("Python", timeout=60_000)
    expect(page.locator("#training-notice")).to_be_visible()


@pytest.mark.expects_errors
@pytest.mark.parametrize("missing", ["page.bin", "micropython.wasm", "uPlot.esm.js", "core-"])
def test_a_missing_file_of_the_page_is_reported(page: Page, missing: str) -> None:
    """Without any of these, the page's own Python cannot start."""
    page.route(f"**/*{missing}*", lambda route: route.fulfill(status=404))
    page.goto("")
    notice = page.locator("#page-notice")
    expect(notice).to_contain_text("Reload the page to go on", timeout=60_000)
    page.unroute_all()
    notice.get_by_role("button", name="Reload").click()
    page.locator("body[data-page=ready]").wait_for(timeout=60_000)
    expect(notice).to_be_hidden()


@pytest.mark.expects_errors
def test_a_module_that_cannot_be_imported_is_reported(page: Page) -> None:
    page.route(
        "**/uPlot.esm.js*",
        lambda route: route.fulfill(
            content_type="text/javascript", body="throw new RangeError('no such locale')"
        ),
    )
    page.goto("")
    expect(page.locator("#page-notice")).to_contain_text("no such locale", timeout=60_000)


@pytest.mark.expects_errors
def test_an_exception_in_a_handler_is_reported_and_the_page_keeps_working(
    playground: Playground, watch: Watch
) -> None:
    playground.open("#data=words").wait_worker()
    page = playground.page
    page.evaluate("document.getElementById('data-about').id = 'lost'")
    page.get_by_role("radio", name="Simple baby names").check()
    notice = page.locator("#page-notice")
    expect(notice).to_contain_text("Something went wrong on this page")
    expect(notice).to_contain_text("Reload the page to go on")
    assert any("Traceback" in error and "recommendation.py" in error for error in watch.errors)
    page.evaluate("document.getElementById('lost').id = 'data-about'")
    page.get_by_role("radio", name="US first names").check()
    page.get_by_role("radio", name="Simple baby names").check()
    expect(playground.statistics).to_contain_text("50 names")
    playground.train(100)


@pytest.mark.expects_errors
def test_a_missing_font_or_icon_is_no_fault_of_the_page(playground: Playground) -> None:
    playground.page.route(re.compile(r"\.woff2|icon\.svg"), lambda route: route.fulfill(status=404))
    playground.open().wait_worker()
    expect(playground.page.locator("#page-notice")).to_be_hidden()


@pytest.mark.expects_errors
def test_a_run_whose_data_cannot_be_loaded_says_why_it_did_not_start(
    playground: Playground,
) -> None:
    playground.open().wait_worker()
    page = playground.page
    requested: list[Route] = []

    def keep_waiting(route: Route) -> None:
        requested.append(route)

    page.route("**/datasets/words.txt*", keep_waiting)
    page.get_by_role("radio", name="English words").check()
    playground.button("Train").click()
    expect(playground.button("Pause")).to_be_visible()
    requested[0].fulfill(status=404)
    notice = page.locator("#training-notice")
    expect(notice).to_have_text("The data could not be loaded, so the run has not started.")
    expect(playground.button("Train")).to_be_visible()
    expect(page.get_by_role("radio", name="US first names")).to_be_checked()


def test_settings_in_the_address_do_not_overtake_the_model(playground: Playground) -> None:
    """What is explored with them needs the model that comes with the page."""
    playground.open("#temperature=0.8&prefix=an").wait_worker()
    expect(playground.text).to_have_value("an")
    expect(playground.tiles).to_have_text(["a", "n"])
    expect(playground.page.locator("#writing-notice")).to_be_hidden()
