"""What happens to the model code when the worker dies, of it or of something else."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from microgpt.model_code.source import default_source
from tests.browser.app import CRASH, Playground
from tests.browser.code_page import KEEP_MESSAGES, CodePage, open_code
from tests.browser.watch import wait_status

EDITED = default_source().replace("ops.relu", "ops.silu")
ENDLESS = "x = 9 ** 9 ** 9 ** 9\n"  # one operation of Python's own, which nothing can break off
ENDLESS_WORDS = "This code does not come to an end: change it to go on."


@pytest.fixture
def code(playground: Playground) -> CodePage:
    """The panel, open."""
    return open_code(playground)


@pytest.mark.expects_errors
def test_the_text_outlives_the_worker(code: CodePage) -> None:
    code.write(EDITED)
    code.fits()
    code.playground.worker.evaluate(CRASH)
    code.page.locator("body[data-worker=dead]").wait_for()
    code.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    code.fits()
    code.editor.press("ControlOrMeta+Enter")
    code.done()


def endless(code: CodePage) -> list[dict[str, Any]]:
    """Writes a text without an end and waits for another worker; returns what was posted."""
    code.add(ENDLESS)
    expect(code.state).to_have_text(ENDLESS_WORDS, timeout=60_000)
    code.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    posted: list[dict[str, Any]] = code.page.evaluate("window.posted")
    return posted


def test_a_code_without_an_end_is_sent_once(code: CodePage) -> None:
    """Its run is refused, a reload changes nothing, and all else goes on."""
    page, playground = code.page, code.playground
    sent = [message["type"] for message in endless(code) if ENDLESS in (message["code"] or "")]
    assert sent[0] == "describe"
    assert len(sent) == len(set(sent)), "nothing of it was sent to the second worker"
    code.editor.press("ControlOrMeta+Enter")
    expect(code.notice).to_have_text(ENDLESS_WORDS)
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(5)

    page.reload()
    playground.wait_worker()
    expect(code.state).to_have_text(ENDLESS_WORDS)
    playground.set_slider("Layers", 2)
    playground.button("Train").first.click()
    expect(code.notice).to_have_text(ENDLESS_WORDS)
    posted = page.evaluate("window.posted")
    assert [message for message in posted if ENDLESS in (message["code"] or "")] == []
    assert code.kept() == default_source() + ENDLESS

    page.locator("#code-reset").click()
    playground.button("Train").first.click()
    code.done()


def test_a_run_goes_on_after_a_code_without_an_end(playground: Playground) -> None:
    playground.page.add_init_script(KEEP_MESSAGES)
    playground.open("#engine=scalar&pace=full&num_steps=10000").wait_worker()
    code = CodePage(playground).open()
    playground.button("Train").first.click()
    wait_status(playground.page, r"step [1-9]\d")
    code.add(ENDLESS)
    expect(code.notice).to_contain_text("goes on from step", timeout=60_000)
    code.page.locator("body[data-worker=ready]").wait_for(timeout=60_000)
    before = playground.step()
    playground.page.wait_for_function(
        "before => parseInt(document.getElementById('status-step').textContent.slice(5)"
        ".replace(',', '')) > before",
        arg=before,
        timeout=60_000,
    )
    expect(code.state).to_have_text(ENDLESS_WORDS)


@pytest.mark.expects_errors
def test_an_editor_that_could_not_be_fetched_can_be_tried_again(playground: Playground) -> None:
    page = playground.page
    broken = True

    def route(request: Route) -> None:
        if broken:
            request.abort()
        else:
            request.continue_()

    page.route("**/editor.mjs*", route)
    playground.open().wait_worker()
    playground.button("Edit the code").click()
    notice = page.locator("#code-notice")
    expect(notice).to_contain_text("The editor could not be loaded")
    broken = False
    notice.get_by_role("button", name="Try again").click()
    expect(CodePage(playground).editor).to_be_visible()
    expect(notice).to_be_hidden()
