"""Assembles the static site: everything that a browser needs, in one folder for any host.

A site is made beside its final place and moved there when it is whole. It holds a hash of what
it was made from, so an up-to-date site is not made again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from app.markup import index_html
from app.site import release, vendor
from app.site.compress import compress
from app.site.environment import ROOT, SetupError, remove, say, shown
from app.site.packages import LOCK, ensure_npm_packages
from app.site.release import PAGE, PAGE_ARCHIVE
from app.site.tree import files_below, tree_hash

CACHE = ROOT / "build" / "cache"
SITE = ROOT / "build" / "site"
LABEL = "build.json"
SOURCES = ("app", "datasets", "microgpt", "static")


def build(out: Path) -> Path:
    """Makes the site in the folder `out`, unless it is there and up to date; returns the folder.

    A folder that holds something else than a site is left alone, with an error.
    """
    out = out.resolve()
    inputs = inputs_hash()
    if _label(out).get("inputs") == inputs:
        return out
    if out.exists() and not _label(out) and not (out.is_dir() and not any(out.iterdir())):
        raise SetupError(
            f"{shown(out)} exists and is not a site made here, so it was left alone: name another "
            "folder, or remove it first."
        )
    say(f"Building the site in {shown(out)}")
    modules = ensure_npm_packages()
    part, old = out.with_name(f".{out.name}.part"), out.with_name(f".{out.name}.old")
    remove(part)
    remove(old)
    part.mkdir(parents=True)
    try:
        _assemble(part, modules, inputs)
        if out.exists():
            out.rename(old)
        part.rename(out)
    finally:
        remove(part)
        remove(old)
    return out


def inputs_hash() -> str:
    """A hash of every file that the site is made from."""
    files = [ROOT / "pyproject.toml", LOCK]
    for name in SOURCES:
        files += [path for path in files_below(ROOT / name) if "__pycache__" not in path.parts]
    return tree_hash(files, ROOT)


def _assemble(site: Path, modules: Path, inputs: str) -> None:
    folders = vendor.lay_out(modules, CACHE, site)
    own = release.lay_out(modules, site, folders)
    html = index_html(own, folders)
    hinted = html.replace("</head>", "".join(_hints(site, own, folders)) + "</head>", 1)
    (site / "index.html").write_text(hinted, encoding="utf-8")
    label = {"release": own, "vendor": folders, "inputs": inputs}
    (site / LABEL).write_text(json.dumps(label, indent=1), encoding="utf-8")
    compress(site, CACHE / "compressed")


def _hints(site: Path, own: str, folders: dict[str, str]) -> Iterator[str]:
    """Links that make the browser ask at once for what PyScript asks for one after another."""
    pyscript, micropython, uplot = (folders[name] for name in ("pyscript", "micropython", "uplot"))
    scripts = [path.relative_to(site).as_posix() for path in (site / pyscript).glob("core-*.js")]
    for name in (*scripts, f"{micropython}/micropython.mjs", f"{uplot}/uPlot.esm.js"):
        yield f'<link rel="modulepreload" href="{name}">\n'
    for name in (f"{micropython}/micropython.wasm", f"{own}/{PAGE_ARCHIVE}", f"{own}/{PAGE}"):
        yield f'<link rel="preload" as="fetch" crossorigin href="{name}">\n'


def _label(site: Path) -> dict[str, object]:
    """What a site says of itself; nothing where there is no site."""
    try:
        label = json.loads((site / LABEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return label if isinstance(label, dict) else {}
