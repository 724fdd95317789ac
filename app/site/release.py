"""Lays out the playground's own files: one folder, named by its contents, for each build.

Knows which module runs where: the page gets plain files, the worker the core's wheel and one
archive of the app's modules.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from app.site.environment import ROOT
from app.site.packages import build_core_wheel
from app.site.tree import files_below, named_by_contents, zip_files
from app.site.vendor import LIBRARY, LOCK_FILE, precompile

ONLY_ON_PAGE = {"page.py"}
ONLY_IN_WORKER = {"session.py", "worker.py"}
ONLY_AT_BUILD = {"markup.py"}


def lay_out(modules: Path, site: Path, vendor: dict[str, str]) -> str:
    """Fills the release's folder in `site`, and returns its name, as `r-3fa9c1d2`."""
    release = site / "r"
    for name, file in {**_static_files(), **_data_files(), **page_files()}.items():
        (release / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, release / name)
    worker = release / "worker"
    wheel = build_core_wheel(worker)
    zip_files(worker_files(), worker / "app.zip")
    precompile(
        modules / "pyodide",
        "sources",
        worker / "bytecode.zip",
        wheel,
        worker / "app.zip",
    )
    places = _places(vendor["pyodide"], wheel.name)
    (release / "static" / "places.mjs").write_text(places, encoding="utf-8")
    return named_by_contents(release).name


def page_files() -> dict[str, Path]:
    """The Python files of the page by their place: `app/page.py`, its views, the settings."""
    app = ROOT / "app"
    plain = _modules(app, without=ONLY_IN_WORKER | ONLY_AT_BUILD)
    views = _modules(app / "views", without=set())
    return {**plain, **views, "microgpt/settings.py": ROOT / "microgpt" / "settings.py"}


def worker_files() -> dict[str, Path]:
    """The app's Python files that the worker needs beside the core's wheel, by their place."""
    return _modules(ROOT / "app", without=ONLY_ON_PAGE | ONLY_AT_BUILD)


def _modules(folder: Path, without: set[str]) -> dict[str, Path]:
    return {
        file.relative_to(ROOT).as_posix(): file
        for file in sorted(folder.glob("*.py"))
        if file.name not in without
    }


def _static_files() -> dict[str, Path]:
    static = ROOT / "static"
    return {file.relative_to(ROOT).as_posix(): file for file in files_below(static)}


def _data_files() -> dict[str, Path]:
    """The texts and the trained models; not what describes or makes them."""
    folder = ROOT / "datasets"
    texts = [file for file in folder.glob("*.txt") if not file.name.startswith("requirements")]
    files = sorted([*texts, *files_below(folder / "models")])
    return {file.relative_to(ROOT).as_posix(): file for file in files}


def _places(pyodide: str, wheel: str) -> str:
    """The module that tells the worker where everything lies, relative to itself."""
    up = f"../../{pyodide}/"
    archives = [f"../worker/{name}" for name in (wheel, "app.zip", "bytecode.zip")]
    return (
        "// Made by the build: where the worker finds what it loads.\n"
        f'export {{ loadPyodide }} from "{up}pyodide.mjs";\n'
        "const here = (path) => new URL(path, import.meta.url).href;\n"
        f"export const pyodideFolder = here({json.dumps(up)});\n"
        f"export const library = here({json.dumps(up + LIBRARY)});\n"
        f"export const lockFile = here({json.dumps(up + LOCK_FILE)});\n"
        f"export const archives = {json.dumps(archives)}.map(here);\n"
    )
