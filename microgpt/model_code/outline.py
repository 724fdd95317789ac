"""A model's graph as plain data, for pictures of it: operations with their lines, and matrices."""

from __future__ import annotations

from dataclasses import dataclass, replace

from microgpt.config import ModelConfig
from microgpt.model_code.loading import load_code
from microgpt.model_code.source import default_source
from microgpt.wasm.compiler.graph import Node
from microgpt.wasm.compiler.trace import trace


@dataclass(frozen=True, slots=True)
class OutlineNode:
    """One operation of a forward pass.

    Args:
        name: of its result, as the activations have it: `layer0.mlp_fc1.relu`.
        op: the operation.
        line: of the model's text, from 1.
        inputs: the nodes that it takes the results of, by their place in the outline.
        weight: the matrix that it uses, "" for none.
        index: which row an embedding looks up: `token` or `position`.
        size: how many numbers its result has for each token.
        heads: of an attention, else 1.
        detail: further arguments of the operation, such as `window 8`; "" for none.
    """

    name: str
    op: str
    line: int
    inputs: tuple[int, ...]
    weight: str
    index: str
    size: int
    heads: int
    detail: str


@dataclass(frozen=True, slots=True)
class MatrixOutline:
    """A matrix of weights, (rows, columns), and the first node that uses it; -1 for none."""

    name: str
    rows: int
    columns: int
    user: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A model: its nodes in order of computation, the last one being the logits; its matrices."""

    nodes: tuple[OutlineNode, ...]
    matrices: tuple[MatrixOutline, ...]

    @property
    def num_params(self) -> int:
        """How many weights there are in all."""
        return sum(matrix.rows * matrix.columns for matrix in self.matrices)


def outline(config: ModelConfig) -> Outline:
    """The outline of a model; without model code, with the lines of `default_source()`.

    Raises:
        CodeError: the model code is no model.

    >>> outline(ModelConfig(vocab_size=27)).nodes[0].name
    'wte'
    """
    if config.code is None:
        config = replace(config, code=load_code(default_source()))
    graph, logits = trace(config)
    places = {node.outputs[0]: place for place, node in enumerate(graph.nodes)}
    computed = graph.nodes[: places[logits] + 1]  # nothing comes of what is behind them
    nodes = tuple(
        OutlineNode(
            node.outputs[0].name,
            node.op,
            node.line,
            tuple(places[symbol] for symbol in node.inputs),
            node.weight,
            node.index,
            node.outputs[0].dimension.size,
            _heads(node),
            _detail(node),
        )
        for node in computed
    )
    users: dict[str, int] = {}
    for place, node in enumerate(computed):
        users.setdefault(node.weight, place)
    matrices = tuple(
        MatrixOutline(name, rows, columns, users.get(name, -1))
        for name, (rows, columns) in config.shapes
    )
    return Outline(nodes, matrices)


def _detail(node: Node) -> str:
    numbers = {name: value for name, value in node.parameters.items() if type(value) is int}
    switches = [name for name, value in node.parameters.items() if value is True]
    return ", ".join([*(f"{name} {value}" for name, value in numbers.items()), *switches])


def _heads(node: Node) -> int:
    return node.outputs[0].dimension.n_head if node.op == "attention" else 1
