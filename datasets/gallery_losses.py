"""Train every edit of the gallery, and write down what came of it.

    python3 -m datasets.gallery_losses

Writes `models/gallery-losses.json`, which the page shows beside the edits: for each the mean loss
over all held-out names after a run with the default settings, over `NUM_SEEDS` seeds, and the
standard deviation; the model of the repository is called "". It takes a minute with a compiled
engine.
"""

from __future__ import annotations

import json
import sys
from statistics import fmean, stdev

from app.shared.presets import DEFAULT_PRESET
from datasets.results import PRESET_FOLDER
from microgpt.config import TrainConfig
from microgpt.dataset import split_lines
from microgpt.generators import drain
from microgpt.model_code.gallery import GALLERY
from microgpt.model_code.loading import load_code
from microgpt.run import prepare_run

GALLERY_LOSSES_FILE = PRESET_FOLDER / "models" / "gallery-losses.json"
NUM_SEEDS = 10
GALLERY_EVAL_FRACTION = 0.1
LOSS_DECIMALS = 4


def main() -> int:
    """Write the file; return 0."""
    names = split_lines((PRESET_FOLDER / f"{DEFAULT_PRESET}.txt").read_text(encoding="utf-8"))
    found = {}
    for name, source in {"": "", **{edit.name: edit.source for edit in GALLERY}}.items():
        losses = [held_out_loss(names, source, seed) for seed in range(1, NUM_SEEDS + 1)]
        mean, spread = round(fmean(losses), LOSS_DECIMALS), round(stdev(losses), LOSS_DECIMALS)
        found[name] = {"mean": mean, "std": spread}
        print(f"{name or 'as it is':20} {mean:.4f} ± {spread:.4f}", flush=True)
    GALLERY_LOSSES_FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def held_out_loss(documents: list[str], source: str, seed: int) -> float:
    """The mean loss per token over all held-out documents, after a run with default settings.

    source: of the model code; "" for the model of the repository.
    """
    training = TrainConfig(seed=seed, eval_fraction=GALLERY_EVAL_FRACTION)
    run = prepare_run(documents, training, code=load_code(source) if source else None)
    for _ in run.train():
        pass
    held_out = [run.tokenizer.encode(document) for document in run.dataset.held_out]
    return drain(run.engine.evaluate(held_out))


if __name__ == "__main__":
    sys.exit(main())
