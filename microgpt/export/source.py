"""The text of the package's own modules, and where in it what stands."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from microgpt.settings import SettingError

Part = ast.stmt | ast.expr | ast.keyword


class ExportError(SettingError):
    """A run or a model cannot be exported as this kind of file; one sentence says why."""


class Source:
    """The text of a module, and where its parts are."""

    def __init__(self, text: str) -> None:
        self.bytes = text.encode()
        self.module = ast.parse(text)
        self._lines = [0]
        for line in self.bytes.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def function(self, function: Callable[..., Any]) -> ast.FunctionDef:
        """The definition of a function."""
        line = function.__code__.co_firstlineno  # that of its first decorator, if it has any
        for node in ast.walk(self.module):
            if isinstance(node, ast.FunctionDef):
                lines = [node.lineno, *(each.lineno for each in node.decorator_list)]
                if min(lines) == line:
                    return node
        raise ExportError(f"The source of {function.__name__}() is not here: try once more.")

    def constant(self, name: str) -> str:
        """The text of a module's constant; "" if there is none of this name."""
        for node in self.module.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and target.id == name:
                return ast.unparse(node.value)
        return ""

    def place(self, node: Part) -> tuple[int, int]:
        """The bytes that a part begins and ends before."""
        begin = self._lines[node.lineno - 1] + node.col_offset
        return begin, self._lines[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    def whole_lines(self, node: Part) -> tuple[int, int]:
        """The same of the lines that it stands on."""
        return self._lines[node.lineno - 1], self._lines[node.end_lineno or 0]


def source_of(function: Callable[..., Any]) -> Source:
    """The module that a function is from. Raises `ExportError` if its text is not here."""
    return _source(function.__code__.co_filename)


@lru_cache(maxsize=32)
def _source(file_name: str) -> Source:
    # As a trace does it, so that whoever has asked for this text once can do without the file.
    lines = linecache.getlines(file_name)
    if not lines:
        raise ExportError("The program's own source has not come yet: try once more.")
    return Source("".join(lines))


def constant_text(function: Callable[..., Any], name: str, value: object) -> str:
    """The text of a constant that a function uses, with this value."""
    return source_of(function).constant(name) or repr(value)
