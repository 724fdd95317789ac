"""What is printed about a run: line by line, in place on a terminal, and as JSON."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest

from microgpt.cli.report import JsonReporter, Reporter, TextReporter, print_data_set
from microgpt.config import TrainConfig
from microgpt.run import Run, prepare_run
from microgpt.trainer import TrainProgress

PROGRESS = (
    TrainProgress(1, [3.36596694]),
    TrainProgress(1, []),
    TrainProgress(3, [0.1 + 0.2, 12.0]),
    TrainProgress(3, [], 2.71828),
    TrainProgress(3, [], accuracy=0.925),
    TrainProgress(3, [], accuracy=0.25, train_accuracy=1.0),
)
VALUES: dict[str, int | float | str] = {"n_embd": 8, "temperature": 0.5, "cut": "lines"}


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def report_all(reporter: Reporter, run: Run) -> None:
    """Call a reporter as a whole run does."""
    reporter.begin_training(run)
    for progress in PROGRESS:
        reporter.report_progress(progress)
    reporter.end_training()
    reporter.begin_samples()
    for text in ("emma", 'zoé "z"'):
        reporter.report_sample(text)


@pytest.fixture(scope="module")
def run() -> Run:
    training = TrainConfig(num_steps=3, batch_size=2)
    return prepare_run(["emma", "olivia", "zoé"], training, "scalar", block_size=6)


def test_text(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    report_all(TextReporter(run.training), run)
    out, err = capsys.readouterr()
    assert out == (
        "num docs: 3\n"
        "vocab size: 10\n"
        "num params: 3488\n"
        "engine: scalar, batch size: 2\n"
        "step    1 /    3 | loss 3.3660\n"
        "step    2 /    3 | loss 0.3000\n"
        "step    3 /    3 | loss 12.0000\n"
        "step    3 /    3 | held-out loss 2.7183\n"
        "step    3 /    3 | right 92%\n"
        "step    3 /    3 | right 25%, of the training data 100%\n"
        "\n--- inference (new, hallucinated names) ---\n"
        "sample  1: emma\n"
        'sample  2: zoé "z"\n'
    )
    assert err == (
        "note: 33% of the documents are longer than the context length of 6 and are cut.\n"
    )


@pytest.fixture(scope="module")
def bpe_run() -> Run:
    names = ["anna", "hanna", "joanna", "susanna"]
    return prepare_run(names, TrainConfig(num_steps=3), "scalar", "f64", "bpe", 64)


def test_the_first_merges_are_shown(bpe_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    TextReporter(bpe_run.training).begin_training(bpe_run)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["vocab size: 11", "merges: 3, the first of which make 'an', 'na', 'anna'"]


def test_losses_with_bpe_are_also_given_per_character(
    bpe_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    # anna | h anna | j o anna | s u s anna, and their ends: 26 characters in 14 tokens
    report_all(TextReporter(bpe_run.training), bpe_run)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == "characters per token: 1.86, each end counted as one"
    assert lines[6] == "step    1 /    3 | loss 3.3660 a token, 1.8124 a character"
    assert lines[9] == "step    3 /    3 | held-out loss 2.7183 a token, 1.4637 a character"
    report_all(JsonReporter("mine.txt", VALUES), bpe_run)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed[0]["run"]["chars_per_token"] == 26 / 14
    assert printed[1] == {
        "step": 1,
        "loss": 3.36596694,
        "loss_per_character": 3.36596694 / (26 / 14),
    }
    assert printed[4]["held_out_loss_per_character"] == pytest.approx(2.71828 * 14 / 26)


def test_text_on_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    report_all(TextReporter(run.training), run)
    lines = screen.getvalue().split("\n")
    told = lines[4].split("\r\033[K")  # all on one line, each over the one before
    assert told[0] == ""
    assert [line.split(" | ")[:2] for line in told[1:]] == [
        ["step    1 /    3", "loss 3.3660"],
        ["step    2 /    3", "loss 0.3000"],
        ["step    3 /    3", "loss 12.0000"],
    ]
    for line in told[1:]:
        assert re.search(r" \| [\d.]+ steps/s \| (\d+ min )?\d+ s left$", line), line
    assert told[-1].endswith("| 0 s left")
    assert lines[5] == "step    3 /    3 | held-out loss 2.7183"
    assert lines[6:10] == [
        "step    3 /    3 | right 92%",
        "step    3 /    3 | right 25%, of the training data 100%",
        "",
        "--- inference (new, hallucinated names) ---",
    ]


def test_the_line_on_a_terminal_is_ended_before_other_output(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    reporter = TextReporter(run.training)
    reporter.begin_training(run)
    reporter.report_progress(PROGRESS[0])
    assert not screen.getvalue().endswith("\n")
    reporter.end_training()
    assert screen.getvalue().endswith("left\n")


def test_the_time_left_follows_from_the_speed_so_far(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr("microgpt.cli.report.time.perf_counter", iter([100.0, 150.0]).__next__)
    reporter = TextReporter(TrainConfig(num_steps=1000))
    reporter.begin_training(run)
    reporter.report_progress(TrainProgress(100, [1.5]))
    assert screen.getvalue().endswith(
        "step  100 / 1000 | loss 1.5000 | 2.0 steps/s | 7 min 30 s left"
    )


def test_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    report_all(JsonReporter("mine.txt", VALUES), run)
    out, err = capsys.readouterr()
    assert err == ""
    told, *lines = map(json.loads, out.splitlines())
    assert told == {
        "run": {
            "data": "mine.txt",
            "engine": run.engine.name,
            "num_params": run.engine.config.num_params,
            "chars_per_token": 1.0,
            "settings": {"n_embd": 8, "cut": "lines"},
        }
    }
    assert [line for line in lines if "seconds" not in line] == [
        {"step": 1, "loss": 3.36596694},
        {"step": 2, "loss": 0.30000000000000004},
        {"step": 3, "loss": 12.0},
        {"step": 3, "held_out_loss": 2.71828},
        {"step": 3, "accuracy": 0.925},
        {"step": 3, "accuracy": 0.25, "train_accuracy": 1.0},
        {"sample": "emma"},
        {"sample": 'zoé "z"'},
    ]


def test_a_data_set(capsys: pytest.CaptureFixture[str]) -> None:
    print_data_set("names", ["emma", "zoé", "ada", "eve"] * 300, as_json=False)
    print_data_set("names", ["emma", "zoé", "ada", "eve"] * 300, as_json=True)
    text, line = capsys.readouterr().out.splitlines()
    words = " ".join(text.split())
    assert words == "names 1,200 documents, vocabulary of 9, such as emma, zoé, ada"
    assert json.loads(line) == {"name": "names", "num_docs": 1200, "vocab_size": 9}
