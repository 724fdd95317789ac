"""Lays out the playground's own files: one folder, named by its contents, for each build.

The page gets one style sheet, and one file with the bytecode of `main.py` and all that it imports,
PyScript's own Python library among it. Each of its later parts is another such file with a sheet of
its own, fetched when wanted, as are the modules that npm packages are bundled with. The worker gets
the sources of the core and of the app's modules that its `main.py` imports, and their bytecode; the
worker of Learn gets more in a file of its own. What a module imports is read from its source. (A
bundle of Python has one module behind the other, for JavaScript to cut up: Python, and MicroPython
more so, would take longer to unpack an archive.)
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from app.shared.views import VIEW_NAMES
from app.site.bundles import BUNDLED, bundle
from app.site.code_texts import code_json, lab_json
from app.site.environment import ROOT, remove
from app.site.imports import imported_files
from app.site.offline import SERVICE_WORKER_SOURCE, write_manifest
from app.site.packages import build_core_wheel, compile_for_micropython
from app.site.tree import files_below, named_by_contents, zip_files
from app.site.vendor import PYODIDE_LOCK, PYTHON_LIBRARY, precompile, pyscript_library
from app.site.vendor import style_sheet as vendor_style_sheet

PAGE_ENTRY = "app/page/main.py"
PAGE_MODULES = "page.bin"
WORKER_ENTRY = "app/worker/main.py"
LEARNING_ENTRY = "app/learning/main.py"
PROGRAMS_FOLDER = "microgpt/progression/"
PROGRAMS_FILE = "programs.json"  # the texts of the progression, by number
# Python imports these itself where a text is read.
WORKER_CODECS = ("encodings.utf_8_sig", "encodings.utf_16", "encodings.utf_16_le")
CORE_PREFIX = "microgpt/"
CORE_INIT = f"{CORE_PREFIX}__init__.py"
SHEET_FOLDER = ROOT / "static" / "css"
# Materials first: the other sheets use its custom properties. A sheet overrides those before it.
SHEET_ORDER = (
    *("materials", "layout", "header", "controls", "dialog", "glossary", "rail", "more_ways"),
    *("data", "tokens", "training", "chart", "saving", "writing", "text", "case", "flow"),
    *("inside", "arrangement"),
)


class LaterPart(NamedTuple):
    """A part of the page that is fetched when it is first wanted: what lies in `app/page/NAME/`."""

    sheets: tuple[str, ...]  # from static/css/NAME/ on, in this order
    texts: tuple[tuple[str, Callable[[], str]], ...] = ()  # (name, contents) beside the modules


LATER = {
    "inside": LaterPart(sheets=("kit", *VIEW_NAMES)),
    "code": LaterPart(sheets=("panel",), texts=(("code.json", code_json),)),
    "steer": LaterPart(sheets=("steer",)),
    "share": LaterPart(sheets=("share", "arranging")),
    "runs": LaterPart(sheets=("runs",)),
    "models": LaterPart(sheets=("models",)),
    "meaning": LaterPart(sheets=("meaning",)),
    "closer": LaterPart(sheets=("closer",)),
    "lab": LaterPart(
        sheets=("../learn/lessons", "lab", "guess", "figure", "ranks", "sweep"),
        texts=(("lab.json", lab_json),),
    ),
    "learn": LaterPart(
        sheets=("../inside/kit", "../inside/arithmetic", "lessons", "learn", "program", "scalar")
    ),
}


def lay_out(modules: Path, site: Path, vendor: dict[str, str]) -> str:
    """Fills the folder of this release in `site`; returns its name, as `r-3fa9c1d2`."""
    release = site / "r"
    for name, file in {**_static_files(), **_data_files()}.items():
        (release / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, release / name)
    bundle(modules, release / "static")
    sheets = vendor_style_sheet(modules, f"../../{vendor['fonts']}") + style_sheet()
    (release / "static" / "page.css").write_text(sheets, encoding="utf-8")
    page = _compiled({**pyscript_library(modules), **page_files()})
    (release / PAGE_MODULES).write_bytes(b"".join(page.values()))
    later = {name: _lay_out_part(name, release) for name in LATER}
    (release / PROGRAMS_FILE).write_text(json.dumps(program_texts()), encoding="utf-8")
    write_manifest(release)
    worker = release / "worker"
    archives = [build_core_wheel(worker), worker / "app.zip"]
    zip_files(worker_files() | learning_files(), archives[1])
    bytecode = worker / "bytecode.zip"
    precompile(modules / "pyodide", "sources", bytecode, *archives)
    learning = learning_files().keys()

    def for_learning(entry: str) -> bool:
        return _source_of(entry) in learning

    def for_worker(entry: str) -> bool:
        return not (for_learning(entry) or entry.startswith(PROGRAMS_FOLDER))

    bundles = {
        "sources": _bundle(worker, "sources", archives, for_worker),
        "bytecode": _bundle(worker, "bytecode", [bytecode], for_worker),
        "learning": _bundle(worker, "learning", [*archives, bytecode], for_learning),
    }
    remove(archives[1])
    remove(bytecode)
    for name, places in (
        ("page_places.mjs", _page_places(vendor["pyscript"], page, later)),
        ("places.mjs", _places(vendor["pyodide"], bundles)),
    ):
        (release / "static" / name).write_text(places, encoding="utf-8")
    return named_by_contents(release).name


def style_sheet() -> str:
    """All our own style sheets that the page begins with, in one."""
    return _joined(SHEET_FOLDER, SHEET_ORDER)


def part_style_sheet(name: str) -> str:
    """The style sheets of a later part in one."""
    return _joined(SHEET_FOLDER / name, LATER[name].sheets)


def page_files() -> dict[str, Path]:
    """`app/page/main.py` and the Python files that it imports, by relative path."""
    parts = tuple(f"app.page.{name}" for name in LATER)
    found = imported_files(ROOT / PAGE_ENTRY, ROOT, without=parts)
    del found[CORE_INIT]  # the page has only the core's table of settings
    return found


def part_files(name: str) -> dict[str, Path]:
    """The Python files of a later part, without those that the page has."""
    entry = ROOT / "app" / "page" / name / "main.py"
    found, page = imported_files(entry, ROOT), page_files()
    return {file: found[file] for file in found if file not in page and file != CORE_INIT}


def program_texts() -> dict[str, str]:
    """The programs of the progression, by their numbers."""
    files = sorted((ROOT / PROGRAMS_FOLDER).glob("train*.py"))
    return {file.stem.removeprefix("train"): file.read_text(encoding="utf-8") for file in files}


def worker_files() -> dict[str, Path]:
    """The app's Python files that the worker needs beside the core's wheel, by relative path."""
    found = imported_files(ROOT / WORKER_ENTRY, ROOT)
    return {name: found[name] for name in found if not name.startswith(CORE_PREFIX)}


def learning_files() -> dict[str, Path]:
    """The app's Python files that only the worker of Learn needs, by relative path."""
    found, worker = imported_files(ROOT / LEARNING_ENTRY, ROOT), worker_files()
    return {
        name: found[name]
        for name in found
        if not name.startswith(CORE_PREFIX) and name not in worker
    }


def worker_modules() -> list[str]:
    """The dotted name of every module that the worker imports, at once or later."""
    own = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in imported_files(ROOT / WORKER_ENTRY, ROOT)
    ]
    return [*own, *WORKER_CODECS]


def _joined(folder: Path, names: Iterable[str]) -> str:
    return "\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in names)


def _lay_out_part(name: str, release: Path) -> dict[str, int]:
    """Writes a later part's modules and sheet; returns the sizes of what lies in the modules."""
    files = _compiled(part_files(name))
    for text, contents in LATER[name].texts:
        files[f"app/page/{name}/{text}"] = contents().encode()
    (release / f"{name}.bin").write_bytes(b"".join(files.values()))
    sheet = release / "static" / f"{name}.css"
    sheet.write_text(part_style_sheet(name), encoding="utf-8")
    return {file: len(data) for file, data in files.items()}


def _compiled(files: dict[str, Path]) -> dict[str, bytes]:
    """The bytecode for MicroPython of these files, by relative path."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = compile_for_micropython(files, Path(folder))
        return {name: file.read_bytes() for name, file in compiled.items()}


def _static_files() -> dict[str, Path]:
    static = ROOT / "static"
    others = {*files_below(SHEET_FOLDER), *BUNDLED, SERVICE_WORKER_SOURCE}
    files = set(files_below(static)) - others
    return {file.relative_to(ROOT).as_posix(): file for file in sorted(files)}


def _data_files() -> dict[str, Path]:
    """The texts and the trained models; not what describes or builds them."""
    folder = ROOT / "datasets"
    files = sorted([*folder.glob("*.txt"), *folder.glob("models/*.safetensors")])
    return {file.relative_to(ROOT).as_posix(): file for file in files}


def _page_places(pyscript: str, page: dict[str, bytes], later: dict[str, dict[str, int]]) -> str:
    """The JavaScript module that tells the page where PyScript and its own Python modules are."""
    sizes = json.dumps({name: len(data) for name, data in page.items()})
    parts = "".join(
        f'  {name}: {{ modules: here("../{name}.bin"), sheet: here("{name}.css"), '
        f"sizes: {json.dumps(sizes)} }},\n"
        for name, sizes in later.items()
    )
    return (
        "// Written by the build: what the page starts with.\n"
        f'export {{ hooks }} from "../../{pyscript}/core.js";\n'
        "const here = (path) => new URL(path, import.meta.url).href;\n"
        f'export const modules = here("../{PAGE_MODULES}");\n'
        f"export const sizes = {sizes}; // of the modules in it, one after the other\n"
        f'export const programs = here("../{PROGRAMS_FILE}");\n'
        f"export const later = {{\n{parts}}};\n"
    )


def _source_of(entry: str) -> str:
    """`app/x.py` for its bytecode `app/__pycache__/x.cpython-314.pyc`, and for itself."""
    folder, _, name = entry.replace("__pycache__/", "").rpartition("/")
    return f"{folder}/{name.split('.')[0]}.py"


def _bundle(
    folder: Path, name: str, archives: list[Path], wanted: Callable[[str], bool]
) -> dict[str, int]:
    """Writes the wanted files in `archives` to `NAME.bin`, one behind the other.

    Returns their sizes.
    """
    files: dict[str, bytes] = {}
    for archive in archives:
        with zipfile.ZipFile(archive) as opened:
            entries = filter(wanted, opened.namelist())
            files.update((entry, opened.read(entry)) for entry in entries)
    (folder / f"{name}.bin").write_bytes(b"".join(files.values()))
    return {entry: len(data) for entry, data in files.items()}


def _places(pyodide: str, bundles: dict[str, dict[str, int]]) -> str:
    """The JavaScript module that tells the worker where its files are, relative to itself."""
    up = f"../../{pyodide}/"
    exports = "".join(
        f'export const {name} = {{ address: here("../worker/{name}.bin"), '
        f"sizes: {json.dumps(sizes)} }};\n"
        for name, sizes in bundles.items()
    )
    return (
        "// Written by the build: the files that the worker loads.\n"
        f'export {{ loadPyodide, version as pyodideVersion }} from "{up}pyodide.mjs";\n'
        "const here = (path) => new URL(path, import.meta.url).href;\n"
        f"export const pyodideFolder = here({json.dumps(up)});\n"
        f"export const library = here({json.dumps(up + PYTHON_LIBRARY)});\n"
        f"export const lockFile = here({json.dumps(up + PYODIDE_LOCK)});\n"
        f"{exports}"
        f"export const modules = {json.dumps(worker_modules())};\n"
    )
