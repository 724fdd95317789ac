"""Sets up what a long visit needs on a machine that only has Python, then makes it.

    python3 -m tests.soak --minutes 30      trains, writes, uploads, kills workers, reloads
    python3 -m tests.soak --seed 7          another order of these

It prints what was done, the memory at the start and at the end, and what was lost. The exit code is
1 if the page stopped working, or lost a text.
"""

from __future__ import annotations

import argparse
import subprocess

from app.site.environment import ROOT, SetupError, say
from tests.__main__ import set_up, start

DEFAULT_MINUTES = 30.0


def main(arguments: list[str]) -> int:
    """Makes the visit that `arguments` describe; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.soak", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=DEFAULT_MINUTES)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        python = set_up(browser=True)
    except SetupError as error:
        say(str(error))
        return 1
    command = [str(python), "-m", "tests.soak.visit", str(options.minutes), str(options.seed)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    start(main)
