"""train3: positions and attention, so that the model can look back; residuals and RMSNorm.

New here: a vector for the position is added to the token's. Attention compares what a token looks
for, its query, with the keys of all tokens so far, and mixes their values. What attention and MLP
compute is added to what they read (a residual), which is scaled to one size before (RMSNorm).

`python -m microgpt progression 3` reaches a mean loss below 2.65 in steps 201 to 300, and below
2.55 in steps 901 to 1,000.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

N_EMBD = 16  # numbers that a token's vector has
BLOCK_SIZE = 16  # tokens that the model can look back on
INIT_STD = 0.08  # standard deviation of the initial weights
LEARNING_RATE = 0.1
NUM_STEPS, NUM_SAMPLES, TEMPERATURE = 1000, 20, 0.5
DATASETS = Path(__file__).parent.parent.parent / "datasets"


# ---- Automatic differentiation: numbers that remember how they were computed ---------------------
class Value:
    """A number in a graph; `backward()` computes its derivative by all that it came from."""

    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(
        self, data: float, children: Sequence[Value] = (), local_grads: Sequence[float] = ()
    ) -> None:
        self.data, self.grad = data, 0.0
        self.children, self.local_grads = children, local_grads  # derivatives by the children

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
        order: list[Value] = []  # each number after those that it was computed from
        seen, stack = set(), [(self, False)]
        while stack:
            value, children_are_in_order = stack.pop()
            if children_are_in_order:
                order.append(value)
            elif value not in seen:
                seen.add(value)
                stack.append((value, True))
                stack += [(child, False) for child in reversed(value.children) if child not in seen]
        self.grad = 1.0
        for value in reversed(order):
            for child, local_grad in zip(value.children, value.local_grads, strict=True):
                child.grad += local_grad * value.grad


# ---- The model -----------------------------------------------------------------------------------
Vector = list[Value]
Matrix = list[Vector]  # rows
Cache = tuple[Matrix, Matrix]  # keys and values of the tokens so far
Weights = dict[str, Matrix]
Line = dict[str, float | str]  # of the output


def init_weights(vocab_size: int) -> Weights:
    """All matrices, with random numbers."""
    shapes = {"wte": (vocab_size, N_EMBD)}
    shapes["wpe"] = (BLOCK_SIZE, N_EMBD)
    shapes["lm_head"] = (vocab_size, N_EMBD)
    for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
        shapes[name] = (N_EMBD, N_EMBD)
    shapes["mlp_fc1"] = (4 * N_EMBD, N_EMBD)
    shapes["mlp_fc2"] = (N_EMBD, 4 * N_EMBD)
    return {
        name: [[Value(random.gauss(0, INIT_STD)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in shapes.items()
    }


def dot(a: Vector, b: Vector) -> Value:
    """The sum of the products: one number of the graph, which is faster than many."""
    data = 0.0
    for x, y in zip(a, b, strict=True):
        data += x.data * y.data
    return Value(data, [*a, *b], [x.data for x in [*b, *a]])


def linear(x: Vector, weight: Matrix) -> Vector:
    """The product of a matrix and a vector."""
    return [dot(row, x) for row in weight]


def softmax(logits: Vector) -> Vector:
    """Probabilities: each logit's exponential over the sum of all."""
    highest = max(logit.data for logit in logits)  # subtracted so that no exponential overflows
    exps = [(logit + -highest).exp() for logit in logits]
    exp_sum = sum(exps, Value(0.0))
    return [exp / exp_sum for exp in exps]


def rmsnorm(x: Vector) -> Vector:
    """`x` scaled so that the mean of its squares is 1."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def attention(q: Vector, keys: Matrix, values: Matrix) -> Vector:
    """The query is compared with every key, and the values are mixed accordingly."""
    probs = softmax([dot(q, key) / len(q) ** 0.5 for key in keys])
    return [dot(probs, list(column)) for column in zip(*values, strict=True)]


def model(weights: Weights, token: int, position: int, cache: Cache) -> Vector:
    """One token in, the logits of the next one out; `cache` is for what later tokens look at."""
    x = [t + p for t, p in zip(weights["wte"][token], weights["wpe"][position], strict=True)]
    x = rmsnorm(x)
    keys, values = cache
    residual = x
    x = rmsnorm(x)
    q = linear(x, weights["attn_wq"])
    keys.append(linear(x, weights["attn_wk"]))
    values.append(linear(x, weights["attn_wv"]))
    x = attention(q, keys, values)
    x = linear(x, weights["attn_wo"])
    x = [xi + ri for xi, ri in zip(x, residual, strict=True)]

    residual = x
    x = rmsnorm(x)
    x = linear(x, weights["mlp_fc1"])
    x = [xi.relu() for xi in x]
    x = linear(x, weights["mlp_fc2"])
    x = [xi + ri for xi, ri in zip(x, residual, strict=True)]
    return linear(x, weights["lm_head"])


# ---- Training ------------------------------------------------------------------------------------
def train(weights: Weights, sequences: list[list[int]], num_steps: int) -> Iterator[float]:
    """Yield the loss of each step: one document, forward, backward, update."""
    flat = [value for matrix in weights.values() for row in matrix for value in row]
    for step in range(num_steps):
        tokens = sequences[step % len(sequences)]
        cache: Cache = ([], [])
        losses = []
        for position, target in enumerate(tokens[1:]):
            logits = model(weights, tokens[position], position, cache)
            losses.append(softmax(logits)[target].log() * -1)
        loss = sum(losses, Value(0.0)) * (1 / len(losses))
        loss.backward()

        for value in flat:
            value.data -= LEARNING_RATE * value.grad
            value.grad = 0.0
        yield loss.data


# ---- Writing, and the program --------------------------------------------------------------------
def write(weights: Weights, characters: list[str]) -> str:
    """One document, token by token, until the model ends it or the context is full."""
    cache: Cache = ([], [])
    token, text = len(characters), ""
    for position in range(BLOCK_SIZE):
        logits = model(weights, token, position, cache)
        probs = [prob.data for prob in softmax([logit / TEMPERATURE for logit in logits])]
        token = random.choices(range(len(probs)), weights=probs)[0]
        if token == len(characters):
            break
        text += characters[token]
    return text


def run(documents: list[str], num_steps: int, stop_after: int, seed: int) -> Iterator[Line]:
    """Train, then write; yield what there is to print, line by line."""
    random.seed(seed)
    random.shuffle(documents)
    characters = sorted(set("".join(documents)))
    bos = len(characters)  # the token that begins and ends a document; the others are characters
    sequences = [[bos, *map(characters.index, text), bos][: BLOCK_SIZE + 1] for text in documents]
    weights = init_weights(bos + 1)
    losses = train(weights, sequences, num_steps)
    for step in range(1, min(num_steps, stop_after) + 1):
        yield {"step": step, "loss": next(losses)}
    for _ in range(NUM_SAMPLES):
        yield {"sample": write(weights, characters)}


def main() -> None:
    """Read the options and the data, and print."""
    parser = argparse.ArgumentParser(description=__doc__, usage=argparse.SUPPRESS)
    parser.add_argument("--data", default="us-names", help="a data set, or a file of lines")
    parser.add_argument("--steps", type=int, default=NUM_STEPS)
    parser.add_argument("--stop-after", type=int, default=10**9, help="stop after this many steps")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    data_set = DATASETS / f"{options.data}.txt"
    try:
        text = (data_set if data_set.is_file() else Path(options.data)).read_text("utf-8")
    except (OSError, ValueError) as error:
        parser.error(f"'{options.data}' cannot be read: {error}")
    documents = [line.strip() for line in text.split("\n") if line.strip()]
    if not documents or min(options.steps, options.stop_after) < 1:
        parser.error("There must be at least one line of text and one step.")
    for line in run(documents, options.steps, options.stop_after, options.seed):
        words = " | ".join(f"{name} {value}" for name, value in line.items())
        print(json.dumps(line) if options.json else words, flush=True)


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # quietly: nobody waits for the rest
