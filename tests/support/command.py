"""Running the command line as a process, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.support.imports import ROOT
from tests.support.processes import SECONDS

COMMAND = (sys.executable, "-m", "microgpt")
TINY = ["--n-embd", "4", "--n-head", "2", "--data", "baby-names"]


def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


def output(*arguments: str) -> str:
    """The output of a command that succeeds without any notes."""
    done = call(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def done_objects(text: str) -> list[dict[str, Any]]:
    """What a run has printed of its steps and samples, without the lines on the run as a whole."""
    return [line for line in objects(text) if not line.keys() & {"run", "seconds"}]


def error_line(*arguments: str) -> str:
    """The one line printed for bad input."""
    done = call(*arguments)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.endswith("\n")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("microgpt")
    return done.stderr
