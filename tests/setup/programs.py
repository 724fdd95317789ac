"""Which programs of this machine start, and Debian's packages, which root may install."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from app.site.environment import SetupError, run_tool, say

DEBIAN = Path("/etc/debian_version")
START_SECONDS = 60
INSTALL_SECONDS = 300  # for one command


def first_on_path(*names: str) -> Path | None:
    """The first of these programs that starts: a stub does not, nor one that lacks libraries."""
    for name in names:
        path = shutil.which(name)
        if path and starts(Path(path)):
            return Path(path)
    return None


def starts(program: Path) -> bool:
    """Whether a program says its version."""
    return output([str(program), "--version"]) is not None


def output(command: list[str]) -> str | None:
    """What a command prints, or None where it is missing, fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def install_from_debian(*packages: str) -> None:
    """Installs packages where this is Debian and the user is root."""
    if not (DEBIAN.exists() and os.geteuid() == 0):
        return
    say(f"Installing from Debian: {' '.join(packages)}")
    for command in (
        ["apt-get", "update", "--quiet"],
        ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages],
    ):
        installs(command, f"This failed: {' '.join(command)}")


def installs(command: list[str], failure: str) -> bool:
    """Whether an installation succeeds; if not, prints `failure` and what the command printed."""
    variables = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run_tool(command, failure, variables=variables, timeout=INSTALL_SECONDS)
    except SetupError as error:
        say(str(error))
        return False
    return True
