"""Puts a `.br` and a `.gz` companion beside every file of a site that they make smaller.

They are cached by the hash of the file's contents, so a rebuild compresses only what changed.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from app.site.environment import node_and_npm, run_tool, say
from app.site.packages import sha256
from app.site.tree import files_below

COMPRESSED_SUFFIXES = (".br", ".gz")
ALREADY_COMPRESSED = {".woff2", ".whl", ".png", ".br", ".gz", ".safetensors"}
MIN_BYTES = 512  # below this the headers of the response are as long as what is saved


def compress(site: Path, cache: Path) -> None:
    """Compresses the files of `site`; `cache` keeps the results."""
    files = [path for path in files_below(site) if _is_compressible(path)]
    cached = {path: cache / sha256(path) for path in files}
    missing = {target: path for path, target in cached.items() if not _is_complete(target)}
    if missing:
        say(f"Compressing {len(missing)} files")
        cache.mkdir(parents=True, exist_ok=True)
        run_tool(
            [node_and_npm().node, str(Path(__file__).with_name("compress.mjs"))],
            "The files of the site could not be compressed: correct the error below.",
            stdin=json.dumps([(str(path), str(target)) for target, path in missing.items()]),
        )
    for path, target in cached.items():
        for suffix in COMPRESSED_SUFFIXES:
            companion = target.with_suffix(suffix)
            if companion.stat().st_size < path.stat().st_size:
                shutil.copyfile(companion, path.with_name(path.name + suffix))


def _is_compressible(path: Path) -> bool:
    return path.suffix not in ALREADY_COMPRESSED and path.stat().st_size >= MIN_BYTES


def _is_complete(target: Path) -> bool:
    return all(target.with_suffix(suffix).is_file() for suffix in COMPRESSED_SUFFIXES)
