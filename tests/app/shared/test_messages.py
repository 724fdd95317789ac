"""The messages: plain data, and understood on the side that they are for."""

from __future__ import annotations

import ast
import inspect
import json
from typing import Any

import pytest

from app.shared import commands, events
from app.worker.session import Session
from tests.support.fakes import makers
from tests.support.imports import ROOT

# Plain values for the parameters of every message.
VALUES: dict[str, Any] = {
    "name": "own",
    "settings": {"temperature": 0.5},
    "paused": False,
    "pace": "full",
    "count": 2,
    "seed": 3,
    "action": "next",
    "stage": 1,
    "of": 4,
    "what": "Python itself",
    "python": "3.14.2",
    "compiles": True,
    "engine": "wasm",
    "precision": "f32",
    "characters": ["a", "b"],
    "config": {"n_embd": 16},
    "about": {"source": "run"},
    "files": [["names.txt", 5]],
    "options": {"case": "lower"},
    "share": 0.5,
    "statistics": {"documents": 2},
    "reading": {"remarks": []},
    "num_docs": 5,
    "preview": ["ab"],
    "num_held_out": 1,
    "num_params": 100,
    "vocab_size": 27,
    "chars_per_token": 1.0,
    "documents": 2,
    "end": 1,
    "histogram": [{"first": 1, "last": 9, "documents": 2}],
    "cut": [[8, 1, 0.25]],
    "block_size": 16,
    "first": 0,
    "rows": [["a", "b", 5, 20]],
    "run": 1,
    "remarks": [],
    "step": 7,
    "held_out": [[7, 2.25]],
    "accuracy": [[7, 0.5]],
    "mark": "right",
    "right": 3,
    "seconds": 0.5,
    "text": "ab",
    "stop": "end",
    "state": "running",
    "number": 1,
    "prefix": [0],
    "length": 0,
    "choice": None,
    "upcoming": None,
    "message": "Something happened.",
}
ALL = {**makers(commands), **makers(events)}
# What the page's line to the worker deals with before anybody else.
BY_THE_LINK = {"fatal", "pong"}
PAGE_PARTS = ("main", "data_controller", "setup_controller", "run_controller")
PAGE_PARTS += ("generation_controller",)


def made(name: str) -> dict[str, Any]:
    """The message of that name with every required field."""
    parameters = inspect.signature(ALL[name]).parameters.values()
    fields = {p.name: VALUES[p.name] for p in parameters if p.default is p.empty}
    return ALL[name](**fields)


def handlers() -> set[str]:
    """The messages that the parts of the page have a function for."""
    names = set()
    for part in PAGE_PARTS:
        tree = ast.parse((ROOT / "app" / "page" / f"{part}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("on_"):
                names.add(node.name.removeprefix("on_"))
    return names


def test_there_are_messages_in_both_directions() -> None:
    assert {"data", "start", "pause", "resume", "step", "stop", "generate"} <= makers(
        commands
    ).keys()
    assert {"ready", "progress", "state", "model", "error", "fatal"} <= makers(events).keys()
    assert not makers(commands).keys() & makers(events).keys()


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_message_is_plain_data_that_names_its_type(name: str) -> None:
    message = made(name)
    assert message["type"] == name
    assert json.loads(json.dumps(message)) == message
    assert "blob" not in message, "a blob travels beside the message"


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_message_holds_every_field_that_its_maker_is_given(name: str) -> None:
    assert made(name).keys() == {"type", *inspect.signature(ALL[name]).parameters}


@pytest.mark.parametrize("name", sorted(makers(commands)))
def test_the_session_takes_every_field_of_a_command(name: str) -> None:
    handler = getattr(Session, f"_on_{name}")
    fields = {key: value for key, value in made(name).items() if key != "type"}
    parameters = inspect.signature(handler).parameters
    blob = {"blob": b""} if "blob" in parameters else {}
    inspect.signature(handler).bind(None, **fields, **blob)


def test_the_session_takes_no_command_that_the_page_cannot_send() -> None:
    taken = {name.removeprefix("_on_") for name in dir(Session) if name.startswith("_on_")}
    assert taken == makers(commands).keys()


def test_the_page_has_a_place_for_every_event() -> None:
    assert handlers() | BY_THE_LINK == makers(events).keys()
