"""Sets up everything that the tests need on a machine that only has Python, then runs them.

    python3 -m tests                    everything
    python3 -m tests --unit             everything but the browser tests
    python3 -m tests -k tokenizer       pytest's own options work, too
    python3 -m tests tests/jax          those with JAX, which else run beside the first two

Runs on a bare Python 3.11 with pip.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from app.site.assemble import SITE, build
from app.site.environment import ROOT, SetupError, ensure_venv, say
from app.site.packages import ensure_npm_packages
from tests.setup.chromium import find_or_install
from tests.setup.jax_tests import JAX_TESTS, beside_others, run_jax_tests
from tests.setup.other_browsers import install_missing
from tests.setup.wheels import ensure_wheels

VENV = ROOT / ".venv-tests"
REQUIREMENTS = ROOT / "tests" / "requirements.txt"
REPORT = ("--durations=8", "--durations-min=2")
# Everything, in as many processes as there are processors, one test after the other in this order:
# what takes longest comes first, so that all end at about the same time, and a browser is started
# once in each.
EVERYTHING = (
    "-n=auto",
    "--maxprocesses=4",
    "--dist=loadgroup",
    "--no-loadscope-reorder",
    "tests/browser",
    "tests/browsers",
    "tests/microgpt",
    "tests/app",
    "tests/datasets",
    "tests/project",
)


def main(arguments: list[str]) -> int:
    """Runs the tests that `arguments` choose; returns pytest's exit code."""
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    unit = "--unit" in arguments
    options = [argument for argument in arguments if argument not in ("--unit", "--")]
    if any(option.startswith(JAX_TESTS) for option in options):
        return run_jax_tests(options)
    try:
        python = set_up(browser=not unit)
    except SetupError as error:
        say(str(error))
        return 1
    if options:
        return run_tests(python, options, unit=unit)
    with beside_others() as jax_tests:
        codes = run_tests(python, [], unit=unit), jax_tests.finish()
    return max(codes)


def run_tests(python: Path, options: list[str], *, unit: bool) -> int:
    """Runs all tests but those with JAX, with the interpreter `python`; returns the exit code."""
    ignored = [f"--ignore=tests/{folder}" for folder in ("browser", "browsers")] if unit else []
    say("Running the tests")
    chosen = [*ignored, *options] if options or unit else EVERYTHING
    command = [str(python), "-m", "pytest", *REPORT, *chosen]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def set_up(*, browser: bool) -> Path:
    """Prepares everything that the tests need; returns the interpreter to run them with."""
    with timed("the test environment"):
        python = ensure_venv(VENV, REQUIREMENTS)
    with timed("the packages from npm"):
        ensure_npm_packages(tools=True)
    if browser:
        with timed("Chromium"):
            chromium = find_or_install(python)
            os.environ["CHROMIUM"] = str(chromium)
            say(f"  {chromium}")
        with timed("Firefox and WebKit"):
            for sentence in install_missing():
                say(f"  {sentence}")
        with timed("pytest's wheels for Pyodide"):
            ensure_wheels(python)
        with timed("the site"):
            build(SITE)
    return python


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Prints what is being prepared, and how long it took."""
    say(f"Preparing {what}")
    start = time.monotonic()
    yield
    say(f"  ready after {time.monotonic() - start:.1f} s")


def start(main: Callable[[list[str]], int]) -> NoReturn:
    """Ends the program with the exit code that `main` returns for its arguments."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is what reports an older one
        sys.exit("This needs Python 3.11 or newer: start it with a newer python3.")
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("Stopped.")
        sys.exit(130)


if __name__ == "__main__":
    start(main)
