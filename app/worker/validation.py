"""Checks messages against their typed definitions at run time.

The type checker proves each side against the same definitions; this check is for what it cannot
see, such as a page and a worker of different versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_type_hints


class MessageError(ValueError):
    """A message does not match any definition."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The page does not match its Python ({problem}): reload the page.")


def definitions(handlers: type) -> dict[str, Any]:
    """The definition of each message by its type, from a table such as `CommandHandlers`.

    >>> from app.shared.commands import CommandHandlers
    >>> definitions(CommandHandlers)["ping"].__name__
    'PingCommand'
    """
    return {kind: get_args(handler)[0][0] for kind, handler in get_type_hints(handlers).items()}


def check_message(message: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raises `MessageError` unless the message has a known type, and the fields of that type."""
    kind = message.get("type")
    definition = known.get(kind) if isinstance(kind, str) else None
    if definition is None:
        raise MessageError(f"there is no message '{kind}'")
    missing = definition.__required_keys__ - message.keys()
    if missing:
        raise MessageError(f"the message '{kind}' lacks '{min(missing)}'")
    unknown = message.keys() - definition.__required_keys__ - definition.__optional_keys__
    if unknown:
        raise MessageError(f"the message '{kind}' has no field '{min(unknown)}'")
