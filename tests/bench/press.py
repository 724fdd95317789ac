"""From pressing Train to the last loss on the chart: the first run after opening the page.

And from Ctrl and Enter to the first loss of a model that has been edited just before.

Every sample is a visit with a fresh profile and the default settings, except that the pace is full.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser

from tests.bench.table import Row
from tests.browser.app import Playground

VISITS = 9
PAUSE_MILLISECONDS = 3000  # for which a user looks at the page before pressing Train
TARGET_MILLISECONDS = 150
PRESS = """
() => new Promise((resolve) => {
    const [train, status] = ["train", "status-step"].map((id) => document.getElementById(id));
    const pressed = performance.now();
    const end = () => resolve(performance.now() - pressed);
    new MutationObserver((_, observer) => {
        if (!/^step (\\S+) \\/ \\1$/.test(status.textContent)) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(end));  // after the frame is drawn
    }).observe(status, { childList: true, characterData: true, subtree: true });
    train.click();
})
"""

# An edit of the gallery, and some milliseconds later Ctrl and Enter.
PRESS_EDITED = """
async ([title, pause]) => {
    const status = document.getElementById("status-step");
    const buttons = [...document.querySelectorAll("#code button")];
    buttons.find((button) => button.textContent === title).click();
    if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
    const text = document.getElementById("code-editor").firstElementChild.shadowRoot
        .querySelector(".cm-content");
    const pressed = performance.now();
    const losses = new Promise((resolve) => {
        new MutationObserver((_, observer) => {
            if (!/^step [1-9]/.test(status.textContent)) return;
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(resolve));
        }).observe(status, { childList: true, characterData: true, subtree: true });
    });
    const key = { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: true, bubbles: true };
    text.dispatchEvent(new KeyboardEvent("keydown", key));
    await losses;
    return performance.now() - pressed;
}
"""
EDITED = "SiLU"
LOOK_MILLISECONDS = 1000  # for which a user looks at what was edited


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    for what, pause, target in (
        ("pressed 3 s after the worker is ready", PAUSE_MILLISECONDS, TARGET_MILLISECONDS),
        ("pressed as soon as the worker is ready", 0, None),
    ):
        times = [visit(browser, url, pause) for _ in range(VISITS)]
        yield Row(what, times, "ms", target)
    for what, pause in (("1 s after the edit", LOOK_MILLISECONDS), ("at once", 0)):
        times = [edited_visit(browser, url, pause) for _ in range(VISITS)]
        words = f"an edited model, Ctrl+Enter {what} to its first loss"
        yield Row(words, times, "ms", TARGET_MILLISECONDS)


def edited_visit(browser: Browser, url: str, pause: float) -> float:
    """Opens the page and the editor, edits, waits and presses; returns the milliseconds."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    playground = Playground(page).open("#pace=full").wait_worker()
    playground.button("Edit the code").click()
    page.locator("#code-editor .cm-content").wait_for()
    page.wait_for_timeout(PAUSE_MILLISECONDS)
    milliseconds: float = page.evaluate(PRESS_EDITED, [EDITED, pause])
    context.close()
    return milliseconds


def visit(browser: Browser, url: str, pause: float) -> float:
    """Opens the page, waits `pause` milliseconds and presses; returns the run's milliseconds."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    Playground(page).open("#pace=full").wait_worker()
    page.wait_for_timeout(pause)
    milliseconds: float = page.evaluate(PRESS)
    context.close()
    return milliseconds
