"""Brings the packages that the site is made of: from npm, from PyPI, and the core's own wheel.

Every version and hash is pinned in a lock file. Knows nothing of where the files go in the site.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from app.site.environment import (
    ROOT,
    TRY_AGAIN,
    SetupError,
    ensure_venv,
    install,
    node_and_npm,
    pip_command,
    pip_for,
    remove,
    say,
)

LOCK = ROOT / "package-lock.json"
MODULES = ROOT / "node_modules"
BUILD_VENV = ROOT / ".venv-build"
BUILD_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
BROWSER_REQUIREMENTS = Path(__file__).with_name("requirements-browser.txt")
BROWSER_PYTHON = "3.14"
WHEEL_EPOCH = "1735689600"  # a fixed date inside the wheel: the same source, the same bytes
BUILD_WHEEL = "import sys; from flit_core.buildapi import build_wheel; build_wheel(sys.argv[1])"


def ensure_npm_packages(*, tools: bool = False) -> Path:
    """Installs what `package-lock.json` pins, with `tools` also its development tools.

    The stamp is written last and npm starts from nothing, so an interrupted installation is
    never taken for a finished one. Returns the folder of the packages.
    """
    stamp = MODULES / ".stamp"
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    complete = f"{lock} with tools"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") in {complete, "" if tools else lock}:
        return MODULES
    say("Downloading the packages of the page from npm")
    stamp.unlink(missing_ok=True)
    omitted = [] if tools else ["--omit=dev"]
    command = [*node_and_npm().npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *omitted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(npm_failure(done.stdout + done.stderr, LOCK.read_text(encoding="utf-8")))
    stamp.write_text(complete if tools else lock, encoding="utf-8")
    return MODULES


def npm_failure(output: str, lock: str) -> str:
    """One sentence about a failed npm: which package it was, and what to do."""
    packages = {
        path.removeprefix("node_modules/"): entry.get("integrity", "")
        for path, entry in json.loads(lock)["packages"].items()
        if path
    }
    for name, integrity in packages.items():
        if integrity and integrity in output:
            return (
                f"The npm package {name} that came is not the one that was pinned (its hash "
                "differs), so it was not installed: try another network or npm registry."
            )
    blamed = _named_in(_npm_errors(output), packages)
    if blamed:
        return f"npm could not bring the package {blamed}: {TRY_AGAIN}."
    reason = next(iter(_npm_errors(output).splitlines()), "it gave no reason")
    return f"npm could not bring the packages of the page ({reason}): {TRY_AGAIN}."


def ensure_browser_wheels(cache: Path) -> list[Path]:
    """The wheels that Pyodide installs in the browser, brought from PyPI into `cache` once."""
    pinned = BROWSER_REQUIREMENTS.read_text(encoding="utf-8")
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", pinned)
    wheels = sorted(cache.glob("*.whl"))
    if sorted(map(sha256, wheels)) == sorted(hashes):
        return wheels
    say("Downloading micropip from PyPI")
    remove(cache)
    cache.mkdir(parents=True)
    pip = pip_command() or pip_for(ensure_venv(BUILD_VENV, BUILD_REQUIREMENTS), None)
    options = ["--no-deps", "--only-binary=:all:", f"--python-version={BROWSER_PYTHON}"]
    pinned_by = ["--require-hashes", "-r", str(BROWSER_REQUIREMENTS)]
    install(pip, ["download", *options, *pinned_by, "-d", str(cache)])
    return sorted(cache.glob("*.whl"))


def build_core_wheel(folder: Path) -> Path:
    """Builds the wheel of the core, the package `microgpt`, into `folder`."""
    python = ensure_venv(BUILD_VENV, BUILD_REQUIREMENTS)
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [str(python), "-c", BUILD_WHEEL, str(folder)],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": WHEEL_EPOCH},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise SetupError(f"The wheel of microgpt could not be built, mend what it says: {reason}")
    return next(folder.glob("*.whl"))


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _named_in(errors: str, packages: Iterable[str]) -> str | None:
    """The package whose name or address npm's errors hold: `@` and `/` may be escaped there."""
    words = re.findall(r"[\w@./-]+", re.sub("%2f", "/", errors, flags=re.IGNORECASE))
    for name in sorted(packages, key=len, reverse=True):
        asked_for = re.compile(rf"(?:.*/)?{re.escape(name)}(?:@.*|/-/.*)?")
        if any(asked_for.fullmatch(word) for word in words):
            return name
    return None


def _npm_errors(output: str) -> str:
    """The lines in which npm says what went wrong, without its marks."""
    lines = re.findall(r"^npm (?:error|ERR!) (.*)$", output, re.MULTILINE)
    return "\n".join(line for line in lines if not line.startswith(("code ", "A complete log")))
