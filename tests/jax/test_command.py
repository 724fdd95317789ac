"""`train --engine jax` and `generate --engine jax`, in one process."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from microgpt.checkpoint import from_bytes
from microgpt.cli import jax_data
from microgpt.cli.main import main
from microgpt.cli.options import parse_settings
from microgpt.cli.parser import build_parser
from microgpt.jax import run
from microgpt.training_record import record_from_about
from tests.support.imports import ROOT

TEXT = "".join(f"{name}{ending}\n" for name in ("an", "el", "mi") for ending in ("a", "na", "lo"))
SIZES = [
    "--n-embd",
    "8",
    "--n-head",
    "2",
    "--block-size",
    "8",
    "--samples",
    "2",
    "--batch-size",
    "2",
]

EXAMPLES = [
    line
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("python -m microgpt ")
]

Train = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Train:
    """Runs the command on a few names; returns what it prints."""
    data = tmp_path / "names.txt"
    data.write_text(TEXT, encoding="utf-8")

    def run_command(*options: str, engine: str = "jax") -> list[dict[str, Any]]:
        arguments = ["train", "--engine", engine, "--data", str(data), *SIZES, "--json", *options]
        code = main(arguments)
        output, errors = capsys.readouterr()
        assert code == 0, errors
        return [json.loads(line) for line in output.splitlines()]

    return run_command


def losses_in(lines: list[dict[str, Any]]) -> list[float]:
    return [line["loss"] for line in lines if "loss" in line]


def test_a_run_is_the_same_as_with_the_compiled_engine(train: Train, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    options = ("--steps", "40", "--eval-fraction", "0.2")
    found, expected = train(*options, "--save", str(path)), train(*options, engine="wasm")
    assert losses_in(found) == pytest.approx(losses_in(expected), abs=1e-4)
    for name in ("held_out_loss", "sample"):
        one, other = ([line[name] for line in lines if name in line] for lines in (found, expected))
        assert one == (pytest.approx(other, abs=1e-4) if name == "held_out_loss" else other)
    speed = next(line["speed"] for line in found if "speed" in line)
    assert speed["tokens_per_second"] > 0
    record = record_from_about(from_bytes(path.read_bytes()).about)
    assert record.losses == losses_in(found)
    assert record.settings["engine"] == "auto"  # the page knows no other


def test_a_run_is_resumed_from_its_file(train: Train, tmp_path: Path) -> None:
    path = str(tmp_path / "m.safetensors")
    options = ("--steps", "12", "--optimizer", "sgd", "--momentum", "0.9")
    expected = losses_in(train(*options))
    train(*options, "--stop-after", "5", "--save", path)
    rest = losses_in(train(*options, "--resume", path, "--save", path))
    assert rest == pytest.approx(expected[5:], abs=1e-4)
    record = record_from_about(from_bytes(Path(path).read_bytes()).about)
    assert record.losses == pytest.approx(expected, abs=1e-4)
    assert len(record.segments) == 1


def test_a_corpus_in_pieces_is_trained_on_alike(
    train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = train("--steps", "5")
    monkeypatch.setattr(jax_data, "MAX_TOTAL_BYTES", 10)
    found = train("--steps", "5")
    assert losses_in(found) == losses_in(expected)


def test_large_models_are_drawn_by_jax(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = losses_in(train("--steps", "2"))
    monkeypatch.setattr(run, "LARGE_MODEL", 100)
    found = losses_in(train("--steps", "2"))
    assert found[0] != expected[0]
    assert found[0] == pytest.approx(expected[0], abs=0.5)


def test_a_saved_model_writes_the_same_with_it(
    train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.safetensors"
    train("--steps", "5", "--save", str(path), engine="wasm")
    written = []
    for engine in ("wasm", "jax"):
        assert main(["generate", "--engine", engine, "--model", str(path), "--samples", "3"]) == 0
        written.append(capsys.readouterr().out)
    assert written[0] == written[1]


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_of_the_readme_are_commands(line: str) -> None:
    arguments = shlex.split(line, comments=True)[3:]
    assert parse_settings(build_parser(arguments[0]).parse_args(arguments))["engine"] == "jax"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "jax", "--precision", "f64"], "f32 or bf16"),
        (["--engine", "jax", "--n-embd", "20000"], "between 1 and 16384"),
        (["--engine", "jax", "--num-processes", "2"], "--coordinator HOST:PORT"),
        (["--engine", "jax", "--coordinator", "here", "--num-processes", "2"], "HOST:PORT, not"),
        (["--engine", "jax", "--save-every", "5"], "--save FILE"),
        (["--engine", "jax", "--resume", "nothing"], "cannot be read"),
        (["--devices", "2"], "add --engine jax"),
        (["--n-embd", "1024"], "between 1 and 512"),
    ],
)
def test_bad_options_are_told_of(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *options]) == 2
    assert message in capsys.readouterr().err


def test_a_file_of_another_model_is_not_resumed(
    train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "m.safetensors")
    train("--steps", "2", "--save", path, engine="wasm")
    data = str(tmp_path / "names.txt")
    command = ["train", "--engine", "jax", "--data", data, *SIZES, "--resume", path]
    assert main([*command, "--n-embd", "16"]) == 2
    assert "give --n-embd 8" in capsys.readouterr().err
    assert main([*command, "--steps", "2"]) == 2
    assert "has done its 2 steps" in capsys.readouterr().err
