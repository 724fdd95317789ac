"""The command sweep, as its users see it."""

from __future__ import annotations

import re
import signal
import sys

import pytest

from microgpt.cli import sweeps
from microgpt.cli.main import main
from microgpt.lab.ready import ReadyExperiment, ready_experiment
from tests.support.command import COMMAND, TINY, error_line, objects, output
from tests.support.processes import started

SHORT = ["sweep", *TINY, "--steps", "5", "--eval-fraction", "0.2"]


def test_a_line_for_each_run_as_train_would_end_it() -> None:
    axes = ["--vary", "learning_rate=0.001..0.1x2", "--vary", "n_layer=1,2"]
    lines = objects(output(*SHORT, *axes, "--seeds", "2", "--json"))
    assert len(lines) == 8
    keys = ["learning_rate", "n_layer", "seed", "loss", "held_out_loss", "seconds"]
    assert all(list(line) == keys for line in lines)
    places = {(line["learning_rate"], line["n_layer"], line["seed"]) for line in lines}
    assert places == {(x, n, s) for x in (0.001, 0.1) for n in (1, 2) for s in (42, 43)}
    line = lines[5]
    single = ["train", *SHORT[1:], "--samples", "0", "--json", "--seed", str(line["seed"])]
    single += ["--learning-rate", str(line["learning_rate"]), "--n-layer", str(line["n_layer"])]
    told = objects(output(*single))
    assert [step["loss"] for step in told if "loss" in step][-1] == line["loss"]
    held_out = [step["held_out_loss"] for step in told if "held_out_loss" in step]
    assert held_out[-1] == line["held_out_loss"]


def test_the_table_at_the_end() -> None:
    text = output(*SHORT, "--vary", "n_layer/n_head=1/1,2/2", "--seeds", "3")
    first, *runs, head, one, two = text.splitlines()
    assert first == "runs: 6, which is 2 x 3 (points x seeds)"
    assert len(runs) == 6
    assert runs[0].startswith("run    1 /    6 | n_layer 1 | n_head 1 | seed 42 | loss ")
    assert head.split() == ["n_layer", "n_head", "runs", "median", "held-out", "loss", "10%", "90%"]
    for line, place in ((one, "1 1 3"), (two, "2 2 3")):
        *begin, middle, low, high = line.split()
        assert " ".join(begin) == place
        assert float(low) <= float(middle) <= float(high)


def test_more_can_be_measured_and_some_is_held_out_by_default() -> None:
    arguments = ["sweep", *TINY, "--steps", "2", "--json", "--measure", "diversity"]
    (line,) = objects(output(*arguments, "--num-docs", "5", "--stop-after", "1"))
    assert line["diversity"] > 0
    assert line["held_out_loss"] is None  # an evaluation comes at the end alone
    (line,) = objects(output(*arguments))
    assert line["held_out_loss"] > 0


def test_long_texts_are_cut_for_each_context_length() -> None:
    arguments = ["sweep", *TINY, "--cut", "windows", "--steps", "2", "--json"]
    lines = objects(output(*arguments, "--vary", "block_size=4,8"))
    single = ["train", *arguments[1:], "--eval-fraction", "0.1", "--samples", "0"]
    for line in lines:
        told = objects(output(*single, "--block-size", str(line["block_size"])))
        assert [step["loss"] for step in told if "loss" in step][-1] == line["loss"]


def test_a_run_that_diverges_does_not_end_the_sweep() -> None:
    arguments = ["--vary", "learning_rate=10,0.01", "--steps", "80"]
    diverged, good = objects(output(*SHORT, *arguments, "--json"))
    assert (diverged["loss"], diverged["held_out_loss"]) == (None, None)
    assert 1 <= diverged["diverged"] <= 80
    assert good["loss"] > 0
    assert output(*SHORT, *arguments).splitlines()[-1] == "diverged: 1 of 2 runs"


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--vary", "n_embd"], "An axis is written as n_embd=8,16,32"),
        (["--vary", "n_embd=5,8"], "Embedding size must be a multiple of the attention heads"),
        (["--until", "nothing"], "A run can be stopped by"),
        (["--ready", "luck"], "leave --data, --n-embd, --n-head, --steps out"),
    ],
)
def test_what_there_is_not(options: list[str], part: str) -> None:
    assert part in error_line("sweep", *TINY, "--steps", "5", *options)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_interrupted_it_ends_with_what_is_done() -> None:
    """After the third run it is told to stop, and there are thousands."""
    with started([*COMMAND, *SHORT, "--seeds", "9000"]) as process:
        assert process.stdout is not None
        for _ in range(4):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        text, errors = process.communicate()
    assert (process.returncode, errors) == (130, "\nmicrogpt: stopped\n")
    assert re.search(r"runs  median held-out loss +10% +90%\n +\d+ +\d\.\d+", text)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_ready_experiment_says_what_came_out(
    as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that takes a moment, in the place of one that takes seconds."""
    whole = ready_experiment("luck")
    texts = ("data=baby-names;num_steps=2;n_embd=4;seeds=3",)
    luck = ReadyExperiment("luck", whole.title, whole.meaning, whole.guess, texts, whole.source)
    monkeypatch.setattr(sweeps, "ready_experiment", lambda _name: luck)
    assert main(["sweep", "--ready", "luck", *(["--json"] if as_json else [])]) == 0
    out, errors = capsys.readouterr()
    said = "Of 3 runs the best came to "
    if as_json:
        assert [line["seed"] for line in objects(out)] == [42, 43, 44]
        assert said in errors
    else:
        first, *_, sentence, source = out.splitlines()
        assert first == luck.title
        assert sentence.startswith(said)
        assert luck.source in source
