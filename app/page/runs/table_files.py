"""The table of runs as CSV, and runs in the words of the command line.

Plain Python that MicroPython understands.
"""

from app.page.past_run import PastRun
from app.page.run_names import DATA_COLUMN, data_words
from app.page.runs.columns import title_of, value_in
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def as_csv(runs: list[PastRun], columns: list[str]) -> str:
    """A row for each run, a column for each of the table's, with numbers in full."""
    rows = [["Run"] + [title_of(column) for column in columns]]
    for run in runs:
        values = [value_in(column, run) for column in columns]
        rows.append([run.title] + ["" if value is None else str(value) for value in values])
    return "".join([",".join([_quoted(cell) for cell in row]) + "\n" for row in rows])


def told(run: PastRun) -> "dict[str, Any]":
    """A run in the words of the command line's `train --json`."""
    kept, series = run.kept, run.kept["series"]
    about: dict[str, Any] = {
        "name": run.title,
        DATA_COLUMN: data_words(run),
        "steps": kept["step"],
        "num_steps": series["num_steps"],
        "num_params": kept["num_params"],
        "engine": kept["engine"],
        "precision": kept["precision"],
        "seconds": kept["seconds"],
        "settings": kept["settings"],
        "smoothed_loss": run.loss,
        "held_out_loss": run.held_out,
        "accuracy": run.accuracy,
        "chars_per_token": run.chars_per_token,
        "held_out_losses": series["held_out"],
        "accuracies": series["accuracy"],
        "samples": [sample["text"] for sample in kept["live"]],
    }
    if kept["code"]:
        about["code"] = kept["code"]
    return about


def _quoted(cell: str) -> str:
    """A cell of CSV; one that begins like a formula is told to be a text."""
    if cell[:1] in ("=", "+", "@"):
        cell = "'" + cell
    special = any(character in cell for character in ',"\n')
    return '"' + cell.replace('"', '""') + '"' if special else cell
