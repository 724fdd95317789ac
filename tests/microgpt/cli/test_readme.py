"""The README's commands, each as it stands there, in one folder."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from microgpt.model_code.source import default_source
from tests.support.command import COMMAND
from tests.support.imports import ROOT
from tests.support.processes import LONG_SECONDS

PREFIX = "python3 -m microgpt"
COMMANDS = [
    shlex.split(line, comments=True)[3:]
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith(PREFIX)
]
(SAVING,) = (arguments for arguments in COMMANDS if "--save" in arguments)  # a model for others
BOOK = "It was a dark night. The rain fell, and nobody was out. " * 60


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the commands name."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "book.txt").write_text(BOOK, encoding="utf-8")
    (folder / "book.txt.gz").write_bytes(gzip.compress(BOOK.encode()))
    names = "Zug\nChur\nBern\nThun\nGlarus\nAarau\n"
    (folder / "towns.csv").write_text("name\n" + names, encoding="utf-8")
    (folder / "my-names.txt").write_text("emma\nkarl\n", encoding="utf-8")
    run = {"data": "mine", "num_params": 1, "chars_per_token": 1.0, "settings": {"n_embd": 8}}
    for name in ("one.json", "other.json"):
        (folder / name).write_text(json.dumps({"run": run}), encoding="utf-8")
    (folder / "my-model.py").write_text(default_source(), encoding="utf-8")
    return folder


def test_there_are_examples() -> None:
    assert len(COMMANDS) > 10


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command of the README that has ended."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONG_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_an_example_works(arguments: list[str], folder: Path) -> None:
    """Of whatever tests another process runs: what one command saves, others read."""
    if "--model" in arguments and not (folder / SAVING[-1]).exists():
        run(SAVING, folder)
    done = run(arguments, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout
