"""What lets a browser keep the site, and install it: the service worker, and the manifest.

The service worker is told of every file of the site, by its folder and with a digest, so that it
needs to trust neither the browser's cache nor the network.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from app.site.compress import COMPRESSED_SUFFIXES
from app.site.environment import ROOT
from app.site.packages import sha256
from app.site.tree import files_below

SERVICE_WORKER = "service_worker.js"
SERVICE_WORKER_SOURCE = ROOT / "static" / SERVICE_WORKER
MANIFEST = "manifest.webmanifest"
MASKABLE_ICON = "icon_maskable.svg"
ICON_SOURCE = ROOT / "static" / "icon.svg"
PICTURE_SIZES = (180, 512)  # pixels: of a telephone's home screen, and of what installs the page
MATERIALS = ROOT / "static" / "css" / "materials.css"
DIGEST_LENGTH = 16  # hexadecimal digits: enough to tell damage


def write_service_worker(site: Path, release: str, page: str = "index.html") -> None:
    """Writes the service worker of a site that is otherwise whole.

    Args:
        site: the folder of the site.
        release: the folder of this build's own files in it, as `r-3fa9c1d2`.
        page: the file that is shown at the address of the site.
    """
    folders: dict[str, dict[str, str]] = {}
    for folder in (site / release, *sorted((site / "vendor").iterdir())):
        folders[folder.relative_to(site).as_posix()] = {
            file.relative_to(folder).as_posix(): _digest(file)
            for file in files_below(folder)
            if not is_companion(file)
        }
    kept = {"RELEASE": release, "PAGE": _digest(site / page), "FOLDERS": folders}
    lines = [f"const {name} = {json.dumps(value, indent=1)};\n" for name, value in kept.items()]
    source = SERVICE_WORKER_SOURCE.read_text(encoding="utf-8")
    (site / SERVICE_WORKER).write_text("".join(lines) + source, encoding="utf-8")


def is_companion(file: Path) -> bool:
    """Whether a file of a site is another one compressed."""
    return file.suffix in COMPRESSED_SUFFIXES and file.with_suffix("").is_file()


def write_manifest(release: Path) -> None:
    """Writes the manifest, and an icon that may be cut to any shape, beside the other icon.

    Addresses in a manifest are relative to it, so it fits any address of the site.
    """
    paper, _ = papers()
    manifest = {
        "name": "microgpt playground",
        "short_name": "microgpt",
        "description": "Train a tiny GPT in your browser, and step through what it writes.",
        "lang": "en",
        "categories": ["education"],
        "id": "../",
        "start_url": "../",
        "scope": "../",
        "display": "standalone",
        "background_color": paper,
        "theme_color": paper,
        "icons": [
            _icon(f"static/{ICON_SOURCE.name}", "any"),
            _icon(f"static/{MASKABLE_ICON}", "maskable"),
            *(_picture(size, purpose) for size in PICTURE_SIZES for purpose in ("any", "maskable")),
        ],
    }
    (release / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    (release / "static" / MASKABLE_ICON).write_text(maskable_icon(), encoding="utf-8")


def papers() -> tuple[str, str]:
    """The colour of the page's paper, in light and in dark, as `#rrggbb`."""
    light, dark = re.findall(r"--paper: (#[0-9a-f]{6});", MATERIALS.read_text(encoding="utf-8"))
    return light, dark


def maskable_icon() -> str:
    """The icon with its tile from edge to edge: what is cut off of it is tile."""
    icon = ICON_SOURCE.read_text(encoding="utf-8")
    return re.sub(r'<rect [^>]*(fill="[^"]*")', r'<rect width="32" height="32" \1', icon, count=1)


def picture_of_icon(size: int) -> Path:
    """The maskable icon drawn `size` pixels wide, for systems that take no SVG."""
    return ROOT / "static" / f"icon_{size}.png"


def _icon(source: str, purpose: str) -> dict[str, str]:
    return {"src": source, "sizes": "any", "type": "image/svg+xml", "purpose": purpose}


def _picture(size: int, purpose: str) -> dict[str, str]:
    source = f"static/{picture_of_icon(size).name}"
    return {"src": source, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _digest(file: Path) -> str:
    return sha256(file)[:DIGEST_LENGTH]
