"""The model and its training written out as plainly as can be, to measure the scalar engine by.

Every product and every sum is a node of its own, the sort is recursive, and the garbage collector
runs as it likes. The losses are those of the scalar engine to the last bit. The caller
passes weights, documents and settings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights


class PlainValue:
    """A number that records what it was computed from."""

    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(
        self,
        data: float,
        children: tuple[PlainValue, ...] = (),
        local_grads: tuple[float, ...] = (),
    ) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_grads = local_grads

    def __add__(self, other: PlainValue | float) -> PlainValue:
        other = other if isinstance(other, PlainValue) else PlainValue(other)
        return PlainValue(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: PlainValue | float) -> PlainValue:
        other = other if isinstance(other, PlainValue) else PlainValue(other)
        return PlainValue(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> PlainValue:
        return PlainValue(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def __truediv__(self, other: PlainValue | float) -> PlainValue:
        return self * other**-1

    def __radd__(self, other: float) -> PlainValue:
        return self + other

    def exp(self) -> PlainValue:
        """e to the power of this number."""
        result = math.exp(self.data)
        return PlainValue(result, (self,), (result,))

    def log(self) -> PlainValue:
        """The natural logarithm."""
        return PlainValue(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> PlainValue:
        """This number where it is positive, else 0."""
        return PlainValue(max(0.0, self.data), (self,), (float(self.data > 0),))

    def backward(self) -> None:
        """Add this number's derivative by every node below it to the node's `grad`."""
        order: list[PlainValue] = []
        visit(self, order, set())
        self.grad = 1.0
        for node in reversed(order):
            for child, local_grad in zip(node.children, node.local_grads, strict=True):
                child.grad += local_grad * node.grad


def visit(node: PlainValue, order: list[PlainValue], seen: set[PlainValue]) -> None:
    """Append all that `node` was computed from to `order`, each behind its own children."""
    if node not in seen:
        seen.add(node)
        for child in node.children:
            visit(child, order, seen)
        order.append(node)


Vector = list[PlainValue]
Matrix = list[list[PlainValue]]


def linear(x: Vector, weight: Matrix) -> Vector:
    """The product of a matrix and a vector."""
    return [
        sum((w * element for w, element in zip(row, x, strict=True)), PlainValue(0.0))
        for row in weight
    ]


def softmax(logits: Vector) -> Vector:
    """Probabilities."""
    highest = max(logit.data for logit in logits)
    exps = [(logit + -highest).exp() for logit in logits]
    total = sum(exps, PlainValue(0.0))
    return [element / total for element in exps]


def rmsnorm(x: Vector) -> Vector:
    """A vector scaled so that the mean of its squares is 1."""
    mean_square = sum((element * element for element in x), PlainValue(0.0)) / len(x)
    scale = (mean_square + 1e-5) ** -0.5
    return [element * scale for element in x]


class PlainTraining:
    """A model and its optimizer.

    Args:
        config: the architecture.
        training: the settings of the run.
        weights: the initial weights.
    """

    def __init__(self, config: ModelConfig, training: TrainConfig, weights: Weights) -> None:
        self.config, self.training = config, training
        self.weights = {
            name: [[PlainValue(number) for number in row] for row in weights[name]]
            for name, _ in config.shapes
        }
        self.flat = [node for matrix in self.weights.values() for row in matrix for node in row]
        self.m = [0.0] * len(self.flat)
        self.v = [0.0] * len(self.flat)

    def step(self, number: int, document: Sequence[int]) -> float:
        """Train on one document; returns its loss."""
        config = self.config
        keys: list[Matrix] = [[] for _ in range(config.n_layer)]
        values: list[Matrix] = [[] for _ in range(config.n_layer)]
        losses = []
        for position in range(min(config.block_size, len(document) - 1)):
            logits = self.logits(document[position], position, keys, values)
            losses.append(softmax(logits)[document[position + 1]].log() * -1)
        loss = sum(losses, PlainValue(0.0)) * (1 / len(losses))
        loss.backward()
        self.update(number)
        return loss.data

    def logits(self, token: int, position: int, keys: list[Matrix], values: list[Matrix]) -> Vector:
        """What the model expects after one token, given those before it."""
        weights = self.weights
        pairs = zip(weights["wte"][token], weights["wpe"][position], strict=True)
        x = rmsnorm([t + p for t, p in pairs])
        for layer in range(self.config.n_layer):
            name = f"layer{layer}."
            normed = rmsnorm(x)
            q = linear(normed, weights[name + "attn_wq"])
            keys[layer].append(linear(normed, weights[name + "attn_wk"]))
            values[layer].append(linear(normed, weights[name + "attn_wv"]))
            mixed = linear(self.attend(q, keys[layer], values[layer]), weights[name + "attn_wo"])
            x = [a + b for a, b in zip(mixed, x, strict=True)]
            wide = linear(rmsnorm(x), weights[name + "mlp_fc1"])
            narrow = linear([element.relu() for element in wide], weights[name + "mlp_fc2"])
            x = [a + b for a, b in zip(narrow, x, strict=True)]
        return linear(x, weights["lm_head"])

    def attend(self, q: Vector, keys: Matrix, values: Matrix) -> Vector:
        """Every head's mixture of the values so far."""
        size = self.config.head_dim
        result = []
        for start in range(0, len(q), size):
            part = range(start, start + size)
            scores = [
                sum((q[i] * key[i] for i in part), PlainValue(0.0)) / size**0.5 for key in keys
            ]
            probs = softmax(scores)
            for i in part:
                pairs = zip(probs, values, strict=True)
                result.append(sum((prob * value[i] for prob, value in pairs), PlainValue(0.0)))
        return result

    def update(self, number: int) -> None:
        """One step of Adam."""
        config = self.training
        rate = config.learning_rate * (1 - number / config.num_steps)
        for i, node in enumerate(self.flat):
            self.m[i] = config.beta1 * self.m[i] + (1 - config.beta1) * node.grad
            self.v[i] = config.beta2 * self.v[i] + (1 - config.beta2) * node.grad**2
            mean = self.m[i] / (1 - config.beta1 ** (number + 1))
            square = self.v[i] / (1 - config.beta2 ** (number + 1))
            node.data -= rate * mean / (square**0.5 + config.eps)
            node.grad = 0.0
