"""The losses of a run as files: what `static/losses.mjs` writes, beside `train --json`."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import Any

import pytest

from app.site.environment import ROOT, node_and_npm
from tests.support.command import done_objects

RUN = ["--n-embd=4", "--n-head=1", "--steps=100", "--eval-fraction=0.01", "--samples=1"]
WRITE = """
import { asCsv, asJson } from "./static/losses.mjs";
const { about, run } = JSON.parse(await new Response(process.stdin).text());
console.log(JSON.stringify([asCsv(run), asJson(about, run)]));
"""


def told(*options: str) -> list[dict[str, Any]]:
    """What the command line says of a run's losses, line by line."""
    command = [sys.executable, "-m", "microgpt", "train", "--json", *RUN, *options]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [line for line in done_objects(said) if "sample" not in line]


def written(run: dict[str, Any]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The rows of the CSV, and the JSON, of a run as the page has it."""
    command = [node_and_npm().node, "--input-type=module", "-e", WRITE]
    content = json.dumps({"about": {"data": "us-names"}, "run": run})
    said = subprocess.run(
        command, cwd=ROOT, input=content, capture_output=True, text=True, check=True
    ).stdout
    table, text = json.loads(said)
    return list(csv.DictReader(io.StringIO(table))), json.loads(text)


def as_the_page_has_it(lines: list[dict[str, Any]], chars_per_token: float) -> dict[str, Any]:
    losses = [line["loss"] for line in lines if "loss" in line]
    held_out = [line for line in lines if "held_out_loss" in line]
    of_all = next((line for line in held_out if "documents" in line), None)
    return {
        "raw": [None, *losses],
        "smooth": [None, *(loss / 3 for loss in losses)],
        "heldOut": [[x["step"], x["held_out_loss"]] for x in held_out if "documents" not in x],
        "allHeldOut": of_all and [of_all["held_out_loss"], of_all["documents"]],
        "accuracy": [[x["step"], x["accuracy"]] for x in lines if "accuracy" in x],
        "charsPerToken": chars_per_token,
    }


@pytest.mark.parametrize("options", [(), ("--tokenizer=bpe", "--vocab-limit=64")])
def test_the_json_says_what_the_command_line_says(options: tuple[str, ...]) -> None:
    lines = told(*options)
    per_token = lines[0]["loss"] / lines[0].get("loss_per_character", lines[0]["loss"])
    table, found = written(as_the_page_has_it(lines, per_token))
    assert found["data"] == "us-names"
    said = [{k: v for k, v in line.items() if k != "smoothed_loss"} for line in found["lines"]]
    assert [line.keys() for line in said] == [line.keys() for line in lines]
    for one, other in zip(said, lines, strict=True):
        exact = {name: value for name, value in other.items() if "per_character" not in name}
        assert {name: one[name] for name in exact} == exact
    assert [float(row["loss"]) for row in table] == [x["loss"] for x in lines if "loss" in x]
    assert [float(row["smoothed_loss"]) * 3 for row in table] == pytest.approx(
        [float(row["loss"]) for row in table]
    )
    held_out = {int(row["step"]): row["held_out_loss"] for row in table if row["held_out_loss"]}
    assert {step: float(loss) for step, loss in held_out.items()} == {
        line["step"]: line["held_out_loss"]
        for line in lines
        if "held_out_loss" in line and "documents" not in line
    }


def test_a_task_has_a_column_for_what_was_right_and_a_run_that_diverged_no_number() -> None:
    run = {"raw": [None, 2.5, None], "smooth": [None, 2.5, None], "charsPerToken": 1}
    table, found = written(run | {"heldOut": [], "allHeldOut": None, "accuracy": [[2, 0.125]]})
    assert [row["accuracy"] for row in table] == ["", "0.125"]
    assert [row["loss"] for row in table] == ["2.5", ""]
    assert found["lines"][2] == {"step": 2, "accuracy": 0.125}


def test_a_run_without_losses_is_an_empty_table() -> None:
    run = {"raw": [None], "smooth": [None], "heldOut": [], "allHeldOut": None, "accuracy": []}
    table, found = written(run | {"charsPerToken": 1})
    assert (table, found["lines"]) == ([], [])
