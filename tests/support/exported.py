"""Exported programs, run as their users run them: in a folder of their own, by Python alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from microgpt.config import SampleConfig, TrainConfig
from microgpt.export.exported_run import ExportedRun
from microgpt.export.exports import export_files
from microgpt.model_code.loading import load_code
from microgpt.run import Run, prepare_run
from microgpt.sampler import generate
from tests.support.processes import SECONDS

WORDS = ["ada", "bob", "cleo", "dora", "eve", "fay", "gus", "ada", "hal"]
DEFAULT_SAMPLING = SampleConfig()
TINY_MODEL: dict[str, Any] = {"n_embd": 4, "n_head": 2, "n_layer": 1, "block_size": 8}


def tiny_run(
    code: str = "",
    documents: Sequence[str] = WORDS,
    tokenizer: str = "characters",
    windowed: bool = False,
    architecture: dict[str, Any] | None = None,
    trusted: bool = False,
    **training: Any,
) -> tuple[Run, ExportedRun]:
    """A run of the scalar engine, and the same to be exported."""
    config = TrainConfig(**{"num_steps": 4, **training})
    model_code = load_code(code, trusted) if code else None
    run = prepare_run(
        documents,
        config,
        "scalar",
        tokenizer=tokenizer,
        vocab_limit=64,
        windowed=windowed,
        code=model_code,
        **(architecture or TINY_MODEL),
    )
    exported = ExportedRun(
        run.engine.config,
        run.tokenizer,
        "program",
        config,
        "words",
        documents,
        windowed,
        num_samples=3,
    )
    return run, exported


def lines_of(run: Run, sampling: SampleConfig = DEFAULT_SAMPLING, prefix: str = "") -> list[Any]:
    """What the command line prints of a run as JSON, of its steps and samples."""
    lines: list[Any] = []
    for progress in run.train():
        lines += [
            {"step": step, "loss": loss}
            for step, loss in enumerate(progress.losses, progress.step - len(progress.losses) + 1)
        ]
        if progress.held_out_loss is not None:
            lines.append({"step": progress.step, "held_out_loss": progress.held_out_loss})
    for _ in range(3):
        begin = run.tokenizer.encode_prefix(prefix) or run.opening(run.rng)
        choices = generate(run.engine, run.tokenizer.bos, sampling, run.rng, begin)
        tokens = [*begin, *(choice.token for choice in choices)]
        lines.append({"sample": run.tokenizer.decode(tokens)})
    return lines


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files of an export, and nothing else, into a folder; returns the program."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / next(iter(files))


def run_program(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program by a Python that sees nothing but its own library."""
    return subprocess.run(
        [sys.executable, "-I", "-S", program.name, *arguments],
        cwd=program.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


def printed(program: Path, *arguments: str) -> list[Any]:
    """What a program prints as JSON; it succeeds, and says nothing else."""
    done = run_program(program, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def exported_lines(folder: Path, run: ExportedRun) -> list[Any]:
    """What the program of a run prints."""
    return printed(write_files(folder, export_files("python", run)))


def with_weights(run: Run, exported: ExportedRun) -> ExportedRun:
    """The same with the weights of the run as they are now."""
    return replace(exported, weights=run.engine.weights())
