"""What comes of the runs of an experiment: the same as in the core, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.lab.measures import MEASURES
from microgpt.lab.sweep import parse_sweep
from microgpt.wasm.runtime.hosts import find_host
from tests.support.lab import TINY_SWEEP, WORDS, lab_worker, one_after_the_other, run_sweeps

pytestmark = pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")

SUMS = [f"{a}+{b}={str(a + b)[::-1]}" for a in range(12) for b in range(12)]
MODULAR = [f"{a}+{b}={(a + b) % 31}" for a in range(31) for b in range(31)]
SENTENCES = ["a long text about nothing at all, told again and again in other words"] * 12
TESTED = f"data=sums;{TINY_SWEEP};mask=%3D"


def check_equal(documents: Sequence[str], text: str, **options: Any) -> None:
    """Check that a sweep in the pool comes to what it comes to in the core."""
    measured = parse_sweep(text).measured
    expected = one_after_the_other(documents, text, **options)
    found = run_sweeps(lab_worker(documents, **options), text)
    assert {key.number for key in found} == expected.keys()
    for key, record in found.items():
        single = expected[key.number]
        assert record.result.run == single.run
        assert record.result.num_params == single.num_params
        assert record.result.diverged == single.diverged
        for name in {"loss", "held_out_loss", measured} - {"seconds"}:
            assert record.result.measures.get(name) == single.measures.get(name), name
        for name, curve in record.result.curves.items():
            assert curve == single.curves[name], name
        assert not single.samples or record.result.samples == single.samples
        assert ("seconds" in record.result.measures) == ("seconds" in single.measures)


@pytest.mark.parametrize("measured", [row.name for row in MEASURES])
def test_every_measure_is_that_of_the_core(measured: str) -> None:
    sizes = TINY_SWEEP.replace("12", "230")
    check_equal(SUMS, f"data=sums;{sizes};n_layer=1,2;seeds=2;measure={measured};output=7%2B1%3D8")


@pytest.mark.parametrize("measured", ["accuracy", "steps_to_solve"])
@pytest.mark.parametrize(
    ("documents", "text"),
    [
        (SUMS, "data=sums;mask=%3D;num_steps=320"),
        (MODULAR, "data=modular-addition;mask=%3D;num_steps=230"),
        (WORDS, "data=words;num_steps=120"),  # no task
        ([f"{a}{b}{a}{b}" for a in "abcdef" for b in "xyz"], "data=code-book;num_steps=120"),
    ],
)
def test_tests_on_tasks_are_those_of_the_core(
    documents: Sequence[str], text: str, measured: str
) -> None:
    sizes = "n_embd=8;n_head=2;block_size=10;batch_size=4;eval_fraction=0.5"
    check_equal(documents, f"{text};{sizes};learning_rate=0.01,0.03;measure={measured}")


@pytest.mark.parametrize("measured", [row.name for row in MEASURES if not row.task_only])
@pytest.mark.parametrize(
    "further",
    [
        "num_docs=3,20,100;seeds=2",
        "window=1,3",
        "tokenizer/vocab_limit=characters/64,bpe/64,bpe/80;num_docs=5,0",
        "eval_fraction=0.0,0.5",
        "mask=n;num_docs=0,9",
        "optimizer=adam,sgd,adamw;precision=f32,f64",
        "learning_rate=0.01,10.0",
        "temperature=0.0,2.0;top_k=0,3",
    ],
)
def test_whatever_varies(further: str, measured: str) -> None:
    named = {part.partition("=")[0] for part in further.split(";")}
    parts = [part for part in TINY_SWEEP.split(";") if part.partition("=")[0] not in named]
    check_equal(WORDS, ";".join([*parts, further, f"measure={measured}", "output=sunla"]))


@pytest.mark.parametrize("measured", ["gap", "lowest_held_out_loss", "diversity"])
def test_windows_of_one_long_text(measured: str) -> None:
    text = f"{TINY_SWEEP};num_docs=0,4;measure={measured}"
    check_equal(SENTENCES, text, cut="windows", block_size=8)


def test_windows_are_as_long_as_the_context_of_each_run() -> None:
    """As on the command line, which loads the text anew for each."""
    sizes = TINY_SWEEP.replace("block_size=8;", "")
    worker = lab_worker(SENTENCES, cut="windows", block_size=16)
    found = run_sweeps(worker, f"{sizes};block_size=8,32;tokenizer=characters,bpe;vocab_limit=64")
    assert len(found) == 4
    for record in found.values():
        run = record.result.run
        single = f"{sizes};block_size={run['block_size']};tokenizer={run['tokenizer']}"
        options = {name: run[name] for name in ("block_size", "tokenizer")}
        text = f"{single};vocab_limit=64"
        expected = one_after_the_other(SENTENCES, text, cut="windows", **options)[0]
        for name in ("loss", "held_out_loss"):
            assert record.result.measures[name] == expected.measures[name]


def test_the_lowest_held_out_loss_is_of_many_documents() -> None:
    documents = [f"{number:04d}" for number in range(1000)]
    sizes = TINY_SWEEP.replace("0.2", "0.5").replace("12", "210")
    check_equal(documents, f"{sizes};seeds=2;measure=lowest_held_out_loss")


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([row.name for row in MEASURES]),
    st.integers(0, 30),
    st.integers(0, 9),
    st.sampled_from(["characters", "bpe"]),
    st.sampled_from(["", ";mask=a"]),
    st.integers(1, 3),
    st.integers(0, 1000),
)
def test_any_run(
    measured: str, num_docs: int, window: int, tokenizer: str, mask: str, batch: int, seed: int
) -> None:
    varied = f"num_docs={num_docs};window={window};tokenizer={tokenizer}{mask};batch_size={batch}"
    sweep = f"{TINY_SWEEP};seed={seed};vocab_limit=64;{varied};measure={measured};output=moonen"
    check_equal(WORDS, sweep)
