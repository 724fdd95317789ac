"""train4: several heads and a loop over layers. This is the GPT.

New here: each head has its own part of the vector, and compares and mixes it by itself, so that
several things can be looked up at a time; and layers follow each other, as many as one likes.

With the default options the mean loss of the last 100 steps is below LOSS4.

    python -m microgpt progression 4
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
N_LAYER = 1
N_HEAD = 4  # attention heads of a layer, which share a vector's numbers out among them
HEAD_DIM = N_EMBD // N_HEAD
BLOCK_SIZE = 16  # tokens that the model can look back on
INIT_STD = 0.08  # standard deviation of the initial weights
LEARNING_RATE = 0.3
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
    weights["wpe"] = matrix(BLOCK_SIZE, N_EMBD)
    weights["lm_head"] = matrix(vocab_size, N_EMBD)
    for layer in range(N_LAYER):
        for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
            weights[f"layer{layer}.{name}"] = matrix(N_EMBD, N_EMBD)
        weights[f"layer{layer}.mlp_fc1"] = matrix(4 * N_EMBD, N_EMBD)
        weights[f"layer{layer}.mlp_fc2"] = matrix(N_EMBD, 4 * N_EMBD)
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


def rmsnorm(x: Vector) -> Vector:
    """`x` scaled so that the mean of its squares is 1."""
    mean_square = total(xi * xi for xi in x) / len(x)
    scale = (mean_square + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def attention(q: Vector, keys: Matrix, values: Matrix) -> Vector:
    """Each head compares its part of the query with every key so far, and mixes the values."""
    x = []
    for start in range(0, N_EMBD, HEAD_DIM):
        part = range(start, start + HEAD_DIM)
        probs = softmax([total(q[i] * key[i] for i in part) / HEAD_DIM**0.5 for key in keys])
        x += [total(p * value[i] for p, value in zip(probs, values, strict=True)) for i in part]
    return x


def empty_caches() -> list[Matrix]:
    """Room for the keys, or the values, of each layer."""
    return [[] for _ in range(N_LAYER)]


def model(
    weights: Weights, token: int, position: int, keys: list[Matrix], values: list[Matrix]
) -> Vector:
    """One token in, the logits of the next one out; keys and values are those of each layer."""
    x = [t + p for t, p in zip(weights["wte"][token], weights["wpe"][position], strict=True)]
    x = rmsnorm(x)
    for layer in range(N_LAYER):
        residual = x
        x = rmsnorm(x)
        q = linear(x, weights[f"layer{layer}.attn_wq"])
        keys[layer].append(linear(x, weights[f"layer{layer}.attn_wk"]))
        values[layer].append(linear(x, weights[f"layer{layer}.attn_wv"]))
        x = attention(q, keys[layer], values[layer])
        x = linear(x, weights[f"layer{layer}.attn_wo"])
        x = [xi + ri for xi, ri in zip(x, residual, strict=True)]

        residual = x
        x = rmsnorm(x)
        x = linear(x, weights[f"layer{layer}.mlp_fc1"])
        x = [xi.relu() for xi in x]
        x = linear(x, weights[f"layer{layer}.mlp_fc2"])
        x = [xi + ri for xi, ri in zip(x, residual, strict=True)]
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
        keys, values, losses = empty_caches(), empty_caches(), []
        for position in range(min(BLOCK_SIZE, len(tokens) - 1)):
            logits = model(weights, tokens[position], position, keys, values)
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
    keys, values, token, text = empty_caches(), empty_caches(), len(characters), ""
    for position in range(BLOCK_SIZE):
        logits = model(weights, token, position, keys, values)
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
