"""A run taken away: three kinds of files from the dialog of models, and what cannot be had."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from microgpt.checkpoint import from_bytes
from microgpt.training_record import record_from_about
from tests.browser.app import Playground
from tests.browser.kept import OVER, read_run, wait_kept
from tests.browser.test_page_models import download, open_dialog
from tests.browser.watch import wait_status
from tests.support.exported import printed

SMALL = "#n_embd=8&block_size=8&num_steps=100&pace=full&eval_fraction=0.1"


def test_a_run_is_exported_three_ways_or_refused(playground: Playground, tmp_path: Path) -> None:
    page = playground.open(SMALL).wait_worker().page
    playground.paste("ada\nbob\ncleo\ndora\n" * 5)
    playground.train(100)
    wait_kept(page, "runs", OVER)
    raw = read_run(page).raw
    dialog = open_dialog(playground)

    def exported(kind: str, name: str) -> Path:
        dialog.get_by_label("Kind of export").select_option(kind)
        path = download(playground, "Export", tmp_path / name)
        expect(dialog).to_contain_text("is written, ")
        return path

    lines = printed(exported("python", "run.py"))
    # The page computes in 32 bits, and in another C library.
    assert [line["loss"] for line in lines if "loss" in line] == pytest.approx(raw, abs=2e-3)
    written = printed(exported("weights", "weights.py"), "--samples", "3")
    assert [set(line) for line in written] == [{"sample"}] * 3
    with zipfile.ZipFile(exported("pytorch", "torch.zip")) as archive:
        assert archive.namelist() == ["model.py", "model.safetensors"]
        model = from_bytes(archive.read("model.safetensors"))
    assert list(record_from_about(model.about).losses) == raw
    page.keyboard.press("Escape")
    playground.button("Train longer").click()
    wait_status(page, "step 200 / 200")
    open_dialog(playground)
    dialog.get_by_label("Kind of export").select_option("python")
    playground.button("Export").click()
    expect(dialog.locator("#models-problem")).to_contain_text(
        "The settings of the run were changed while it went on, or it was trained longer"
    )
