"""Finds the modules that a file of this project imports, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules(*folders: str) -> dict[str, Path]:
    """Every module under `folders` by its full name: {"microgpt.model": .../model.py}."""
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return {module_name(path): path for path in paths}


def module_name(path: Path) -> str:
    """`microgpt.model` for <root>/microgpt/model.py, `microgpt` for its __init__.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """The full names of everything that `path` imports, also within functions.

    `from microgpt import model` counts as microgpt.model where there is such a module,
    and `from microgpt.model import gpt` as microgpt.model.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return set(_names(ast.walk(tree), path))


def imported_at_once(path: Path) -> set[str]:
    """The same, but only what is imported when `path` is: not within functions, or `if`s."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return set(_names(tree.body, path))


def _names(nodes: Iterable[ast.AST], path: Path) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, path)
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield name if _is_module(name) else base


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    """The module that a `from` import names, its leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    package = path.relative_to(ROOT).parent.parts
    parts = package[: len(package) - node.level + 1]
    return ".".join((*parts, *([node.module] if node.module else ())))


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
