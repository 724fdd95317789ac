"""Style and types: ruff and mypy check Python, eslint checks JavaScript and CSS."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.site.environment import ROOT, node_and_npm
from app.site.packages import NODE_MODULES
from tests.support.processes import LONG_SECONDS

ESLINT = NODE_MODULES / "eslint" / "bin" / "eslint.js"
CHECKS = {
    "ruff check": [sys.executable, "-m", "ruff", "check", "--no-cache"],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "--diff", "--no-cache"],
    "mypy": [sys.executable, "-m", "mypy"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_python(name: str) -> None:
    _check(CHECKS[name])


def test_javascript_and_css() -> None:
    _check([node_and_npm().node, str(ESLINT), "--max-warnings=0", "."])


def _check(command: list[str]) -> None:
    """Fails with the output of the command if the command fails."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONG_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(done.stdout, pytrace=False)
