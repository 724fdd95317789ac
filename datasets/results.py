"""Train with the settings that the presets suggest, and print the results.

    python3 -m datasets.results [us-names | sums ...]

Prints rows of the table in SOURCES.md. Losses and samples are those of the default seed;
seconds are processor time on this machine. Any engine works, but only a compiled one is fast.
"""

from __future__ import annotations

import sys
import time
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from app.shared.presets import PRESETS, RECOMMENDED_SETTINGS, Preset
from microgpt.config import SampleConfig, TrainConfig
from microgpt.dataset import split_lines
from microgpt.generators import drain
from microgpt.run import Run, prepare_run
from microgpt.sampler import generate
from microgpt.settings import MODEL
from microgpt.tasks import TASK_CHECKERS

PRESET_FOLDER = Path(__file__).resolve().parent
RESULT_EVAL_FRACTION = 0.1
RESULT_SAMPLES = 500
RESULT_SAMPLES_SHOWN = 4


class PresetResult(NamedTuple):
    """The result of one run.

    Args:
        seconds: processor time for the training.
        loss: per token of the held-out documents.
        samples: generated at the temperature that the preset suggests.
        new: the fraction of the distinct samples that are not in the data.
        right: the fraction of the samples that are right; None if the data set is not a task.
    """

    seconds: float
    loss: float
    samples: list[str]
    new: float
    right: float | None


def main(names: list[str]) -> int:
    """Print a row for each preset of `names`, or for all; return 0, or 2 if one is unknown."""
    presets = {preset.name: preset for preset in PRESETS}
    for name in names:
        if name not in presets:
            print(f"datasets.results: there is no data set called {name!r}.", file=sys.stderr)
            return 2
    for name in names or presets:
        print(table_row(presets[name], train_preset(presets[name])), flush=True)
    return 0


def train_preset(preset: Preset) -> PresetResult:
    """Train a model as `preset` suggests, evaluate it, and generate samples."""
    documents = split_lines((PRESET_FOLDER / preset.file).read_text(encoding="utf-8"))
    run = prepare_recommended_run(preset, documents)
    started = time.process_time()
    for _ in run.train():
        pass
    seconds = time.process_time() - started
    held_out = run.mask.apply(chain.from_iterable(map(run.encode, run.dataset.held_out)))
    loss = drain(run.engine.evaluate(*held_out))
    sampling = SampleConfig(temperature=float(preset.recommended["temperature"]))
    samples = [generate_sample(run, sampling) for _ in range(RESULT_SAMPLES)]
    new = len(set(samples) - set(documents)) / len(set(samples))
    is_right = TASK_CHECKERS.get(preset.name)
    right = None if is_right is None else sum(map(is_right, samples)) / RESULT_SAMPLES
    return PresetResult(seconds, loss, samples, new, right)


def prepare_recommended_run(preset: Preset, documents: list[str]) -> Run:
    """Prepare a run with the settings that `preset` recommends."""
    values = {"eval_fraction": RESULT_EVAL_FRACTION, **preset.recommended}
    architecture: Any = {row.name: int(values[row.name]) for row in MODEL}
    return prepare_run(documents, TrainConfig.of(values), **architecture)


def generate_sample(run: Run, sampling: SampleConfig) -> str:
    """Generate one document."""
    opening = run.opening(run.rng)
    choices = generate(run.engine, run.tokenizer.bos, sampling, run.rng, opening)
    return run.tokenizer.decode([*opening, *(choice.token for choice in choices)])


def suggestion_words(preset: Preset) -> str:
    """The settings that `preset` suggests, as the table in SOURCES.md has them."""
    return " · ".join(f"{preset.recommended[name]:g}" for name in RECOMMENDED_SETTINGS)


def table_row(preset: Preset, result: PresetResult) -> str:
    """Return a row of the table in SOURCES.md: settings, time, loss, fractions and samples."""
    recommended = suggestion_words(preset)
    right = "" if result.right is None else f"{result.right:.0%}"
    shown = ", ".join(f"`{text}`" for text in result.samples[:RESULT_SAMPLES_SHOWN])
    return (
        f"| {preset.name} | {recommended} | {result.seconds:.1f} s | {result.loss:.2f} "
        f"| {result.new:.0%} | {right} | {shown} |"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
