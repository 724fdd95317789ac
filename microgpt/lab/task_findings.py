"""What came out of the experiments with tasks, whose lines are right or wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from microgpt.lab.evidence import NEVER, Finding, Results, TooFewRunsError, counted
from microgpt.lab.measures import SOLVED_SHARE
from microgpt.lab.results import RunResult
from microgpt.lab.statistics import median

NONE_OF_THEM = "none of them"
HALF = 0.5


def induction(results: Sequence[Results], _documents: object) -> Finding:
    """When models with one layer and with two get half of the values right."""
    (runs,) = results
    by_layers: dict[int, list[RunResult]] = {}
    for run in runs:
        if run.curves.get("accuracy"):
            by_layers.setdefault(int(run.run["n_layer"]), []).append(run)
    if 1 not in by_layers or 2 not in by_layers:
        raise TooFewRunsError
    parts, halves = [], {}
    for layers, own in sorted(by_layers.items()):
        right = median([run.measures["accuracy"] for run in own])
        halves[layers] = median([_first_step(run, "accuracy", HALF) for run in own])
        part = f"with {counted(layers, 'layer')} {right:.0%} of the values were right at the end, "
        if math.isfinite(halves[layers]):
            jump = median([_jump(run) for run in own])
            part += (
                f"half of them by step {halves[layers]:,.0f}, where the largest rise from one test "
                f"to the next was {jump:.0%}"
            )
        else:
            part += "and never half"
        parts.append(part)
    sentence = f"In the median of the runs: {'; '.join(parts)}."
    return Finding(sentence, halves[2] if math.isfinite(halves[2]) else NEVER)


def _first_step(run: RunResult, curve: str, share: float) -> float:
    """The step of the first test with at least this share right; infinite if there is none."""
    return next((step for step, right in run.curves.get(curve, ()) if right >= share), math.inf)


def _jump(run: RunResult) -> float:
    """The largest rise from one test to the next, the first being from nothing."""
    shares = [0.0, *(share for _, share in run.curves["accuracy"])]
    return max(after - before for before, after in pairwise(shares))


def grokking(results: Sequence[Results], _documents: object) -> Finding:
    """When the known sums are right, and when the unknown ones, by weight decay."""
    (runs,) = results
    tested = [run for run in runs if run.curves.get("train_accuracy")]
    decays = sorted({float(run.run["weight_decay"]) for run in tested})
    if len(decays) < 2:
        raise TooFewRunsError
    parts, solved = [], {}
    for decay in decays:
        own = [run for run in tested if run.run["weight_decay"] == decay]
        known, solved[decay] = (
            median([_first_step(run, curve, SOLVED_SHARE) for run in own])
            for curve in ("train_accuracy", "accuracy")
        )
        parts.append(f"{decay:g} {_by_step(known)} and {_by_step(solved[decay])}")
    first = min(solved, key=solved.__getitem__)
    sentence = (
        f"{SOLVED_SHARE:.0%} of the known sums, and then of the unknown ones, were right: with "
        f"weight decay {'; with '.join(parts)}. "
    )
    if not math.isfinite(solved[first]):
        return Finding(f"{sentence}So none understood in time.", NONE_OF_THEM)
    return Finding(f"{sentence}Weight decay {first:g} understood first.", f"{first:g}")


def _by_step(step: float) -> str:
    return f"by step {step:,.0f}" if math.isfinite(step) else NEVER
