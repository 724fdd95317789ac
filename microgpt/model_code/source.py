"""The repository's own model as model code: the text that an editor begins with."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from microgpt.model import gpt
from microgpt.shapes import parameter_shapes


@lru_cache(maxsize=1)
def default_source() -> str:
    """The two functions of the repository, without type annotations."""
    return "\n\n".join(without_annotations(function) for function in (parameter_shapes, gpt))


def without_annotations(function: Callable[..., Any]) -> str:
    """The source of a function of plain arguments, each line of its body as it stands."""
    # As a trace does it, so that whoever has asked for this text once can do without the file.
    lines = linecache.getlines(function.__code__.co_filename)
    definition = next(
        node
        for node in ast.parse("".join(lines)).body
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__
    )
    names = ", ".join(argument.arg for argument in definition.args.args)
    body = lines[definition.body[0].lineno - 1 : definition.end_lineno]
    return f"def {function.__name__}({names}):\n{''.join(body)}"
