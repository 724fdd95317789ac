"""Errors on the command line: one line, the right exit code, no traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from microgpt.cli.files import read_model
from microgpt.engine import can_compile
from tests.support.command import COMMAND, TINY, call, done_objects, error_line, output
from tests.support.imports import ROOT
from tests.support.processes import SECONDS, started


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("--bogus 1", "--bogus"),
        ("tarin", "tarin"),
        ("train extra", "extra"),
        ("datasets extra", "extra"),
        ("--steps", "--steps"),
        ("--steps many", "Training steps must be a whole number, not 'many'"),
        ("--steps 0", "Training steps must lie between 1 and 1000000, but is 0"),
        ("--steps 1e3", "Training steps must be a whole number"),
        ("--learning-rate -1", "Learning rate must lie between"),
        ("--learning-rate nan", "Learning rate must lie between"),
        ("--temperature -0.1", "Temperature must lie between 0.0 and 10.0"),
        ("--top-p 0", "Top-p must lie between"),
        ("--n-embd 10 --n-head 4", "10 cannot be split evenly into 4"),
        ("--n-layer 13", "Layers must lie between 1 and 12"),
        ("--eval-fraction 0.6", "Held out must lie between"),
        ("--batch-size 4097", "Batch size must lie between 1 and 4096, but is 4097"),
        ("--optimizer lion", "Optimizer must be one of adam, adamw, sgd, not 'lion'"),
        ("--betas 0.9", "The betas must be two numbers with a comma between them, not '0.9'"),
        ("--betas 0.9,2", "Beta 2 must lie between 0.0 and 0.99999, but is 2.0"),
        ("--schedule step", "Schedule must be one of linear, cosine, constant, wsd, not 'step'"),
        ("--clip -1", "Gradient clipping must lie between 0.0 and 1000.0, but is -1.0"),
        ("--engine gpu", "Engine must be one of auto, wasm, scalar, jax, not 'gpu'"),
        ("--precision f16", "Precision must be one of f32, f64, bf16, not 'f16'"),
        ("--tokenizer words", "Tokens must be one of characters, bpe, not 'words'"),
        ("--vocab-limit 63", "Vocabulary must lie between 64 and 2048, but is 63"),
        ("--data movies --tokenizer bpe --vocab-limit 64", "too many for a vocabulary of 64"),
        ("--tokenizer bpe --prefix ë", "does not know the character 'ë'"),
        ("--stop-after 0", "--stop-after must be at least 1"),
        ("--stop-after x", "--stop-after"),
        ("--prefix ë", "does not know the character 'ë'"),
        ("--prefix aaaaaaaaaaaaaaaa", "Prefix must be shorter than the context length of 16"),
        ("--data no-such-data", "no data set or file called 'no-such-data'"),
        ("--data microgpt", "cannot be read: Is a directory"),
        ("--save missing/model", "'missing/model' cannot be written"),
        ("--save microgpt", "'microgpt' cannot be written"),
        ("generate --model missing", "The model 'missing' cannot be read: No such file"),
        ("generate --model README.md", "The file is no .safetensors file, or it was cut off."),
        ("generate --prefix É", "does not know the character 'É'"),
        ("generate --samples -1", "Samples must lie between 0 and 1000"),
        ("generate --steps 3", "--steps"),
        ("generate --precision double", "Precision must be one of f32, f64, bf16"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments: str, part: str) -> None:
    assert part in error_line(*arguments.split())


@pytest.mark.parametrize("option", ["--data", "--save", "--prefix", "generate --model"])
def test_a_long_text_in_place_of_a_name(option: str) -> None:
    error_line(*option.split(), "emma " * 1000)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "There is no text in '"),
        (b" \n\r\n", "mine.txt': choose a file with at least one line"),
        (b"\xff\xfe\x00", "cannot be read as Unicode (UTF-16)"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 10_000))).encode(), "2 to 10,000 tokens"),
    ],
    ids=["nothing", "blank lines", "no text", "too many characters"],
)
def test_a_bad_data_file(content: bytes, part: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    assert part in error_line("--data", str(path))


def test_a_single_document_cannot_be_held_out(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("emma", encoding="utf-8")
    part = "A single document cannot be split"
    assert part in error_line("--data", str(path), "--eval-fraction", "0.1")


@pytest.mark.parametrize("temperature", ["1e-300", "1e-310"])
def test_a_temperature_close_to_0(temperature: str) -> None:
    coldest = output("generate", "--samples", "2", "--temperature", "0")
    assert output("generate", "--samples", "2", "--temperature", temperature) == coldest


@pytest.mark.parametrize("engine", ["scalar", "wasm"])
def test_a_run_that_diverges(engine: str, tmp_path: Path) -> None:
    if engine == "wasm" and not can_compile():
        pytest.skip("nothing here runs WebAssembly with SIMD")
    command = [*TINY, "--learning-rate", "10", "--json", "--engine", engine, "--save"]
    diverged, kept = (tmp_path / name for name in ("diverged.safetensors", "kept.safetensors"))
    done = call(*command, str(diverged))
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert re.fullmatch(r"microgpt: Training diverged at step \d+: .* well below 10\.", line)
    steps = int(re.findall(r"step (\d+)", line)[0]) - 1
    assert done_objects(done.stdout)[-1]["step"] == steps > 0
    output(*command, str(kept), "--stop-after", str(steps))
    assert read_model(diverged).weights == read_model(kept).weights


def test_a_run_whose_evaluation_diverges() -> None:
    done = call("--learning-rate", "10", "--steps", "1", "--eval-fraction", "0.5", "--n-layer", "2")
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
    assert len(done.stderr.strip().splitlines()) == done.returncode


def test_ctrl_c_stops_at_once() -> None:
    with started([*COMMAND, *TINY, "--steps", "1000000", "--json"]) as process:
        assert process.stdout is not None
        assert "run" in json.loads(process.stdout.readline())
        assert json.loads(process.stdout.readline())["step"] == 1
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
        assert process.returncode == 130
        assert errors.strip() == "microgpt: stopped"


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_the_reader_of_the_output_goes_away(form: list[str]) -> None:
    with started([*COMMAND, *TINY, "--steps", "1000000", *form]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(SECONDS) == 1
        assert process.stderr.read() == ""


def test_the_output_has_no_reader() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        done = subprocess.run(
            [*COMMAND, *TINY, "--steps", "1"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
            check=False,
        )
    finally:
        os.close(theirs)
    assert (done.returncode, done.stderr) == (1, b"")
