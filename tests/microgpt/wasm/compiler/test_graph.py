"""The graph: what it takes and refuses, the trace of `gpt` into it, and its gradient's outlines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from inspect import signature
from typing import Any

import pytest
from hypothesis import given

from microgpt.config import ModelConfig
from microgpt.model import Operations, UnknownOperationError
from microgpt.scalar import operations as scalar
from microgpt.scalar.operations import FloatArithmetic, ScalarOperations
from microgpt.wasm.compiler import trace as trace_module
from microgpt.wasm.compiler.gradient import differentiate
from microgpt.wasm.compiler.graph import (
    Dimension,
    Graph,
    GraphError,
    Node,
    Operation,
    Symbol,
    SymbolSpec,
)
from microgpt.wasm.compiler.trace import (
    POSITION,
    TOKEN,
    CacheHandle,
    MatrixHandle,
    SymbolicOperations,
    trace,
)
from tests.support.models import architectures

# All but `apply`, by which an engine finds those on vectors alone.
OPERATIONS = sorted(name for name in vars(Operations) if not name.startswith("_"))
OPERATIONS.remove("apply")
CONFIG = ModelConfig(vocab_size=5, n_embd=8, n_head=2, n_layer=2, block_size=6)
SHAPES = {"table": (5, 8), "square": (8, 8), "wide": (32, 8), "out": (5, 8)}


def traced(model: Callable[[SymbolicOperations], Symbol]) -> tuple[Graph, Symbol]:
    """A graph with the weights of `SHAPES`, and what `model` answers."""
    graph = Graph(SHAPES.items())
    return graph, model(SymbolicOperations(graph))


def attend(ops: SymbolicOperations, n_head: int, x: Symbol | None = None, cache: int = 0) -> Symbol:
    x = ops.embed(MatrixHandle("table"), TOKEN) if x is None else x
    return ops.attention(x, x, x, n_head, CacheHandle(cache))


# Of some operations the arguments that are no vectors.
PARAMETERS: dict[str, dict[str, int]] = {
    "rotate": {"n_head": 2},
    "repeat": {"n_head": 2, "times": 1},
}


def on_embeddings(name: str) -> Callable[[SymbolicOperations], Symbol]:
    """An operation on vectors alone, on as many embeddings as it takes."""
    parameters: dict[str, Any] = dict(PARAMETERS.get(name, {}))
    if name == "rotate":
        parameters["position"] = POSITION
    operands = len(signature(getattr(Operations, name)).parameters) - 1 - len(parameters)

    def model(ops: SymbolicOperations) -> Symbol:
        embeddings = [ops.embed(MatrixHandle("table"), index) for index in (TOKEN, POSITION)]
        result: Symbol = getattr(ops, name)(*embeddings[:operands], **parameters)
        return result

    return model


# Each operation of a model in a model that needs little else.
MODELS: dict[str, Callable[[SymbolicOperations], Symbol]] = {
    **{name: on_embeddings(name) for name in trace_module.VECTOR_OPERATIONS},
    "embed": lambda ops: ops.embed(MatrixHandle("table"), TOKEN),
    "row": lambda ops: ops.row(MatrixHandle("table"), 3),
    "linear": lambda ops: ops.linear(
        ops.embed(MatrixHandle("table"), TOKEN), MatrixHandle("square")
    ),
    "attention": lambda ops: attend(ops, 4),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_known_everywhere(name: str) -> None:
    """A new operation of `Operations` needs a scalar form, and a record with its kernels."""
    in_tables = [name in table for table in (scalar.SCALAR_FORMS, trace_module.VECTOR_OPERATIONS)]
    of_its_own = [name in vars(ops) for ops in (ScalarOperations, SymbolicOperations)]
    assert in_tables == [not own for own in of_its_own] in ([True, True], [False, False])
    graph, x = traced(lambda ops: ops.linear(MODELS[name](ops), MatrixHandle("out")))
    differentiate(graph, x)
    assert name in {node.op for node in graph.nodes}
    without_kernel = [node.op for node in graph.nodes if node.operation.emit is None]
    assert without_kernel == ["cross_entropy"]


def test_the_tables_hold_operations_of_the_model() -> None:
    assert set(trace_module.VECTOR_OPERATIONS) == set(scalar.SCALAR_FORMS) < set(OPERATIONS)


@pytest.mark.parametrize(
    "ops", [SymbolicOperations(Graph([])), ScalarOperations(FloatArithmetic())]
)
def test_an_unknown_operation_is_an_error_that_names_it(ops: Any) -> None:
    with pytest.raises(UnknownOperationError, match="'tanhh'; use one of add, "):
        ops.apply("tanhh", [1.0])
    with pytest.raises(AttributeError, match="tanhh"):
        ops.tanhh([1.0])


def expected_operations(n_layer: int) -> list[str]:
    """What `gpt` asks for, read off by hand."""
    attention = ["rmsnorm", *["linear"] * 3, "attention", "linear", "add"]
    mlp = ["rmsnorm", "linear", "relu", "linear", "add"]
    return ["embed", "embed", "add", "rmsnorm", *(attention + mlp) * n_layer, "linear"]


@given(architectures())
def test_the_trace_has_the_operations_of_gpt(config: ModelConfig) -> None:
    graph, logits = trace(config)
    assert [node.op for node in graph.nodes] == expected_operations(config.n_layer)
    assert logits.name == "lm_head"
    assert logits is graph.nodes[-1].outputs[0]
    weights = [node.weight for node in graph.nodes if node.weight]
    assert Counter(weights) == Counter(name for name, _ in config.shapes)
    for weight in graph.weights.values():
        assert (weight.rows.size, weight.columns.size) == dict(config.shapes)[weight.name]


def test_every_operation_remembers_its_line() -> None:
    graph, _ = trace(CONFIG)
    for node in graph.nodes:
        assert re.fullmatch(rf"model\.py:\d+: .*ops\.{node.op}\(.*", node.source)
    lines = [int(node.source.split(":")[1]) for node in graph.nodes]
    first = expected_operations(1)
    assert lines[: len(first) - 1] == sorted(lines[: len(first) - 1])


def test_values_are_called_after_what_made_them() -> None:
    graph, _ = trace(CONFIG)
    names = [value.name for node in graph.nodes for value in node.outputs]
    assert len(set(names)) == len(names)
    for layer in range(CONFIG.n_layer):
        for part in ("attn_wq", "attention", "attention.weights", "mlp_fc1", "mlp_fc1.relu"):
            assert f"layer{layer}.{part}" in names


def test_vectors_that_meet_are_of_one_dimension_and_heads_reach_no_further() -> None:
    graph, logits = trace(CONFIG)
    sizes = {v.name: v.dimension for node in graph.nodes for v in node.outputs}
    assert sizes["layer0.attn_wq"].n_head == sizes["layer1.attention"].n_head == CONFIG.n_head
    assert sizes["wte"].n_head == sizes["layer0.mlp_fc1"].n_head == logits.dimension.n_head == 1
    assert sizes["layer0.mlp_fc1.relu"].size == 4 * CONFIG.n_embd


def test_a_function_that_answers_with_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def embedding(
        ops: SymbolicOperations, _config: object, weights: Any, token: Any, *_: object
    ) -> Symbol:
        return ops.embed(weights["wte"], token)

    monkeypatch.setattr("microgpt.model.gpt", embedding)
    with pytest.raises(GraphError, match="returns 8 numbers, but there are 5 tokens"):
        trace(CONFIG)


def test_a_graph_prints_its_operations_below_their_lines() -> None:
    graph = Graph([("w", (4, 3))])
    weight = graph.weights["w"]
    (x,) = graph.add(
        Operation("embed"),
        (),
        [SymbolSpec("x", weight.columns)],
        weight="w",
        index="token",
        source="a.py:1: x",
    )
    (y,) = graph.add(
        Operation("linear"), (x,), [SymbolSpec("y", weight.rows)], weight="w", source="a.py:2: y"
    )
    graph.add(Operation("relu"), (y,), [SymbolSpec("y", weight.rows)], source="a.py:2: y")
    graph.add(Operation("weight_gradient"), (x, y), weight="w", source="gradient of a.py:2: y")
    assert str(graph).splitlines() == [
        "# a.py:1: x",
        "x (3) = embed([w], token)",
        "# a.py:2: y",
        "y (4) = linear(x, [w])",
        "y#2 (4) = relu(y)",
        "# gradient of a.py:2: y",
        "weight_gradient(x, y, [w])",
    ]
    assert weight.uses == ["embed", "linear", "weight_gradient"]


def test_a_value_that_is_used_before_it_is_made() -> None:
    graph = Graph([])
    (x,) = graph.add(Operation("embed"), (), [SymbolSpec("x", Dimension(3))])
    graph.add(Operation("relu"), (x,), [SymbolSpec("y", Dimension(3))])
    graph.nodes.reverse()
    with pytest.raises(GraphError, match=r"relu\(x\): x is used before it is made"):
        graph.check()


def test_a_value_that_is_made_twice() -> None:
    graph = Graph([])
    graph.add(Operation("embed"), (), [SymbolSpec("x", Dimension(3))])
    graph.nodes *= 2
    with pytest.raises(GraphError, match="x is made twice"):
        graph.check()


def test_a_weight_that_there_is_not() -> None:
    graph = Graph([("w", (4, 3))])
    graph.nodes.append(
        Node(Operation("embed"), (), (Symbol("x", Dimension(3)),), weight="v", index="token")
    )
    with pytest.raises(GraphError, match=r"embed\(\[v\], token\): there is no weight"):
        graph.check()


def test_dimensions_that_are_made_one_stay_one() -> None:
    a, b, c, d = (Dimension(6) for _ in range(4))
    a.unify(b)
    c.unify(d)
    b.unify(d)
    d.unify(a)
    assert [dimension.n_head for dimension in (a, b, c, d)] == [1] * 4
    c.unify(Dimension(6, 3))
    assert [dimension.n_head for dimension in (a, b, c, d)] == [3] * 4
    with pytest.raises(GraphError, match="cannot be divided among 3 heads and among 2"):
        a.unify(Dimension(6, 2))
    with pytest.raises(GraphError, match="vector of 6 numbers cannot meet one of 5"):
        b.unify(Dimension(5))
    assert (d.size, d.n_head) == (6, 3)


MISFITS: dict[str, Callable[[SymbolicOperations], Symbol]] = {
    "a vector of 32 numbers cannot meet one of 8": lambda ops: ops.add(
        ops.linear(ops.embed(MatrixHandle("table"), TOKEN), MatrixHandle("wide")),
        ops.embed(MatrixHandle("table"), TOKEN),
    ),
    "a vector of 8 numbers cannot meet one of 5": lambda ops: ops.multiply(
        ops.embed(MatrixHandle("table"), TOKEN),
        ops.linear(ops.embed(MatrixHandle("table"), TOKEN), MatrixHandle("out")),
    ),
    "a vector of 5 numbers cannot meet one of 8": lambda ops: ops.linear(
        ops.linear(ops.embed(MatrixHandle("table"), TOKEN), MatrixHandle("out")),
        MatrixHandle("square"),
    ),
    "8 numbers cannot be divided among 3 heads": lambda ops: attend(ops, 3),
    "cannot be divided among 4 heads and among 2": lambda ops: attend(ops, 2, attend(ops, 4), 1),
}


@pytest.mark.parametrize("message", MISFITS)
def test_vectors_that_do_not_fit_together(message: str) -> None:
    with pytest.raises(GraphError, match=message):
        traced(MISFITS[message])


def test_each_operation_is_differentiated_from_last_to_first() -> None:
    graph, logits = trace(CONFIG)
    forward = list(graph.nodes)
    differentiate(graph, logits)
    assert graph.nodes[: len(forward)] == forward
    loss, *backward = graph.nodes[len(forward) :]
    assert (loss.op, loss.inputs) == ("cross_entropy", (logits,))
    found = [node.op for node in backward if node.op.endswith("_gradient")]
    expected = {"add": [], "linear": ["linear_gradient", "weight_gradient"]}
    of_each = [expected.get(node.op, [f"{node.op}_gradient"]) for node in reversed(forward)]
    assert found == [op for ops in of_each for op in ops]
    sources = [node.source for node in forward if node.op != "add"]  # sums pass theirs on
    assert {node.source for node in backward} == {f"gradient of {source}" for source in sources}


def test_a_weight_is_used_up_before_its_gradient_may_change_it() -> None:
    graph, logits = trace(CONFIG)
    differentiate(graph, logits)
    for name in graph.weights:
        ops = [node.op for node in graph.nodes if node.weight == name]
        assert ops[-1] in ("weight_gradient", "embed_gradient")
        assert ops.count(ops[-1]) == 1


def test_what_the_loss_does_not_depend_on_has_no_gradient() -> None:
    def model(ops: SymbolicOperations) -> Symbol:
        x = ops.embed(MatrixHandle("table"), TOKEN)
        ops.relu(ops.linear(x, MatrixHandle("square")))
        return ops.linear(x, MatrixHandle("out"))

    graph, logits = traced(model)
    differentiate(graph, logits)
    assert graph.weights["square"].uses == ["linear"]
    assert "relu_gradient" not in {node.op for node in graph.nodes}


def test_gradients_of_a_value_that_is_used_several_times_add_up() -> None:
    def model(ops: SymbolicOperations) -> Symbol:
        x = ops.embed(MatrixHandle("table"), TOKEN)
        return ops.linear(ops.add(ops.relu(x), ops.multiply(x, ops.add(x, x))), MatrixHandle("out"))

    graph, logits = traced(model)
    differentiate(graph, logits)
    sums = [node for node in graph.nodes[5:] if node.op == "add"]
    # Four uses of x: by relu, by the product, and twice by its own sum.
    assert len(sums) == 3


def test_logits_that_are_shared_out_to_heads_are_refused() -> None:
    graph, x = traced(MODELS["attention"])
    with pytest.raises(GraphError, match="cannot be divided among"):
        differentiate(graph, x)


def test_an_operation_without_a_derivative_is_named() -> None:
    graph, x = traced(MODELS["embed"])
    (y,) = graph.add(Operation("floor"), (x,), [SymbolSpec("y", x.dimension)], source="a.py:1: y")
    with pytest.raises(GraphError, match=r"floor\(table\): floor has no derivative"):
        differentiate(graph, y)
