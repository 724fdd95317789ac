"""Runs the tests with JAX in an environment of their own, which it makes: some 600 MB.

    python3 -m tests.setup.jax_tests [pytest's options]

Runs on a bare Python 3.11 with pip.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from app.site.environment import ROOT, STAMP_NAME, SetupError, ensure_venv, interpreter, say

JAX_VENV = ROOT / ".venv-jax"
JAX_REQUIREMENTS = ROOT / "tests" / "jax" / "requirements.txt"
JAX_TESTS = "tests/jax"
BESIDE = (sys.executable, "-m", "tests.setup.jax_tests")  # the command of what runs beside others
NICENESS = 5  # all other tests come first


class Beside:
    """The tests with JAX, running beside others.

    Args:
        process: that runs them.
        output: what they print, for later.
    """

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        self._process, self._output = process, output

    def finish(self) -> int:
        """Wait for them, print what they printed, and return their exit code."""
        say("Waiting for the tests with JAX")
        code = self._process.wait()
        self._output.seek(0)
        say(self._output.read().decode(errors="replace"))
        return code


@contextmanager
def beside_others() -> Iterator[Beside]:
    """Starts them in the background; they end with the block at the latest."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            BESIDE, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield Beside(process, output)
        finally:
            if process.poll() is None and hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)  # pip or pytest as well
            process.kill()
            process.wait()


def jax_python() -> Path | None:
    """The interpreter that has JAX, if it is installed already."""
    return interpreter(JAX_VENV) if (JAX_VENV / STAMP_NAME).is_file() else None


def run_jax_tests(options: Sequence[str]) -> int:
    """Run them with pytest's options; returns the exit code."""
    try:
        python = ensure_venv(JAX_VENV, JAX_REQUIREMENTS)
    except SetupError as error:
        say(str(error))
        return 1
    command = [str(python), "-m", "pytest", *(options or [JAX_TESTS])]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    with suppress(AttributeError):  # Windows has none
        os.nice(NICENESS)
    try:
        sys.exit(run_jax_tests(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
