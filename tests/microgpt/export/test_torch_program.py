"""A model for PyTorch: the same logits, and it can be trained on. Skipped where there is no torch.

`TORCH_PYTHON` names a Python that has torch; without that, Debian's own is tried.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.export.exports import export_files
from microgpt.export.torch_forms import TORCH_FORMS
from microgpt.model_code.gallery import GALLERY
from tests.microgpt.export.test_run_program import ALL_OPERATIONS
from tests.support.exported import tiny_run, write_files
from tests.support.processes import LONG_SECONDS

PYTHONS = (os.environ.get("TORCH_PYTHON", ""), "/usr/bin/python3")
MODELS = {"": "", "all": ALL_OPERATIONS, **{edit.name: edit.source for edit in GALLERY}}
BATCH = [[0, 1, 2, 3, 3, 1], [5, 5, 2, 0, 4, 1]]
# Prints the logits of all models below, of two documents together and of the first one alone.
ASK = f"""
import json, sys, importlib.util, torch
torch.set_num_threads(1)
for path in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.GPT()
    together = model(torch.tensor({BATCH}))
    assert torch.allclose(model(torch.tensor({BATCH[0]})), together[0], atol=1e-5)
    print(json.dumps(together.tolist()))
"""


@cache
def torch_python() -> str:
    """A Python that has torch; skips without one."""
    for python in filter(None, PYTHONS):
        found = subprocess.run(
            [python, "-W", "ignore", "-c", "import torch"],
            capture_output=True,
            timeout=LONG_SECONDS,
            check=False,
        )
        if found.returncode == 0:
            return python
    pytest.skip("there is no torch: set TORCH_PYTHON to a Python that has it")


def run_torch(arguments: Sequence[str], folder: Path) -> str:
    done = subprocess.run(
        [torch_python(), "-W", "ignore", *arguments],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONG_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def files_of(
    name: str, code: str, dtype: str = "F64"
) -> tuple[list[list[list[float]]], dict[str, bytes]]:
    """The logits of `BATCH` under the scalar engine, and the files of the export."""
    run, exported = tiny_run(code, init_std=0.5)
    model = Checkpoint(run.engine.config, run.tokenizer.characters, run.engine.weights())
    state = run.engine.optimizer_state()
    file = to_bytes(replace(model, optimizer_state=state), dtype)
    logits = []
    for document in BATCH:
        context = run.engine.context()
        logits.append([context.feed(token) for token in document])
    return logits, export_files("pytorch", replace(exported, name=name, file=file))


def test_the_logits_are_ours(tmp_path: Path) -> None:
    torch_python()
    expected, programs = [], []
    for number, (name, code) in enumerate(MODELS.items()):
        logits, files = files_of(f"model{number}", code, "F32" if name == "silu" else "F64")
        expected.append(logits)
        programs.append(str(write_files(tmp_path, files)))
    told = run_torch(["-I", "-c", ASK, *programs], tmp_path)
    found = [json.loads(line) for line in told.splitlines()]
    assert len(found) == len(MODELS) == len(GALLERY) + 2
    for name, one, other in zip(MODELS, found, expected, strict=True):
        flat = [[x for document in each for row in document for x in row] for each in (one, other)]
        assert flat[0] == pytest.approx(flat[1], rel=0, abs=1e-5), name


def test_it_writes_and_is_trained_on_in_ten_lines(tmp_path: Path) -> None:
    torch_python()
    program = write_files(tmp_path, files_of("model", "")[1])
    written = run_torch(["model.py"], tmp_path)
    assert written.count("\n") == 20
    (tmp_path / "more-of-it.txt").write_text("ada\nbob\ncleo\n" * 3, encoding="utf-8")
    doc = program.read_text(encoding="utf-8").split('"""')[1]
    lines = dedent(doc.split("train it on:")[1]).strip()
    assert len(lines.splitlines()) <= 12
    losses = run_torch(["-c", lines.replace("1000", "80").replace("1e-3", "3e-2")], tmp_path)
    numbers = [float(line.split()[1]) for line in losses.splitlines()]
    assert sum(numbers[-20:]) < 0.8 * sum(numbers[:20])


@pytest.mark.parametrize(("tokenizer", "lines"), [("characters", 105), ("bpe", 135)])
def test_it_is_short(tokenizer: str, lines: int) -> None:
    _, exported = tiny_run(tokenizer=tokenizer, documents=["an ban", "na nab"] * 4)
    text = export_files("pytorch", exported)["program.py"].decode()
    code = [line for line in text.splitlines() if line.strip()]
    assert len(code) < lines
    assert "parameter_shapes" not in text


def test_each_written_form_is_of_an_operation_of_ours() -> None:
    names: Mapping[str, str] = TORCH_FORMS
    assert all(f"ops.{name}(" in ALL_OPERATIONS for name in names)
