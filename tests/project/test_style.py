"""The checks of style and types: ruff and mypy for Python, eslint for JavaScript and CSS."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.site.environment import ROOT, node_and_npm
from app.site.packages import NODE_MODULES

ESLINT = NODE_MODULES / "eslint" / "bin" / "eslint.js"
CHECKS = {
    "ruff check": [sys.executable, "-m", "ruff", "check", "--no-cache"],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "--diff", "--no-cache"],
    "mypy": [sys.executable, "-m", "mypy"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_python(name: str) -> None:
    _holds(CHECKS[name])


def test_javascript_and_css() -> None:
    _holds([node_and_npm().node, str(ESLINT), "--max-warnings=0", "."])


def _holds(command: list[str]) -> None:
    """Fails with what the command printed, unless it is content."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(done.stdout, pytrace=False)
