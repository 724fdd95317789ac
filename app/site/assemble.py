"""Assembles the static site: everything that a browser needs, in one folder for any host.

A site is made beside its final place and moved there when it is whole. It holds a hash of what
it was made from, so an up-to-date site is not made again.
"""

from __future__ import annotations

import json
from pathlib import Path

from app.markup import index_html
from app.site import release, vendor
from app.site.compress import compress
from app.site.environment import ROOT, SetupError, remove, say, shown
from app.site.packages import LOCK, ensure_npm_packages
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
    (site / "index.html").write_text(index_html(own, folders), encoding="utf-8")
    label = {"release": own, "vendor": folders, "inputs": inputs}
    (site / LABEL).write_text(json.dumps(label, indent=1), encoding="utf-8")
    compress(site, CACHE / "compressed")


def _label(site: Path) -> dict[str, object]:
    """What a site says of itself; nothing where there is no site."""
    try:
        label = json.loads((site / LABEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return label if isinstance(label, dict) else {}
