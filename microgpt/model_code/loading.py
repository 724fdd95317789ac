"""From a text to the functions that it defines."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from microgpt.model import Operations
from microgpt.model_code import allowlist
from microgpt.model_code.definition import CODE_FILE_NAME, CodeError, ModelCode, running

MAX_RANGE = 100_000
# The operations that model code can use; `apply` finds them by name and is not for it.
OPERATION_NAMES = tuple(
    name for name in vars(Operations) if not name.startswith("_") and name != "apply"
)


@lru_cache(maxsize=32)
def load_code(source: str, trusted: bool = False) -> ModelCode:
    """The model that a text defines.

    Args:
        source: the text.
        trusted: whether it is the user's own, in a file that they name: then it may be any Python.

    Raises:
        CodeError: the text is no model; the sentence names the line.

    >>> load_code("import os")
    Traceback (most recent call last):
    microgpt.model_code.definition.CodeError: Line 1: nothing can be imported in model code; ...
    """
    names: dict[str, Any] = {"__name__": "model_code"}
    with running():  # an expression that is nested very deep is too much for the checks already
        if trusted:
            module = allowlist.parse(source)
            allowlist.check_functions(module)
        else:
            module = allowlist.check_source(source, OPERATION_NAMES)
            names["__builtins__"] = _builtins()
        exec(compile(module, CODE_FILE_NAME, "exec"), names)
    return ModelCode(source, trusted, names["parameter_shapes"], names["gpt"])


def _builtins() -> dict[str, Any]:
    found = __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__)
    return {name: found[name] for name in allowlist.BUILTINS} | {"range": _short_range}


def _short_range(*arguments: int) -> range:
    """`range`, but not a long one: whatever runs through it in one line could not be stopped."""
    found = range(*arguments)
    if len(found) > MAX_RANGE:
        raise CodeError(f"a range has {MAX_RANGE:,} numbers at most; make it shorter.")
    return found
