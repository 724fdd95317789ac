"""Two runs side by side: what `train --json` printed of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from microgpt.cli.files import FileError
from microgpt.cli.terminal import one_line
from microgpt.settings import DATA, SETTINGS

LAST_STEPS = 100  # over which the training loss is averaged
SETTING_LABELS = {row.name: row.label for row in (*SETTINGS, *DATA)}
FIGURE_WORDS = {  # in words, in the order of the table
    "num_params": "parameters",
    "steps": "steps",
    "loss": f"loss, mean of {LAST_STEPS} steps",
    "held_out_loss": "held-out loss",
    "lowest_held_out_loss": "lowest held-out loss",
    "loss_per_character": "loss a character",
    "held_out_loss_per_character": "held-out loss a character",
    "accuracy": "right",
    "train_accuracy": "right of the training data",
    "seconds": "seconds",
    "stopped": "stopped",
}

Row = tuple[Any, Any]  # what the one and the other run have, None for nothing


def read_run(path: Path) -> list[dict[str, Any]]:
    """The lines that `train --json` printed into a file, or those of a run that the page saved.

    Raises:
        FileError: it holds no run.
    """
    try:
        text = path.read_text(encoding="utf-8")
        lines = _lines_of_page(text) or [json.loads(line) for line in text.splitlines()]
        if not isinstance(lines[0]["run"]["settings"], dict):
            raise TypeError
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, LookupError, TypeError) as error:
        raise FileError(
            f"{path} holds no run: it must be what `python -m microgpt train --json` printed, "
            "or the losses of a run as the page saves them as JSON."
        ) from error
    return lines


def _lines_of_page(text: str) -> list[dict[str, Any]]:
    """What the page saves is one object, with the lines in it; none: it is something else."""
    try:
        run = json.loads(text)
    except ValueError:
        return []
    if not isinstance(run, dict) or "lines" not in run:
        return []
    lines: list[dict[str, Any]] = run.pop("lines")
    return [{"run": run}, *lines, {"seconds": run["seconds"]}]


def results(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a run came to, by the names of `FIGURE_WORDS`, as far as it tells.

    Where it has gone back to its best model, that is what counts, and not what came later.
    """
    run = lines[0]["run"]
    ends = [line["step"] for line in lines if "stopped" in line]
    lines = [line for line in lines if not ends or line.get("step", 0) <= ends[-1]]
    found: dict[str, Any] = {"num_params": run["num_params"]}
    losses = [line["loss"] for line in lines if "loss" in line]
    held_out = [line["held_out_loss"] for line in lines if "held_out_loss" in line]
    if losses:
        last = losses[-LAST_STEPS:]
        found["steps"], found["loss"] = len(losses), sum(last) / len(last)
    if held_out:
        found["held_out_loss"], found["lowest_held_out_loss"] = held_out[-1], min(held_out)
    for name in ("accuracy", "train_accuracy", "seconds", "stopped"):
        told = [line[name] for line in lines if name in line]
        if told:
            found[name] = told[-1]
    return found


def compare(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What two runs differ in, and what they came to.

    Returns:
        `settings`: the settings that differ, by name, as pairs; the data are one of them.
        `results`: by the names of `FIGURE_WORDS`, as pairs. Losses a character are told where the
            tokens are not the same.
    """
    runs = [lines[0]["run"] for lines in (one, other)]
    told = [{"data": run["data"], **run["settings"]} for run in runs]
    names = dict.fromkeys((*told[0], *told[1]))
    pairs = {name: (told[0].get(name), told[1].get(name)) for name in names}
    found = [results(lines) for lines in (one, other)]
    per_token = [run["chars_per_token"] for run in runs]
    if per_token[0] != per_token[1]:
        for figures, chars in zip(found, per_token, strict=True):
            for name in ("loss", "held_out_loss"):
                if name in figures:
                    figures[f"{name}_per_character"] = figures[name] / chars
    rows = {name: (found[0].get(name), found[1].get(name)) for name in FIGURE_WORDS}
    return {
        "settings": {name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        "results": {name: pair for name, pair in rows.items() if pair != (None, None)},
    }


def comparison_text(compared: Mapping[str, Mapping[str, Row]], names: tuple[str, str]) -> str:
    """The same as a table for people; `names`: of the two files."""
    settings = [
        (SETTING_LABELS.get(name, name), pair) for name, pair in compared["settings"].items()
    ]
    figures = [(FIGURE_WORDS[name], pair) for name, pair in compared["results"].items()]
    rows = [("", *names)]
    rows += [(label, _cell(one), _cell(other)) for label, (one, other) in settings + figures]
    if not settings:
        rows.insert(1, ("all settings", "the same", "the same"))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Iterable[str], widths: Sequence[int]) -> str:
    label, one, other = row
    return f"{label:{widths[0]}}  {one:{widths[1]}}  {other}".rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) >= 0.001 else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else one_line(str(value))
