"""train2: the same network as train1, its gradients by automatic differentiation.

New here: `Value`, a number that remembers what it was computed from. The loss then knows its way
back to every weight, and no gradient needs to be worked out by hand any more.

With the default options the mean loss of the last 100 steps is below LOSS1: the losses are those of
train1.

    python -m microgpt progression 2
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from pathlib import Path

N_EMBD = 16  # numbers that a token's vector has
BLOCK_SIZE = 16  # tokens of a document that are read
INIT_STD = 0.2  # standard deviation of the initial weights
LEARNING_RATE = 0.2
NUM_STEPS = 1000
NUM_SAMPLES, TEMPERATURE = 20, 0.5
NAMES = Path(__file__).parents[2] / "datasets" / "us-names.txt"

# ---- Automatic differentiation: numbers that remember how they were computed ---------------------


class Value:
    """A number in a graph; `backward()` computes its gradient by all that it came from."""

    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(
        self, data: float, children: Sequence[Value] = (), local_grads: Sequence[float] = ()
    ) -> None:
        self.data, self.grad = data, 0.0
        self.children, self.local_grads = children, local_grads

    def __add__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float) -> Value:
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def __truediv__(self, other: Value | float) -> Value:
        return self * other**-1

    def exp(self) -> Value:
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self) -> Value:
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Value:
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def backward(self) -> None:
        """The chain rule, from this number back to the weights."""
        order: list[Value] = []  # each number behind those that it was computed from
        seen, path = {self}, [(self, iter(self.children))]
        while path:
            value, children = path[-1]
            child = next((child for child in children if child not in seen), None)
            if child is None:
                order.append(value)
                path.pop()
            else:
                seen.add(child)
                path.append((child, iter(child.children)))
        self.grad = 1.0
        for value in reversed(order):
            for child, local_grad in zip(value.children, value.local_grads, strict=True):
                child.grad += local_grad * value.grad


def total(values: Iterable[Value]) -> Value:
    """The sum, from left to right."""
    return reduce(Value.__add__, values, Value(0.0))


# ---- The model -----------------------------------------------------------------------------------

Vector = list[Value]
Matrix = list[Vector]  # rows
Weights = dict[str, Matrix]


def init_weights(vocab_size: int) -> Weights:
    """All matrices, with random numbers."""

    def matrix(rows: int, columns: int) -> Matrix:
        return [[Value(random.gauss(0, INIT_STD)) for _ in range(columns)] for _ in range(rows)]

    weights = {"wte": matrix(vocab_size, N_EMBD)}
    weights["lm_head"] = matrix(vocab_size, N_EMBD)
    weights["mlp_fc1"] = matrix(4 * N_EMBD, N_EMBD)
    weights["mlp_fc2"] = matrix(N_EMBD, 4 * N_EMBD)
    return weights


def linear(x: Vector, weight: Matrix) -> Vector:
    """The product of a matrix and a vector."""
    return [total(w * xi for w, xi in zip(row, x, strict=True)) for row in weight]


def softmax(logits: Vector) -> Vector:
    """Probabilities: each logit's exponential over the sum of all."""
    highest = max(logit.data for logit in logits)
    exps = [(logit + -highest).exp() for logit in logits]
    exp_sum = total(exps)
    return [exp / exp_sum for exp in exps]


def model(weights: Weights, token: int) -> Vector:
    """One token in, the logits of the next one out."""
    x = weights["wte"][token]
    x = linear(x, weights["mlp_fc1"])
    x = [xi.relu() for xi in x]
    x = linear(x, weights["mlp_fc2"])
    return linear(x, weights["lm_head"])


# ---- Training ------------------------------------------------------------------------------------


def train(
    weights: Weights, documents: Sequence[str], characters: list[str], num_steps: int
) -> Iterator[float]:
    """Yield the loss of each step: one document, forward, backward, update."""
    bos = len(characters)  # the token that begins and ends a document
    flat = [value for matrix in weights.values() for row in matrix for value in row]
    for step in range(num_steps):
        document = documents[step % len(documents)]
        tokens = [bos, *map(characters.index, document), bos]
        losses = []
        for position in range(min(BLOCK_SIZE, len(tokens) - 1)):
            logits = model(weights, tokens[position])
            losses.append(softmax(logits)[tokens[position + 1]].log() * -1)
        loss = total(losses) * (1 / len(losses))
        loss.backward()

        for value in flat:
            value.data -= LEARNING_RATE * value.grad
            value.grad = 0.0
        yield loss.data


# ---- Writing, and the program --------------------------------------------------------------------


def write(weights: Weights, characters: list[str]) -> str:
    """One document, token by token, until the model ends it or the context is full."""
    token, text = len(characters), ""
    for _ in range(BLOCK_SIZE):
        logits = model(weights, token)
        probs = [prob.data for prob in softmax([logit / TEMPERATURE for logit in logits])]
        token = random.choices(range(len(probs)), weights=probs)[0]
        if token == len(characters):
            break
        text += characters[token]
    return text


def main() -> None:
    """Train, then write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=NAMES, help="a text, one document a line")
    parser.add_argument("--steps", type=int, default=NUM_STEPS)
    parser.add_argument("--stop-after", type=int, help="stop after so many of the steps")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()

    random.seed(options.seed)
    documents = [*filter(None, map(str.strip, options.data.read_text("utf-8").split("\n")))]
    random.shuffle(documents)
    characters = sorted(set("".join(documents)))  # each is a token, and so is the end
    weights = init_weights(len(characters) + 1)
    for step, loss in enumerate(train(weights, documents, characters, options.steps), start=1):
        words = f"step {step:4} / {options.steps} | loss {loss:.4f}"
        print(json.dumps({"step": step, "loss": loss}) if options.json else words, flush=True)
        if step == options.stop_after:
            break
    for _ in range(NUM_SAMPLES):
        sample = write(weights, characters)
        print(json.dumps({"sample": sample}) if options.json else sample, flush=True)


if __name__ == "__main__":
    main()
