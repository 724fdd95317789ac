"""train0: counts of pairs. No network and no gradient yet, but a language model already.

It counts how often each token follows each other one. The next token's probabilities are its counts
so far, with one added to each, so that nothing is ever impossible.

With the default options the mean loss of the last 100 steps is below LOSS0.

    python -m microgpt progression 0
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

BLOCK_SIZE = 16  # tokens of a document that are read
NUM_STEPS = 1000
NUM_SAMPLES, TEMPERATURE = 20, 0.5
NAMES = Path(__file__).parents[2] / "datasets" / "us-names.txt"

# ---- The model -----------------------------------------------------------------------------------

Vector = list[float]
Counts = list[list[int]]  # one row for each token, with the counts of those that follow it


def model(counts: Counts, token: int) -> Vector:
    """One token in, the probabilities of the next one out."""
    row = [count + 1 for count in counts[token]]
    return [count / sum(row) for count in row]


# ---- Training ------------------------------------------------------------------------------------


def train(
    counts: Counts, documents: Sequence[str], characters: list[str], num_steps: int
) -> Iterator[float]:
    """Yield the loss of each step: one document, first predicted, then counted."""
    bos = len(characters)  # the token that begins and ends a document
    for step in range(num_steps):
        document = documents[step % len(documents)]
        tokens = [bos, *map(characters.index, document), bos]
        losses = []
        for position in range(min(BLOCK_SIZE, len(tokens) - 1)):
            probs = model(counts, tokens[position])
            losses.append(-math.log(probs[tokens[position + 1]]))
        loss = sum(losses) / len(losses)

        for position in range(min(BLOCK_SIZE, len(tokens) - 1)):
            counts[tokens[position]][tokens[position + 1]] += 1
        yield loss


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
    counts = [[0] * (len(characters) + 1) for _ in range(len(characters) + 1)]
    for step, loss in enumerate(train(counts, documents, characters, options.steps), start=1):
        words = f"step {step:4} / {options.steps} | loss {loss:.4f}"
        print(json.dumps({"step": step, "loss": loss}) if options.json else words, flush=True)
        if step == options.stop_after:
            break
    for _ in range(NUM_SAMPLES):
        sample = write(counts, characters)
        print(json.dumps({"sample": sample}) if options.json else sample, flush=True)


if __name__ == "__main__":
    main()
