"""The command `export`: what it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.page.models.models_html import EXPORT_LABELS
from microgpt.checkpoint import from_bytes
from microgpt.cli.main import main
from microgpt.cli.parser import EXPORT_HELP
from microgpt.export.exports import EXPORT_KINDS
from microgpt.training_record import record_from_about
from tests.support.command import done_objects, output
from tests.support.exported import printed

SETTINGS = ["--data", "baby-names", "--n-embd", "4", "--n-head", "2", "--steps", "4"]
SETTINGS += ["--samples", "2", "--eval-fraction", "0.1", "--tokenizer", "characters"]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that says why."""
    capsys.readouterr()
    assert main(["export", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


def saved(path: Path, *options: str) -> Path:
    assert main(["train", *SETTINGS, "--save", str(path), *options]) == 0
    return path


def test_a_run_of_the_options_and_its_model_become_the_same_program(tmp_path: Path) -> None:
    options = [*SETTINGS, "--optimizer", "sgd", "--schedule", "wsd", "--code", "silu"]
    expected = done_objects(output("train", "--json", "--engine", "scalar", *options))
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "run.py"
    assert main(["export", "--as", "python", "--out", str(program), *options]) == 0
    assert printed(program) == [line for line in expected if "accuracy" not in line]
    text = program.read_bytes()
    model = saved(tmp_path / "model.safetensors", *options)
    arguments = ["--as", "python", "--out", str(program), "--model", str(model), "--samples", "2"]
    assert main(["export", *arguments]) == 0
    assert program.read_bytes() == text
    assert [path.name for path in programs.iterdir()] == ["run.py"]


def test_for_pytorch_the_run_is_trained_and_its_model_opens_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gpt.py"
    assert main(["export", "--as", "pytorch", "--out", str(out), *SETTINGS]) == 0
    assert "step    4 /    4 | loss" in capsys.readouterr().out
    content = (tmp_path / "gpt.safetensors").read_bytes()
    record = record_from_about(from_bytes(content).about)
    assert (record.step, record.data.name) == (4, "baby-names")
    again = tmp_path / "again.py"
    model = str(tmp_path / "gpt.safetensors")
    assert main(["export", "--as", "pytorch", "--out", str(again), "--model", model]) == 0
    assert (tmp_path / "again.safetensors").read_bytes() == content


def test_what_cannot_be_exported_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = str(saved(tmp_path / "m.safetensors")), str(tmp_path / "x.py")
    to_python = ("--as", "python", "--out", out)
    words = refused(capsys, *to_python, "--model", model, "--data", "countries")
    assert "These are not the data that the model was trained on" in words
    words = refused(capsys, *to_python, "--model", model, "--steps", "9")
    assert "--model brings its own settings: leave out" in words
    assert "must be the name of a program" in refused(capsys, "--as", "python", "--out", "x.txt")
    words = refused(capsys, "--as", "weights", "--out", out, "--model", model, "--prefix", "%")
    assert "does not know the character '%'" in words
    words = refused(capsys, "--as", "weights", "--out", out, "--model", model, "--prefix", "a" * 99)
    assert "Prefix must be shorter than the context length of 16" in words
    assert "leave out --code" in refused(capsys, *to_python, "--model", model, "--code", "silu")
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(Path(model).read_bytes().replace(b'"steps": "4"', b'"steps": "x"'))
    assert "tells of its training is damaged" in refused(
        capsys, *to_python, "--model", str(damaged)
    )
    assert not Path(out).exists()


def test_the_kinds_are_the_same_everywhere() -> None:
    labels = [kind for kind, _ in EXPORT_LABELS]
    assert tuple(EXPORT_HELP) == tuple(labels) == EXPORT_KINDS


def test_the_help_says_why_there_is_no_gguf(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    assert "GGUF is not offered: " in capsys.readouterr().out
