"""What is shown, saved as files: every picture, and the losses of a run."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, Route, expect

from app.shared.views import VIEW_NAMES, VIEWS
from app.site.environment import ROOT
from tests.browser.app import EXPOSE_WORKER, Playground

SVG = "{http://www.w3.org/2000/svg}"
SETTINGS = {"n_embd": 8, "n_head": 2, "block_size": 8, "eval_fraction": 0.05}
EXACT = {"engine": "wasm", "precision": "f64"}
# Notes all losses that the worker sends, and the same smoothed.
NOTE_LOSSES = """
() => {
  window.sent = [[], []];
  window.newestWorker.addEventListener("message", ({ data }) => {
    if (data.type !== "progress") return;
    const losses = new Float64Array(data.blob.slice().buffer);
    const half = losses.length / 2;
    window.sent[0].push(...losses.subarray(0, half));
    window.sent[1].push(...losses.subarray(half));
  });
}
"""
# Has at hand what would be downloaded.
CATCH = """
() => {
  window.saved = [];
  window.microgpt.download = async (name, blob) => window.saved.push([name, await blob.text()]);
}
"""
NOT_SAVED = "This could not be saved: check your connection, then try again."


def address(**values: object) -> str:
    return "#" + "&".join(f"{name}={value}" for name, value in values.items())


def save(page: Page, button: str, folder: Path) -> Path:
    """Presses a button; returns the file."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def told(**settings: object) -> list[dict[str, Any]]:
    """What the command line says of the steps of such a run, line by line."""
    options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
    command = [sys.executable, "-m", "microgpt", "train", "--json", "--samples=1", *options]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = [json.loads(line) for line in said.splitlines()]
    return [line for line in lines if "step" in line and "sample" not in line]


def test_losses_are_saved_to_the_last_digit(playground: Playground, tmp_path: Path) -> None:
    page = playground.page
    page.add_init_script(EXPOSE_WORKER)
    playground.open(address(**SETTINGS, **EXACT)).wait_worker()
    page.evaluate(NOTE_LOSSES)
    for kind in ("CSV", "JSON"):
        expect(playground.button(f"Save the losses as {kind}")).to_be_disabled()
    playground.train(100)
    losses, smoothed = page.evaluate("() => window.sent")
    assert len(losses) == 100
    saved = save(page, "Save the losses as JSON", tmp_path)
    assert saved.name == "losses-us-names-100-steps.json"
    found = json.loads(saved.read_text())
    assert (found["data"], found["num_steps"]) == ("us-names", 100)
    assert found["settings"].items() >= SETTINGS.items()
    of_steps = [line for line in found["lines"] if "loss" in line]
    assert [line["loss"] for line in of_steps] == losses
    assert [line.pop("smoothed_loss") for line in of_steps] == smoothed
    for line, expected in zip(found["lines"], told(**SETTINGS, **EXACT, steps=100), strict=True):
        assert line == pytest.approx(expected, rel=1e-9), "but for the exponentials of another host"
    command = [sys.executable, "-m", "microgpt", "compare", "--json", str(saved), str(saved)]
    compared = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(compared)["results"]["loss"] == pytest.approx([sum(losses) / 100] * 2)
    saved = save(page, "Save the losses as CSV", tmp_path)
    assert saved.name == "losses-us-names-100-steps.csv"
    rows = list(csv.DictReader(saved.read_text().splitlines()))
    assert [float(row["loss"]) for row in rows] == losses
    assert [float(row["smoothed_loss"]) for row in rows] == smoothed
    assert [int(row["step"]) for row in rows] == list(range(1, 101))


def test_every_view_is_saved_as_a_picture(playground: Playground) -> None:
    page = playground.open(address(open=",".join(VIEW_NAMES))).wait_worker().page
    expect(page.locator("#view-score")).to_contain_text("perplexity")
    page.get_by_text("More about this data").click()
    shown = {name: title for name, title, _ in VIEWS}
    expected = {
        "the chart": ("loss", "guessing 3.30"),
        "the bars": ("next-token-after-mari", "%"),
        "the picture": ("from-text-to-bars-after-mari", "attention"),
        "the histogram": ("lengths-us-names", "characters"),
        **{title: (f"{name}-after-mari", title) for name, title in shown.items()},
    }
    page.evaluate(CATCH)
    for what, (name, text) in expected.items():
        playground.button(f"Save {what} as SVG").click()
        page.wait_for_function("window.saved.length")
        file, content = page.evaluate("window.saved.pop()")
        assert file == f"{name}.svg"
        root = ElementTree.fromstring(content)
        assert root.findtext(f"{SVG}title")
        assert root.findtext(f"{SVG}desc")
        texts = [element.text or "" for element in root.iter(f"{SVG}text")]
        assert any(text in each for each in texts), f"{what} says {text}"
        assert "NaN" not in re.sub("base64,[^)]+", "", content)
    assert page.locator(".pictured, [data-drawn]").count() == 0, "the page is as it was"


@pytest.mark.expects_errors
def test_a_picture_that_cannot_be_made_gives_a_sentence(
    playground: Playground, tmp_path: Path
) -> None:
    page = playground.page

    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/saving.mjs", refuse)
    playground.open()
    playground.button("Save the chart as SVG").click()
    said = page.locator(".chart .save-said")
    expect(said).to_have_text(NOT_SAVED)
    page.unroute("**/saving.mjs", refuse)
    assert save(page, "Save the chart as SVG", tmp_path).name == "loss.svg"
    expect(said).to_be_empty()
