"""Runs of a sweep against the same runs made one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from microgpt.config import TrainConfig
from microgpt.dataset import DataError
from microgpt.engine import can_compile
from microgpt.generators import drain
from microgpt.lab.measures import MEASURES
from microgpt.lab.measuring import FURTHER_MEASURES, TrainingCurves
from microgpt.lab.results import RunResult, by_point, from_dict
from microgpt.lab.runner import LOWEST_EVAL_DOCUMENTS, SweepRunner
from microgpt.lab.sweep import Sweep, parse_sweep
from microgpt.model_code.loading import load_code
from microgpt.model_code.source import default_source
from microgpt.run import Run, prepare_run
from microgpt.settings import MODEL, SettingError
from microgpt.tokenizer import UnknownCharacterError
from microgpt.trainer import TrainProgress

WORDS = [f"{a}{b}{c}" for a in ("sun", "moon", "star") for b in "aeiou" for c in ("la", "lit", "n")]
TINY = {"n_embd": 4, "n_head": 2, "block_size": 8, "num_steps": 12, "eval_fraction": 0.2}
ENGINE = "auto" if can_compile() else "scalar"


def tiny(further: str = "", **base: Any) -> Sweep:
    """A sweep of tiny models; `further` are parts of its text, before those of `TINY`."""
    named = {part.partition("=")[0] for part in further.split(";")}
    same = {name: value for name, value in (TINY | base).items() if name not in named}
    parts = [f"{name}={value}" for name, value in same.items()]
    return parse_sweep(";".join([*parts, *filter(None, [further])]))


SWEEPS = [
    tiny("learning_rate=0.001,0.01,0.1;seeds=2"),
    tiny("n_layer=1,2;seeds=2", n_embd=8),
    tiny("optimizer=adam,sgd,adamw;precision=f32,f64"),
    tiny("tokenizer=characters,bpe;batch_size=1,3", vocab_limit=64),
    tiny("eval_fraction=0.0,0.5;init_std=0.08,0.2"),
    tiny("seeds=2", schedule="cosine", mask="n", clip=0.5),
]


def one_by_one(values: dict[str, Any], documents: list[str] = WORDS, **further: Any) -> Run:
    """The run with these settings, made by itself."""
    return prepare_run(
        documents,
        TrainConfig.of(values),
        values["engine"],
        values["precision"],
        values["tokenizer"],
        values["vocab_limit"],
        **further,
        **{row.name: values[row.name] for row in MODEL},
    )


def told(run: Run) -> TrainingCurves:
    curves = TrainingCurves()
    for progress in run.train():
        curves.add(progress)
    return curves


def values_of(sweep: Sweep, run: dict[str, Any]) -> dict[str, Any]:
    return sweep.values({"engine": ENGINE, **run})


@pytest.mark.parametrize("sweep", SWEEPS, ids=Sweep.text)
def test_runs_equal_those_made_one_by_one(sweep: Sweep) -> None:
    runner = SweepRunner(WORDS, "words")
    for run in sweep.runs():
        values = values_of(sweep, run)
        single, made = one_by_one(values), drain(runner.prepare(values))
        expected, found = told(single), told(made)
        assert (found.measures(), found.curves()) == (expected.measures(), expected.curves())
        assert made.engine.weights() == single.engine.weights()
        assert made.rng.getstate() == single.rng.getstate()


def test_windows_of_one_long_text_equal_those_made_one_by_one() -> None:
    windows = [("the cat sat on the mat " * 30)[start : start + 16] for start in range(0, 600, 16)]
    runner = SweepRunner(windows, "cats", windowed=True)
    values = values_of(tiny(), {"seed": 3})
    single = one_by_one(values, windows, windowed=True)
    made = drain(runner.prepare(values))
    assert told(made).measures() == told(single).measures()


def test_with_num_docs_the_first_training_documents_are_trained_on() -> None:
    values = values_of(tiny(), {"num_docs": 3, "num_steps": 7})
    made = drain(SweepRunner(WORDS, "words").prepare(values))
    whole = drain(SweepRunner(WORDS, "words").prepare(values | {"num_docs": 0}))
    assert made.dataset.train == whole.dataset.train[:3]
    assert made.dataset.held_out == whole.dataset.held_out
    assert made.tokenizer.characters == whole.tokenizer.characters
    told(made)
    told(whole)
    assert made.engine.weights() != whole.engine.weights()


def test_a_window_limits_what_attention_reads() -> None:
    runner = SweepRunner(WORDS, "words")
    values = values_of(tiny(), {})
    made = {window: drain(runner.prepare(values | {"window": window})) for window in (0, 1, 8)}
    tokens = made[0].tokenizer.encode("sun")
    for window, run in made.items():
        logits = []
        for first in tokens[1:3]:
            context = run.engine.context()
            context.feed(first)
            logits.append(context.feed(tokens[3]))
        assert (logits[0] == logits[1]) == (window == 1)
    with pytest.raises(SettingError, match="An attention window cannot be set for model code"):
        drain(
            SweepRunner(WORDS, "words", code=load_code(default_source())).prepare(
                values | {"window": 1}
            )
        )


@pytest.mark.parametrize("name", [row.name for row in MEASURES])
def test_everything_can_be_measured(name: str) -> None:
    sums = [f"{a}+{b}={str(a + b)[::-1]}" for a in range(12) for b in range(12)]
    sweep = tiny(f"measure={name};output=7%2B1%3D8", num_steps=3)
    runner = SweepRunner(sums, "sums", output=sweep.output)
    (run,) = sweep.runs()
    result = drain(runner.run(run, values_of(sweep, run), sweep.measured))
    if name == "steps_to_solve":
        assert name not in result.measures
    else:
        assert result.measures[name] >= (-10 if name == "gap" else 0)
    assert set(result.measures) & set(FURTHER_MEASURES) <= {name}
    assert bool(result.samples) == (name == "diversity")
    assert from_dict(result.as_dict()) == result


@pytest.mark.skipif(not can_compile(), reason="slow without WebAssembly")
def test_the_lowest_held_out_loss_is_of_many_documents() -> None:
    documents = [f"{number:04d}" for number in range(2 * LOWEST_EVAL_DOCUMENTS)]
    runner = SweepRunner(documents, "numbers")
    sweep = tiny("measure=lowest_held_out_loss", eval_fraction=0.5)
    (run,) = sweep.runs()
    result = drain(runner.run(run, values_of(sweep, run), sweep.measured))
    assert result.measures["lowest_held_out_loss"] == result.measures["held_out_loss"]


def test_a_run_that_diverges_is_told_as_one_and_the_next_is_as_ever() -> None:
    sweep = tiny("learning_rate=10.0,0.01", num_steps=80)
    runner = SweepRunner(WORDS, "words")
    diverged, good = (drain(runner.run(run, values_of(sweep, run))) for run in sweep.runs())
    assert 1 <= diverged.diverged <= 80
    assert (set(diverged.measures), good.diverged) == ({"seconds"}, 0)
    single = one_by_one(values_of(sweep, sweep.runs()[1]))
    assert good.measures["loss"] == told(single).measures()["loss"]


def test_whoever_trains_may_end_early() -> None:
    def train(run: Run) -> Iterator[TrainProgress]:
        return run.train(stop=5)

    sweep = tiny()
    (run,) = sweep.runs()
    values = values_of(sweep, run)
    result = drain(SweepRunner(WORDS, "words").run(run, values, "loss", train))
    losses = [loss for progress in one_by_one(values).train(stop=5) for loss in progress.losses]
    assert result.measures["loss"] == losses[-1]


def test_what_cannot_be_run() -> None:
    runner = SweepRunner(["emma"], "one", output="zoe")
    values = values_of(tiny(), {})
    with pytest.raises(DataError):
        drain(runner.prepare(values))
    with pytest.raises(UnknownCharacterError):
        drain(runner.run({}, values | {"eval_fraction": 0.0}, "output_loss"))
    with pytest.raises(SettingError, match="This is no result"):
        from_dict({"run": {}})


def test_results_are_grouped_by_point() -> None:
    results = [
        RunResult({"n_embd": width, "n_layer": 1, "seed": seed}, {"loss": width + seed / 10})
        for width in (8, 16)
        for seed in (1, 2)
    ]
    results.append(RunResult({"n_embd": 8, "n_layer": 1, "seed": 3}, diverged=4))
    found = by_point(results, ["n_embd"], "loss")
    assert found == {(8,): [8.1, 8.2], (16,): [16.1, 16.2]}
    assert by_point(results, [], "loss") == {(): [8.1, 8.2, 16.1, 16.2]}
