"""train1: an MLP, which learns by gradients that are worked out by hand.

New here: every token has a vector, and three matrices make the logits of the next token from it.
The chain rule, written out line by line, says how the loss changes with every weight, and each step
moves all of them a little downhill (SGD). Before that, some gradients are checked numerically.

`python -m microgpt progression 1` reaches a mean loss below 2.8 in steps 201 to 300, and below
2.7 in steps 901 to 1,000.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
from collections.abc import Iterator
from pathlib import Path

N_EMBD = 16  # numbers that a token's vector has
BLOCK_SIZE = 16  # tokens of a document that are read
INIT_STD = 0.3  # standard deviation of the initial weights
LEARNING_RATE = 0.1
NUM_STEPS, NUM_SAMPLES, TEMPERATURE = 1000, 20, 0.5
DATASETS = Path(__file__).parent.parent.parent / "datasets"

# ---- The model -----------------------------------------------------------------------------------
Vector = list[float]
Matrix = list[Vector]  # rows
Weights = dict[str, Matrix]
Line = dict[str, float | str]  # of the output


def init_weights(vocab_size: int) -> Weights:
    """All matrices, with random numbers."""
    shapes = {"wte": (vocab_size, N_EMBD)}
    shapes["lm_head"] = (vocab_size, N_EMBD)
    shapes["mlp_fc1"] = (4 * N_EMBD, N_EMBD)
    shapes["mlp_fc2"] = (N_EMBD, 4 * N_EMBD)
    return {
        name: [[random.gauss(0, INIT_STD) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in shapes.items()
    }


def dot(a: Vector, b: Vector) -> float:
    """The sum of the products."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def linear(x: Vector, weight: Matrix) -> Vector:
    """The product of a matrix and a vector."""
    return [dot(row, x) for row in weight]


def softmax(logits: Vector) -> Vector:
    """Probabilities: each logit's exponential over the sum of all."""
    highest = max(logits)  # subtracted so that no exponential overflows
    exps = [math.exp(logit - highest) for logit in logits]
    exp_sum = sum(exps)
    return [exp / exp_sum for exp in exps]


def model(weights: Weights, token: int) -> Vector:
    """One token in, the logits of the next one out."""
    x = weights["wte"][token]
    x = linear(x, weights["mlp_fc1"])
    x = [max(0.0, xi) for xi in x]
    x = linear(x, weights["mlp_fc2"])
    return linear(x, weights["lm_head"])


# ---- Training ------------------------------------------------------------------------------------
def loss_of(weights: Weights, tokens: list[int]) -> float:
    """The mean loss of a document's tokens."""
    losses = []
    for position, target in enumerate(tokens[1:]):
        logits = model(weights, tokens[position])
        losses.append(-math.log(softmax(logits)[target]))
    return sum(losses) / len(losses)


def gradients_of(weights: Weights, tokens: list[int]) -> Weights:
    """The derivative of `loss_of` by every weight."""
    gradients = {name: [[0.0] * len(row) for row in weights[name]] for name in weights}
    for position, target in enumerate(tokens[1:]):
        # Forward as in `model`, keeping what the way back needs.
        embedded = weights["wte"][tokens[position]]
        hidden = linear(embedded, weights["mlp_fc1"])
        active = [max(0.0, xi) for xi in hidden]
        x = linear(active, weights["mlp_fc2"])
        probs = softmax(linear(x, weights["lm_head"]))

        # Backward: `d_...` is the derivative of the loss by `...`. By the logits it is what the
        # probabilities are too high: the target's should be 1, all others 0.
        d_logits = [prob / (len(tokens) - 1) for prob in probs]
        d_logits[target] -= 1 / (len(tokens) - 1)
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
    return [dot([row[i] for row in weight], d_y) for i in range(len(x))]


def check_gradients(weights: Weights, tokens: list[int]) -> Iterator[Line]:
    """Yield the largest gradient in each matrix beside the slope there; raise if they differ."""
    gradients = gradients_of(weights, tokens)
    for name, matrix in weights.items():
        _, i, j = max(
            (abs(gradient), i, j)
            for i, row in enumerate(gradients[name])
            for j, gradient in enumerate(row)
        )
        weight, losses = matrix[i][j], []
        for nudged in (weight + 1e-7, weight - 1e-7):
            matrix[i][j] = nudged
            losses.append(loss_of(weights, tokens))
        matrix[i][j] = weight
        gradient, slope = gradients[name][i][j], (losses[0] - losses[1]) / 2e-7
        yield {"matrix": name, "gradient": gradient, "slope": slope}
        if not math.isclose(gradient, slope, rel_tol=1e-3, abs_tol=1e-6):
            raise ArithmeticError(f"The gradient of {name} is wrong: it is not the slope.")


def train(weights: Weights, sequences: list[list[int]], num_steps: int) -> Iterator[float]:
    """Yield the loss of each step: one document, forward, backward, update."""
    for step in range(num_steps):
        tokens = sequences[step % len(sequences)]
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


def run(documents: list[str], num_steps: int, stop_after: int, seed: int) -> Iterator[Line]:
    """Train, then write; yield what there is to print, line by line."""
    random.seed(seed)
    random.shuffle(documents)
    characters = sorted(set("".join(documents)))
    bos = len(characters)  # the token that begins and ends a document; the others are characters
    sequences = [[bos, *map(characters.index, text), bos][: BLOCK_SIZE + 1] for text in documents]
    weights = init_weights(bos + 1)
    yield from check_gradients(weights, sequences[0])
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
