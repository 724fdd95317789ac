"""`--code`: models of one's own on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from microgpt.model_code.source import default_source
from tests.support.command import TINY, error_line, output

TRAIN = ("train", *TINY, "--steps", "20", "--samples", "2")


def write(folder: Path, source: str) -> str:
    path = folder / "model.py"
    path.write_text(source, encoding="utf-8")
    return str(path)


def losses(*arguments: str) -> list[float]:
    events = map(json.loads, output(*TRAIN, "--json", *arguments).splitlines())
    return [loss for event in events if "loss" in event for loss in [event["loss"]]]


@pytest.mark.parametrize("engine", ["scalar", "auto"])
def test_the_default_text_trains_as_the_model_of_the_repository(
    engine: str, tmp_path: Path
) -> None:
    code = write(tmp_path, default_source())
    assert losses("--engine", engine, "--code", code) == losses("--engine", engine)


def test_an_edit_of_the_gallery_has_a_name() -> None:
    assert losses("--code", "silu") != losses()


def test_a_file_may_be_any_python(tmp_path: Path) -> None:
    source = "import math\n\n\n" + default_source().replace("4 * n_embd", "math.ceil(4.0) * n_embd")
    assert losses("--code", write(tmp_path, source)) == losses()


def test_an_edited_model_is_saved_and_used(tmp_path: Path) -> None:
    model = str(tmp_path / "model.safetensors")
    output(*TRAIN, "--code", "tied-embeddings", "--save", model)
    assert "sample  3: " in output("generate", "--model", model, "--samples", "3")
    assert "token" in output("explain", "--model", model, "--text", "a")
    lines = tmp_path / "lines.txt"
    lines.write_text("emma\n", encoding="utf-8")
    assert "emma" in output("score", str(lines), "--model", model)


def test_what_could_not_be_opened_is_not_saved(tmp_path: Path) -> None:
    code = write(tmp_path, "import math\n\n\n" + default_source())
    model = tmp_path / "model.safetensors"
    line = error_line(*TRAIN, "--code", code, "--save", str(model))
    assert "could not be opened again" in line
    assert "Line 1: nothing can be imported" in line
    assert not model.exists()


def test_its_graph_is_printed_below_its_lines(tmp_path: Path) -> None:
    code = write(tmp_path, default_source().replace("ops.relu", "ops.silu"))
    printed = output("inspect", *TINY, "--code", code)
    assert "# model code:54: x = ops.silu(x)" in printed
    assert "= silu(layer0.mlp_fc1)" in printed


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def gpt(", "Line 1: this is no Python"),
        ("x = 1", "there is no function parameter_shapes()"),
        (default_source().replace("ops.relu(x)", "x[0]"), "Line 54: the numbers of the model"),
    ],
)
def test_wrong_code_is_one_line(source: str, sentence: str, tmp_path: Path) -> None:
    for command in (TRAIN, ("inspect", *TINY)):
        assert sentence in error_line(*command, "--code", write(tmp_path, source))


def test_a_file_that_is_not_there() -> None:
    line = error_line(*TRAIN, "--code", "no-such-file")
    assert "There is no file or edit called 'no-such-file' (edits: no-attention, " in line


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_bytes(b"\xff\xfe\x00")
    assert "it is no text in UTF-8" in error_line(*TRAIN, "--code", str(path))
