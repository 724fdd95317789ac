"""Votes: what each part of a model adds to the logits of the next token, exactly.

A part's vote is its numbers, brought to the logits by the matrices on the way (direct logit
attribution: Elhage and others, "A Mathematical Framework for Transformer Circuits", 2021). Votes
are direct: what later parts make of it counts as theirs.

Args of all functions: the model's `anatomy`, the `activations` of a text, the `weights` by name,
and the `position` of the token that the model reads at that moment. A direction is a number per
token: `{a: 1.0}` asks for the logit of token a, `{a: 1.0, e: -1.0}` for by how much a leads e.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import mul

from microgpt.activations import Activations
from microgpt.interpret.parts import Anatomy, Part
from microgpt.model import Weights
from microgpt.scalar.operations import RMSNORM_EPS
from microgpt.wasm.compiler.graph import Node

Direction = Mapping[int, float]


def votes(
    anatomy: Anatomy, activations: Activations, weights: Weights, position: int
) -> list[tuple[str, list[float]]]:
    """Each part with what it adds to every logit, (vocab_size,): they add up to the logits."""
    moment = _Moment(anatomy, activations, weights, position)
    return [(part.name, moment.forward(part)) for part in anatomy.parts]


def direct_votes(
    anatomy: Anatomy,
    activations: Activations,
    weights: Weights,
    position: int,
    direction: Direction,
) -> list[tuple[str, float]]:
    """Each part with its vote in one direction; much cheaper than those for all tokens.

    The direction is carried back to each part once: vote = (W^T direction) part.
    """
    moment = _Moment(anatomy, activations, weights, position)
    gradients = moment.backward(direction)
    return [(part.name, sum(moment.terms(part, gradients))) for part in anatomy.parts]


def head_positions(
    anatomy: Anatomy,
    activations: Activations,
    weights: Weights,
    position: int,
    part: Part,
    direction: Direction,
) -> list[float]:
    """What each position that a head reads adds to its vote, (position + 1,): weight times value.

    Above the first layer, a position holds more than its own token.
    """
    moment = _Moment(anatomy, activations, weights, position)
    gradient = moment.backward(direction, part)[part.source][part.begin : part.end]
    attention = activations.attention(part.weights, position)[part.head]
    values = activations.vectors(part.values)[: position + 1]
    return [
        weight * _dot(value[part.begin : part.end], gradient)
        for weight, value in zip(attention, values, strict=True)
    ]


def mlp_neurons(
    anatomy: Anatomy,
    activations: Activations,
    weights: Weights,
    position: int,
    part: Part,
    direction: Direction,
) -> list[float]:
    """What each hidden number of an MLP adds to its vote, (hidden size,)."""
    moment = _Moment(anatomy, activations, weights, position)
    gradient = moment.backward(direction, part)[part.source][part.begin : part.end]
    numbers = activations.vector(part.source, position)[part.begin : part.end]
    return list(map(mul, numbers, gradient))


class _Moment:
    """The linear ways from the parts to the logits, with the scales of one position."""

    def __init__(
        self, anatomy: Anatomy, activations: Activations, weights: Weights, position: int
    ) -> None:
        self._anatomy, self._activations = anatomy, activations
        self._weights, self._position = weights, position
        self._vectors: dict[str, list[float]] = {}
        self._scales = {node: self._scale(node) for node in anatomy.ways if node.op == "rmsnorm"}

    def forward(self, part: Part) -> list[float]:
        """The part, brought to the logits, (vocab_size,)."""
        start, vector = self._start(part)
        held = {start: vector}
        for node in self._anatomy.ways:
            carried = self._anatomy.carried(node)
            inputs = [held[symbol.name] for symbol in carried if symbol.name in held]
            name = node.outputs[0].name
            if not inputs or name in held:
                continue
            if node.op == "add":
                held[name] = list(map(sum, zip(*inputs, strict=True)))
            elif node.op == "rmsnorm":
                held[name] = [self._scales[node] * number for number in inputs[0]]
            elif node.op == "multiply":
                held[name] = list(map(mul, inputs[0], self._factor(node)))
            else:
                held[name] = [_dot(row, inputs[0]) for row in self._weights[node.weight]]
        return held[self._anatomy.logits.name]

    def backward(self, direction: Direction, part: Part | None = None) -> dict[str, list[float]]:
        """The direction, carried back to each part's carrier, and to the source of `part`."""
        logits, carriers = self._anatomy.logits, self._anatomy.carriers
        one_hot = [direction.get(token, 0.0) for token in range(logits.dimension.size)]
        gradients = {logits.name: one_hot}
        ends = {end for source, end in carriers.items() if part is None or source != part.source}
        for node in reversed(self._anatomy.ways):
            gradient = gradients.get(node.outputs[0].name)
            if gradient is None or node.outputs[0].name in ends:
                continue
            if node.op == "rmsnorm":
                gradient = [self._scales[node] * number for number in gradient]
            elif node.op == "multiply":
                gradient = list(map(mul, gradient, self._factor(node)))
            elif node.op == "linear":
                gradient = _transposed_product(self._weights[node.weight], gradient)
            for symbol in self._anatomy.carried(node):
                before = gradients.get(symbol.name)
                gradients[symbol.name] = (
                    gradient
                    if before is None
                    else [a + b for a, b in zip(before, gradient, strict=True)]
                )
        return gradients

    def terms(self, part: Part, gradients: Mapping[str, list[float]]) -> Iterable[float]:
        """The terms of a part's vote, number by number, from gradients as of `backward`."""
        start = self._anatomy.carriers[part.source]
        whole, gradient = self._vector(start), gradients[start]
        if start == part.source:
            whole, gradient = whole[part.begin : part.end], gradient[part.begin : part.end]
        return map(mul, whole, gradient)

    def _start(self, part: Part) -> tuple[str, list[float]]:
        """The activation furthest on that holds the part alone, and its numbers there."""
        start = self._anatomy.carriers[part.source]
        vector = self._vector(start)
        alone = start != part.source or part.end - part.begin == len(vector)
        if alone:
            return start, vector
        zeros = [0.0] * len(vector)
        zeros[part.begin : part.end] = vector[part.begin : part.end]
        return start, zeros

    def _vector(self, name: str) -> list[float]:
        if name not in self._vectors:
            self._vectors[name] = self._activations.vector(name, self._position)
        return self._vectors[name]

    def _factor(self, node: Node) -> list[float]:
        return self._vector(self._anatomy.factors[node].name)

    def _scale(self, node: Node) -> float:
        x = self._activations.vector(node.inputs[0].name, self._position)
        return float((_dot(x, x) / len(x) + RMSNORM_EPS) ** -0.5)


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return float(sum(map(mul, a, b)))


def _transposed_product(matrix: list[list[float]], vector: Sequence[float]) -> list[float]:
    """The product of the transposed `matrix` and `vector`; cheap where the vector has zeros."""
    rows = [(number, row) for number, row in zip(vector, matrix, strict=True) if number]
    if not rows:
        return [0.0] * len(matrix[0])
    numbers = [number for number, _ in rows]
    return [_dot(numbers, column) for column in zip(*(row for _, row in rows), strict=True)]
