"""Lays out third-party files: a folder each for Pyodide, PyScript, MicroPython, uPlot, fonts.

A folder's name ends in a hash of its contents, so browsers may cache it forever. Knows nothing of
the playground's own files.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.site.environment import node_and_npm, remove, run_tool, say
from app.site.imports import imported_files
from app.site.packages import ensure_browser_wheels, sha256
from app.site.tree import named_by_contents, tree_hash

BYTECODE_MODULE = Path(__file__).with_name("bytecode.py")
BYTECODE_SCRIPT = Path(__file__).with_name("precompile.mjs")
PYTHON_LIBRARY = "python_stdlib.zip"
PYODIDE_LOCK = "pyodide-lock.json"
PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
MICROPYTHON = "@micropython/micropython-webassembly-pyscript"
SANS = "@fontsource-variable/ibm-plex-sans"
MONO = "@fontsource/ibm-plex-mono"
FONT_SHEETS = ((SANS, ("wght.css",)), (MONO, ("400.css", "500.css", "600.css")))


def lay_out(modules: Path, cache: Path, site: Path) -> dict[str, str]:
    """Fills `site/vendor/` from the npm packages in `modules`.

    Returns the path of each folder within the site by its short name:
    `{"uplot": "vendor/uplot-1.6.32-0a1b2c3d", ...}`.
    """
    fillers: dict[str, tuple[str, Callable[[Path], None]]] = {
        "pyodide": ("pyodide", partial(_pyodide, modules / "pyodide", cache)),
        "pyscript": ("@pyscript/core", partial(_pyscript, modules / "@pyscript/core")),
        "micropython": (MICROPYTHON, partial(_micropython, modules / MICROPYTHON)),
        "uplot": ("uplot", partial(_uplot, modules / "uplot")),
        "fonts": (SANS, partial(_fonts, modules)),
    }
    folders = {}
    for name, (package, fill) in fillers.items():
        folder = site / "vendor" / f"{name}-{version_of(modules / package)}"
        folder.mkdir(parents=True)
        fill(folder)
        folders[name] = named_by_contents(folder).relative_to(site).as_posix()
    return folders


def version_of(package: Path) -> str:
    """The version of an npm package."""
    return str(json.loads((package / "package.json").read_text(encoding="utf-8"))["version"])


def _pyodide(package: Path, cache: Path, target: Path) -> None:
    """Pyodide with its library as bytecode, and packages with a lock file of the right hashes."""
    for name in PYODIDE_FILES:
        shutil.copyfile(package / name, target / name)
    shutil.copyfile(_compiled_library(package, cache), target / PYTHON_LIBRARY)
    wheels = ensure_browser_wheels(cache / "wheels")
    for wheel in wheels:
        shutil.copyfile(wheel, target / wheel.name)
    lock = json.loads((package / PYODIDE_LOCK).read_text(encoding="utf-8"))
    packages = {wheel.name.split("-")[0].replace("_", "-"): wheel for wheel in wheels}
    lock["packages"] = {
        name: _pinned(lock["packages"][name], wheel) for name, wheel in packages.items()
    }
    text = json.dumps(lock, indent=1, sort_keys=True)
    (target / PYODIDE_LOCK).write_text(text, encoding="utf-8")


def _pinned(entry: dict[str, object], wheel: Path) -> dict[str, object]:
    """A package's entry of Pyodide's lock file, changed to name the wheel that is here."""
    version = wheel.name.split("-")[1]
    return {**entry, "version": version, "file_name": wheel.name, "sha256": sha256(wheel)}


def _compiled_library(package: Path, cache: Path) -> Path:
    """Python's standard library as bytecode, compiled once for each version of Pyodide."""
    key = tree_hash([package / PYTHON_LIBRARY, BYTECODE_MODULE, BYTECODE_SCRIPT])
    library = cache / f"library-{key}.zip"
    if not library.is_file():
        say("Compiling Python's standard library")
        unfinished = library.with_suffix(".part")
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        precompile(package, "library", package / PYTHON_LIBRARY, unfinished)
        unfinished.replace(library)
    return library


def precompile(package: Path, what: str, *files: Path) -> None:
    """Runs `precompile.mjs` with the Pyodide in `package`."""
    unfinished = files[-1] if what == "library" else files[0]
    remove(unfinished)
    unfinished.touch()
    run_tool(
        [
            *(node_and_npm().node, str(BYTECODE_SCRIPT)),
            *(str(package), str(BYTECODE_MODULE), what),
            *map(str, files),
        ],
        "Pyodide could not compile the Python files: correct the error below.",
    )


def _pyscript(package: Path, target: Path) -> None:
    """PyScript's `core.js` and the chunks it may ask for; no source maps, no terminal."""
    for file in (package / "dist").iterdir():
        if file.suffix == ".js" and not file.name.startswith(("codemirror", "xterm")):
            shutil.copyfile(file, target / file.name)
    shutil.copyfile(package / "dist" / "core.css", target / "core.css")


def pyscript_library(modules: Path) -> dict[str, Path]:
    """The Python files that `import pyscript` runs, by relative path."""
    folder = modules / "@pyscript/core" / "src" / "stdlib"
    return imported_files(folder / "pyscript" / "__init__.py", folder)


def _micropython(package: Path, target: Path) -> None:
    for name in ("micropython.mjs", "micropython.wasm"):
        shutil.copyfile(package / name, target / name)


def _uplot(package: Path, target: Path) -> None:
    shutil.copyfile(package / "dist" / "uPlot.esm.js", target / "uPlot.esm.js")


def _fonts(modules: Path, target: Path) -> None:
    """The `.woff2` files."""
    for file in set(re.findall(r"url\((\S+?)\)", _font_faces(modules))):
        package = SANS if file.startswith("ibm-plex-sans") else MONO
        shutil.copyfile(modules / package / "files" / file, target / file)


def style_sheet(modules: Path, fonts: str) -> str:
    """The style sheets that packages bring, in one: every face of the fonts, and uPlot's.

    Args:
        modules: the npm packages.
        fonts: the relative address of the fonts' folder, as the sheet sees it.
    """
    faces = _font_faces(modules).replace("url(", f"url({fonts}/")
    return faces + (modules / "uplot" / "dist" / "uPlot.min.css").read_text(encoding="utf-8")


def _font_faces(modules: Path) -> str:
    """Every face of the fonts, with the bare names of `.woff2` files."""
    sheets = [modules / package / name for package, names in FONT_SHEETS for name in names]
    text = "\n".join(sheet.read_text(encoding="utf-8").strip() for sheet in sheets)
    return re.sub(r", url\(\S+\.woff\) format\('woff'\)", "", text).replace("./files/", "")
