"""The Share dialog, and opening what it makes: links with a text, with code, with a whole model."""

from __future__ import annotations

import json
import re
import subprocess

from playwright.sync_api import BrowserContext, Locator, Page, expect

from app.site.environment import ROOT, node_and_npm
from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.watch import wait_status

TRAINED = "#data=dinosaurs&num_steps=200&pace=full"
CLOSE_BARS = 0.01  # that a shared model's may differ
# The pixels of an SVG as [width, height, numbers]; the site itself allows no picture from a text.
PIXELS = """
async (svg) => {
    const image = new Image(400, 400);
    image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    await image.decode();
    const context = new OffscreenCanvas(400, 400).getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, 400, 400);
    context.drawImage(image, 0, 0, 400, 400);
    return [400, 400, [...context.getImageData(0, 0, 400, 400).data]];
}
"""
DECODE_QR = """
import decodeQR from "qr/decode.js";
import { readFileSync } from "node:fs";
const [width, height, data] = JSON.parse(readFileSync(0));
process.stdout.write(decodeQR({ width, height, data: Uint8Array.from(data) }, { timeLimit: 5000 }));
"""
CODE_KEPT = "localStorage.getItem('model-code')"


def dialog(page: Page) -> Locator:
    """The dialog, opened."""
    page.get_by_role("button", name="Share", exact=True).click()
    shown = page.get_by_role("dialog", name="Share")
    expect(shown.get_by_role("button", name="Copy link")).to_be_focused()
    return shown


def link_with(page: Page, *parts: str) -> str:
    """The link of the dialog with these boxes ticked."""
    shown = dialog(page)
    for part in parts:
        shown.get_by_role("checkbox", name=part).check()
    field = shown.get_by_role("textbox", name="Link")
    for part in parts:
        name = {"The text": "text", "Your model code": "code"}.get(part, "model")
        expect(field).to_have_value(re.compile(f"[#&]{name}=."))
    expect(shown.get_by_role("button", name="Copy link")).to_be_enabled()
    link = field.input_value()
    page.keyboard.press("Escape")
    return link


def decoded_qr(page: Page, svg: str) -> str:
    """The text in a QR code."""
    blank = page.context.new_page()
    pixels = json.dumps(blank.evaluate(PIXELS, svg))
    blank.close()
    command = [node_and_npm().node, "--input-type=module", "--eval", DECODE_QR]
    return subprocess.run(
        command, check=True, input=pixels, text=True, cwd=ROOT, capture_output=True
    ).stdout


def opened(page: Page, link: str) -> Playground:
    """A page at this link, with its worker up."""
    page.goto(link)
    page.locator("body[data-page=ready]").wait_for(timeout=READY_TIMEOUT_MS)
    return Playground(page).wait_worker()


def largest_difference(playground: Playground, bars: dict[str, float]) -> float:
    shown = playground.probability_by_token()
    assert shown.keys() == bars.keys()
    return max(abs(shown[token] - bars[token]) for token in bars)


# ---- the dialog ----------------------------------------------------------------------------------


def test_the_link_of_the_settings_is_copied_with_two_keys(playground: Playground) -> None:
    page = playground.open("#n_layer=2&data=words").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = dialog(page)
    page.keyboard.press("Enter")
    expect(shown.locator("#link-state")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert page.url.endswith("#data=words&n_layer=2")
    expect(shown.locator("#link-length")).to_have_text(f"{len(page.url)} characters.")
    picture = shown.get_by_role("img", name="The link as a QR code")
    expect(picture).to_be_visible()
    assert decoded_qr(page, picture.inner_html()) == page.url
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_focused()
    dialog(page)
    page.mouse.click(5, 5)  # beside it
    expect(shown).to_be_hidden()


def test_a_model_that_is_too_large_for_a_link_is_offered_as_a_file(playground: Playground) -> None:
    page = playground.open("#data=words&n_embd=64&num_steps=100&pace=full").page
    playground.wait_worker().train(100)
    shown = dialog(page)
    shown.get_by_role("checkbox", name="The whole trained model").check()
    expect(shown.locator("#link-about-model")).to_contain_text("53,632 parameters")
    expect(shown.locator("#link-about-model")).to_contain_text("send its file")
    assert "model=" not in shown.get_by_role("textbox", name="Link").input_value()
    shown.get_by_role("button", name="Download its file").click()
    expect(page.get_by_role("dialog", name="Models")).to_be_visible()
    expect(shown).to_be_hidden()


# ---- what a link brings --------------------------------------------------------------------------


def test_a_link_with_a_model_and_a_text_shows_the_same_bars_anywhere(
    playground: Playground, context: BrowserContext
) -> None:
    page = playground.open(TRAINED).wait_worker().page
    playground.train(200)
    playground.text.fill("tyra")
    expect(page.locator("#probabilities.current")).to_be_visible()
    expect(playground.tiles).to_have_count(4)
    link = link_with(page, "The text", "The whole trained model")
    assert 11_000 < len(link) < 12_000
    bars = playground.probability_by_token()
    guest = opened(context.new_page(), link)
    name = guest.page.locator("#model-name")
    expect(name).to_have_text(
        "A model that came with this link: 4,192 parameters, trained on Dinosaurs for 200 steps."
    )
    expect(guest.tiles).to_have_count(4)
    assert largest_difference(guest, bars) < CLOSE_BARS
    expect(guest.samples).to_have_count(0)  # those of the page's own model are none of its
    assert guest.page.url == link
    guest.page.reload()
    guest.wait_worker()
    expect(name).to_contain_text("A model that came with this link")
    assert largest_difference(guest, bars) < CLOSE_BARS
    # Who goes on takes the address along.
    guest.text.fill("tric")
    expect(guest.page).not_to_have_url(re.compile("[#&]text="))
    guest.train(200)
    expect(name).to_have_text("The model that you train above, as it is at this moment.")
    expect(guest.page).not_to_have_url(re.compile("[#&]model="))
    assert playground.step() == 200  # what there was is still there
    assert largest_difference(playground, bars) == 0


def test_a_run_goes_before_the_model_of_a_link(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    link = link_with(page, "The whole trained model")
    playground.train(100)
    page.goto(link)
    expect(page.locator("#brought-words")).to_contain_text("would take the place of your run")
    expect(page.locator("#model-name")).to_contain_text("The model that you train above")
    with page.context.expect_page() as waiting:
        page.get_by_role("link", name="Open it in a new tab").click()
    guest = Playground(waiting.value)
    guest.wait_worker()
    expect(guest.page.locator("#model-name")).to_contain_text("came with this link: 4,192")
    expect(guest.page.locator("#status")).to_contain_text("step 0 /")


def test_code_in_a_link_is_shown_and_runs_only_after_a_press(
    playground: Playground, context: BrowserContext
) -> None:
    page = playground.open("#open=code&num_steps=100&pace=full").wait_worker().page
    editor = page.get_by_role("textbox", name="Model code")
    expect(editor).to_be_visible()
    page.get_by_role("button", name=re.compile("^No attention")).click()
    expect(page.locator("#code-state")).to_contain_text("Fits:")
    page.locator("#code-train").click()
    wait_status(page, "step 100 / 100", seconds=60)
    link = link_with(page, "The whole trained model")
    assert "code=" in link  # which the model needs
    bars = playground.probability_by_token()
    mine = page.evaluate(CODE_KEPT)
    guest = opened(context.new_page(), link)
    words = guest.page.locator("#brought-words")
    expect(words).to_contain_text("model code of its sender's")
    expect(guest.page.locator("#code-edited")).to_be_hidden()
    expect(guest.page.locator("#model-name")).to_contain_text("small model that was trained on US")
    guest.button("Show the code").click()
    expect(guest.page.locator("#brought-code")).to_contain_text("def gpt(")
    guest.button("Use this code").click()
    expect(words).to_have_text("The model code of this link is in use.")
    expect(guest.page.locator("#model-name")).to_contain_text("A model that came with this link")
    guest.page.locator("#probabilities.current").wait_for()
    assert largest_difference(guest, bars) < CLOSE_BARS
    expect(guest.page.locator("#code-edited")).to_be_visible()
    assert guest.page.evaluate(CODE_KEPT) == mine  # what another tab begins with
    guest.button("Go back to the code of before").click()
    expect(guest.page.locator("#code-edited")).to_be_hidden()
    expect(guest.page.locator("#model-name")).to_contain_text("small model that was trained on US")


DAMAGED = "was cut off or changed on its way"
HOSTILE = {
    "model=AAAA": DAMAGED,
    "model=%3Cscript%3E": f"The model in this link {DAMAGED}",
    "text=!!!": f"The text in this link {DAMAGED}",
    "text=eJxLTEpOAQ": f"The text in this link {DAMAGED}",  # its end is missing
    "code=eNpLTEpOAQA": f"The model code in this link {DAMAGED}",
    "model=" + 40_000 * "A": "The model in this link is too long to be opened.",
}


def test_what_was_cut_off_or_changed_is_one_sentence(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    said = page.locator("#brought-words, #training-notice").filter(visible=True)
    for place, (part, words) in enumerate(HOSTILE.items()):
        fragment = f"#n_layer={1 + place % 2}&top_k={place}"
        page.evaluate("hash => { location.hash = hash }", f"{fragment}&{part}")
        expect(said).to_contain_text(words)
        expect(page.locator("#top_k-value")).to_have_text(str(place))
        expect(page).to_have_url(re.compile(f"top_k={place}$|n_layer=2$|/$"))
        expect(page.locator("#model-name")).to_contain_text("small model that was trained on US")
    playground.train(100)
