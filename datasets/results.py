"""Train what the presets suggest, and say what came of it.

    python3 -m datasets.results [us-names | sums ...]

Prints rows as they stand in SOURCES.md. The losses and samples are those of the default seed, the
seconds are those that one core of this machine works. It needs the compiled engine to be quick, and
knows no page.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import NamedTuple

from app.shared.presets import PRESETS, Preset
from microgpt.config import SampleConfig, TrainConfig
from microgpt.dataset import split_lines
from microgpt.generators import drain
from microgpt.run import Run, prepare_run
from microgpt.sampler import generate
from microgpt.tasks import TASK_CHECKERS

HERE = Path(__file__).resolve().parent
HELD_OUT = 0.1  # of the documents
SAMPLES = 500
SHOWN = 4


class Result(NamedTuple):
    """What one run gave.

    Args:
        seconds: that a core has worked on the training.
        loss: of a token of the held-out documents.
        samples: what the model wrote, in the temperature that the preset suggests.
        new: the share of different samples that are not in the data.
        right: the share of samples that are right, None where nothing is right or wrong.
    """

    seconds: float
    loss: float
    samples: list[str]
    new: float
    right: float | None


def main(names: list[str]) -> int:
    """Print a row for each of the presets called `names`, or for all; 2 if one is unknown."""
    presets = {preset.name: preset for preset in PRESETS}
    for name in names:
        if name not in presets:
            print(f"datasets.results: there is no data set called {name!r}.", file=sys.stderr)
            return 2
    for name in names or presets:
        print(row(presets[name], result(presets[name])), flush=True)
    return 0


def result(preset: Preset) -> Result:
    """Train a model as `preset` suggests, test it on what was held out, and let it write."""
    documents = split_lines((HERE / preset.file).read_text(encoding="utf-8"))
    run = suggested_run(preset, documents)
    started = time.process_time()
    for _ in run.train():
        pass
    seconds = time.process_time() - started
    held_out = [run.tokenizer.encode(document) for document in run.dataset.held_out]
    loss = drain(run.engine.evaluate(held_out))
    sampling = SampleConfig(temperature=preset.recommended["temperature"])
    samples = [sample(run, sampling) for _ in range(SAMPLES)]
    new = len(set(samples) - set(documents)) / len(set(samples))
    is_right = TASK_CHECKERS.get(preset.name)
    right = None if is_right is None else sum(map(is_right, samples)) / SAMPLES
    return Result(seconds, loss, samples, new, right)


def suggested_run(preset: Preset, documents: list[str]) -> Run:
    """A run with the settings that `preset` suggests."""
    values = preset.recommended
    training = TrainConfig(
        num_steps=int(values["num_steps"]),
        batch_size=int(values["batch_size"]),
        learning_rate=values["learning_rate"],
        eval_fraction=HELD_OUT,
    )
    return prepare_run(
        documents,
        training,
        n_embd=int(values["n_embd"]),
        n_head=int(values["n_head"]),
        n_layer=int(values["n_layer"]),
        block_size=int(values["block_size"]),
    )


def sample(run: Run, sampling: SampleConfig) -> str:
    """One document that the model writes."""
    choices = generate(run.engine, run.tokenizer.bos, sampling, run.rng)
    return run.tokenizer.decode([choice.token for choice in choices])


def row(preset: Preset, result: Result) -> str:
    """A row of the table in SOURCES.md: suggestion, time, loss, shares and a few samples."""
    suggested = " · ".join(f"{value:g}" for value in preset.recommended.values())
    right = "" if result.right is None else f"{result.right:.0%}"
    shown = ", ".join(f"`{text}`" for text in result.samples[:SHOWN])
    return (
        f"| {preset.name} | {suggested} | {result.seconds:.1f} s | {result.loss:.2f} "
        f"| {result.new:.0%} | {right} | {shown} |"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
