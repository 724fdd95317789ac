"""The inside of the model: from a press to all its views, a part switched off, a thousand samples.

All views are open at once, which few people will have. A press is over when the frame with its last
view has been drawn by Python; the browser still has to paint it.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser, Page, expect

from app.shared.views import VIEW_NAMES
from tests.bench.table import Row
from tests.browser.app import Playground
from tests.support.memory import page_megabytes

PRESSES = 40
MOMENTS, MOMENTS_BEFORE = 10_000, 500  # counted, and before counting begins
REPEATS = 7
PAUSE_MILLISECONDS = 150
LETTERS = "maristel"  # are pressed in turn, and then removed
LONG_TEXT = "marielisabethannatheodoraconstantinawilhelminajosephinasofia"  # 60 letters
LARGE = "&n_embd=64&n_head=4&n_layer=4&block_size=64&num_steps=60"
TARGET_DEFAULT_MILLISECONDS, TARGET_LARGE_MILLISECONDS = 16, 50
TARGET_SWITCH_MILLISECONDS, TARGET_SAMPLES_SECONDS = 30, 0.5
WHEN_DRAWN = """
const drawn = () => new Promise((resolve) => {
    const regions = document.getElementById("regions");
    new MutationObserver((_, observer) => {
        if (regions.classList.contains("waiting")) return;
        observer.disconnect();
        resolve();
    }).observe(regions, { attributeFilter: ["class"] });
});
"""
# Presses letters of the case of type one after the other; the milliseconds of each.
PRESS = f"""
async ([letters, pause]) => {{
    {WHEN_DRAWN}
    const times = [];
    for (const letter of letters) {{
        const list = document.getElementById("probabilities");
        const find = (item) => item.querySelector(".name").textContent === letter;
        const button = [...list.children].find(find).firstElementChild;
        const pressed = performance.now();
        const over = drawn();
        button.click();
        await over;
        times.push(performance.now() - pressed);
        if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
    }}
    return times;
}}
"""
BACK = f"""
async (count) => {{
    {WHEN_DRAWN}
    for (let press = 0; press < count; press += 1) {{
        const over = drawn();
        document.getElementById(press % 2 ? "redo" : "undo").click();
        await over;
    }}
}}
"""
# Presses a part's switch; the milliseconds until its sentence says another loss.
SWITCH = """
(name) => new Promise((resolve) => {
    const words = document.querySelector("#view-switch-off .switch-words");
    const before = words.textContent;
    const pressed = performance.now();
    new MutationObserver((_, observer) => {
        if (words.textContent === before || !/instead of|with all/.test(words.textContent)) return;
        observer.disconnect();
        resolve(performance.now() - pressed);
    }).observe(words, { childList: true, characterData: true, subtree: true });
    document.querySelector(`#view-switch-off [data-switch="${name}"]`).click();
})
"""
GENERATE = """
() => new Promise((resolve) => {
    const said = document.getElementById("samples-words");
    const pressed = performance.now();
    new MutationObserver((_, observer) => {
        if (!said.textContent.startsWith("1,000 written")) return;
        observer.disconnect();
        resolve((performance.now() - pressed) / 1000);
    }).observe(said, { childList: true, characterData: true, subtree: true });
    document.getElementById("generate").click();
})
"""


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    yield Row(
        "a press to all views, the default model",
        presses(browser, url, "", LETTERS * (PRESSES // len(LETTERS))),
        "ms",
        TARGET_DEFAULT_MILLISECONDS,
    )
    yield Row(
        "the same, 64 wide, 4 layers, 56 to 63 tokens read",
        presses(browser, url, LARGE, LETTERS * (PRESSES // len(LETTERS))),
        "ms",
        TARGET_LARGE_MILLISECONDS,
    )
    page = trained(browser, url, "&open=switch-off")
    page.wait_for_timeout(2000)  # in which it measures every part by itself
    page.evaluate(SWITCH, "layer0.head0")  # compiles the module for it
    times = [page.evaluate(SWITCH, f"layer0.head{head}") for head in (0, 1, 2, 3) * 3]
    page.context.close()
    yield Row(
        "a head switched off, and the loss of 2,000 held-out documents",
        times,
        "ms",
        TARGET_SWITCH_MILLISECONDS,
    )
    page = trained(browser, url, "&num_samples=1000")
    times = [page.evaluate(GENERATE) for _ in range(REPEATS)]
    page.context.close()
    yield Row("1,000 samples", times, "s", TARGET_SAMPLES_SECONDS)
    yield from memory(browser, url)


def trained(browser: Browser, url: str, settings: str) -> Page:
    """A page with a model that was trained with these further settings."""
    page = browser.new_context(base_url=url, service_workers="block").new_page()
    playground = Playground(page).open(f"#pace=full{settings}").wait_worker()
    playground.button("Train").click()
    expect(page.locator("#verdict")).to_contain_text("The loss", timeout=60_000)
    page.wait_for_timeout(PAUSE_MILLISECONDS)
    return page


def presses(browser: Browser, url: str, settings: str, letters: str) -> list[float]:
    """The milliseconds from each press of a letter to the last view."""
    page = trained(browser, url, f"&open={','.join(VIEW_NAMES)}{settings}")
    page.wait_for_timeout(4000)  # in which it looks at held-out documents
    times: list[float] = []
    for start in range(0, len(letters), len(LETTERS)):
        page.get_by_role("textbox", name="Text", exact=True).fill(
            LONG_TEXT[:56] if "block_size" in settings else ""
        )
        page.wait_for_timeout(1000)
        part = letters[start : start + len(LETTERS) - 1]
        times += page.evaluate(PRESS, [part, PAUSE_MILLISECONDS])
    page.context.close()
    return times


def memory(browser: Browser, url: str) -> Iterator[Row]:
    """Memory before and after many moments, with the views open that are drawn anew each time."""
    page = trained(browser, url, "&open=choice,votes,attention,lens")
    page.wait_for_timeout(4000)
    page.evaluate(PRESS, ["mar", PAUSE_MILLISECONDS])
    page.evaluate(BACK, MOMENTS_BEFORE)
    before = page_megabytes(browser)
    page.evaluate(BACK, MOMENTS)
    after = page_megabytes(browser)
    page.context.close()
    if before is not None and after is not None:
        yield Row("memory of page and worker with four views open", [before], "MB")
        yield Row(f"the same {MOMENTS:,} moments later", [after], "MB")
