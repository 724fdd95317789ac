"""The part of Python's library that the site serves has all that may be imported from it."""

from __future__ import annotations

import ast
import codecs
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from encodings.aliases import aliases
from pathlib import Path

from app.site.environment import ROOT
from app.site.imports import imported_files
from app.site.release import WORKER_ENTRY
from tests.browser.app import Playground

# Of other systems.
NOT_IN_PYODIDE = {"winreg", "msvcrt"}
# This runs in the worker.
FAILURES = """
async ([modules, encodings]) => {
    const load = (await self.micropip).__builtins__.get("__import__");
    const failures = [];
    const attempt = (act, name) => {
        try { act(name); } catch (error) { failures.push(`${name}: ${error.message}`); }
    };
    for (const name of modules) attempt(load("importlib").import_module, name);
    for (const name of encodings) attempt(load("codecs").lookup, name);
    return failures;
}
"""


def test_every_module_and_encoding_that_may_be_asked_for_is_there(
    playground: Playground, site: Path
) -> None:
    files = imported_files(ROOT / WORKER_ENTRY, ROOT).values()
    sources = [file.read_text(encoding="utf-8") for file in files]
    for wheel in site.glob("vendor/pyodide-*/*.whl"):
        sources += _python_files(wheel)
    modules = set().union(*map(_library_modules, sources)) - NOT_IN_PYODIDE
    assert {"json", "zipfile", "html.parser", "urllib.request"} <= modules
    worker = playground.open().wait_worker().worker
    assert worker.evaluate(FAILURES, [sorted(modules), sorted(_encodings())]) == []


def _python_files(wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                yield archive.read(name).decode()


def _library_modules(source: str) -> set[str]:
    """The modules of Python's library that a source imports, also within functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] in sys.stdlib_module_names}


def _encodings() -> Iterator[str]:
    """Every encoding that Python knows on any system."""
    for name in set(aliases.values()) - {"mbcs"}:
        with suppress(LookupError):
            yield codecs.lookup(name).name
