"""Checks messages against their typed definitions: every field, down to the innermost value."""

from __future__ import annotations

import json
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from app.shared.commands import CommandHandlers
from app.shared.events import EventHandlers
from app.worker.validation import definitions

Message = dict[str, Any]

COMMANDS = definitions(CommandHandlers)
EVENTS = definitions(EventHandlers)


def without_blob(message: Message) -> Message:
    """A message as the other side receives it, after a trip through JSON, but for its blob."""
    fields = {name: value for name, value in message.items() if name != "blob"}
    received: Message = json.loads(json.dumps(fields, allow_nan=False))
    return received


def fits(value: Any, expected: Any) -> bool:
    """Whether a value is of the annotated type; a tuple may have become a list."""
    parts = get_args(expected)
    if is_typeddict(expected):
        fields = get_type_hints(expected)
        return (
            isinstance(value, dict)
            and expected.__required_keys__ <= value.keys() <= fields.keys()
            and all(fits(value[name], fields[name]) for name in value)
        )
    origin = get_origin(expected)
    if origin is Literal:
        return value in parts
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is list:
        return isinstance(value, list) and all(fits(item, parts[0]) for item in value)
    if origin is tuple:
        return (
            isinstance(value, list | tuple)
            and len(value) == len(parts)
            and all(map(fits, value, parts))
        )
    if origin is dict:
        return isinstance(value, dict) and all(fits(item, parts[1]) for item in value.values())
    if expected is float:
        return type(value) in (float, int)
    if expected is None:
        return value is None
    if expected in (str, int, bool, NoneType):
        return type(value) is expected
    return isinstance(value, expected)
