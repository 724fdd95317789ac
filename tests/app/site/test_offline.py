"""What a browser keeps of a site, and the manifest that it is installed with."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.site.environment import ROOT
from app.site.offline import (
    DIGEST_LENGTH,
    MANIFEST,
    MASKABLE_ICON,
    SERVICE_WORKER,
    SERVICE_WORKER_SOURCE,
    maskable_icon,
    papers,
    write_manifest,
    write_service_worker,
)

FILES = {
    "index.html": b"<!doctype html>",
    "index.html.br": b"small",
    "r-1/page.bin": b"page",
    "r-1/page.bin.gz": b"small",
    "r-1/datasets/names.txt": b"anna",
    "vendor/uplot-1/uPlot.js": b"plot",
    "vendor/pyodide-2/python.zip": b"python",
    "vendor/pyodide-2/python.zip.br": b"small",
    "vendor/pyodide-2/notes.gz": b"a file of its own",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def constant(script: str, name: str) -> object:
    """The value of a constant that the build has written into the service worker."""
    found = re.search(rf"^const {name} = (.*?);$", script, re.MULTILINE | re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def digest(name: str) -> str:
    return hashlib.sha256(FILES[name]).hexdigest()[:DIGEST_LENGTH]


def test_the_service_worker_knows_every_file_once_and_not_compressed(site: Path) -> None:
    write_service_worker(site, "r-1")
    script = (site / SERVICE_WORKER).read_text(encoding="utf-8")
    assert constant(script, "RELEASE") == "r-1"
    assert constant(script, "PAGE") == digest("index.html")
    assert constant(script, "FOLDERS") == {
        "r-1": {
            "datasets/names.txt": digest("r-1/datasets/names.txt"),
            "page.bin": digest("r-1/page.bin"),
        },
        "vendor/pyodide-2": {
            "notes.gz": digest("vendor/pyodide-2/notes.gz"),
            "python.zip": digest("vendor/pyodide-2/python.zip"),
        },
        "vendor/uplot-1": {"uPlot.js": digest("vendor/uplot-1/uPlot.js")},
    }
    assert script.endswith(SERVICE_WORKER_SOURCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("changed", ["index.html", "r-1/page.bin", "vendor/uplot-1/uPlot.js"])
def test_any_change_of_the_site_changes_the_service_worker(site: Path, changed: str) -> None:
    """That is how a browser learns of a new release."""
    write_service_worker(site, "r-1")
    before = (site / SERVICE_WORKER).read_bytes()
    (site / changed).write_bytes(b"another")
    write_service_worker(site, "r-1")
    assert (site / SERVICE_WORKER).read_bytes() != before


def test_the_manifest_names_icons_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    write_manifest(tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["name"] == "microgpt playground"
    assert manifest["scope"] == manifest["start_url"] == "../"  # the site, wherever it is
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert (tmp_path / icon["src"]).is_file() or (ROOT / icon["src"]).is_file()
    assert (tmp_path / "static" / MASKABLE_ICON).is_file()


def test_the_colours_are_those_of_the_page() -> None:
    light, dark = papers()
    assert lightness(light) > 0.8 > 0.2 > lightness(dark)


def lightness(colour: str) -> float:
    """The mean of a colour's three parts, from 0 to 1."""
    return sum(bytes.fromhex(colour.removeprefix("#"))) / (3 * 255)


def test_the_icon_that_may_be_cut_is_filled_to_its_edges() -> None:
    tile = ElementTree.fromstring(maskable_icon())[0]
    assert (tile.get("width"), tile.get("height"), tile.get("x"), tile.get("rx")) == (
        *("32", "32"),
        *(None, None),
    )
    assert f'"{tile.get("fill")}"' in (ROOT / "static" / "icon.svg").read_text(encoding="utf-8")
