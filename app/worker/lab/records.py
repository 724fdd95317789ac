"""What came of runs as lines of JSON, which are kept from visit to visit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from app.worker.lab.plan import Plan, RunKey
from microgpt.lab.results import RunResult, from_dict
from microgpt.settings import SettingError


class Record(NamedTuple):
    """What came of a run."""

    key: RunKey
    asked: str  # the measure that it was made for
    result: RunResult

    def line(self) -> bytes:
        """It as a line of JSON."""
        data = {
            "sweep": self.key.sweep,
            "number": self.key.number,
            "measure": self.asked,
            "result": self.result.as_dict(),
        }
        return json.dumps(data, ensure_ascii=False).encode() + b"\n"

    def with_samples(self, samples: list[str]) -> Record:
        """The same, now that its model has written these."""
        return self._replace(result=replace(self.result, samples=samples))

    def answers(self, measured: str) -> bool:
        """Whether a run that is measured so need not be made again."""
        known = measured in self.result.measures
        return known or bool(self.result.diverged) or measured == self.asked


def read_records(blob: bytes, plan: Plan) -> Iterator[Record | None]:
    """The records that stand in lines, in their order; None for a line that has none of the plan.

    Of several of a run the last one counts.
    """
    for line in blob.split(b"\n"):
        yield _read(line, plan)


def _read(line: bytes, plan: Plan) -> Record | None:
    try:
        data: dict[str, Any] = json.loads(line)
        key = RunKey(int(data["sweep"]), int(data["number"]))
        record = Record(key, str(data["measure"]), from_dict(data["result"]))
    except (ValueError, TypeError, KeyError, SettingError):
        return None  # it was cut off or damaged, so the run is made again
    sweeps = plan.sweeps
    known = 0 <= key.sweep < len(sweeps) and 0 <= key.number < sweeps[key.sweep].num_runs
    return record if known and record.result.run == plan.varied(key) else None
