"""The README's commands, each as it stands there, in one folder and in order."""

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


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_an_example_works(arguments: list[str], folder: Path) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONG_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
