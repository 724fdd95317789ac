"""What is left out of the data: of those that come with the page, and of one's own."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from app.site.environment import ROOT
from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.kept import OVER, wait_kept
from tests.browser.test_page_models import download, open_dialog
from tests.browser.watch import wait_status

DATASETS = ROOT / "datasets"
ALL, NOT_IN_A = "29,910 names · ", "23,304 names, 6,606 left out · "


def field(playground: Playground) -> Locator:
    return playground.page.get_by_role("textbox", name="Leave out", exact=True)


def error(playground: Playground) -> Locator:
    return playground.page.locator("#data-notice")


def test_what_is_left_out_is_in_the_address_and_can_be_undone(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    field(playground).fill("*a")
    expect(playground.statistics).to_contain_text(NOT_IN_A)
    expect(page).to_have_url(re.compile(r"#leave_out=%2Aa$"))
    page.go_back()
    expect(playground.statistics).to_contain_text(ALL)
    expect(field(playground)).to_have_value("")
    page.go_forward()
    expect(playground.statistics).to_contain_text(NOT_IN_A)
    expect(field(playground)).to_have_value("*a")
    # Other data begin without.
    page.get_by_role("radio", name="Dinosaurs").check()
    expect(playground.statistics).to_contain_text("1,284 names")
    expect(field(playground)).to_have_value("")
    expect(page).to_have_url(re.compile("#data=dinosaurs"))
    assert "leave_out" not in page.url


def test_a_run_on_other_documents_is_another_run(playground: Playground) -> None:
    page = playground.open("#leave_out=%2Aa&pace=full").wait_worker().page
    expect(field(playground)).to_have_value("*a")
    expect(playground.statistics).to_contain_text(NOT_IN_A)
    playground.train(100)
    notice = page.locator("#changed-notice")
    field(playground).fill("*a, *e")
    expect(notice).to_contain_text("was trained on US first names without *a; the next run trains")
    expect(notice).to_contain_text("US first names without *a, *e.")
    expect(playground.button("Train longer")).to_be_disabled()
    field(playground).fill("*a")
    expect(notice).to_be_hidden()
    # A reload shows the same run, which can be trained longer.
    wait_kept(page, "runs", OVER)
    page.reload()
    wait_status(page, "step 100 / 100")
    expect(field(playground)).to_have_value("*a")
    expect(playground.statistics).to_contain_text(NOT_IN_A, timeout=READY_TIMEOUT_MS)
    expect(notice).to_be_hidden()
    playground.wait_worker()
    playground.button("Train longer").click()
    wait_status(page, "step 200 / 200")


def test_what_cannot_be_left_out_is_said_and_stays_to_be_mended(playground: Playground) -> None:
    page = playground.open("#data=baby-names").wait_worker().page
    field(playground).fill("*")
    field(playground).press("Enter")
    expect(error(playground)).to_contain_text("alone would leave everything out")
    expect(playground.statistics).to_contain_text("50 names")
    everything = ", ".join(f"*{letter}*" for letter in "aeiouy")
    field(playground).fill(everything)
    expect(error(playground)).to_contain_text("Nothing is left of 'baby-names.txt' without *a*")
    expect(field(playground)).to_have_value(everything)
    expect(playground.statistics).to_contain_text("50 names")
    assert "leave_out" not in page.url
    field(playground).fill("*a")
    expect(error(playground)).to_be_hidden()
    expect(playground.statistics).not_to_contain_text("50 names")


def test_ones_own_text_keeps_its_patterns_while_it_is_edited(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    playground.paste("anna\nbob\nCLARA")
    expect(playground.statistics).to_contain_text("3 lines")
    field(playground).fill("*a")
    expect(playground.preview).to_have_text("bob")
    area = page.get_by_label("Your own text")
    area.press("ControlOrMeta+End")
    area.press_sequentially("\ncleo")
    expect(playground.preview).to_have_text("bob\ncleo")
    expect(playground.statistics).to_contain_text("2 lines, 2 left out")
    page.reload()
    expect(playground.preview).to_have_text("bob\ncleo", timeout=READY_TIMEOUT_MS)
    expect(field(playground)).to_have_value("*a")
    # Where a link leaves nothing, all is loaded.
    page.goto("about:blank")
    playground.open("#data=own&leave_out=*o,*b,*a")
    expect(error(playground)).to_contain_text("Nothing is left", timeout=READY_TIMEOUT_MS)
    expect(playground.statistics).to_contain_text("4 lines")


def test_a_link_locks_what_is_left_out_with_the_data(playground: Playground) -> None:
    playground.open("#data=dinosaurs&leave_out=*saurus&lock=data").wait_worker()
    expect(field(playground)).to_be_disabled()
    expect(field(playground)).to_have_value("*saurus")
    expect(playground.preview).not_to_contain_text("saurus\n")
    playground.page.goto("about:blank")
    playground.open("#hide=leave_out")
    expect(field(playground)).to_be_hidden()


def test_an_exported_run_has_the_documents_that_it_was_trained_on(
    playground: Playground, tmp_path: Path
) -> None:
    playground.open("#data=baby-names&leave_out=*a&pace=full").wait_worker()
    playground.train(100)
    wait_kept(playground.page, "runs", OVER)
    dialog = open_dialog(playground)
    dialog.get_by_label("Kind of export").select_option("python")
    program = download(playground, "Export", tmp_path / "run.py").read_text(encoding="utf-8")
    names = (DATASETS / "baby-names.txt").read_text(encoding="utf-8").split()
    assert [name for name in names if f'"{name}"' in program or f"\n{name}\n" in program] == [
        name for name in names if not name.endswith("a")
    ]
