"""Outlines of models, as the worker sends them: of real ones, of edited ones, of random graphs."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from app.shared.commands import DescribeCommand
from app.shared.events import OutlineEvent
from app.shared.models import NodeOutline
from app.worker.outlines import outline_event
from microgpt.config import ModelConfig
from microgpt.wasm.compiler.trace import trace
from tests.support.edited import MODELS, put_in_place

OPERATIONS = {"embed": 0, "linear": 1, "relu": 1, "rmsnorm": 1, "add": 2, "multiply": 2}
OPERATIONS |= {"attention": 3}


def outlined(code: str = "", **sizes: int) -> OutlineEvent:
    """The outline of a model: of the default sizes, but for those that are given."""
    defaults = {"vocab_size": 27, "n_embd": 16, "n_head": 4, "n_layer": 1, "block_size": 16}
    command = DescribeCommand(type="describe", number=1, code=code, sizes=defaults | sizes)
    message = outline_event(command)
    assert message["problem"] == ""
    return message


def node(op: str, inputs: list[int], number: int = 0, line: int = 1) -> NodeOutline:
    """An operation of 16 numbers; `number` tells its matrix from others."""
    weight = f"matrix{number}" if op in ("embed", "linear") else ""
    return NodeOutline(
        name=weight or f"{op}{number}",
        op=op,
        line=line,
        inputs=inputs,
        weight=weight,
        index="token" if op == "embed" else "",
        size=16,
        heads=2 if op == "attention" else 1,
        detail="",
    )


@st.composite
def graphs(draw: st.DrawFn, largest: int = 24) -> list[NodeOutline]:
    """Operations in order, each with results of any before it: no model anybody would write."""
    nodes = [node("embed", [])]
    for number in range(1, draw(st.integers(2, largest))):
        op = draw(st.sampled_from(sorted(OPERATIONS)))
        # Near ones are more frequent, as in models.
        places = st.integers(1, min(number, 6)) | st.integers(1, number)
        inputs = [number - draw(places) for _ in range(OPERATIONS[op])]
        nodes.append(node(op, inputs, number, draw(st.integers(1, 40))))
    return nodes


def edited_nodes(monkeypatch: pytest.MonkeyPatch, name: str) -> list[NodeOutline]:
    """The operations of an edited model, by its name in `edited.py`."""
    n_embd = 24 if "number of heads" in name else 16
    with monkeypatch.context() as patch:
        put_in_place(patch, MODELS[name])
        graph, _ = trace(ModelConfig(27, n_embd, 4, 2, 16))
    places = {each.outputs[0]: place for place, each in enumerate(graph.nodes)}
    return [
        NodeOutline(
            name=each.outputs[0].name,
            op=each.op,
            line=each.line,
            inputs=[places[symbol] for symbol in each.inputs],
            weight=each.weight,
            index=each.index,
            size=each.outputs[0].dimension.size,
            heads=each.outputs[0].dimension.n_head if each.op == "attention" else 1,
            detail="",
        )
        for each in graph.nodes
    ]
