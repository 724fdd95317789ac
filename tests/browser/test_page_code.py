"""The model code on the page: edited, checked, trained and kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from microgpt.model_code.gallery import GALLERY
from microgpt.model_code.source import default_source
from tests.browser.app import Playground
from tests.browser.code_page import KEEP_MESSAGES, CodePage, open_code
from tests.browser.test_page_look import axe_findings, misplaced_controls
from tests.browser.watch import Watch, wait_status

PHONE = {"width": 390, "height": 844}
EDITS = {edit.name: edit for edit in GALLERY}


@pytest.fixture
def code(playground: Playground) -> CodePage:
    """The panel, open."""
    return open_code(playground)


def test_nothing_of_it_is_fetched_before_it_is_opened(playground: Playground, watch: Watch) -> None:
    playground.open().wait_worker()
    parts = re.compile(r"/(editor\.mjs|code\.bin|code\.css)")
    assert [url for url in watch.requested if parts.search(url)] == []
    CodePage(playground).open()
    assert sorted({found[1] for url in watch.requested if (found := parts.search(url))}) == [
        "code.bin",
        "code.css",
        "editor.mjs",
    ]


def test_it_stays_open_over_a_reload_and_back_closes_it(code: CodePage) -> None:
    page = code.page
    assert page.evaluate("location.hash") == "#pace=full&open=code"
    page.reload()
    expect(code.editor).to_be_visible()
    expect(code.playground.button("Edit the code")).to_have_attribute("aria-expanded", "true")
    page.go_back()
    expect(page.get_by_role("region", name="Model code")).to_be_hidden()
    code.open()
    page.get_by_role("button", name="Close Model code").click()
    expect(code.editor).to_be_hidden()
    expect(code.playground.button("Edit the code")).to_be_focused()


def test_it_begins_with_the_model_of_the_repository(code: CodePage) -> None:
    expect(code.editor).to_be_focused()
    expect(code.state).to_have_text("The model as it came.")
    expect(code.playground.button("Reset").last).to_be_disabled()
    code.write(default_source())
    code.playground.button("Train").first.click()
    code.done()
    sent = code.page.evaluate("window.posted.filter(({ code }) => code)")
    assert sent == [], "a text that is as it came is sent as nothing"


def test_an_edit_is_trained_by_control_and_enter(code: CodePage) -> None:
    code.write(EDITS["bigram"].source)
    code.editor.press("ControlOrMeta+Enter")
    code.done()
    code.fits(864)
    expect(code.page.locator("#num-params")).to_have_text("864")
    expect(code.page.locator("#code-run")).to_contain_text("step 1,000 / 1,000 · loss")
    expect(code.page.locator("#code-edited")).to_be_visible()
    starts = code.page.evaluate("window.posted.filter(({ type }) => type === 'start')")
    assert [start["code"] for start in starts] == [EDITS["bigram"].source]


def test_what_is_wrong_is_said_and_marked_and_nothing_is_lost(code: CodePage) -> None:
    """The finished run writes on, can be trained longer, and its code can be fetched back."""
    page, playground = code.page, code.playground
    playground.button("Train").first.click()
    code.done()
    code.add("x = oops\n")
    problem = "Line 58: there is no 'oops' here; check the name."
    expect(code.state).to_have_text(problem)
    expect(code.editor.locator(".cm-lintRange-error")).to_have_text("x = oops")
    code.editor.press("ControlOrMeta+Enter")
    expect(code.notice).to_have_text(problem)
    code.done()
    expect(page.locator("#model-name")).to_contain_text("The model that you train")
    expect(page.locator("#changed-words")).to_contain_text("Model code as it came")
    playground.button("Code of the last run").click()
    expect(code.state).to_have_text("The model as it came.")
    expect(code.notice).to_be_hidden()
    playground.button("Train longer").click()
    code.done(2000)


def test_an_empty_text_is_no_model_and_can_be_reset(code: CodePage) -> None:
    code.editor.press("ControlOrMeta+a")
    code.editor.press("Delete")
    expect(code.state).to_contain_text("there is no function parameter_shapes()")
    code.playground.button("Reset").last.click()
    expect(code.state).to_have_text("The model as it came.")
    expect(code.editor).to_contain_text("def parameter_shapes(config):")


def test_the_line_of_a_problem_is_shown(code: CodePage) -> None:
    code.write(default_source().replace("ops.relu(x)", "ops.rellu(x)"))
    expect(code.state).to_contain_text("there is no operation 'rellu'; perhaps 'relu' is meant")
    code.editor.press("ControlOrMeta+Home")
    code.page.get_by_role("button", name="Go to line 54").click()
    expect(code.editor.locator(".cm-lintRange-error")).to_be_in_viewport()


@pytest.mark.parametrize("text", ["x = 1\n", "oops(\n"], ids=["fits", "broken"])
def test_the_text_is_there_after_a_reload(code: CodePage, text: str) -> None:
    code.add(text)
    assert code.kept() == default_source() + text, "at once, whatever it is"
    code.page.reload()
    expect(code.editor).to_be_visible()
    code.playground.wait_worker()
    expect(code.state).to_have_text(re.compile("^(Fits|Line)"))
    code.editor.press("ControlOrMeta+End")
    expect(code.editor.locator(".cm-line", has_text=text.strip())).to_be_visible()


def test_each_tab_keeps_its_own_code(code: CodePage, context: BrowserContext) -> None:
    code.add("x = 1\n")
    code.fits()
    other = CodePage(Playground(context.new_page()))
    other.playground.open("#open=code").wait_worker()
    expect(other.state).to_have_text("The model as it came.")
    other.add("y = 1\n")
    other.fits()
    code.page.reload()
    expect(code.editor).to_be_visible()
    code.editor.press("ControlOrMeta+End")
    expect(code.editor.locator(".cm-line", has_text="y = 1")).to_have_count(0)


def test_a_link_is_anothers_experiment(code: CodePage, context: BrowserContext) -> None:
    code.add("x = 1\n")
    code.fits()
    expect(code.page).to_have_url(re.compile("code=own"))
    edited = "#code-edited"
    other = Playground(context.new_page()).open("#n_embd=32")
    expect(other.page.locator(edited)).to_be_hidden()
    mine = Playground(context.new_page()).open(code.page.url)
    expect(mine.page.locator(edited)).to_be_visible()


def test_a_link_with_code_that_is_not_here_says_so(playground: Playground) -> None:
    playground.open("#code=own")
    expect(playground.page.locator("#training-notice")).to_contain_text("which is not in it")
    expect(playground.page.locator("#code-edited")).to_be_hidden()


def test_an_edit_of_the_gallery_is_one_step_to_undo(code: CodePage) -> None:
    page, edit = code.page, EDITS["tied"] if "tied" in EDITS else EDITS["silu"]
    gallery = page.get_by_role("list", name="Edits to try")
    expect(gallery.get_by_role("listitem")).to_have_count(len(GALLERY))
    expect(gallery.get_by_role("listitem").first).to_contain_text(re.compile(r"\d\.\d{3}.±.0\.\d"))
    pressed = gallery.get_by_role("button", name=edit.title, exact=True)
    pressed.click()
    expect(pressed).to_have_attribute("aria-pressed", "true")
    expect(code.state).to_contain_text("Fits: ")
    assert code.kept() == edit.source
    code.editor.press("ControlOrMeta+z")
    expect(code.state).to_have_text("The model as it came.")
    pressed.click()
    expect(code.state).to_contain_text("Fits: ")
    page.locator("#code-reset").click()
    expect(code.state).to_have_text("The model as it came.")
    expect(pressed).to_have_attribute("aria-pressed", "false")


def test_what_is_changed_can_be_shown_alone(code: CodePage) -> None:
    code.page.get_by_role("button", name="SiLU", exact=True).click()
    toggle = code.playground.button("Show what is changed")
    toggle.click()
    expect(code.editor.locator(".cm-changedLine")).to_have_text("        x = ops.silu(x)")
    expect(code.editor.locator(".cm-collapsedLines")).to_contain_text("unchanged lines")
    toggle.click()
    expect(code.editor.locator(".cm-collapsedLines")).to_have_count(0)


def test_names_are_completed_and_explained(code: CodePage) -> None:
    line = code.editor.locator(".cm-line", has_text="n_embd = config.n_embd")
    line.get_by_text("n_embd").last.hover()
    explained = code.page.locator(".cm-tooltip-hover .explanation")
    expect(explained).to_contain_text("How many numbers represent each token")
    code.editor.press("ControlOrMeta+End")
    code.page.keyboard.type("x = ops.rms")
    option = code.page.get_by_role("listbox").get_by_role("option")
    expect(option).to_have_text("rmsnorm(x)")
    expect(code.page.locator(".cm-completionInfo")).to_contain_text("mean of its squares is 1")


def test_boxes_and_lines_mark_each_other(code: CodePage) -> None:
    page = code.page
    attention = page.locator("#picture .box", has_text="attention")
    attention.click()
    highlighted = code.editor.locator(".cm-highlighted")
    expect(highlighted).to_contain_text("ops.attention(")
    expect(highlighted).to_be_in_viewport()
    code.editor.locator(".cm-line", has_text="ops.relu(x)").click()
    expect(highlighted).to_have_count(0)
    marked = page.locator("#picture [aria-current]")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("ReLU")


def test_a_pressed_box_opens_the_editor_at_its_line(playground: Playground) -> None:
    playground.open().wait_worker()
    code = CodePage(playground)
    playground.page.locator("#picture .box", has_text="attention").click()
    expect(code.editor.locator(".cm-highlighted")).to_contain_text("ops.attention(")


def test_a_run_keeps_its_own_code(playground: Playground) -> None:
    """Paused, it goes on with it; the next run has the new one."""
    page = playground.page
    page.add_init_script(KEEP_MESSAGES)
    playground.open("#num_steps=10000&engine=scalar").wait_worker()
    code = CodePage(playground).open()
    code.page.get_by_role("button", name="GELU", exact=True).click()
    expect(code.state).to_contain_text("Fits: ")
    playground.button("Step").click()
    wait_status(page, "step 1 / 10,000")
    page.get_by_role("button", name="SiLU", exact=True).click()
    expect(page.locator("#changed-words")).to_contain_text("Your changes apply to the next run")
    playground.button("Step").click()
    wait_status(page, "step 2 / 10,000")
    playground.button("Restart with changes").click()
    wait_status(page, "step [1-9]")
    starts = page.evaluate("window.posted.filter(({ type }) => type === 'start')")
    assert [start["code"] for start in starts] == [EDITS["gelu"].source, EDITS["silu"].source]


def test_sizes_that_the_code_does_not_fit_are_said(code: CodePage) -> None:
    text = default_source().replace("range(config.n_layer)", "range(1)", 1)
    code.write(text)
    code.fits()
    code.playground.set_slider("Layers", 2)
    expect(code.state).to_contain_text("Line ")
    code.playground.set_slider("Layers", 1)
    code.fits()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_panel_is_accessible(playground: Playground, theme: str) -> None:
    playground.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    playground.open("#open=code").wait_worker()
    code = CodePage(playground)
    expect(code.editor).to_be_visible()
    code.add("x = oops\n")
    expect(code.state).to_contain_text("Line ")
    assert axe_findings(playground.page) == []


@pytest.mark.context_options(viewport=PHONE, has_touch=True)
def test_it_can_be_read_and_edited_on_a_phone(playground: Playground) -> None:
    page = playground.open("#pace=full").wait_worker().page
    page.locator("#model-chip").tap()
    code = CodePage(playground)
    playground.button("Edit the code").tap()
    expect(code.editor).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    scroller = code.page.locator("#code-editor .cm-scroller")
    assert scroller.evaluate("(e) => e.scrollWidth - e.clientWidth") == 0, "long lines wrap"
    assert misplaced_controls(page) == []
    page.get_by_role("button", name="SiLU", exact=True).tap()
    code.fits()
    playground.button("Train").tap()
    code.done()
