"""Puts a `.br` and a `.gz` beside every file of a site that gets smaller by it.

What was compressed once is kept by the hash of its contents, so a rebuild compresses only what
changed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from app.site.environment import SetupError, node_and_npm, say
from app.site.packages import sha256
from app.site.tree import files_below

ENCODINGS = ("br", "gz")
ALREADY_SMALL = {".woff2", ".whl", ".png", ".br", ".gz", ".safetensors"}
WORTH_IT = 512  # bytes; below this the response's headers are as long as what is saved


def compress(site: Path, cache: Path) -> None:
    """Compresses the files of `site`, taking from `cache` what it already holds."""
    files = [path for path in files_below(site) if _worth_it(path)]
    kept = {path: cache / sha256(path) for path in files}
    missing = {target: path for path, target in kept.items() if not _all_there(target)}
    if missing:
        say(f"Compressing {len(missing)} files")
        cache.mkdir(parents=True, exist_ok=True)
        _run([(str(path), str(target)) for target, path in missing.items()])
    for path, target in kept.items():
        for encoding in ENCODINGS:
            companion = target.with_suffix(f".{encoding}")
            if companion.stat().st_size < path.stat().st_size:
                shutil.copyfile(companion, path.with_name(f"{path.name}.{encoding}"))


def _worth_it(path: Path) -> bool:
    return path.suffix not in ALREADY_SMALL and path.stat().st_size >= WORTH_IT


def _all_there(target: Path) -> bool:
    return all(target.with_suffix(f".{encoding}").is_file() for encoding in ENCODINGS)


def _run(pairs: list[tuple[str, str]]) -> None:
    script = Path(__file__).with_name("compress.mjs")
    done = subprocess.run(
        [node_and_npm().node, str(script)],
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise SetupError(f"The files of the site could not be compressed, mend this: {reason}")
