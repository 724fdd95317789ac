"""The results of an experiment as files."""

from __future__ import annotations

import json

import pytest

from app.worker.lab.plan import RunKey
from microgpt.lab.sweep import parse_sweep
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import FakeWorker
from tests.support.lab import (
    TINY_SWEEP,
    lab_worker,
    run_sweeps,
)

pytestmark = pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")

SWEEP = f"{TINY_SWEEP};learning_rate=0.001,0.01,0.1;seeds=3"
SEEDS = f"{TINY_SWEEP};seeds=6"


def saved(worker: FakeWorker, kind: str) -> str:
    """The results as a file."""
    worker.tell("save_sweep", number=1, kind=kind)
    assert worker.posted[-1].message == {"type": "sweep_file", "number": 1, "kind": kind}
    return (worker.posted[-1].blob or b"").decode()


def test_results_as_a_table() -> None:
    worker = lab_worker()
    made = run_sweeps(worker, SWEEP)
    header, *rows = saved(worker, "csv").splitlines()
    names = header.split(",")
    assert names == [
        *("learning_rate", "seed", "num_params", "held_out_loss", "loss", "seconds", "diverged")
    ]
    assert len(rows) == 9
    for number, row in enumerate(rows):
        result = made[RunKey(0, number)].result
        cells = dict(zip(names, row.split(","), strict=True))
        assert float(cells["learning_rate"]) == result.run["learning_rate"]
        assert float(cells["held_out_loss"]) == result.measures["held_out_loss"]


def test_results_as_json() -> None:
    worker = lab_worker()
    made = run_sweeps(worker, SWEEP)
    (sweep,) = json.loads(saved(worker, "json"))["sweeps"]
    assert parse_sweep(sweep["text"]).runs() == parse_sweep(SWEEP).runs()
    assert sweep["measure"] == "held_out_loss"
    assert [each["run"] for each in sweep["results"]] == [
        made[RunKey(0, number)].result.run for number in range(9)
    ]


def test_an_experiment_that_is_gone_cannot_be_saved() -> None:
    worker = lab_worker()
    (answer,) = worker.tell("save_sweep", number=9, kind="csv")
    assert answer["type"] == "error"
