"""The arithmetic of one number of the model: how it was computed, down to the weights.

The scalar engine's operations run on values that remember what they are the result of; then every
number that the chosen one depends on can be asked for, with its gradient by `autograd.py`. Earlier
tokens take part through their keys and values, which are given: they do not depend on the newest
token. Weights, keys and values stay plain numbers until somebody asks for one, so that a recording
costs about as much as a step of inference and its gradient.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from microgpt.activations import Activations
from microgpt.autograd import Value, backward_in_parts, take_apart
from microgpt.config import ModelConfig
from microgpt.interpret.recording import (
    EARLIER,
    WEIGHT,
    Given,
    RecordedValue,
    RecordingOperations,
    product_of,
)
from microgpt.model import Weights, model_function
from microgpt.scalar.operations import Caches, FloatArithmetic, ScalarOperations, empty_caches
from microgpt.wasm.compiler.graph import Graph

STEPS_PER_YIELD = 20_000

Vectors = list[list[float]]  # (t, n_embd)
Earlier = dict[int, tuple[Vectors, Vectors]]  # keys and values, by the number of their cache


@dataclass(frozen=True, slots=True)
class Quantity:
    """Which number of the model.

    kind: `logit`, `probability` or `loss` of `token` as the next one; or the `score` (before the
        softmax) or `attention` (after it) with which `head` of the attention called `name` reads
        `position`.
    """

    kind: str
    token: int = 0
    name: str = ""
    head: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One number, and how it was computed.

    Args:
        name: `layer0.attn_wq[3]` for element 3 of that activation, `wte[5][3]` for a weight; ""
            for a number in the middle of an operation on vectors.
        operation: `+`, `*`, `power`, `exp`, `log`, `relu`, `sigmoid`, `function`, `sum`, `sum of
            products` (of its inputs two by two), or that of a number that is given: `weight`, or
            `earlier` for one that was computed at an earlier token.
        constant: the plain number that `+`, `*` and `power` have as their second operand, if any.
        value: the number.
        gradient: the derivative of the chosen number by this one.
        source: the line of `gpt()` that it comes from; "" for what comes after the logits.
        inputs: what it was computed from, as indices of the list of steps.
    """

    name: str
    operation: str
    constant: float | None
    value: float
    gradient: float
    source: str
    inputs: tuple[int, ...]


class Recording:
    """The computation of the newest token's logits, number by number.

    Args:
        config: the architecture.
        weights: the model's weights.
        tokens: the document so far, BOS first, at most `block_size` tokens.
        graph: the trace of `gpt()`, which has a name and a line of Python for each operation.
        earlier: the keys and values of the earlier tokens, of each attention (`earlier_tokens`);
            without them they are computed.
    """

    def __init__(
        self,
        config: ModelConfig,
        weights: Weights,
        tokens: Sequence[int],
        graph: Graph,
        earlier: Earlier | None = None,
    ) -> None:
        self.weights, self.nodes = weights, graph.nodes
        self.newest, self.position = tokens[-1], len(tokens) - 1
        self.ops = RecordingOperations()
        known = earlier or _earlier(config, weights, tokens[:-1])
        caches = self.ops.caches
        for number, (keys, values) in known.items():
            caches[number].keys, caches[number].values = list(keys), list(values)
        model = model_function(config)
        self.logits: list[RecordedValue] = model(
            self.ops, config, weights, self.newest, self.position, caches
        )

    def derive(self, quantity: Quantity) -> Generator[None, None, Derivation]:
        """How a number was computed. It can be called once; each yield is a yield point.

        Raises:
            KeyError: the model has no attention of that name.
            IndexError: there is no such token, head or position.
        """
        root = self._find(quantity)
        yield from backward_in_parts(root)
        take_apart([value for result in self.ops.results for value in result])
        return Derivation(self, root)

    def _find(self, quantity: Quantity) -> RecordedValue:
        kind, token = quantity.kind, quantity.token
        if kind in ("score", "attention"):
            places = {node.outputs[0].name: number for number, node in enumerate(self.nodes)}
            scores, weights = self.ops.heads[places[quantity.name]][quantity.head]
            begin = self.ops.begins[places[quantity.name]]
            if quantity.position < begin:
                raise IndexError(f"this attention reads nothing before position {begin}")
            return (scores if kind == "score" else weights)[quantity.position - begin]
        if kind == "logit":
            return self.logits[token]
        if kind == "probability":
            return self.ops.softmax(self.logits)[token]
        if kind == "loss":
            return self.ops.cross_entropy(self.logits, token)
        raise KeyError(f"there is no quantity called {kind!r}")


class Derivation:
    """The steps of a number's computation, each made when it is asked for; step 0 is the number.

    Args:
        recording: the computation, taken back to the gradients.
        root: the number.
    """

    def __init__(self, recording: Recording, root: RecordedValue) -> None:
        self._recording = recording
        # The number of the operation and the index in its result; of what is inside of attention
        # the head and the position, too.
        self._spots: dict[Value, tuple[int, int]] = {}
        self._heads: dict[Value, tuple[str, int, int]] = {}
        self._uses: dict[str, list[int]] = {}  # the operations that use a matrix of weights
        self._find_spots()
        self._items: list[RecordedValue | tuple[Given, float]] = [root]
        self._places: dict[RecordedValue | Given, int] = {root: 0}

    def __len__(self) -> int:
        """How many steps have been seen, as inputs of others."""
        return len(self._items)

    def step(self, place: int) -> Step:
        """The step at this index; those of its inputs are higher than those seen before."""
        item = self._items[place]
        if isinstance(item, tuple):
            given, value = item
            gradient = self._gradient(given)
            return Step(given.name, given.operation, None, value, gradient, "", ())
        return Step(
            self._name(item),
            item.operation,
            item.constant,
            item.data,
            item.grad,
            "" if item.number is None else self._recording.nodes[item.number].source,
            tuple(self._place(*operand) for operand in self._operands(item)),
        )

    def all_steps(self) -> Generator[None, None, list[Step]]:
        """Every number that the chosen one was computed from; each yield is a yield point."""
        steps: list[Step] = []
        while len(steps) < len(self._items):
            steps.append(self.step(len(steps)))
            if len(steps) % STEPS_PER_YIELD == 0:
                yield
        return steps

    # ----------------------------------------------------------------------------------------------

    def _find_spots(self) -> None:
        ops = self._recording.ops
        for number, result in enumerate(ops.results):
            weight = self._recording.nodes[number].weight
            if weight:
                self._uses.setdefault(weight, []).append(number)
            for index, value in enumerate(result):
                self._spots.setdefault(value, (number, index))
            for head, (scores, weights) in enumerate(ops.heads.get(number, ())):
                pairs = zip(scores, weights, strict=True)
                for position, (score, share) in enumerate(pairs, ops.begins[number]):
                    self._heads[score] = ("score", head, position)
                    self._heads[share] = ("weight", head, position)
                    self._heads[product_of(score)] = ("product", head, position)

    def _name(self, item: RecordedValue) -> str:
        if item in self._heads and item.number is not None:
            kind, head, position = self._heads[item]
            name = self._recording.nodes[item.number].outputs[0].name
            return "" if kind == "product" else f"{name}.head{head}.{kind}[{position}]"
        if item in self._spots:
            number, index = self._spots[item]
            return f"{self._recording.nodes[number].outputs[0].name}[{index}]"
        return ""

    def _operands(self, item: RecordedValue) -> list[tuple[RecordedValue | Given, float]]:
        """What a number was computed from, and its value; of a sum of products two by two."""
        if item.operands is None:
            found: list[Any] = list(item.inputs)
            return [(self._leaf(value), value.data) for value in found]
        pairs: list[tuple[RecordedValue | Given, float]] = []
        for index, pair in enumerate(zip(*item.operands, strict=True)):
            for operand in pair:
                if isinstance(operand, RecordedValue):
                    pairs.append((self._leaf(operand), operand.data))
                else:
                    pairs.append((self._given(item, index), operand))
        return pairs

    def _leaf(self, value: RecordedValue) -> RecordedValue | Given:
        """A row of an embedding consists of weights; anything else is itself."""
        if value.operation != WEIGHT:
            return value
        number, column = self._spots[value]
        return Given(self._recording.nodes[number].weight, self._row(number), column, WEIGHT)

    def _given(self, item: RecordedValue, index: int) -> Given:
        """The given number that is an operand of product `index` of a sum."""
        assert item.number is not None
        number, ops = item.number, self._recording.ops
        if item in self._heads:
            _, head, position = self._heads[item]
            head_dim = len(ops.results[number]) // len(ops.heads[number])
            return Given(
                f"{ops.cache_names[number]}.keys", position, head * head_dim + index, EARLIER
            )
        place = self._spots[item][1]
        if number in ops.heads:
            row = ops.begins[number] + index
            return Given(f"{ops.cache_names[number]}.values", row, place, EARLIER)
        return Given(self._recording.nodes[number].weight, place, index, WEIGHT)

    def _row(self, number: int) -> int:
        """Which row of its matrix an operation takes."""
        node = self._recording.nodes[number]
        if node.op == "row":
            return int(node.parameters["number"])
        return self._recording.newest if node.index == "token" else self._recording.position

    def _gradient(self, given: Given) -> float:
        """The derivative of the number by a given one: over all the products that it is in."""
        ops, column, total = self._recording.ops, given.column, 0.0
        if given.operation == EARLIER:
            for number in ops.heads:
                if given.matrix.startswith(ops.cache_names[number] + "."):
                    total += self._earlier_gradient(given, number)
            return total
        for number in self._uses[given.matrix]:
            result = ops.results[number]
            if self._recording.nodes[number].op == "linear":
                operands = result[given.row].operands
                assert operands is not None
                total += result[given.row].grad * operands[1][column].data
            elif self._row(number) == given.row:
                total += result[column].grad
        return total

    def _earlier_gradient(self, given: Given, number: int) -> float:
        """The part of `_gradient` that comes through one attention."""
        ops, column = self._recording.ops, given.column
        result = ops.results[number]
        head, element = divmod(column, len(result) // len(ops.heads[number]))
        scores, weights = ops.heads[number][head]
        place = given.row - ops.begins[number]
        if place < 0:
            return 0.0
        if given.matrix.endswith(".values"):
            return result[column].grad * weights[place].data
        product: Any = product_of(scores[place])
        return float(product.grad * product.operands[0][element].data)

    def _place(self, item: RecordedValue | Given, value: float) -> int:
        """The index of this step, which may be new."""
        if item not in self._places:
            self._places[item] = len(self._items)
            self._items.append((item, value) if isinstance(item, Given) else item)
        return self._places[item]


def attention_heads(graph: Graph) -> dict[str, int]:
    """The attentions of a model by name, and how many heads each has."""
    attentions = [node.outputs[0] for node in graph.nodes if node.op == "attention"]
    return {result.name: result.dimension.n_head for result in attentions}


def earlier_tokens(graph: Graph, activations: Activations) -> Earlier:
    """The keys and values of all tokens but the newest, of each attention.

    activations: of the document so far.
    """
    found = {}
    for node in graph.nodes:
        if node.op == "attention":
            keys, values = (activations.vectors(symbol.name)[:-1] for symbol in node.inputs[1:3])
            found[node.cache] = (keys, values)
    return found


def _earlier(config: ModelConfig, weights: Weights, tokens: Sequence[int]) -> Earlier:
    """The keys and values of these tokens, of each attention, computed."""
    known: Caches[float] = empty_caches()
    ops, model = ScalarOperations(FloatArithmetic()), model_function(config)
    for position, token in enumerate(tokens):
        model(ops, config, weights, token, position, known)
    return {number: (cache.keys, cache.values) for number, cache in known.items()}
