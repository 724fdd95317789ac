"""The figures that microgpt.py by Andrej Karpathy prints with seed 42, and the names it read.

The figures lie in `oracle_names.json`: the loss of each of 1,000 steps to the last bit, and the 20
samples written after them. The names are not ours to ship: they are looked for beside the checkout.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from microgpt.config import SampleConfig, TrainConfig
from microgpt.dataset import split_lines
from microgpt.run import Run, prepare_run
from microgpt.sampler import generate

_HERE = Path(__file__).resolve().parent
_DATA = _HERE.parents[2] / "shared" / "oracle" / "names.txt"

NAMES: Path | None = _DATA if _DATA.is_file() else None
FIGURES: dict[str, Any] = json.loads((_HERE / "oracle_names.json").read_text(encoding="utf-8"))


def the_run(engine: str, precision: str = "f64") -> Run:
    """The run of microgpt.py, its every setting as it was there; skips without the names."""
    if NAMES is None:
        pytest.skip("the names that microgpt.py read do not lie beside the checkout")
    training = TrainConfig(
        num_steps=FIGURES["num_steps"],
        learning_rate=FIGURES["learning_rate"],
        seed=FIGURES["seed"],
        beta1=FIGURES["beta1"],
        beta2=FIGURES["beta2"],
        eps=FIGURES["eps"],
    )
    documents = split_lines(NAMES.read_text(encoding="utf-8"))
    return prepare_run(documents, training, engine, precision, **FIGURES["config"])


def samples_of(run: Run) -> list[str]:
    """As many samples as microgpt.py writes after its training."""
    config = SampleConfig(temperature=FIGURES["temperature"])
    samples = []
    for _ in FIGURES["samples"]:
        choices = generate(run.engine, run.tokenizer.bos, config, run.rng)
        samples.append(run.tokenizer.decode(choice.token for choice in choices))
    return samples
