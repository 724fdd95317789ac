"""Live: what is changed is trained at once."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import expect

from microgpt.model_code.gallery import GALLERY
from tests.browser.app import Playground
from tests.browser.code_page import open_code
from tests.browser.watch import wait_status

# What comes of a run: its newest loss, its bars, the newest line written while it learns.
OUTCOME = """
() => [
    document.querySelector("#status-loss").textContent,
    document.querySelector("#probabilities.current")?.textContent ?? "",
    document.querySelector("#live")?.textContent ?? "",
]
"""
DIFFERS = f"""
(before) => ({OUTCOME})().every((now, i) => now && !now.includes("–") && now !== before[i])
"""


def outcome(playground: Playground, steps: int, before: Sequence[str] = ("", "", "")) -> list[str]:
    """What has come of a run once it is over, and all of that is other than before."""
    wait_status(playground.page, f"step {steps} / {steps}")
    playground.page.wait_for_function(DIFFERS, arg=list(before))
    wait_status(playground.page, f"step {steps} / {steps}")
    found: list[str] = playground.page.evaluate(OUTCOME)
    return found


def test_runs_follow_the_sliders_and_the_data(playground: Playground) -> None:
    page = playground.open("#data=baby-names&num_steps=300").wait_worker().page
    live = playground.button("Live")
    live.click()
    expect(live).to_have_attribute("aria-pressed", "true")
    wait_status(page, "step 300 / 300")
    before = playground.probability_by_token()
    for steps in (400, 500, 600):  # the newest wins
        playground.set_slider("Training steps", steps)
    wait_status(page, "step 600 / 600")
    expect(page.locator("#changed-notice")).to_be_hidden()
    expect(page.locator("#model-name")).to_contain_text("The model that you train")
    playground.set_slider("Embedding size", 8)
    wait_status(page, "step 600 / 600")
    page.wait_for_function(
        "() => !document.querySelector('#status-loss').textContent.includes('–')"
    )
    page.locator("#probabilities.current").wait_for()
    assert playground.probability_by_token() != before
    page.get_by_role("radio", name="Dinosaurs").check()
    expect(page.locator("#key-shipped")).to_be_hidden()
    wait_status(page, r"step ([\d,]+) / \1")
    # A run that follows takes the place of the one before, and is no past run.
    expect(page.locator("#open-runs")).to_be_hidden()

    live.click()
    playground.set_slider("Embedding size", 16)
    expect(page.locator("#changed-notice")).to_be_visible()


def test_what_takes_long_is_not_followed(playground: Playground) -> None:
    page = playground.open("#n_embd=64&n_layer=4&num_steps=10000").wait_worker().page
    playground.button("Live").click()
    words = page.locator("#live-notice")
    expect(words).to_contain_text("Too large for Live: this run takes about")
    expect(playground.button("Train")).to_be_visible()
    for name, value in (("Layers", 1), ("Embedding size", 16), ("Training steps", 100)):
        playground.set_slider(name, value)
    expect(words).to_be_hidden()
    wait_status(page, "step 100 / 100")


def test_runs_follow_what_is_left_out_and_the_newest_wins(playground: Playground) -> None:
    page = playground.open("#data=baby-names&num_steps=300").wait_worker().page
    playground.button("Live").click()
    before = outcome(playground, 300)
    field = page.get_by_role("textbox", name="Leave out", exact=True)
    field.press_sequentially("*a,*n,*e", delay=230)  # most of these are a change of their own
    after = outcome(playground, 300, before)
    expect(page.locator("#changed-notice")).to_be_hidden()
    # The same as if it were trained by a press.
    playground.button("Live").click()
    playground.button("Start over").click()
    playground.train(300)
    assert outcome(playground, 300)[:2] == after[:2]


def test_runs_follow_a_line_of_ones_own_text(playground: Playground) -> None:
    page = playground.open("#pace=full").wait_worker().page
    playground.paste("anna\nbob\ncleo\nzazz")
    expect(playground.statistics).to_contain_text("4 lines")
    playground.set_slider("Training steps", 300)
    playground.button("Live").click()
    before = outcome(playground, 300)
    area = page.get_by_label("Your own text")
    area.press("ControlOrMeta+End")
    for _ in "\nzazz":
        area.press("Backspace")
    expect(playground.probabilities.filter(has_text="z")).to_have_count(0)
    outcome(playground, 300, before)
    expect(page.locator("#changed-notice")).to_be_hidden()


def test_runs_follow_the_code_and_the_newest_wins(playground: Playground) -> None:
    code = open_code(playground)
    playground.set_slider("Training steps", 300)
    playground.button("Live").click()
    before = outcome(playground, 300)
    edits = {edit.name: edit.source for edit in GALLERY}
    for name in ("no-attention", "bigram"):
        code.write(edits[name])
    code.fits(864)
    outcome(playground, 300, before)
    expect(code.page.locator("#code-run")).to_contain_text("step 300 / 300 · loss")
    starts = code.page.evaluate("window.posted.filter(({ type }) => type === 'start')")
    assert starts[-1]["code"] == edits["bigram"]
    expect(code.page.locator("#changed-notice")).to_be_hidden()
