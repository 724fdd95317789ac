"""From a press on a bar of the case of type to the next bars."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser

from tests.bench.table import Row
from tests.browser.app import Playground

PRESSES = 40
LETTERS = "maristel"  # are pressed in turn, and then removed
PAUSE_MILLISECONDS = 150  # between two presses
TARGET_MILLISECONDS = 16
PRESS = """
(letter) => new Promise((resolve) => {
    const list = document.getElementById("probabilities");
    const find = (item) => item.querySelector(".name").textContent === letter;
    const button = [...list.children].find(find).firstElementChild;
    new MutationObserver((_, observer) => {
        if (!list.classList.contains("current")) return;
        observer.disconnect();
        resolve(performance.now() - pressed);
    }).observe(list, { attributeFilter: ["class"] });
    const pressed = performance.now();
    button.click();
})
"""


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    playground = Playground(page).open().wait_worker()
    times = []
    for press in range(PRESSES):
        if press % len(LETTERS) == 0:
            playground.button("Reset").click()
            page.wait_for_timeout(PAUSE_MILLISECONDS)
        times.append(page.evaluate(PRESS, LETTERS[press % len(LETTERS)]))
        page.wait_for_timeout(PAUSE_MILLISECONDS)
    context.close()
    yield Row("the shipped model, 27 bars", times, "ms", TARGET_MILLISECONDS)
