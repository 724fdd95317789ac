"""An operation that is not the library's: a scalar form, and a record with its two formulas."""

from __future__ import annotations

import math
from typing import Any

import pytest

from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.model import UnknownOperationError
from microgpt.scalar import operations
from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler import trace
from microgpt.wasm.compiler.compile import compile_model
from microgpt.wasm.compiler.graph import GraphError, Operation
from microgpt.wasm.compiler.kernels.elementwise import activation
from microgpt.wasm.compiler.kernels.kit import Kit
from tests.support.emitted import the_host
from tests.support.models import check_engines_agree, gradients_of, weights_of

CONFIG = ModelConfig(vocab_size=7, n_embd=12, n_head=3, n_layer=2, block_size=5)
DOCUMENTS = [[6, 0, 3, 2, 2, 6], [6, 1, 6], [6, 5, 4, 3, 2, 1, 0]]

pytestmark = pytest.mark.usefixtures("recompiling", "gpt_with_tanh")


def gpt_with_tanh(
    ops: Any, config: ModelConfig, weights: Any, token: Any, position: Any, caches: Any
) -> Any:
    """`gpt` with another activation and without the first norm."""
    x = ops.add(ops.embed(weights["wte"], token), ops.embed(weights["wpe"], position))
    for layer in range(config.n_layer):
        q, k, v = (ops.linear(x, weights[f"layer{layer}.attn_w{letter}"]) for letter in "qkv")
        x = ops.add(x, ops.attention(q, k, v, config.n_head, caches[layer]))
        hidden = ops.apply("tanh", ops.linear(ops.rmsnorm(x), weights[f"layer{layer}.mlp_fc1"]))
        x = ops.add(x, ops.linear(hidden, weights[f"layer{layer}.mlp_fc2"]))
    return ops.linear(x, weights["lm_head"])


def scalar_tanh(arithmetic: Any, x: list[Any]) -> list[Any]:
    def derivative(element: float) -> float:
        return 1 - math.tanh(element) ** 2

    return [arithmetic.function(math.tanh, derivative, element) for element in x]


def tanh(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    (x,) = operands
    two = kit.numbers.constant(f, 2.0)
    return kit.numbers.constant(f, 1.0) - two / (kit.numbers.exp(f, x + x) + 1.0)


def tanh_gradient(kit: Kit, f: Function, operands: list[Local]) -> Expression:
    x, dy = operands
    y = f.let(tanh(kit, f, [x]))
    return dy * (kit.numbers.constant(f, 1.0) - y * y)


TANH = activation("tanh", tanh, tanh_gradient)


@pytest.fixture(name="gpt_with_tanh")
def _in_every_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in (operations.SCALAR_FORMS, trace.VECTOR_OPERATIONS):
        monkeypatch.delitem(table, "tanh", raising=False)
    monkeypatch.setattr("microgpt.model.gpt", gpt_with_tanh)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_both_engines_compute_it(batch_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    the_host()
    monkeypatch.setitem(operations.SCALAR_FORMS, "tanh", scalar_tanh)
    monkeypatch.setitem(trace.VECTOR_OPERATIONS, "tanh", TANH)
    check_engines_agree(CONFIG, DOCUMENTS, batch_size)
    graph = str(compile_model(CONFIG).graph)
    assert "= tanh(layer0.mlp_fc1)" in graph
    assert "= tanh_gradient(layer0.mlp_fc1, " in graph
    assert "hidden = ops.apply(" in graph  # the line of the model that it comes from


@pytest.mark.parametrize("engine", ["scalar", "wasm"])
def test_without_it_the_error_names_it(engine: str) -> None:
    if engine == "wasm":
        the_host()
    with pytest.raises(UnknownOperationError, match="no operation 'tanh'; use one of add, "):
        gradients_of(create_engine(engine, CONFIG, weights_of(CONFIG)), DOCUMENTS)


def test_without_a_kernel_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    the_host()
    record = Operation("tanh", gradient=lambda _graph, _node, dy, _so_far: (dy,))
    monkeypatch.setitem(trace.VECTOR_OPERATIONS, "tanh", record)
    with pytest.raises(GraphError, match=r"tanh\(layer0.mlp_fc1\): tanh has no kernel"):
        create_engine("wasm", CONFIG, weights_of(CONFIG))


def test_without_a_derivative_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    the_host()
    monkeypatch.setitem(trace.VECTOR_OPERATIONS, "tanh", Operation("tanh", TANH.emit))
    with pytest.raises(GraphError, match=r"tanh\(layer1.mlp_fc1\): tanh has no derivative"):
        create_engine("wasm", CONFIG, weights_of(CONFIG))
