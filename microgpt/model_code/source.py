"""The repository's own model as model code: the text that an editor begins with."""

from __future__ import annotations

import ast
import inspect
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
    """The source of a function with plain arguments, each line of its body as it stands."""
    text = inspect.getsource(function)
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    names = ", ".join(argument.arg for argument in definition.args.args)
    body = text.splitlines(keepends=True)[definition.body[0].lineno - 1 :]
    return f"def {function.__name__}({names}):\n{''.join(body)}"
