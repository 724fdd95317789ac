"""train1: an MLP, which learns by gradients that are worked out by hand.

New here: every token has a vector, and three matrices make the logits of the next token from it.
The chain rule, written out line by line, says how the loss changes with every weight; each step
moves all of them a little downhill (SGD). Before the run the gradients are checked numerically.

With the default options the mean loss of the last 100 steps is below LOSS1.

    python -m microgpt progression 1
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

# ---- The model -----------------------------------------------------------------------------------

Vector = list[float]
Matrix = list[Vector]  # rows
Weights = dict[str, Matrix]


def init_weights(vocab_size: int) -> Weights:
    """All matrices, with random numbers."""

    def matrix(rows: int, columns: int) -> Matrix:
        return [[random.gauss(0, INIT_STD) for _ in range(columns)] for _ in range(rows)]

    weights = {"wte": matrix(vocab_size, N_EMBD)}
    weights["lm_head"] = matrix(vocab_size, N_EMBD)
    weights["mlp_fc1"] = matrix(4 * N_EMBD, N_EMBD)
    weights["mlp_fc2"] = matrix(N_EMBD, 4 * N_EMBD)
    return weights


def total(values: Iterable[float]) -> float:
    """The sum, from left to right."""
    return reduce(float.__add__, values, 0.0)


def linear(x: Vector, weight: Matrix) -> Vector:
    """The product of a matrix and a vector."""
    return [total(w * xi for w, xi in zip(row, x, strict=True)) for row in weight]


def softmax(logits: Vector) -> Vector:
    """Probabilities: each logit's exponential over the sum of all."""
    highest = max(logits)
    exps = [math.exp(logit - highest) for logit in logits]
    exp_sum = total(exps)
    return [exp / exp_sum for exp in exps]


def model(weights: Weights, token: int) -> Vector:
    """One token in, the logits of the next one out."""
    x = weights["wte"][token]
    x = linear(x, weights["mlp_fc1"])
    x = [max(0.0, xi) for xi in x]
    x = linear(x, weights["mlp_fc2"])
    return linear(x, weights["lm_head"])


# ---- Training ------------------------------------------------------------------------------------


def loss_of(weights: Weights, tokens: Sequence[int]) -> float:
    """The mean loss of a document's tokens."""
    losses = []
    for position in range(min(BLOCK_SIZE, len(tokens) - 1)):
        logits = model(weights, tokens[position])
        losses.append(-math.log(softmax(logits)[tokens[position + 1]]))
    return total(losses) / len(losses)


def gradients_of(weights: Weights, tokens: Sequence[int]) -> Weights:
    """The derivative of `loss_of` by every weight."""
    gradients = {name: [[0.0] * len(row) for row in weights[name]] for name in weights}
    count = min(BLOCK_SIZE, len(tokens) - 1)
    for position in range(count):
        # Forward, keeping what the way back needs.
        embedded = weights["wte"][tokens[position]]
        hidden = linear(embedded, weights["mlp_fc1"])
        active = [max(0.0, xi) for xi in hidden]
        x = linear(active, weights["mlp_fc2"])
        probs = softmax(linear(x, weights["lm_head"]))

        # Backward: `d_...` is the derivative of the loss by `...`.
        d_logits = [prob / count for prob in probs]
        d_logits[tokens[position + 1]] -= 1 / count
        d_x = linear_backward(d_logits, x, weights["lm_head"], gradients["lm_head"])
        d_active = linear_backward(d_x, active, weights["mlp_fc2"], gradients["mlp_fc2"])
        d_hidden = [d if xi > 0 else 0.0 for d, xi in zip(d_active, hidden, strict=True)]
        d_embedded = linear_backward(d_hidden, embedded, weights["mlp_fc1"], gradients["mlp_fc1"])
        for i, d in enumerate(d_embedded):
            gradients["wte"][tokens[position]][i] += d
    return gradients


def linear_backward(d_y: Vector, x: Vector, weight: Matrix, gradient: Matrix) -> Vector:
    """From the derivative by y = `weight` x to that by x; adds that by the weight to `gradient`."""
    for row, d in zip(gradient, d_y, strict=True):
        for i, xi in enumerate(x):
            row[i] += d * xi
    columns = zip(*weight, strict=True)
    return [total(w * d for w, d in zip(column, d_y, strict=True)) for column in columns]


def check_gradients(weights: Weights, tokens: Sequence[int]) -> None:
    """Compare a gradient in each matrix with the slope of the loss; raise if they differ."""
    gradients = gradients_of(weights, tokens)
    for name, matrix in weights.items():
        gradient, row, column = max(
            (abs(gradient), i, j)
            for i, row_of in enumerate(gradients[name])
            for j, gradient in enumerate(row_of)
        )
        kept, losses = matrix[row][column], []
        for shift in (1e-5, -1e-5):
            matrix[row][column] = kept + shift
            losses.append(loss_of(weights, tokens))
        matrix[row][column] = kept
        slope = abs(losses[0] - losses[1]) / 2e-5
        if not math.isclose(slope, gradient, rel_tol=1e-3):
            raise ArithmeticError(f"the gradient of {name} is {gradient}, but the slope {slope}")


def train(
    weights: Weights, documents: Sequence[str], characters: list[str], num_steps: int
) -> Iterator[float]:
    """Yield the loss of each step: one document, forward, backward, update."""
    bos = len(characters)  # the token that begins and ends a document
    for step in range(num_steps):
        document = documents[step % len(documents)]
        tokens = [bos, *map(characters.index, document), bos]
        if not step:
            check_gradients(weights, tokens)
        loss = loss_of(weights, tokens)
        gradients = gradients_of(weights, tokens)

        for name, matrix in weights.items():
            for row, row_gradients in zip(matrix, gradients[name], strict=True):
                for i, gradient in enumerate(row_gradients):
                    row[i] -= LEARNING_RATE * gradient
        yield loss


# ---- Writing, and the program --------------------------------------------------------------------


def write(weights: Weights, characters: list[str]) -> str:
    """One document, token by token, until the model ends it or the context is full."""
    token, text = len(characters), ""
    for _ in range(BLOCK_SIZE):
        logits = model(weights, token)
        probs = softmax([logit / TEMPERATURE for logit in logits])
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
