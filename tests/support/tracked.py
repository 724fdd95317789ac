"""The files of the repository, as git lists them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.imports import ROOT
from tests.support.processes import SECONDS


def tracked() -> list[Path]:
    """The files that git tracks, or would with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout", allow_module_level=True)
    paths = sorted({ROOT / name for name in done.stdout.split("\0") if name})
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str:
    """The text of a file; nothing for one that is not text."""
    data = path.read_bytes()
    return "" if b"\0" in data[:8000] else data.decode("utf-8")


def name_of(path: Path) -> str:
    """The path of a file relative to the repository."""
    return path.relative_to(ROOT).as_posix()


FILES = tracked()
