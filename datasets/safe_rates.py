"""Measure up to which learning rate training goes well, for each optimizer and size of a model.

    python3 -m datasets.safe_rates

Writes `app/page/rate_limits.py`, by which the page warns before a run. A rate goes well if, with
each of a few seeds, the mean loss of the last steps of a run on US first names is clearly below
that of guessing. Only a compiled engine is fast enough.
"""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path

from microgpt.config import TrainConfig
from microgpt.dataset import split_lines
from microgpt.optimizer import OPTIMIZERS
from microgpt.run import prepare_run
from microgpt.settings import LEARNING_RATES
from microgpt.trainer import DivergedError

TRIED_FILE = Path(__file__).resolve().parent / "us-names.txt"
OUT = Path(__file__).resolve().parents[1] / "app" / "page" / "rate_limits.py"
TRIED_WIDTHS, TRIED_LAYERS, TRIED_HEADS, TRIED_CONTEXT = (8, 16, 32, 64), (1, 2, 4), 4, 16
TRIED_DOCUMENTS, TRIED_STEPS, NUM_LAST, SEEDS = 3000, 400, 100, (1, 2, 3)
RATES = (*LEARNING_RATES, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)
CLEAR_GAIN = 0.2  # of loss, below that of guessing
HEAD = '''"""The highest learning rates that go well: measured, by `python3 -m datasets.safe_rates`.

Plain Python that MicroPython understands.
"""

# By optimizer, for each width of the embedding and number of layers (width, layers, rate).
RATE_LIMITS = {
'''


def main() -> None:
    """Measure, print and write the table."""
    documents = split_lines(TRIED_FILE.read_text(encoding="utf-8"))[:TRIED_DOCUMENTS]
    lines = [HEAD]
    for optimizer in OPTIMIZERS:
        lines.append(f'    "{optimizer}": (\n')
        for width in TRIED_WIDTHS:
            for layers in TRIED_LAYERS:
                rate = highest_rate(documents, optimizer, width, layers)
                print(optimizer, width, layers, rate, flush=True)
                lines.append(f"        ({width}, {layers}, {rate:g}),\n")
        lines.append("    ),\n")
    OUT.write_text("".join([*lines, "}\n"]), encoding="utf-8")


def highest_rate(documents: list[str], optimizer: str, width: int, layers: int) -> float:
    """The highest of the rates below the first that does not go well."""
    best = 0.0
    for rate in RATES:
        if all(goes_well(documents, optimizer, width, layers, rate, seed) for seed in SEEDS):
            best = rate
        elif best:
            break  # else it is still too low to learn anything
    return best


def goes_well(
    documents: list[str], optimizer: str, width: int, layers: int, rate: float, seed: int
) -> bool:
    """Whether a run at this rate comes to a loss below that of guessing."""
    training = TrainConfig(
        num_steps=TRIED_STEPS,
        learning_rate=rate,
        seed=seed,
        optimizer=optimizer,
    )
    run = prepare_run(
        documents,
        training,
        n_embd=width,
        n_head=TRIED_HEADS,
        n_layer=layers,
        block_size=TRIED_CONTEXT,
    )
    try:
        losses = list(chain.from_iterable(progress.losses for progress in run.train()))
    except DivergedError:
        return False
    last = losses[-NUM_LAST:]
    return sum(last) / len(last) < math.log(run.engine.config.vocab_size) - CLEAR_GAIN


if __name__ == "__main__":
    main()
