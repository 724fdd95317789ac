"""Compiled models, kept in the user's cache folder, so that the next process need not compile them.

The key of each is made of everything that it depends on: the architecture and the source of the
compiler. Whatever goes wrong here, the model is compiled as if there were no cache.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

SWITCH = "MICROGPT_CACHE"  # an environment variable
ON = "on"  # its value with which modules are kept, which the command line sets if it has none
MAX_CACHE_BYTES = 20_000_000  # of all modules together; the oldest ones are deleted
DIGEST_BYTES = 32
PACKAGE = Path(__file__).resolve().parents[2]
# What is emitted depends on these, as patterns in the package.
SOURCES = ("*.py", "wasm/assembler/*.py", "wasm/compiler/*.py", "wasm/compiler/kernels/*.py")


def caching() -> bool:
    """Whether modules are kept.

    Only where somebody asks for it: a program that changes the compiler while it runs, to try a new
    operation, changes no source.
    """
    return os.environ.get(SWITCH) == ON


def cache_folder() -> Path:
    """The folder for this program in the user's cache folder, as each system has it."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "microgpt"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "microgpt"
    chosen = Path(os.environ.get("XDG_CACHE_HOME") or "")
    return (chosen if chosen.is_absolute() else home / ".cache") / "microgpt"


class ModuleCache:
    """What is kept of one compiled model.

    Args:
        description: of the model; two that are emitted differently differ here.
    """

    def __init__(self, description: str) -> None:
        self._path: Path | None = None
        if caching():
            try:
                self._path = cache_folder() / f"{_key(description)}.wasm"
            except (OSError, RuntimeError):  # there are no sources, or no home
                return

    def load(self) -> bytes | None:
        """What was kept; None if there is nothing, or it is damaged."""
        if self._path is None:
            return None
        try:
            content = self._path.read_bytes()
        except OSError:
            return None
        digest, kept = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        return kept if hashlib.sha256(kept).digest() == digest else None

    def keep(self, content: bytes) -> None:
        """Keep this for the next process, if that is possible."""
        if self._path is None:
            return
        import tempfile

        try:
            folder = self._path.parent
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, partial = tempfile.mkstemp(dir=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(hashlib.sha256(content).digest() + content)
                Path(partial).replace(self._path)  # at once, whoever reads it
            except OSError:
                Path(partial).unlink(missing_ok=True)
                raise
            _delete_oldest(folder)
        except OSError:
            return


def _key(description: str) -> str:
    found = hashlib.sha256(f"{sys.implementation.cache_tag} {description}".encode())
    sources = sorted(path for pattern in SOURCES for path in PACKAGE.glob(pattern))
    if not sources:
        raise FileNotFoundError(PACKAGE)
    for path in sources:
        found.update(path.read_bytes())
    return found.hexdigest()


def _delete_oldest(folder: Path) -> None:
    files = [(path, path.stat()) for path in folder.iterdir()]
    size = 0
    for path, status in sorted(files, key=lambda file: file[1].st_mtime, reverse=True):
        size += status.st_size
        if size > MAX_CACHE_BYTES:
            path.unlink(missing_ok=True)
