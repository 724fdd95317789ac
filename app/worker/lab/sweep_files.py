"""The results of an experiment as files: a table as CSV, everything as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping

from app.worker.lab.plan import Plan, RunKey
from app.worker.lab.records import Record
from microgpt.lab.measures import MEASURES

FORMULA_SIGNS = ("=", "+", "@")  # a cell that begins so is a formula to programs for tables


def sweep_file(kind: str, plan: Plan, records: Mapping[RunKey, Record]) -> bytes:
    """The file.

    Args:
        kind: csv or json.
        plan: the experiment.
        records: what came of its runs.
    """
    ordered = [records[key] for key in sorted(records)]
    return (_csv(plan, ordered) if kind == "csv" else _json(plan, ordered)).encode()


def _csv(plan: Plan, records: list[Record]) -> str:
    """A row for each run: what varies, its seed, its size, and what was measured."""
    varied = list(dict.fromkeys(name for sweep in plan.sweeps for name in sweep.names))
    known = {name for record in records for name in record.result.measures}
    measures = [row.name for row in MEASURES if row.name in known]
    many = ["sweep"] if len(plan.sweeps) > 1 else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*many, *varied, "seed", "num_params", *measures, "diverged"])
    for key, _, result in records:
        values = plan.values(key)
        row = [
            *([key.sweep + 1] if many else []),
            *(values[name] for name in (*varied, "seed")),
            result.num_params,
            *(result.measures.get(name, "") for name in measures),
            result.diverged or "",
        ]
        writer.writerow([_harmless(str(cell)) for cell in row])
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A cell that is no formula."""
    return "'" + cell if cell.startswith(FORMULA_SIGNS) else cell


def _json(plan: Plan, records: list[Record]) -> str:
    """The experiment's sweeps as texts, what they measure, and what came of their runs."""
    sweeps = [
        {
            "text": sweep.text(),
            "measure": sweep.measured,
            "results": [each.result.as_dict() for each in records if each.key.sweep == number],
        }
        for number, sweep in enumerate(plan.sweeps)
    ]
    return json.dumps({"sweeps": sweeps}, ensure_ascii=False, indent=1) + "\n"
