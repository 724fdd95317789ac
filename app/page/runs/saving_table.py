"""Saves the table of runs as a file: CSV, or JSON with the curves."""

import json

from pyscript import window

from app.page.past_run import PastRun
from app.page.runs.table_files import as_csv, told


async def save_table(runs: list[PastRun], columns: list[str], kind: str) -> None:
    """Save the runs that are listed, in their order, as `csv` or `json`."""
    if kind == "csv":
        content = as_csv(runs, columns)
    else:
        keeping = await window.microgpt.loadPastRuns()
        curves = window.Array.new()
        for run in runs:
            curves.push(run.curve)
        content = keeping.asJson(json.dumps([told(run) for run in runs]), curves)
    window.microgpt.download(f"runs.{kind}", content)
