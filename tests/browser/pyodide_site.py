"""Selects the core's unit tests that run inside Pyodide, and builds a small site that runs them.

The site contains the Pyodide that the playground ships, the wheels of pytest and hypothesis, and
the project's own files. They need parts of Python's library that the playground does without, so it
has all of that.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from app.site.packages import NODE_MODULES
from app.site.vendor import PYTHON_LIBRARY
from tests.support.imports import ROOT, imported

DRIVER = Path(__file__).with_name("pyodide")
ORACLE = ROOT.parent / "shared" / "oracle"
# Modules of the standard library that do not work in a worker.
UNAVAILABLE = {"http", "multiprocessing", "signal", "socket", "subprocess"}
UNAVAILABLE |= {"threading", "venv"}
AVAILABLE = (set(sys.stdlib_module_names) - UNAVAILABLE) | {"hypothesis", "microgpt", "pytest"}


def core_tests() -> list[Path]:
    """The test files that import the core, and nothing that is missing in a worker.

    Those of the command line are not among them, as a page has none.
    """
    tests = ROOT / "tests" / "microgpt"
    paths = sorted(path for path in tests.rglob("test_*.py") if path.parent.name != "cli")
    return [path for path in paths if _top_level(path) & {"microgpt"} and _can_run(path)]


def _can_run(path: Path) -> bool:
    """Whether a worker has everything that a file imports, directly or through `tests`."""
    names = {name for name in imported(path) if name.startswith("tests.")}
    helpers = [ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in names]
    return _top_level(path) - {"tests"} <= AVAILABLE and all(map(_can_run, helpers))


def _top_level(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def build_test_site(out: Path, pyodide: Path, wheels: list[Path]) -> None:
    """Builds the site in `out`: the driver's files, Pyodide, the wheels and the project."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(DRIVER, out, ignore=shutil.ignore_patterns("__pycache__"))
    library = shutil.ignore_patterns(f"{PYTHON_LIBRARY}*")
    shutil.copytree(pyodide, out / "pyodide", ignore=library, copy_function=_link)
    _link(NODE_MODULES / "pyodide" / PYTHON_LIBRARY, out / "pyodide" / PYTHON_LIBRARY)
    for wheel in wheels:
        _link(wheel, out / wheel.name)
    names = json.dumps([wheel.name for wheel in wheels])
    (out / "wheels.json").write_text(names, encoding="utf-8")
    with zipfile.ZipFile(out / "project.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, name in _project_files():
            archive.write(path, name)


def _project_files() -> Iterator[tuple[Path, str]]:
    """The files that the tests may read inside Pyodide, each with its path there."""
    yield DRIVER / "run_pytest.py", "project/run_pytest.py"
    yield ROOT / "pyproject.toml", "project/pyproject.toml"
    tests = ("tests/*.py", "tests/support/*", "tests/microgpt/**/*.py")
    data = ("datasets/*.txt", "datasets/SOURCES.md", "datasets/models/*.safetensors")
    for pattern in ("microgpt/**/*.py", *tests, *data):
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                yield path, f"project/{path.relative_to(ROOT).as_posix()}"
    for path in sorted(ORACLE.glob("*")):
        yield path, f"shared/oracle/{path.name}"


def _link(source: str | Path, target: str | Path) -> None:
    """Links a file, since it may be large; copies it where the file system has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
