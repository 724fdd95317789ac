"""The lens: what the model would say if it stopped early.

The residual stream after each stage is brought to the logits as the last one is, by the norm and
the matrix at the end, with gains and biases (nostalgebraist, "Interpreting GPT: the logit lens",
2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from microgpt.activations import Activations
from microgpt.interpret.parts import MLP_MATRIX, Anatomy, constants, layer_of
from microgpt.model import Weights
from microgpt.sampler import softmax
from microgpt.scalar.operations import FloatArithmetic, ScalarOperations
from microgpt.wasm.compiler.graph import Node, Symbol


@dataclass(frozen=True, slots=True)
class Stage:
    """A place in the residual stream: its name, and the activation that holds the stream there."""

    name: str
    source: str


def stages(anatomy: Anatomy) -> list[Stage]:
    """The stages in order: `embedding`, then `layer0.attention`, `layer0.mlp` and so on.

    The stream is where a branch is added to what it was computed from. A stage is named after its
    branch; with attention and MLP side by side it is `layer0`. A second stage of the same name gets
    a number, `layer0.mlp#2`.
    """
    return list(reversed(_Stream(anatomy).stages()))


def lens(
    anatomy: Anatomy, activations: Activations, weights: Weights, position: int
) -> list[tuple[str, list[float]]]:
    """For each stage its name and the probabilities of the next token there, (vocab_size,).

    Args:
        anatomy: the model's.
        activations: of the text.
        weights: the model's, by name.
        position: of the token that the model reads.
    """
    ops = ScalarOperations(FloatArithmetic())
    stream = _Stream(anatomy)
    result = []
    for stage in reversed(stream.stages()):
        held = {stream.last: activations.vector(stage.source, position)}
        for node in stream.end:
            inputs = [
                held[symbol] if symbol in held else activations.vector(symbol.name, position)
                for symbol in node.inputs
            ]
            if node.op == "linear":
                made = ops.linear(inputs[0], weights[node.weight])
            else:
                made = ops.apply(node.op, *inputs)
            held[node.outputs[0]] = made
        result.append((stage.name, softmax(held[anatomy.logits])))
    return result


class _Stream:
    """The residual stream of a model, from its end.

    `last` is the stream as it ends, `end` are the nodes behind it, in order.
    """

    def __init__(self, anatomy: Anatomy) -> None:
        self._anatomy, self._same = anatomy, constants(anatomy.graph)
        self._made_by = {node.outputs[0]: node for node in anatomy.graph.nodes}
        self.end, self.last = self._adjusting(anatomy.logits)
        matrix = self._made_by[self.last]
        if matrix.op == "linear":
            adjusting, self.last = self._adjusting(matrix.inputs[0])
            self.end = [*adjusting, matrix, *self.end]
        self._before: dict[Symbol, set[Symbol]] = {}  # what each symbol is computed from
        for node in anatomy.graph.nodes:
            found = set(node.inputs).union(*(self._before[symbol] for symbol in node.inputs))
            self._before.update(dict.fromkeys(node.outputs, found))

    def stages(self) -> list[Stage]:
        """The stages, last to first."""
        found: list[tuple[str, str]] = []
        here = self.last
        while True:
            # After a norm the stream is what was normed.
            inner = self._made_by[self._adjusting(here)[1]]
            before = self._before_branch(inner)
            if before is None:
                break
            (branch,) = (symbol for symbol in inner.inputs if symbol is not before)
            found.append((self._branch_name(branch, before), here.name))
            here = before
        embedding = not any(
            self._made_by[symbol].op in ("attention", "linear")
            for symbol in (here, *self._before[here])
            if symbol in self._made_by
        )
        found.append(("embedding" if embedding else here.name, here.name))
        return list(_unique(found))

    def _adjusting(self, here: Symbol) -> tuple[list[Node], Symbol]:
        """The norm, gains and biases that make `here`, in order, and what they are applied to."""
        found: list[Node] = []
        while True:
            node = self._made_by[here]
            if node.op == "rmsnorm":
                return [node, *found], node.inputs[0]
            varying = [symbol for symbol in node.inputs if symbol not in self._same]
            product = self._product_in_sum(node)
            if node.op in ("add", "multiply") and len(varying) == 1:
                found.insert(0, node)
                here = varying[0]
            elif product is not None:
                found = [product, node, *found]
                here = self._anatomy.carried(product)[0]
            else:
                return found, here

    def _product_in_sum(self, node: Node) -> Node | None:
        """Of a sum x + x * gains the product; None for any other node."""
        if node.op != "add":
            return None
        for x, other in (node.inputs, node.inputs[::-1]):
            product = self._made_by[other]
            if product in self._anatomy.factors and self._anatomy.carried(product) == [x]:
                return product
        return None

    def _before_branch(self, node: Node) -> Symbol | None:
        """Of a sum of the stream and a branch the stream; None for any other node."""
        if node.op != "add":
            return None
        a, b = node.inputs
        if a in self._before[b]:
            return a
        return b if b in self._before[a] else None

    def _branch_name(self, branch: Symbol, before: Symbol) -> str:
        """The branch's attention or its last matrix of an MLP; the layer if it has both."""
        inside = {branch, *self._before[branch]} - {before, *self._before[before]}
        names: dict[str, str] = {}
        for node in self._anatomy.graph.nodes:
            mlp = MLP_MATRIX.match(node.weight)
            if node.outputs[0] not in inside:
                continue
            if node.op == "attention":
                names["attention"] = f"{layer_of(node.outputs[0].name)}.attention"
            elif mlp:
                names["mlp"] = mlp[1]
        layers = set(map(layer_of, names.values()))
        if len(names) == 1:
            return next(iter(names.values()))
        return layers.pop() if len(layers) == 1 else branch.name


def _unique(last_to_first: list[tuple[str, str]]) -> Iterator[Stage]:
    names = [name for name, _ in last_to_first]
    for index, (name, source) in enumerate(last_to_first):
        number = names[index:].count(name)
        yield Stage(name if number == 1 else f"{name}#{number}", source)
