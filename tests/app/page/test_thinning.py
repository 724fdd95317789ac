"""Curves with no more points than can be told apart: what `static/curves.mjs` draws."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.site.environment import ROOT, node_and_npm

# Draws a curve on a grid, as its values come in parts.
DRAW = """
import { append, extremes, grid, nearest, spread, thin } from "./static/curves.mjs";
const { parts, sparse, first, last, logarithmic, buckets, merged, step } =
  JSON.parse(await new Response(process.stdin).text());
const { bounds, steps: at } = grid(first, last, logarithmic, buckets);
const values = sparse ? [] : new Array(1);
const steps = sparse ? [] : null;
const drawn = new Array(at.length);
for (const part of parts) {
  const done = values.length;
  if (sparse) append(steps, part.map(([step]) => step));
  append(values, sparse ? part.map(([, value]) => value) : part);
  thin(values, steps, done, bounds, merged, drawn);
}
const points = at.map((step, i) => [step, drawn[i]]).filter(([, value]) => value !== undefined);
console.log(JSON.stringify({
  bounds, points, kept: extremes(values, steps, bounds), spread: spread(drawn, 0),
  place: nearest(values, steps, step),
}));
"""


def drawn(parts: list[Any], last: float, **options: Any) -> dict[str, Any]:
    """What is drawn of values that came in these parts, with the defaults of a whole run."""
    asked: dict[str, Any] = {
        "sparse": False,
        "first": 0,
        "logarithmic": False,
        "buckets": 64,
        "merged": 1,
    }
    asked |= {"parts": parts, "last": last, "step": 0} | options
    command = [node_and_npm().node, "--input-type=module", "-e", DRAW]
    said = subprocess.run(
        command, cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def test_a_short_run_is_drawn_step_by_step() -> None:
    found = drawn([[3.0, 2.5, 2.0]], last=3)
    assert found["points"] == [[1, 3.0], [2, 2.5], [3, 2.0]]


def test_no_spike_of_a_long_run_is_lost() -> None:
    losses = [2.0 + (step % 7) / 10 for step in range(100_000)]
    losses[31_415], losses[92_653] = 9.0, 0.5
    found = drawn([losses], last=len(losses))
    values = [value for _, value in found["points"]]
    assert len(values) <= 2 * 64
    assert max(values) == 9.0
    assert min(values) == 0.5
    high = next(step for step, value in found["points"] if value == 9.0)
    assert high == pytest.approx(31_416, abs=100_000 / 64)
    assert found["spread"] == [0.5, 9.0]


@settings(max_examples=12, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 90), min_size=1, max_size=6),
    merged=st.sampled_from([1, 3]),
    sparse=st.booleans(),
    logarithmic=st.booleans(),
)
def test_what_comes_in_parts_is_drawn_as_what_comes_at_once(
    lengths: list[int], merged: int, sparse: bool, logarithmic: bool
) -> None:
    total = sum(lengths)
    losses = [(step * 37 % 101) / 10 for step in range(total)]
    values: list[Any] = [[3 * step + 1, loss] for step, loss in enumerate(losses)]
    values = values if sparse else losses
    parts, begin = [], 0
    for length in lengths:
        parts.append(values[begin : begin + length])
        begin += length
    options: dict[str, Any] = {"merged": merged, "sparse": sparse, "logarithmic": logarithmic}
    options["first"] = 1 if logarithmic else 0
    last = 3 * total if sparse else total
    whole = drawn([values], last, **options)
    assert drawn(parts, last, **options)["points"] == whole["points"]
    shown = {value for _, value in whole["points"]}
    assert {min(losses), max(losses)} <= shown <= set(losses)


def test_a_part_of_a_run_is_drawn_with_all_its_steps() -> None:
    found = drawn([[float(step) for step in range(10_000)]], first=5_000, last=5_040)
    inside = [point for point in found["points"] if 5_000 <= point[0] <= 5_040]
    assert inside == [[step, step - 1.0] for step in range(5_000, 5_041)]


def test_logarithmic_buckets_show_the_first_steps_one_by_one() -> None:
    found = drawn([[float(step) for step in range(1, 10_001)]], 10_000, first=1, logarithmic=True)
    assert found["points"][:5] == [[step, step] for step in range(1, 6)]
    assert found["points"][-1][1] == 10_000
    assert len(found["bounds"]) <= 65


def test_what_is_kept_of_a_curve_has_its_steps() -> None:
    losses = [5.0, *[2.0] * 998, 1.0]
    kept = drawn([losses], last=1000, buckets=10)["kept"]
    pairs = list(zip(kept[::2], kept[1::2], strict=True))
    assert pairs[0] == (1, 5.0)
    assert pairs[-1] == (1000, 1.0)
    assert len(pairs) <= 20


@pytest.mark.parametrize(("step", "place"), [(0, 0), (149, 0), (151, 1), (900, 2)])
def test_the_nearest_measurement_is_found(step: int, place: int) -> None:
    points = [[[100, 2.5], [200, 2.4], [300, 2.3]]]
    assert drawn(points, last=300, sparse=True, step=step)["place"] == place
