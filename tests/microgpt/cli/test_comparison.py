"""Runs stopped early, and two runs side by side, as the users of the command line see them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from microgpt.cli.comparison import LAST_STEPS, compare, comparison_text
from microgpt.cli.files import read_model
from microgpt.training_record import progress_from_about, record_from_about
from tests.support.command import TINY, done_objects, error_line, objects, output

SHORT = [*TINY, "--samples", "0", "--json"]


def run_of(**told: Any) -> dict[str, Any]:
    settings = told.pop("settings", {})
    known = {"data": "us-names", "engine": "wasm", "num_params": 10, "chars_per_token": 1.0}
    return {"run": {**known, **told, "settings": {"n_layer": 1, **settings}}}


def steps(*losses: float) -> list[dict[str, Any]]:
    return [{"step": step, "loss": loss} for step, loss in enumerate(losses, start=1)]


def test_what_differs_is_told_and_nothing_else() -> None:
    one = [run_of(settings={"learning_rate": 0.01}), *steps(3.0, 2.0), {"seconds": 1.5}]
    other = [
        run_of(num_params=20, settings={"learning_rate": 0.02}),
        *steps(*[4.0] * 50, *[1.0] * LAST_STEPS),
        {"step": 150, "held_out_loss": 1.5},
        {"step": 150, "held_out_loss": 1.75, "documents": 9},
        {"step": 150, "accuracy": 0.5},
        {"seconds": 2.5},
    ]
    assert compare(one, other) == {
        "settings": {"learning_rate": (0.01, 0.02)},
        "results": {
            "num_params": (10, 20),
            "steps": (2, 150),
            "loss": (2.5, 1.0),
            "held_out_loss": (None, 1.75),
            "lowest_held_out_loss": (None, 1.5),
            "accuracy": (None, 0.5),
            "seconds": (1.5, 2.5),
        },
    }


def test_with_other_tokens_losses_are_told_per_character() -> None:
    one, other = [run_of(), *steps(2.0)], [run_of(chars_per_token=2.0), *steps(3.0)]
    results = compare(one, other)["results"]
    assert results["loss_per_character"] == (2.0, 1.5)
    assert "loss_per_character" not in compare(one, one)["results"]


def test_of_a_run_that_has_gone_back_its_best_model_counts() -> None:
    stopped = [
        run_of(),
        *steps(*[2.0] * 200, *[1.0] * 100),
        *({"step": 100 * number, "held_out_loss": loss} for number, loss in ((1, 2.5), (2, 2.0))),
        {"step": 300, "held_out_loss": 3.0},
        {"step": 300, "accuracy": 0.9},
        {"step": 200, "stopped": "Stopped at step 300: it was lowest at step 200."},
        {"seconds": 1.5},
    ]
    found = {name: one for name, (one, _) in compare(stopped, stopped)["results"].items()}
    assert found == {
        "num_params": 10,
        "steps": 200,
        "loss": 2.0,
        "held_out_loss": 2.0,
        "lowest_held_out_loss": 2.0,
        "seconds": 1.5,
        "stopped": "Stopped at step 300: it was lowest at step 200.",
    }


def test_the_table() -> None:
    one = [run_of(settings={"learning_rate": 0.01}), *steps(2.5)]
    other = [run_of(data="words", num_params=12345), *steps(2.0)]
    assert comparison_text(compare(one, other), ("a.json", "b.json")).splitlines() == [
        "                         a.json    b.json",
        "data                     us-names  words",
        "Learning rate            0.0100    -",
        "parameters               10        12,345",
        "steps                    1         1",
        "loss, mean of 100 steps  2.5000    2.0000",
    ]
    assert "all settings" in comparison_text(compare(one, one), ("a.json", "a.json"))


def test_two_runs_are_compared(tmp_path: Path) -> None:
    paths = [tmp_path / "one.json", tmp_path / "other.json"]
    for path, rate in zip(paths, ("0.01", "0.02"), strict=True):
        path.write_text(output(*SHORT, "--steps", "3", "--learning-rate", rate), encoding="utf-8")
    table = output("compare", *map(str, paths))
    assert re.search(r"^Learning rate +0\.0100 +0\.0200$", table, re.MULTILINE)
    assert re.search(r"^loss, mean of 100 steps +\d\.\d{4} +\d\.\d{4}$", table, re.MULTILINE)
    (told,) = objects(output("compare", "--json", *map(str, paths)))
    assert told["settings"] == {"learning_rate": [0.01, 0.02]}
    losses = [line["loss"] for line in done_objects(paths[0].read_text(encoding="utf-8"))]
    assert told["results"]["loss"][0] == pytest.approx(sum(losses) / 3)


@pytest.mark.parametrize(
    "content", [None, "", "names\n", "{}\n", '{"step": 1, "loss": 2}\n', "3\n"]
)
def test_what_is_no_run_is_refused(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    part = "cannot be read" if content is None else "holds no run: it must be what"
    assert part in error_line("compare", str(path), str(path))


def test_a_run_stops_at_a_target_loss() -> None:
    arguments = [*SHORT, "--steps", "600", "--learning-rate", "0.05"]
    lines = objects(output(*arguments, "--until", "loss=2.6", "--until", "plateau"))
    stopped = next(line for line in lines if "stopped" in line)
    assert stopped["step"] < 600
    assert stopped["stopped"].startswith(
        f"Stopped at step {stopped['step']}: the loss has reached 2.6"
    )
    assert len([line for line in lines if "loss" in line]) == stopped["step"]
    text = output(*TINY, "--steps", "600", "--samples", "1", "--until", "loss=3.2")
    assert text.splitlines()[-4].startswith("Stopped at step 100: the loss has reached 3.2 (")


def test_where_the_held_out_loss_has_risen_the_best_model_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "best.safetensors"
    learned_by_heart = ["--data", "baby-names", "--n-embd", "16", "--eval-fraction", "0.2"]
    learned_by_heart += ["--steps", "3000", "--learning-rate", "0.02", "--batch-size", "8"]
    text = output(*learned_by_heart, "--samples", "0", "--until", "rising", "--save", str(path))
    found = re.search(r"was lowest at step ([\d,]+) .* The model is that of step \1\.$", text, re.M)
    assert found, text
    best = int(found[1].replace(",", ""))
    model = read_model(path)
    record = record_from_about(model.about)
    assert (record.step, len(record.losses)) == (best, best)
    assert progress_from_about(model.about).step == best
    assert max(step for step, _ in record.held_out) == best
    whole = tmp_path / "whole.safetensors"
    stopped_by_hand = ["--stop-after", str(best), "--save", str(whole)]
    output(*learned_by_heart, "--samples", "0", *stopped_by_hand)
    assert model.weights == read_model(whole).weights


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--until", "flat"], "A run can be stopped by loss=X, plateau, rising"),
        (["--until", "loss=-2"], "A run can be stopped by loss=X, plateau, rising"),
        (["--until", "rising"], "--until rising needs held-out documents"),
        (
            ["--until", "rising", "--mask", "z", "--eval-fraction", "0.02"],
            "--until rising needs a held-out document with something after 'z'",
        ),
        (["--until", "plateau", "--until", "plateau"], "can be stopped by plateau only once"),
        (["--until", "loss=2", "--until", "loss=1"], "can be stopped by loss only once"),
    ],
)
def test_a_rule_that_there_is_not(options: list[str], part: str) -> None:
    assert part in error_line(*TINY, *options)


def test_json_tells_the_run_in_its_first_line() -> None:
    (told, *_, ended) = map(json.loads, output(*SHORT, "--steps", "1").splitlines())
    assert told["run"]["data"] == "baby-names"
    assert told["run"]["settings"]["n_embd"] == 4
    assert "temperature" not in told["run"]["settings"]
    assert ended["seconds"] >= 0
