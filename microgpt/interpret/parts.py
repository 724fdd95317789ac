"""The parts of a model that speak for its tokens, found in the traced graph.

What reaches the logits by sums and products with matrices alone adds up to them: each logit is an
exact sum with one term per part (Elhage and others, "A Mathematical Framework for Transformer
Circuits", 2021). A norm on the way is a product with one number once its scale is frozen, at the
value that it has for this text; a product with what is the same for every token, such as learned
gains, is linear anyway. Where no linear way leads further back, a part begins: an embedding, the
heads of an attention, the hidden numbers of an MLP, a learned bias.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from microgpt.config import ModelConfig
from microgpt.wasm.compiler.graph import Graph, Node, Symbol
from microgpt.wasm.compiler.trace import trace

LINEAR_WAYS = ("add", "linear", "rmsnorm")
LAYER_OF_NAME = re.compile(r"(layer\d+)\.")
MLP_MATRIX = re.compile(r"(layer\d+\.mlp)")


@dataclass(frozen=True, slots=True)
class Part:
    """The numbers from `begin` to before `end` of the activation `source`.

    Of a head, `weights` names its attention weights and `values` the vectors that they weigh.
    """

    name: str
    source: str
    begin: int
    end: int
    weights: str = ""
    values: str = ""

    @property
    def head(self) -> int:
        """Of a head, its number in its attention."""
        return self.begin // (self.end - self.begin)


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A model's graph and the parts that its logits are the sum of.

    `parts` are in order of computation. `ways` are the nodes between them and the logits, in order:
    sums, products with matrices or with what is the same for every token, and norms with a frozen
    scale. `carriers` gives, for a part's source, the activation furthest on that still holds
    nothing else: an MLP's output. `factors` gives, for a product of two vectors on the ways, the
    one that is the same for every token.
    """

    graph: Graph
    logits: Symbol
    parts: list[Part]
    ways: list[Node]
    carriers: dict[str, str]
    factors: dict[Node, Symbol] = field(default_factory=dict)

    def carried(self, node: Node) -> list[Symbol]:
        """The inputs of one of the ways that the parts come through."""
        return carried(node, self.factors)

    @property
    def frozen(self) -> list[str]:
        """The norms whose scale is frozen, by the name of their result."""
        return [node.outputs[0].name for node in self.ways if node.op == "rmsnorm"]

    @property
    def attentions(self) -> list[str]:
        """The names of all attention weights, in order of computation."""
        return [node.outputs[1].name for node in self.graph.nodes if node.op == "attention"]


@lru_cache(maxsize=8)
def anatomy(config: ModelConfig) -> Anatomy:
    """The parts of the model of this architecture, found once; raises as the trace of `gpt()` does.

    Not to be modified.
    """
    return linear_parts(*trace(config))


def linear_parts(graph: Graph, logits: Symbol) -> Anatomy:
    """The parts of a model.

    They are called `token`, `position`, `layer0.head2` and `layer0.mlp`, if what they hold goes
    into a matrix of that MLP first; a second one of the same name is `layer0.mlp#2`. What is none
    of these has the name of its activation.

    Args:
        graph: its forward pass.
        logits: the result of the pass.
    """
    made_by = {node.outputs[0]: node for node in graph.nodes}
    factors = constant_factors(graph)
    reached = _reached(logits, made_by, factors)
    nodes = [node for node in graph.nodes if node.outputs[0] in reached]
    ways = [node for node in nodes if _is_way(node, factors)]
    sources = [node for node in nodes if not _is_way(node, factors)]
    parts: list[Part] = []
    taken: set[str] = set()
    carriers = {}
    for node in sources:
        source = node.outputs[0]
        matrices = list(_matrices_after(source, ways))
        found = named_parts(node, matrices[0].weight if matrices else "", taken)
        alone = len(found) == 1 and matrices
        carriers[source.name] = matrices[-1].outputs[0].name if alone else source.name
        parts += found
    return Anatomy(graph, logits, parts, ways, carriers, factors)


def named_parts(node: Node, into: str, taken: set[str]) -> list[Part]:
    """The parts that a node makes: the heads of an attention, or one part.

    Args:
        node: the node.
        into: the matrix that its result is multiplied with first, "" if it is added before.
        taken: the names that there are already; the new ones are added to it.
    """
    result = node.outputs[0]
    size = result.dimension.size
    if node.op == "attention":
        layer, weights, values = layer_of(result.name), node.outputs[1], node.inputs[2]
        heads = result.dimension.n_head
        names = [f"{layer}.head{head}" for head in range(heads)]
        number = next(k for k in range(1, len(taken) + 2) if _numbered(names[0], k) not in taken)
        names = [_numbered(name, number) for name in names]
        taken.update(names)
        width = size // heads
        return [
            Part(name, result.name, head * width, (head + 1) * width, weights.name, values.name)
            for head, name in enumerate(names)
        ]
    mlp = MLP_MATRIX.match(into)
    name = node.index if node.op == "embed" else mlp[1] if mlp else result.name
    number = next(k for k in range(1, len(taken) + 2) if _numbered(name, k) not in taken)
    taken.add(_numbered(name, number))
    return [Part(_numbered(name, number), result.name, 0, size)]


def is_mlp(name: str) -> bool:
    """Whether a part of this name is an MLP: its numbers are neurons."""
    return name.partition("#")[0].endswith(".mlp")


def layer_of(name: str) -> str:
    """The layer that an activation belongs to by its name, else the name itself."""
    found = LAYER_OF_NAME.match(name)
    return found[1] if found else name


def constants(graph: Graph) -> set[Symbol]:
    """What is the same for every token: rows of weights, and what is computed from them alone."""
    found: set[Symbol] = set()
    for node in graph.nodes:
        if node.op == "row" or (node.inputs and found.issuperset(node.inputs)):
            found.update(node.outputs)
    return found


def constant_factors(graph: Graph) -> dict[Node, Symbol]:
    """Of each product of two vectors of which one is the same for every token, that one."""
    same = constants(graph)
    return {
        node: next(symbol for symbol in reversed(node.inputs) if symbol in same)
        for node in graph.nodes
        if node.op == "multiply" and same.intersection(node.inputs)
    }


def carried(node: Node, factors: dict[Node, Symbol]) -> list[Symbol]:
    """The inputs of a node but for the factor that is the same for every token."""
    inputs = list(node.inputs)
    if node in factors:
        inputs.remove(factors[node])
    return inputs


def _is_way(node: Node, factors: dict[Node, Symbol]) -> bool:
    return node.op in LINEAR_WAYS or node in factors


def _reached(
    logits: Symbol, made_by: dict[Symbol, Node], factors: dict[Node, Symbol]
) -> set[Symbol]:
    """What the logits are the sum of, and all on the way: backward until a way is not linear."""
    reached: set[Symbol] = set()
    waiting = [logits]
    while waiting:
        symbol = waiting.pop()
        if symbol not in reached:
            reached.add(symbol)
            if _is_way(made_by[symbol], factors):
                waiting += carried(made_by[symbol], factors)
    return reached


def _matrices_after(symbol: Symbol, ways: list[Node]) -> Iterator[Node]:
    """The matrices that a result is multiplied with one after the other before it is added."""
    while True:
        uses = [node for node in ways if symbol in node.inputs]
        if len(uses) != 1 or uses[0].op != "linear":
            return
        yield uses[0]
        symbol = uses[0].outputs[0]


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}#{number}"
