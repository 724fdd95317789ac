"""The messages: plain data, each with one definition and one handler on the side it is for."""

from __future__ import annotations

import ast
import inspect
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from app.shared import commands, events
from tests.support.fakes import FakeWorker
from tests.support.imports import ROOT
from tests.support.messages import COMMANDS, EVENTS, Message, fits, without_blob

ALL = {**COMMANDS, **EVENTS}
PLAIN = {str: "a", int: 1, float: 0.5, bool: True, dict: {"temperature": 0.5}, object: b"blob"}


def example(annotation: Any) -> Any:
    """A value that fits an annotation, with every field that may be there."""
    parts = get_args(annotation)
    if is_typeddict(annotation):
        return {name: example(field) for name, field in get_type_hints(annotation).items()}
    origin = get_origin(annotation)
    if origin in (Literal, Union, UnionType):
        return parts[0] if origin is Literal else example(parts[0])
    if origin is list:
        return [example(parts[0])]
    if origin is tuple:
        return [example(part) for part in parts]
    if origin is dict:
        return {example(parts[0]): example(parts[1])}
    return PLAIN[annotation]


def page_handlers() -> list[str]:
    """The events in the table of handlers that the page makes, one by one."""
    tree = ast.parse((ROOT / "app" / "page" / "main.py").read_text(encoding="utf-8"))
    (table,) = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign)
        and ast.unparse(node.annotation).split(".")[-1] == "EventHandlers"
    ]
    assert isinstance(table, ast.Dict)
    return [ast.literal_eval(key) for key in table.keys if key is not None]


def test_there_are_messages_in_both_directions() -> None:
    assert {"load_data", "start", "pause", "resume", "step", "stop", "generate"} <= COMMANDS.keys()
    assert {"ready", "progress", "run_state", "model", "error", "fatal"} <= EVENTS.keys()
    assert not COMMANDS.keys() & EVENTS.keys()


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_message_is_plain_data_that_names_its_type(name: str) -> None:
    message: Message = example(ALL[name])
    assert message["type"] == name
    plain = {field: value for field, value in message.items() if field != "blob"}
    assert without_blob(message) == plain
    assert fits(message, ALL[name])


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_definition_makes_its_message(name: str) -> None:
    fields = example(ALL[name])
    assert ALL[name](**fields) == fields


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_message_with_a_wrong_field_does_not_fit(name: str) -> None:
    message = example(ALL[name])
    assert not fits({**message, "more": 1}, ALL[name])
    for field in ALL[name].__required_keys__ - {"blob"}:
        assert not fits({**message, field: print}, ALL[name]), field
        assert not fits({key: message[key] for key in message if key != field}, ALL[name]), field


@pytest.mark.parametrize(("side", "known"), [(commands, COMMANDS), (events, EVENTS)])
def test_no_definition_is_left_without_a_handler(side: Any, known: Message) -> None:
    defined = {
        definition
        for name, definition in inspect.getmembers(side, is_typeddict)
        if name.endswith(("Command", "Event"))
    }
    assert defined == set(known.values())


def test_every_command_has_its_one_handler_in_the_worker() -> None:
    handlers: Message = dict(FakeWorker().session._handlers)
    assert handlers.keys() == COMMANDS.keys()
    assert len(set(handlers.values())) == len(handlers)
    for handler in handlers.values():
        inspect.signature(handler).bind({})


def test_every_event_has_its_one_handler_on_the_page() -> None:
    handlers = page_handlers()
    assert sorted(handlers) == sorted(EVENTS)
