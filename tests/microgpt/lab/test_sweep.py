"""Sweeps: their runs in order, and their texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.lab.axis import parse_axis
from microgpt.lab.measures import MEASURES
from microgpt.lab.sweep import Sweep, parse_sweep
from microgpt.settings import SettingError

AXES = ("n_embd=8,16", "learning_rate=0.001..0.1x5", "n_layer/n_head=1/1,2/2", "optimizer=adam,sgd")


@settings(max_examples=30)
@given(
    st.sampled_from(["us-names", "own", "a;b=c&d#e,é"]),
    st.lists(st.sampled_from([*AXES, "num_docs=5"]), unique=True),
    st.integers(1, 10_000),
    st.sampled_from([row.name for row in MEASURES]),
    st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()),
    st.text(max_size=3).filter(lambda text: text.isprintable()),
)
def test_a_sweep_is_read_as_it_was_written(
    data: str, axes: list[str], seeds: int, measured: str, output: str, mask: str
) -> None:
    base: dict[str, int | float | str] = {"batch_size": 4, "weight_decay": 0.125, "mask": mask}
    parsed = [parse_axis(text) for text in axes]
    if seeds * 2**3 * 5 > 10_000:
        seeds = 3
    sweep = Sweep(data, base, parsed, seeds, measured, output)
    text = sweep.text()
    assert not set(text) & set("&# ")
    read = parse_sweep(text)
    assert (read.data, read.base, read.seeds) == (data, base, seeds)
    assert (read.measured, read.output) == (measured, output)
    assert [axis.text() for axis in read.axes] == axes
    assert read.text() == text
    assert read.points() == sweep.points()


def test_every_point_comes_with_the_first_seed_before_any_with_the_next() -> None:
    sweep = parse_sweep("seed=7;n_embd=8,16;n_layer=1,2;seeds=2")
    runs = sweep.runs()
    first = {"n_embd": 8, "n_layer": 1}
    assert runs[:2] == [{**first, "seed": 7}, {**first, "n_layer": 2, "seed": 7}]
    assert [run["seed"] for run in runs] == [7] * 4 + [8] * 4
    assert [{k: v for k, v in run.items() if k != "seed"} for run in runs[4:]] == sweep.points()
    assert (sweep.num_points, sweep.num_runs) == (4, 8)


def test_without_an_axis_only_seeds_vary() -> None:
    assert parse_sweep("data=words;seeds=3").runs() == [{"seed": 42}, {"seed": 43}, {"seed": 44}]


def test_the_settings_of_a_run_are_the_pages_with_what_the_sweep_says() -> None:
    sweep = parse_sweep("num_steps=300;n_embd=8,16")
    values = sweep.values(sweep.runs()[1])
    assert (values["num_steps"], values["n_embd"], values["seed"]) == (300, 16, 42)
    assert (values["eval_fraction"], values["num_docs"], values["n_layer"]) == (0.1, 0, 1)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "A part of an experiment is written as name=value"),
        ("n_embd=8,16;n_embd=4,8", "n_embd varies on two axes"),
        ("n_embd=8;n_embd=8,16", "n_embd varies, so it cannot have one value"),
        ("n_embd=8;n_embd=16", "n_embd has two values"),
        ("n_embd=6,8", "Embedding size must be a multiple of the attention heads"),
        ("width=8", "There is no setting called 'width'"),
        ("seeds=0", "A sweep has 1 to 10,000 seeds, not 0"),
        ("seeds=many", "The number of seeds must be a whole number, not 'many'"),
        ("seeds=10000;n_layer=1,2", "would be 20,000: take fewer values or seeds"),
        ("seed=4294967295;seeds=2", "Seed must lie between"),
        ("measure=beauty", "There is no measure called 'beauty'; there are held_out_loss"),
        ("measure=output_loss", "The loss of a text needs a text"),
    ],
)
def test_what_is_no_sweep(text: str, part: str) -> None:
    with pytest.raises(SettingError) as raised:
        parse_sweep(text)
    assert part in str(raised.value)
