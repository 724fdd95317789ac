"""Finds the files that a Python file imports, without running it.

Sees absolute `import` statements only, and modules below one folder.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def imported_files(entry: Path, root: Path, without: tuple[str, ...] = ()) -> dict[str, Path]:
    """`entry` and every file below `root` that it imports, directly or not, by relative path.

    without: the dotted names of packages whose imports are not followed.
    """
    left_out = tuple(f"{package}." for package in without)
    found: dict[str, Path] = {}
    waiting = [entry]
    while waiting:
        file = waiting.pop()
        name = file.relative_to(root).as_posix()
        if name not in found:
            found[name] = file
            for module in _modules_named(file):
                if not f"{module}.".startswith(left_out):
                    waiting += _files_of(module, root)
    return dict(sorted(found.items()))


def _modules_named(file: Path) -> Iterator[str]:
    """Every dotted name that may be a module: both `a` and `a.b` for `from a import b`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files_of(module: str, root: Path) -> Iterator[Path]:
    """The files that importing `a.b.c` runs: those of the packages `a` and `a.b`, then its own."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.is_file():
                yield file
