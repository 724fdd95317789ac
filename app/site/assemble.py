"""Assembles the static site: everything that a browser needs, in one folder for any host.

A site is built beside its final place and moved there when it is whole. It holds a hash of its
inputs, so an up-to-date site is not built again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.site import BUILD_LABEL, release, vendor
from app.site.compress import compress
from app.site.environment import ROOT, SetupError, remove, say, shown
from app.site.markup import index_html
from app.site.offline import write_service_worker
from app.site.packages import NPM_LOCK, ensure_npm_packages
from app.site.release import PAGE_MODULES
from app.site.tree import files_below, tree_hash

CACHE = ROOT / "build" / "cache"
SITE = ROOT / "build" / "site"
SOURCE_FOLDERS = ("app", "datasets", "microgpt", "static")
STATIC_IMPORT = re.compile(r'^import [^;]*? from "\./(\w+)\.mjs";$', re.MULTILINE)
RELEASE_NAME = re.compile(r"r-[0-9a-f]+")


class BuildLabel(NamedTuple):
    """What `build.json` holds."""

    release: str  # the folder of our own files, as `r-3fa9c1d2`
    vendor: dict[str, str]  # the folders of third-party files by short name
    inputs: str  # the hash of what the site was built from


def build(out: Path) -> Path:
    """Builds the site in the folder `out`, unless it is there and up to date; returns the folder.

    Raises:
        SetupError: `out` holds something other than a site, and is left alone. (`SITE` is ours: it
            is replaced whatever it holds.)
    """
    out = out.resolve()
    inputs, label = inputs_hash(), _label(out)
    if label and label.inputs == inputs and _has_vendor(out, label):
        return out
    if not (label or out == SITE or _is_free(out)):
        raise SetupError(
            f"{shown(out)} exists and is not a whole site built here, so it was left alone: name "
            "another folder, or remove it first."
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
    """A hash of every file that the site is built from."""
    files = [ROOT / "pyproject.toml", NPM_LOCK]
    for name in SOURCE_FOLDERS:
        files += [path for path in files_below(ROOT / name) if "__pycache__" not in path.parts]
    return tree_hash(files, ROOT)


def _assemble(site: Path, modules: Path, inputs: str) -> None:
    folders = vendor.lay_out(modules, CACHE, site)
    own = release.lay_out(modules, site, folders)
    html = index_html(own, folders)
    hinted = html.replace("</template>", "".join(_hints(site, own, folders)) + "</template>", 1)
    (site / "index.html").write_text(hinted, encoding="utf-8")
    write_service_worker(site, own)
    compress(site, CACHE / "compressed")
    label = BuildLabel(own, folders, inputs)
    (site / BUILD_LABEL).write_text(json.dumps(label._asdict(), indent=1), encoding="utf-8")


def _hints(site: Path, own: str, folders: dict[str, str]) -> Iterator[str]:
    """Links for the browser to fetch at once what PyScript would fetch one after another."""
    pyscript, micropython, uplot = (folders[name] for name in ("pyscript", "micropython", "uplot"))
    scripts = [path.relative_to(site).as_posix() for path in (site / pyscript).glob("core-*.js")]
    scripts += [f"{own}/static/{name}.mjs" for name in first_scripts()]
    scripts += [f"{pyscript}/core.js"]
    for name in (*scripts, f"{micropython}/micropython.mjs", f"{uplot}/uPlot.esm.js"):
        yield f'<link rel="modulepreload" href="{name}">\n'
    for name in (f"{micropython}/micropython.wasm", f"{own}/{PAGE_MODULES}"):
        yield f'<link rel="preload" as="fetch" crossorigin href="{name}">\n'


def first_scripts() -> list[str]:
    """The names of the scripts that `page.mjs` imports before it runs; it fetches others later."""
    text = (ROOT / "static" / "page.mjs").read_text(encoding="utf-8")
    return STATIC_IMPORT.findall(text)


def _label(site: Path) -> BuildLabel | None:
    """The label of a site; None where there is no site built here, or a damaged one.

    A folder with a label may be replaced, so another program's `build.json` must not count as one.
    """
    try:
        found = json.loads((site / BUILD_LABEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or set(found) != set(BuildLabel._fields):
        return None
    label = BuildLabel(**found)
    named = RELEASE_NAME.fullmatch(str(label.release)) and (site / label.release).is_dir()
    return label if named and (site / "index.html").is_file() else None


def _has_vendor(site: Path, label: BuildLabel) -> bool:
    return all((site / folder).is_dir() for folder in label.vendor.values())


def _is_free(out: Path) -> bool:
    """Whether a site at `out` would replace nothing."""
    return not out.exists() or (out.is_dir() and not any(out.iterdir()))
