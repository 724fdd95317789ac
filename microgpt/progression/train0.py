"""train0: counts of pairs. No network and no gradient yet, but a language model already.

It counts how often each token follows each other one. The probabilities of the next token are these
counts, with one added to each, so that nothing is ever impossible.

`python -m microgpt progression 0` reaches a mean loss below 2.75 in steps 201 to 300, and below
2.65 in steps 901 to 1,000.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
from collections.abc import Iterator
from pathlib import Path

BLOCK_SIZE = 16  # tokens of a document that are read
NUM_STEPS, NUM_SAMPLES, TEMPERATURE = 1000, 20, 0.5
DATASETS = Path(__file__).parent.parent.parent / "datasets"

# ---- The model -----------------------------------------------------------------------------------
Vector = list[float]
Counts = list[list[int]]  # one row for each token, with the counts of those that follow it
Line = dict[str, float | str]  # of the output


def model(counts: Counts, token: int) -> Vector:
    """One token in, the probabilities of the next one out."""
    row = [count + 1 for count in counts[token]]
    return [count / sum(row) for count in row]


# ---- Training ------------------------------------------------------------------------------------
def train(counts: Counts, sequences: list[list[int]], num_steps: int) -> Iterator[float]:
    """Yield the loss of each step: one document, first predicted, then counted."""
    for step in range(num_steps):
        tokens = sequences[step % len(sequences)]
        losses = []
        for position, target in enumerate(tokens[1:]):
            probs = model(counts, tokens[position])
            losses.append(-math.log(probs[target]))

        for position, target in enumerate(tokens[1:]):
            counts[tokens[position]][target] += 1
        yield sum(losses) / len(losses)


# ---- Writing, and the program --------------------------------------------------------------------
def write(counts: Counts, characters: list[str]) -> str:
    """One document, token by token, until the model ends it or the context is full."""
    token, text = len(characters), ""
    for _ in range(BLOCK_SIZE):
        probs = [prob ** (1 / TEMPERATURE) for prob in model(counts, token)]
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
    counts = [[0] * (bos + 1) for _ in range(bos + 1)]
    losses = train(counts, sequences, num_steps)
    for step in range(1, min(num_steps, stop_after) + 1):
        yield {"step": step, "loss": next(losses)}
    for _ in range(NUM_SAMPLES):
        yield {"sample": write(counts, characters)}


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
