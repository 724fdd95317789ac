"""Train the model that comes with the page once more, and write down how its loss fell.

    python3 -m datasets.shipped_losses

Writes `models/us-names-losses.json`, which the page's chart shows on the first visit. The scalar
engine computes for a few minutes; in the end the weights must be those of the model to the last
bit, which they are with the mathematical functions of glibc.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from app.shared.presets import DEFAULT_PRESET
from microgpt.checkpoint import from_bytes
from microgpt.config import TrainConfig
from microgpt.dataset import split_lines
from microgpt.run import Run, prepare_run

FOLDER = Path(__file__).resolve().parent
MODEL_FILE = FOLDER / "models" / f"{DEFAULT_PRESET}.safetensors"
LOSSES_FILE = FOLDER / "models" / f"{DEFAULT_PRESET}-losses.json"
SHIPPED_TRAINING = TrainConfig(num_steps=5000, eval_fraction=0.1)
NUM_LOSSES = 100  # in the file
DECIMALS = 3


def main() -> int:
    """Write the file; return 0, or 1 if the run is not that of the model."""
    run = shipped_run()
    losses = [loss for progress in run.train() for loss in progress.losses]
    if run.engine.weights() != from_bytes(MODEL_FILE.read_bytes()).weights:
        print("The weights are not those of the model: nothing was written.", file=sys.stderr)
        return 1
    text = json.dumps(list(mean_losses(losses)), separators=(",", ":"))
    LOSSES_FILE.write_text(text + "\n", encoding="utf-8")
    return 0


def shipped_run() -> Run:
    """The run that made the model, not yet trained."""
    names = (FOLDER / f"{DEFAULT_PRESET}.txt").read_text(encoding="utf-8")
    return prepare_run(split_lines(names), SHIPPED_TRAINING, "scalar")


def mean_losses(losses: Sequence[float]) -> Iterator[tuple[int, float]]:
    """Some steps, each with the mean loss of all steps since the one before.

    There are most at the beginning, where the loss falls.

    >>> list(mean_losses([4.0, 3.0, 2.0]))
    [(1, 4.0), (2, 3.0), (3, 2.0)]
    """
    before = 0
    for number in range(1, NUM_LOSSES + 1):
        step = round(len(losses) * (number / NUM_LOSSES) ** 2)
        if step > before:
            yield step, round(fmean(losses[before:step]), DECIMALS)
            before = step


if __name__ == "__main__":
    sys.exit(main())
